"""Saves the networks of the conformance vectors as PyTorch checkpoints, in the layout of the official code.

    python3 ci/make_torch_checkpoints.py VECTORS OUT

makes OUT/resnet50.pth, resnet50.safetensors, nyud2.pth and stsb.pth. Needs PyTorch, NumPy and, for .safetensors, safetensors.
"""
import collections
import json
import os
import sys

import numpy as np
import torch


def uniform(seed, stream, size):
    """splitmix64 over (seed, stream, element), scaled to [0, 1); see the README of the vectors."""
    with np.errstate(over="ignore"):
        base = np.uint64((seed * 0x100000001B3 + (stream << 36)) & 0xFFFFFFFFFFFFFFFF)
        z = base + np.arange(size, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def parameters(vector, rename):
    """The generated parameters of a model_*.json by name."""
    state = collections.OrderedDict()
    for stream, p in enumerate(vector["params"]):
        u = uniform(vector["seed"], stream, int(np.prod(p["shape"])))
        if p["rule"] == "weight":
            u = (2 * u - 1) * np.sqrt(3 / np.prod(p["shape"][1:]))
        elif p["rule"] in ("bias", "running_mean"):
            u = 0.1 * (2 * u - 1)
        else:
            u = 0.5 + u
        values = u.astype(np.float32).reshape(p["shape"])
        if p["name"] == "emb.weight":
            values[0] = 0  # padding
        state[rename(p["name"])] = torch.from_numpy(values)
    return state


def official(model, state):
    """A checkpoint of the official image code, with an optimiser whose tensors are no parameters."""
    momentum = {0: {"step": 1, "exp_avg": torch.ones(3), "exp_avg_sq": torch.ones(3)}}
    optimizer = {"state": momentum, "param_groups": [{"lr": 1e-3, "betas": (0.9, 0.999), "params": [0]}]}
    return {"epoch": 1, "model": model, "best_loss": np.float64(1.5), "state_dict": state, "optimizer": optimizer}


def stsb_name(name):
    if name.startswith("lstm."):
        return "pair_encoder._phrase_layer._module." + name[len("lstm.") :]
    if name.startswith("fc."):
        return "sts-b_pred_layer." + name[len("fc.") :]
    return "pair_encoder._text_field_embedder.token_embedder_words." + name[len("emb.") :]


def main(vectors, out):
    os.makedirs(out, exist_ok=True)
    read = lambda name: json.load(open(os.path.join(vectors, name)))
    for name, rename in [("resnet50", "module.{}".format), ("nyud2", "module.{}".format), ("bilstm", stsb_name)]:
        state = parameters(read(f"model_{name}.json"), rename)
        target = os.path.join(out, {"bilstm": "stsb"}.get(name, name))
        checkpoint = state if name == "bilstm" else official(name, state)
        torch.save(checkpoint, target + ".pth")
        if name == "resnet50":
            from safetensors.torch import save_file

            save_file(state, target + ".safetensors")


if __name__ == "__main__":
    main(*sys.argv[1:])
