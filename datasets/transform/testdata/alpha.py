"""Makes alpha.json: PNG images of every form with transparency and what Pillow 13.0 reads from them as RGB. python alpha.py"""
import base64
import io
import json
import struct
import zlib
import numpy as np
from PIL import Image

random = np.random.default_rng(2)
WIDTH, HEIGHT = 7, 5


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(depth, colour, channels, *, palette=None, transparent=None):
    """Returns a PNG file of random values; Pillow writes only some of the forms."""
    values = random.integers(0, 4 if palette else 256, size=(HEIGHT, WIDTH * channels * depth // 8), dtype=np.uint8)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, 0))
    if palette:
        data += chunk(b"PLTE", palette)
    if transparent:
        data += chunk(b"tRNS", transparent)
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    return data + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


forms = {
    "RGBA": png(8, 6, 4),
    "RGBA of 16 bits": png(16, 6, 4),
    "grey and alpha": png(8, 4, 2),
    "palette": png(8, 3, 1, palette=bytes(range(20, 32)), transparent=bytes([0, 128, 255])),
    "grey, one transparent": png(8, 0, 1, transparent=b"\0\x80"),
    "RGB, one transparent": png(8, 2, 3, transparent=b"\0\x01\0\x02\0\x03"),
}
cases = []
for form, data in forms.items():
    read = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    cases.append({"form": form, "width": WIDTH, "height": HEIGHT,
                  "png": base64.b64encode(data).decode(), "pixels": base64.b64encode(read.tobytes()).decode()})
with open("alpha.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
