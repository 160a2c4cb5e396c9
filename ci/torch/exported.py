"""Predicts a run's test split in PyTorch by the network that dirbench exported, and compares with the run's predictions.

    dirbench export imported/agedb-dir/vanilla/0 -o ages.safetensors
    python3 ci/torch/exported.py ages.safetensors data/agedb RUN [CHECKPOINT.pth]

RUN is the run's folder. Modules have the parameter names of the file, official ones those of the released code, and take it
with strict=True. With an official checkpoint that was imported, the file must also hold the same parameters bit by bit. Prints
the largest difference and exits 1 above 1e-4. Needs PyTorch, safetensors, pandas, PyArrow and Pillow. Images must have the
network's size: Pillow resizes a little differently.
"""
import io
import json
import re
import sys

import numpy as np
import pandas as pd
import torch
from PIL import Image
from safetensors import safe_open
from torch import nn

TOLERANCE = 1e-4


def place(root, path, module):
    """Adds a module under a path of names, with empty modules between."""
    *parents, leaf = path.split(".")
    for name in parents:
        if name not in dict(root.named_children()):
            root.add_module(name, nn.Module())
        root = root.get_submodule(name)
    root.add_module(leaf, module)
    return module


def fds(features, buckets):
    """The buffers of the released module of feature distribution smoothing."""
    module = nn.Module()
    for name in ("running_mean", "running_var", "running_mean_last_epoch", "running_var_last_epoch", "smoothed_mean_last_epoch",
                 "smoothed_var_last_epoch"):
        module.register_buffer(name, torch.zeros(buckets, features))
    module.register_buffer("epoch", torch.zeros(1))
    module.register_buffer("num_samples_tracked", torch.zeros(buckets))
    return module


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, 4 * width, 1, bias=False), nn.BatchNorm2d(4 * width)
        self.downsample = nn.Identity()
        if inputs != 4 * width:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width))

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())).relu()
        return (self.bn3(self.conv3(y)) + self.downsample(x)).relu()


class ResNet50(nn.Module):
    """The network of the age benchmarks at scale full."""

    def __init__(self, about, state):
        super().__init__()
        self.conv1, self.bn1, inputs = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), 64
        for stage, blocks in enumerate((3, 4, 6, 3)):
            width, layers = 64 << stage, []
            for block in range(blocks):
                layers.append(Bottleneck(inputs, width, 2 if stage and not block else 1))
                inputs = 4 * width
            self.add_module(f"layer{stage + 1}", nn.Sequential(*layers))
        self.linear = nn.Linear(2048, 1)
        if "FDS.epoch" in state:
            self.FDS = fds(2048, len(state["FDS.running_mean"]))

    def forward(self, images):
        x = nn.functional.max_pool2d(self.bn1(self.conv1(images)).relu(), 3, 2, 1)
        return self.linear(self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))).squeeze(1)


class Pairs(nn.Module):
    """The network of STS-B-DIR, whose word vectors are learned at scale tiny."""

    def __init__(self, about, state):
        super().__init__()
        n = about["network"]
        names = ("pair_encoder._text_field_embedder.token_embedder_words", "pair_encoder._phrase_layer._module", "sts-b_pred_layer")
        if about["names"] != "official":
            names = "encoder.word_vectors", "encoder.lstm", "regressor"
        words = len(about["input"]["words"])
        self.parts = [place(self, name, module) for name, module in zip(names, (
            nn.Embedding(words, n["embedding"]),
            nn.LSTM(n["embedding"], n["hidden"], n["layers"], bidirectional=True, batch_first=True), nn.Linear(8 * n["hidden"], 1)))]
        if "FDS.epoch" in state:
            self.FDS = fds(8 * n["hidden"], len(state["FDS.running_mean"]))

    def sentence(self, tokens):
        words, lstm, _ = self.parts
        return lstm(words(torch.tensor(tokens)).unsqueeze(0))[0].amax((0, 1))

    def forward(self, pair):
        u, v = map(self.sentence, pair)
        return self.parts[2](torch.cat([u, v, (u - v).abs(), u * v]))


class ConvNorm1d(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride):
        super().__init__()
        self.conv = nn.Conv1d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm1d(outputs)

    def forward(self, x):
        return self.norm(self.conv(x))


class Signals(nn.Module):
    """The network of recordings: for each channel group a ResNet on windows and an SRU over them."""

    def __init__(self, about, state):
        super().__init__()
        width, hidden, groups = about["network"]["width"], about["network"]["hidden"], about["input"]["groups"]
        self.groups = len(groups)
        for g, group in enumerate(groups, 1):
            at = f"encoder.group{g}."
            inputs = width
            place(self, at + "resnet.stem", ConvNorm1d(len(group["channels"]), width, 15, 4))
            for stage in range(3):
                for name, sizes in {"conv1": (inputs, width << stage, 7, 2), "conv2": (width << stage, width << stage, 7, 1),
                                    "shortcut": (inputs, width << stage, 1, 2)}.items():
                    place(self, f"{at}resnet.stage{stage + 1}.{name}", ConvNorm1d(*sizes))
                inputs = width << stage
            place(self, at + "resnet.feature", nn.Linear(inputs, hidden))
            place(self, at + "sru", nn.Linear(hidden, 3 * hidden))
        self.regressor = nn.Linear(self.groups * hidden, 1)

    def summary(self, group, windows):
        """The mean of an SRU over the features of windows [W, C, S]."""
        net = group.resnet
        x = nn.functional.max_pool1d(net.stem(windows).relu(), 3, 2, 1)
        for stage in (net.stage1, net.stage2, net.stage3):
            x = (stage.conv2(stage.conv1(x).relu()) + stage.shortcut(x)).relu()
        x = net.feature(x.mean(2))
        value, forget, reset = group.sru(x).chunk(3, 1)
        state, states = torch.zeros_like(x[0]), []
        for v, f in zip(value, forget.sigmoid()):
            state = f * state + (1 - f) * v
            states.append(state)
        reset = reset.sigmoid()
        return (reset * torch.stack(states).tanh() + (1 - reset) * x).mean(0)

    def forward(self, recording):
        return self.regressor(torch.cat([self.summary(getattr(self.encoder, f"group{g}"), x) for g, x in enumerate(recording, 1)]))


