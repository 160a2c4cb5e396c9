"""Recomputes the figures of a run store with pandas and NumPy alone and compares: MAE by shot region and SERA.

Usage: pip install pandas pyarrow; python ci/recompute.py results/tabular data

Nothing is taken from dirbench but predictions.parquet, the rules in manifest.json and the labels of the training split:
regions are counted and the relevance is fitted anew.
"""

import json
import pathlib
import sys

import numpy as np
import pandas as pd

STEP = 0.001  # of the thresholds of SERA


def regions(counts, shots):
    """The region of each bin by its number of training samples."""
    counts = np.asarray(counts)
    if "quantiles" in shots:
        ranked = np.sort(counts[counts > 0])
        middle = (np.searchsorted(ranked, counts, "left") + np.searchsorted(ranked, counts, "right")) / 2
        low, high = (q * len(ranked) for q in shots["quantiles"])
        return np.where((counts == 0) | (middle < low), "few", np.where(middle < high, "medium", "many"))
    if "many_bins" in shots or "medium_bins" in shots:
        names = np.full(len(counts), "few", dtype=object)
        names[shots.get("medium_bins", [])] = "medium"
        names[shots.get("many_bins", [])] = "many"
        return names
    return np.where(counts > shots.get("many", 0), "many", np.where(counts < shots.get("few", 0), "few", "medium"))


def bins_of(labels, space):
    """The bin of each label, whose borders are rounded to 32 bits as labels are."""
    if space["rule"] == "edges":
        edges = space.get("edges") or [space["min"] + k * space["width"] for k in range(space["bins"] + 1)]
        found = np.searchsorted(np.asarray(edges, np.float64).astype(np.float32), labels, "right") - 1
    else:
        found = np.floor((labels.astype(np.float64) - space["min"]) / space["width"])
    return np.clip(found, 0, space["bins"] - 1).astype(int)


def medcouple(y):
    """Brys, Hubert and Struyf (2004), over all pairs; with the mirrored labels of small samples, as robustbase does."""
    def lower(x):
        d = np.sort(x) - np.median(x)
        low, high = d[d <= 0], d[d >= 0]
        with np.errstate(invalid="ignore"):
            h = (high[None, :] + low[:, None]) / (high[None, :] - low[:, None])
        ties = int((d == 0).sum())
        if ties:  # the pairs of labels equal to the median
            i = np.arange(ties)
            h[-ties:, :ties] = np.sign(i[None, :] + i[:, None] - (ties - 1))
        flat = np.sort(h, axis=None)
        return flat[(len(flat) + 1) // 2 - 1]

    return (lower(y) - lower(-y)) / 2 if len(y) <= 100 else lower(y)


def relevance(train):
    """The control points of the adjusted box plot: labels and relevances."""
    x = np.sort(train)
    n = len(x)
    quarter = ((n + 3) // 2) / 2
    hinge = lambda depth: (x[int(np.floor(depth)) - 1] + x[int(np.ceil(depth)) - 1]) / 2
    q1, median, q3 = hinge(quarter), hinge((n + 1) / 2), hinge(n + 1 - quarter)
    m = medcouple(x)
    a, b = (-4, 3) if m >= 0 else (-3, 4)
    reach = 1.5 * (q3 - q1)
    return np.array([q1 - reach * np.exp(a * m), median, q3 + reach * np.exp(b * m)]), np.array([1.0, 0, 1])


def phi(labels, points):
    """The cubic through control points whose slopes are 0."""
    at, height = points
    k = np.clip(np.searchsorted(at, labels, "right") - 1, 0, len(at) - 2)
    t = np.clip((labels - at[k]) / (at[k + 1] - at[k]), 0, 1)
    return height[k] + (height[k + 1] - height[k]) * t * t * (3 - 2 * t)


def sera(frame, points):
    thresholds = np.arange(0, 1 + STEP / 2, STEP)
    relevant = phi(frame.label.to_numpy(np.float64), points)
    squares = (frame.prediction.to_numpy(np.float64) - frame.label.to_numpy(np.float64)) ** 2
    order = np.argsort(relevant)
    tail = np.concatenate([np.cumsum(squares[order][::-1])[::-1], [0]])
    errors = tail[np.searchsorted(relevant[order], thresholds, "left")]
    return float(np.sum((errors[1:] + errors[:-1]) / 2) * STEP)


def figures(run, data, known):
    """Both metrics of the test split of a run, by region."""
    manifest = json.loads((run / "manifest.json").read_text())
    dataset = manifest["dataset"]
    frame = pd.read_parquet(run / "predictions.parquet")
    frame = frame[frame.split == "test"]
    name = dataset["name"]
    if name not in known:
        known[name] = pd.read_parquet(data / name / "train.parquet").label.to_numpy(np.float32)
    train, space = known[name], dataset["label_space"]
    counts = np.bincount(bins_of(train, space), minlength=space["bins"])
    assert counts.tolist() == dataset["train_counts"], f"{run}: other training counts"
    region = regions(counts, dataset["shots"])[bins_of(frame.label.to_numpy(np.float32), space)]
    points = relevance(train.astype(np.float64))
    found = {}
    for part in ["all", "many", "medium", "few"]:
        rows = frame if part == "all" else frame[region == part]
        error = (rows.prediction.astype(np.float64) - rows.label.astype(np.float64)).abs()
        found[part] = {"n": len(rows), "mae": error.mean(), "sera": sera(rows, points)}
    return found


def main(store, data):
    runs, known, largest = sorted(p.parent for p in pathlib.Path(store).rglob("predictions.parquet")), {}, {"mae": 0.0, "sera": 0.0}
    for run in runs:
        stored = json.loads((run / "metrics.json").read_text())["test"]
        for part, values in figures(run, pathlib.Path(data), known).items():
            there = stored.get(part, {"n": 0, "values": {}})
            if there["n"] != values["n"]:
                sys.exit(f"{run}: {part}: {there['n']} samples, pandas counts {values['n']}")
            for metric in largest if values["n"] else []:
                if there["values"].get(metric) is None:
                    sys.exit(f"{run}: {part}: metrics.json lacks {metric}")
                off = abs(there["values"][metric] - values[metric]) / max(1e-12, abs(values[metric]))
                largest[metric] = max(largest[metric], off)
                if off > 1e-5:
                    sys.exit(f"{run}: {part}: {metric} is {there['values'][metric]}, pandas computes {values[metric]}")
    if not runs:
        sys.exit(f"{store}: no predictions")
    print(f"{len(runs)} runs of {len(known)} datasets; largest relative difference: "
          + ", ".join(f"{metric} {off:.1e}" for metric, off in largest.items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
