"""Makes forms.json: JPEG images of many forms and what Pillow (libjpeg-turbo) reads from them, as red, green and blue. With
Pillow 13.0, NumPy and the program cjpeg of libjpeg-turbo 2.1: python forms.py"""
import base64
import io
import json
import subprocess
import tempfile
import numpy as np
from PIL import Image

random = np.random.default_rng(1)
SEQUENTIAL_SCANS = "0;\n1 2;\n"
PROGRESSIVE_SCANS = "0 1 2: 0-0, 0, 1;\n0: 1-20, 0, 2;\n2: 1-63, 0, 1;\n1: 1-63, 0, 1;\n0: 21-63, 0, 2;\n" \
    "0: 1-63, 2, 1;\n0 1 2: 0-0, 1, 0;\n2: 1-63, 1, 0;\n1: 1-63, 1, 0;\n0: 1-63, 1, 0;\n"


def picture(width, height):
    """Squares of 3 pixels with strong colours on a slope, and a little noise."""
    squares = random.integers(0, 256, size=(height // 3 + 1, width // 3 + 1, 3)).repeat(3, 0).repeat(3, 1)[:height, :width]
    y, x = np.mgrid[:height, :width]
    slope = np.stack([6 * x, 9 * y, 3 * x + 2 * y], -1)
    return np.clip(0.4 * squares + slope % 180 + random.normal(0, 4, slope.shape), 0, 255).astype(np.uint8)


def pillow(mode="RGB", **options):
    def encode(pixels):
        out = io.BytesIO()
        Image.fromarray(pixels).convert(mode).save(out, "JPEG", **options)
        return out.getvalue()
    return encode


def cjpeg(*options, scans=None):
    def encode(pixels):
        ppm = b"P6\n%d %d\n255\n" % (pixels.shape[1], pixels.shape[0]) + pixels.tobytes()
        with tempfile.NamedTemporaryFile("w") as script:
            script.write(scans or "")
            script.flush()
            order = ["-scans", script.name] if scans else []
            return subprocess.run(["cjpeg", *options, *order], input=ppm, stdout=subprocess.PIPE, check=True).stdout
    return encode


FORMS = {
    "4:4:4": pillow(subsampling=0), "4:2:2": pillow(subsampling=1), "4:2:0": pillow(subsampling=2),
    "4:4:0": cjpeg("-sample", "1x2"), "grey": pillow("L"), "grey, progressive": pillow("L", progressive=True, quality=95),
    "4:4:4, progressive": pillow(subsampling=0, progressive=True, quality=90),
    "4:2:0, progressive": pillow(subsampling=2, progressive=True), "4:2:2, coarse": pillow(subsampling=1, quality=5),
    "4:2:0, fine": pillow(subsampling=2, quality=100), "4:2:0, restarts": pillow(subsampling=2, restart_marker_blocks=1),
    "4:2:0, progressive, restarts": pillow(subsampling=2, progressive=True, restart_marker_rows=1),
    "red, green and blue": pillow(keep_rgb=True), "red, green and blue, 2x2": cjpeg("-rgb", "-sample", "2x2"),
    "scans of their own": cjpeg("-sample", "2x2", scans=SEQUENTIAL_SCANS),
    "scans of few bits": cjpeg("-sample", "2x1", "-quality", "95", scans=PROGRESSIVE_SCANS),
    "chroma of two sizes": cjpeg("-sample", "2x2,2x1,1x2"), "chroma larger than luma": cjpeg("-sample", "1x1,2x2,2x2"),
    "luma 2x2, chroma 1x2 and 1x1, progressive": cjpeg("-progressive", "-sample", "2x2,1x2,1x1"),
    "a quarter": cjpeg("-sample", "4x1"), "1x4": cjpeg("-sample", "1x4"),
}

cases = []
for form, encode in FORMS.items():
    for width, height in ((35, 21), (3, 10)):
        data = encode(picture(width, height))
        read = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        cases.append({"form": form, "width": width, "height": height,
                      "jpeg": base64.b64encode(data).decode(), "pixels": base64.b64encode(read.tobytes()).decode()})
with open("forms.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
