"""Makes scipy_rotate.json, pillow_nearest.json and colour.json here, with NumPy 2.4, SciPy 1.17 and Pillow 13."""
import json

import numpy as np
from PIL import Image
from scipy import ndimage

rng = np.random.default_rng(3)


def write(name, cases):
    with open(name, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")


def rotations():
    sizes = [(1, 1, 30), (5, 1, 0), (1, 5, 180), (2, 2, 90), (2, 3, 4), (5, 5, -90), (7, 4, 0), (6, 6, 45), (7, 5, 180),
             (8, 6, 90), (16, 12, -3.7), (13, 9, 123.4), (19, 15, 5), (9, 11, -450.25), (24, 18, 0.01)]
    for width, height, angle in sizes:
        rgb = rng.integers(0, 256, (height, width, 3), np.uint8)
        rgb[..., 0] = np.where(rgb[..., 0] > 127, 255, 0)  # overshoots on both sides
        depth = rng.integers(700, 10000, (height, width)).astype(np.float32) / np.float32(1000)
        levels = rgb[..., 1].copy()
        turn = lambda image: ndimage.rotate(image, angle, reshape=False, order=2).ravel().tolist()
        yield {"width": width, "height": height, "degrees": angle, "rgb": rgb.ravel().tolist(),
               "depth": [round(float(d), 3) for d in depth.ravel()], "want_rgb": turn(rgb), "want_levels": turn(levels),
               "want_depth": [float(f"{d:.9g}") for d in turn(depth)],
               "want_depth64": turn(np.round(depth.astype(np.float64), 3))}


def nearest():
    for size, to in [((1, 1), (3, 2)), ((7, 5), (7, 5)), ((8, 6), (4, 3)), ((13, 9), (5, 4)), ((5, 4), (13, 9)),
                     ((304, 2), (152, 1)), ((427, 1), (320, 1)), ((49, 3), (7, 1)), ((11, 10), (110, 3)),
                     ((2, 1), (7, 1)), ((2, 25), (15, 1))]:
        index = np.arange(size[0] * size[1], dtype=np.int32).reshape(size[1], size[0])
        out = np.asarray(Image.fromarray(index).resize(to, Image.NEAREST))
        yield {"from_size": size, "to_size": to, "index": out.ravel().tolist()}


def colour():
    """Lighting, then jitter in the given order (0 brightness, 1 contrast, 2 saturation), then normalisation, in float64."""
    vectors = np.array([[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]])
    grey = lambda image: (image @ [0.299, 0.587, 0.114])[:, None]
    for order in [(0, 1, 2), (2, 1, 0), (1, 2, 0)]:
        pixels = rng.integers(0, 256, (6, 3), np.uint8)
        noise, alphas = rng.normal(0, 0.1, 3), rng.uniform(-0.4, 0.4, 3)
        steps = [pixels / 255]
        steps.append(steps[-1] + vectors @ (noise * np.array([0.2175, 0.0188, 0.0045])))
        image = steps[-1]
        for i in order:
            other = [np.zeros_like(image), np.full_like(image, grey(image).mean()), grey(image)][i]
            image = image * (1 - alphas[i]) + other * alphas[i]
        steps.append(image)
        steps.append((image - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225])
        yield {"pixels": pixels.ravel().tolist(), "noise": noise.tolist(), "alphas": alphas.tolist(), "order": order,
               "lit": steps[1].ravel().tolist(), "jittered": steps[2].ravel().tolist(),
               "normalised": steps[3].ravel().tolist()}


write("scipy_rotate.json", rotations())
write("pillow_nearest.json", nearest())
write("colour.json", colour())
