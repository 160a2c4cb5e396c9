"""Rate of a PyTorch DataLoader on a folder of JPEGs: decoding with PIL and the transforms of the official age code.

    python3 pipeline.py FOLDER [--batch 64] [--workers 2] [--size 224] [--epochs 3] [--images N]

Prints a line of JSON: images/s of the first epoch and of the later ones, which decode every file anew. Needs torch,
torchvision and Pillow.
"""
import argparse
import json
import pathlib
import time

import torch
import torchvision
from PIL import Image
from torchvision import transforms


class Faces(torch.utils.data.Dataset):
    def __init__(self, folder, size, images):
        self.paths = sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg"))[:images]
        if not self.paths:
            raise SystemExit(f"{folder}: no JPEG there")
        self.transform = transforms.Compose([
            transforms.Resize((size, size)),
            transforms.RandomCrop(size, padding=size // 14),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize([0.5] * 3, [0.5] * 3),
        ])

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return self.transform(Image.open(self.paths[index]).convert("RGB"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--images", type=int, help="at most so many")
    options = parser.parse_args()
    torch.set_num_threads(1)

    faces = Faces(options.folder, options.size, options.images)
    # As in the official code, but for persistent workers, without which each epoch starts its processes anew.
    loader = torch.utils.data.DataLoader(faces, batch_size=options.batch, shuffle=True, num_workers=options.workers,
                                         persistent_workers=options.workers > 0)
    rates = []
    for _ in range(options.epochs):
        began, images = time.perf_counter(), 0
        for batch in loader:
            images += len(batch)
        rates.append(images / (time.perf_counter() - began))
    later = sorted(rates[1:])
    print(json.dumps({
        "torch": torch.__version__, "torchvision": torchvision.__version__, "images": len(faces), "batch": options.batch,
        "workers": options.workers, "first_epoch": round(rates[0], 1),
        "later_epochs": round(later[len(later) // 2], 1) if later else None,
    }))


if __name__ == "__main__":
    main()
