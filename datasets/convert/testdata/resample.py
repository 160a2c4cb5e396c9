# Makes scipy_resample.json: scipy.signal.resample_poly with its default window, of SciPy's own version below.
import json

import numpy as np
import scipy
from scipy.signal import resample_poly

cases = []
rng = np.random.default_rng(3)
for n, up, down in [(50, 1, 2), (61, 64, 125), (40, 4, 5), (33, 125, 256), (20, 3, 1), (1, 1, 2), (7, 4, 5)]:
    x = np.round(rng.normal(size=n) * 10, 3)
    cases.append({"up": up, "down": down, "x": x.tolist(), "y": resample_poly(x, up, down).tolist()})
with open("scipy_resample.json", "w") as out:
    json.dump({"scipy": scipy.__version__, "cases": cases}, out)
    out.write("\n")
