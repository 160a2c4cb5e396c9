"""Makes chroma.json: JPEG images of every subsampling and what Pillow (libjpeg-turbo) reads from them. With Pillow 13.0
and simplejpeg 1.9: python chroma.py"""
import base64
import io
import json
import numpy as np
import simplejpeg
from PIL import Image

random = np.random.default_rng(1)
cases = []
for subsampling in ("444", "422", "420", "440", "411"):
    for width, height in ((21, 14), (16, 16), (5, 3), (4, 5), (1, 2)):
        # Flat squares of 3 pixels with strong colours, whose chroma changes from one value to the next.
        squares = random.integers(0, 256, size=(height // 3 + 1, width // 3 + 1, 3), dtype=np.uint8)
        pixels = np.ascontiguousarray(squares.repeat(3, 0).repeat(3, 1)[:height, :width])
        data = simplejpeg.encode_jpeg(pixels, quality=95, colorspace="RGB", colorsubsampling=subsampling)
        read = np.asarray(Image.open(io.BytesIO(data)))
        cases.append({"subsampling": subsampling, "width": width, "height": height,
                      "jpeg": base64.b64encode(data).decode(), "pixels": base64.b64encode(read.tobytes()).decode()})
with open("chroma.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
