"""Times PyTorch's training step: forward, weighted loss, backward, clipping where the benchmark has it, Adam.

    python3 step.py NETWORK [--batch N] [--threads 2] [--device cpu] [--precision float32] [--channels-last] [--compile] [--steps 10]

Prints a line of JSON. As in `dirbench bench`, the batch is there, the steps are cut into five parts, a part is enqueued and
waited for at its end, and ms_median is the median of the parts' means. compile_seconds is the time of the first step. graph_breaks
is in how many places torch.compile gave up and left a part of the network to eager execution. It needs a C++ compiler.
"""
import argparse
import contextlib
import json
import statistics
import time

import torch

from networks import NETWORKS, adam, inputs_of, labels_of, loss_of, on_device

PARTS = 5


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("--batch", type=int, help="default: dirbench's")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=("float32", "bf16"), default="float32", help="bf16: automatic mixed precision")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--steps", type=int, default=10)
    return parser.parse_args()


class Training:
    """A network with its optimiser and one batch on the device."""

    def __init__(self, options):
        self.network, device = NETWORKS[options.network], torch.device(options.device)
        self.batch, self.device, self.precision = options.batch or self.network.batch, device, options.precision
        generator = torch.Generator().manual_seed(0)
        self.module = self.network.build().to(device).train()
        self.inputs = on_device(self.network, inputs_of(self.network, self.batch, generator), device)
        if options.channels_last and self.network.images:
            self.module = self.module.to(memory_format=torch.channels_last)
            self.inputs = self.inputs.contiguous(memory_format=torch.channels_last)
        self.labels = labels_of(self.network, self.batch, generator).to(device)
        self.weights = torch.ones_like(self.labels)
        self.optimiser = adam(self.module, self.network)
        self.forward = torch.compile(self.module) if options.compile else self.module

    def step(self, calibrate=None):
        self.optimiser.zero_grad(set_to_none=True)
        with self.autocast():
            prediction, _ = self.forward(self.inputs, calibrate) if calibrate else self.forward(self.inputs)
        loss = loss_of(self.network, prediction, self.labels, self.weights)
        loss.backward()
        if self.network.clip:
            torch.nn.utils.clip_grad_norm_(self.module.parameters(), self.network.clip)
        self.optimiser.step()
        return loss

    def autocast(self):
        if self.precision == "bf16":
            return torch.autocast(self.device.type, dtype=torch.bfloat16)
        return contextlib.nullcontext()

    def seconds(self, steps, calibrate=None):
        """The time of a step, the mean of some; reading the last loss waits for all."""
        began = time.perf_counter()
        for _ in range(steps):
            loss = self.step(calibrate)
        loss.item()
        return (time.perf_counter() - began) / steps

    def parameters(self):
        return sum(p.numel() for p in self.module.parameters() if p.requires_grad)


def graph_breaks():
    from torch._dynamo.utils import counters
    return sum(counters["graph_break"].values())


def main():
    options = parse()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    torch.backends.cudnn.benchmark = True  # tries cuDNN's kernels, as XLA does
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True  # as XLA's default precision

    training = Training(options)
    first = training.seconds(1)
    training.seconds(2)
    parts = [training.seconds(max(1, options.steps // PARTS)) for _ in range(PARTS)]
    median = statistics.median(parts)
    print(json.dumps({
        "torch": torch.__version__, "network": options.network, "batch": training.batch, "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name() if training.device.type == "cuda" else options.device, "precision": options.precision,
        "channels_last": options.channels_last, "compile": options.compile, "compile_seconds": round(first, 2),
        "graph_breaks": graph_breaks() if options.compile else 0, "parameters": training.parameters(),
        "ms_median": round(1e3 * median, 3), "ms_min": round(1e3 * min(parts), 3), "samples_per_second": round(training.batch / median, 2),
    }))


if __name__ == "__main__":
    main()
