"""Times what feature distribution smoothing adds to an epoch of PyTorch, done as the original does it.

    python3 fds.py NETWORK [--batch N] [--threads 2] [--device cpu] [--rows N] [--steps 10] [--channels-last]

The original has three costs: in every training step, a loop over the batch's labels calibrates their features; after the last step, a
second pass over the training set in training mode collects all features on the host; then a loop over labels takes mean and
variance of each. Steps and batches of the pass take turns, the loop runs on features of the whole set (--rows, by default the real
benchmark's), and the sum is put in proportion to an epoch without FDS. Loading data, which the second pass does again, is not
counted on either side. Prints a line of JSON; shares are fractions of 1.
"""
import argparse
import json
import statistics
import time

import numpy as np
import torch

from networks import NETWORKS, labels_of
from step import Training

# First bin, last bin and bounds of the factor, of the official age and STS-B benchmarks.
AGE, PAIRS = (3, 99, 0.1, 10), (0, 49, 0.5, 2)


def kernel(size=5, sigma=2.0):
    x = torch.arange(size) - size // 2
    window = torch.exp(-x.float() ** 2 / (2 * sigma ** 2))
    return window / window.sum()


class Smoothing:
    """Running and smoothed statistics of label buckets."""

    def __init__(self, network, device):
        self.pairs = network.kind == "pairs"
        self.first, self.last, self.low, self.high = PAIRS if self.pairs else AGE
        shape = self.last + 1 - self.first, network.features
        self.mean, self.var = torch.zeros(shape, device=device), torch.ones(shape, device=device)
        self.smooth_mean, self.smooth_var = self.mean.clone(), self.var.clone()
        self.window = kernel().to(device)

    def buckets(self, labels):
        """Yields each bucket that is present and where its samples are; edge labels stand for all beyond them."""
        if self.pairs:  # a bin of 0.1 for each label, found on the host
            bins = np.array([min(int(50 * float(label)), 49) for label in labels])
            for bucket in np.unique(bins):
                yield int(bucket), torch.from_numpy(bins == bucket).to(labels.device)
            return
        for label in torch.unique(labels):
            if label < self.first or label > self.last:
                continue
            if label == self.first:
                where = labels <= label
            elif label == self.last:
                where = labels >= label
            else:
                where = labels == label
            yield int(label) - self.first, where

    def calibrate(self, features, labels):
        """Moves each bucket's features from its own to its smoothed statistics."""
        features = features.clone()
        for bucket, where in self.buckets(labels):
            var = self.var[bucket]
            if var.sum() < 1e-10:
                continue
            factor = (self.smooth_var[bucket] / var.clamp(min=1e-12)).clamp(self.low, self.high)
            moved = (features[where] - self.mean[bucket]) * factor.sqrt() + self.smooth_mean[bucket]
            features[where] = torch.where(var > 0, moved, features[where]).to(features.dtype)
        return features

    def end_epoch(self, features, labels):
        """Smooths the last statistics over neighbours and moves the running ones."""
        self.smooth_mean, self.smooth_var = self.over_neighbours(self.mean), self.over_neighbours(self.var)
        for bucket, where in self.buckets(labels):
            own = features[where]
            mean, var = own.mean(0), own.var(0, unbiased=len(own) > 1)
            self.mean[bucket] = 0.1 * mean + 0.9 * self.mean[bucket]
            self.var[bucket] = 0.1 * var + 0.9 * self.var[bucket]

    def over_neighbours(self, stored):
        half = len(self.window) // 2
        padded = torch.nn.functional.pad(stored.t().unsqueeze(1), (half, half), mode="reflect")
        return torch.nn.functional.conv1d(padded, self.window.view(1, 1, -1)).squeeze(1).t()


def pass_seconds(training, calibrate, collected):
    """The time of one batch of the second pass, whose features, calibrated too, and labels go to lists on the host."""
    began = time.perf_counter()
    with torch.no_grad():
        _, features = training.module(training.inputs, calibrate)
        collected[0].extend(features.cpu().numpy())
        collected[1].extend(training.labels.cpu().numpy())
    return time.perf_counter() - began


def end_seconds(smoothing, training, rows):
    """The time of the end of an epoch, with features of so many rows on the host."""
    generator = torch.Generator().manual_seed(1)
    features = list(torch.rand(rows, training.network.features, generator=generator).numpy())
    labels = list(labels_of(training.network, rows, generator).numpy())
    began = time.perf_counter()
    smoothing.end_epoch(torch.from_numpy(np.stack(features)).to(training.device), torch.from_numpy(np.stack(labels)).to(training.device))
    smoothing.mean.sum().item()
    return time.perf_counter() - began


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=[name for name, network in NETWORKS.items() if network.features])
    parser.add_argument("--batch", type=int, help="default: dirbench's")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rows", type=int, help="training samples (default: the benchmark's)")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--channels-last", action="store_true")
    return parser.parse_args()


def main():
    options = parse()
    options.precision, options.compile = "float32", False
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    training = Training(options)
    rows = options.rows or training.network.rows
    smoothing = Smoothing(training.network, training.device)

    def calibrate(features):
        return smoothing.calibrate(features, training.labels)

    training.seconds(2)
    training.seconds(1, calibrate)
    plain, smoothed, second, collected = [], [], [], ([], [])
    for _ in range(options.steps):
        plain.append(training.seconds(1))
        smoothed.append(training.seconds(1, calibrate))
        second.append(pass_seconds(training, calibrate, collected))
    end = min(end_seconds(smoothing, training, rows) for _ in range(3))

    step, calibrating, batch = statistics.median(plain), statistics.median(smoothed), statistics.median(second)
    batches = max(1, rows // training.batch)
    print(json.dumps({
        "torch": torch.__version__, "network": options.network, "batch": training.batch, "threads": torch.get_num_threads(), "rows": rows,
        "ms_step": round(1e3 * step, 3), "ms_calibrated_step": round(1e3 * calibrating, 3), "ms_pass_batch": round(1e3 * batch, 3),
        "ms_end": round(1e3 * end, 3), "share_calibration": round(calibrating / step - 1, 4), "share_pass": round(batch / step, 4),
        "share_end": round(end / batches / step, 4), "share": round((calibrating + batch + end / batches) / step - 1, 4),
    }))


if __name__ == "__main__":
    main()