class Table(nn.Module):
    """A multi-layer perceptron on standardised columns."""

    def __init__(self, about, state):
        super().__init__()
        standard, inputs = place(self, "encoder.input", nn.Module()), len(state["encoder.input.mean"])
        standard.register_buffer("mean", torch.zeros(inputs))
        standard.register_buffer("factor", torch.zeros(inputs))
        self.layers = []
        for i, width in enumerate(about["network"]["hidden"], 1):
            self.layers.append(place(self, f"encoder.layer{i}", nn.Linear(inputs, width)))
            inputs = width
        self.regressor = nn.Linear(inputs, 1)

    def forward(self, rows):
        x = (rows - self.encoder.input.mean) * self.encoder.input.factor
        for layer in self.layers:
            x = layer(x).relu()
        return self.regressor(x).squeeze(1)


def images_of(test, about):
    prepared = []
    for image in test.image:
        image = Image.open(io.BytesIO(image)).convert("RGB")
        if image.size != (about["width"], about["height"]):
            sys.exit(f"images of {image.size}: expected {about['width']} × {about['height']}")
        prepared.append((torch.from_numpy(np.array(image)) / 255 - torch.tensor(about["mean"])) / torch.tensor(about["std"]))
    return [batch.permute(0, 3, 1, 2) for batch in torch.stack(prepared).split(8)]


def pairs_of(test, about):
    if about["tokenizer"] not in ("lower", "words"):
        sys.exit(f"tokenizer {about['tokenizer']}: this script has lower and words")
    numbers = {word: number for number, word in enumerate(about["words"]) if number > 1}

    def divided(word):
        match = re.fullmatch(r"(.+)(n['’]t|['’](?:s|m|d|ll|re|ve))", word)
        return [*divided(match[1]), match[2].replace("’", "'")] if match else [word.replace("’", "'", 1)]

    def tokens(sentence):
        if about["tokenizer"] == "lower":
            words = re.findall(r"[^\W_]+(?:['’][^\W\d_]+)*|[^\w\s]|_", sentence.lower())
        else:
            words = re.findall(r"[^\W_]+(?:['’][^\W\d_]+)*|['’](?:s|m|d|ll|re|ve)\b|[^\w\s]|_", sentence.lower())
            words = [part for word in words for part in divided(word)]
        return [numbers.get(word, about["unknown"]) for word in words[:about["max_tokens"]]] or [about["unknown"]]

    return [(tokens(a), tokens(b)) for a, b in zip(test.sentence1, test.sentence2)]


def scaled(series):
    """A channel moved to median 0 and scaled by its median absolute deviation, both of some ten thousand values."""
    upper = lambda values: np.sort(values)[len(values) // 2]
    some = series[::max(1, len(series) // (1 << 14))]
    centre = upper(some)
    deviation = 1.4826 * upper(np.abs(some - centre))
    return (series - centre) / (deviation if deviation >= 1e-9 else 1)


def recordings_of(test, about):
    for _, row in test.iterrows():
        series = [row[g["name"]].astype(np.float64).reshape(-1, len(g["channels"])) for g in about["groups"]]
        windows = min([about["windows"], *(len(x) // g["window_samples"] for x, g in zip(series, about["groups"]))])
        recording = []
        for x, g in zip(series, about["groups"]):
            x = x[:windows * g["window_samples"]]
            x = np.stack([scaled(channel) for channel in x.T]).clip(-about["limit"], about["limit"])
            x = np.round(x / about["step"]) * about["step"]
            x = x.reshape(len(x), windows, -1).transpose(1, 0, 2)
            recording.append(torch.tensor(x, dtype=torch.float32))
        yield recording


def rows_of(test, _):
    return [torch.tensor(np.stack(test.features), dtype=torch.float32)]


KINDS = {"image": (ResNet50, images_of), "sentence1": (Pairs, pairs_of), "features": (Table, rows_of)}


def main(file, dataset, run, checkpoint=None):
    with safe_open(file, "pt") as f:
        about, state = json.loads(f.metadata()["dirbench"]), {name: f.get_tensor(name) for name in f.keys()}
    if checkpoint:
        official = torch.load(checkpoint, weights_only=False)
        for name, value in official.get("state_dict", official).items():
            if not torch.equal(state[name.removeprefix("module.")], value) and "token_embedder" not in name:
                sys.exit(f"{name} differs from the checkpoint's")
    test = pd.read_parquet(f"{dataset}/test.parquet")
    network, prepare = next((kind for column, kind in KINDS.items() if column in test), (Signals, recordings_of))
    net = network(about, state).eval()
    net.load_state_dict(state, strict=True)
    with torch.no_grad():
        outputs = torch.cat([net(x) for x in prepare(test, about["input"])]).double()
    predictions = outputs * about["output"]["scale"] + about["output"]["shift"]
    own = pd.read_parquet(f"{run}/predictions.parquet").query("split == 'test'").set_index("id").prediction.loc[test.id]
    worst = np.abs(own.to_numpy() - predictions.numpy()).max()
    print(f"{about['run']['benchmark']} {about['run']['method']}: {len(own)} predictions, largest difference {worst:.1e}")
    sys.exit(0 if worst <= TOLERANCE else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
