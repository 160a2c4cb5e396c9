"""Makes the records of TestWFDB and what the Python package reads from them: python make.py, with wfdb 4.3.1."""
import json
from pathlib import Path

import numpy as np
import wfdb

random = np.random.default_rng(1)
bits = {"80": 8, "212": 12, "16": 16, "61": 16, "160": 16, "24": 24, "32": 32}
values = {}
for format, width in bits.items():
    low = -(1 << (width - 1))
    digital = random.integers(low + 1, -low, size=(21, 3))  # low stands for a missing sample
    digital[5, 1] = low
    digital[:2, 0] = low + 1, -low - 1
    name = "f" + format
    written = "16" if format in ("61", "160") else format  # which the package reads, but does not write
    wfdb.wrsamp(name, fs=250, units=["mV", "uV", "mmHg"], sig_name=["ECG lead II", "x", "ABP"], d_signal=digital,
                fmt=[written] * 3, adc_gain=[200.0, 12.5, 1000.0], baseline=[0, -7, 100])
    if written != format:
        header = Path(name + ".hea").read_text().replace(".dat 16 ", f".dat {format} ")
        Path(name + ".hea").write_text(header)
        (digital.astype(">i2") if format == "61" else (digital + 32768).astype("<u2")).tofile(name + ".dat")
    read = wfdb.rdrecord(name)
    values[name] = [[None if np.isnan(v) else v for v in column] for column in read.p_signal.T.tolist()]

# Two files and formats, several samples of a signal in a frame, a byte offset, comments and what a header may leave out.
a, b = random.integers(-32767, 32768, size=24), random.integers(-127, 128, size=12)
a.astype("<i2").tofile("multi.dat")
Path("slow.dat").write_bytes(b"12345678" + (b + 128).astype("u1").tobytes())
Path("multi.hea").write_text("# a comment\nmulti 2 100/100(0) 12 10:00:00 24/12/2001\n"
                             "multi.dat 16x2 0\nslow.dat 80+8 100/bpm 8 12\n# another\n")
values["multi"] = [v.tolist() for v in wfdb.rdrecord("multi", smooth_frames=False).e_p_signal]
with open("values.json", "w") as file:
    json.dump(values, file)
