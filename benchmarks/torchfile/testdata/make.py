"""Makes the files of this folder with PyTorch and safetensors: the same small parameters in every format."""
import collections
import os
import sys

import torch
from safetensors.torch import save_file

here = os.path.dirname(os.path.abspath(sys.argv[0]))
base = torch.arange(24, dtype=torch.float32) / 8 - 1
state = collections.OrderedDict(
    [
        ("module.weight", base.reshape(2, 3, 4).clone()),
        ("module.transposed", base.reshape(6, 4).t()),  # strides that are not contiguous
        ("module.tail", base[20:]),  # a part of the same storage
        ("module.double", base[:3].double()),
        ("module.half", torch.tensor([0.5, -2, 6.1035e-05, float("inf")]).half()),
        ("module.bfloat16", torch.tensor([1.5, -3.0]).bfloat16()),
        ("module.scalar", torch.tensor(2.5)),
        ("module.num_batches_tracked", torch.tensor(7)),
    ]
)
checkpoint = {"epoch": 3, "best_loss": 1.5, "state_dict": state, "optimizer": {"state": {0: {"exp_avg": base}}}}
torch.save(checkpoint, os.path.join(here, "checkpoint.pth"))
torch.save(state, os.path.join(here, "legacy.pth"), _use_new_zipfile_serialization=False)
save_file({k: v.clone().contiguous() for k, v in state.items()}, os.path.join(here, "weights.safetensors"))
