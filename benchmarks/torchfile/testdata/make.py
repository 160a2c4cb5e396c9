"""Makes the files of this folder with PyTorch and safetensors: the same small parameters in every format.

The first format, which PyTorch no longer writes, is written here and checked with torch.load.
"""
import collections
import io
import os
import pickle
import struct
import sys
import tarfile

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
        ("module.empty", torch.zeros(0, 3)),
        ("module.num_batches_tracked", torch.tensor(7)),
    ]
)


def path(name):
    return os.path.join(here, name)


class TarPickler(pickle.Pickler):
    """Pickles as early PyTorch did under Python 2: parameters and dictionaries are made with arguments."""

    def __init__(self, file, tensors):
        super().__init__(file, protocol=2)
        self.tensors = tensors

    def persistent_id(self, obj):
        return str(id(obj)) if type(obj) is torch.Tensor else None

    def reducer_override(self, obj):
        if isinstance(obj, torch.nn.Parameter):
            self.tensors.append(obj.data)
            return torch.nn.Parameter, (self.tensors[-1],), (True, False, collections.OrderedDict())
        if isinstance(obj, collections.OrderedDict):
            return collections.OrderedDict, ([[k, v] for k, v in obj.items()],)
        return NotImplemented


def save_tar(state, target):
    """Writes what legacy_load in torch/serialization.py reads."""
    whole, stored, listed = io.BytesIO(), io.BytesIO(), io.BytesIO()
    tensors = [t for t in state.values() if type(t) is torch.Tensor]
    TarPickler(whole, tensors).dump(state)
    storages = {t.storage().data_ptr(): t.storage() for t in tensors}
    pickle.dump(len(storages), stored, protocol=2)
    for key, s in storages.items():
        pickle.dump((key, "cpu", getattr(torch, s.pickle_storage_type())), stored, protocol=2)
        stored.write(struct.pack("<q", s.size()))
        s._storage._write_file(stored, False, False, s.element_size())
    pickle.dump([], stored, protocol=2)
    pickle.dump(len(tensors), listed, protocol=2)
    for t in tensors:
        pickle.dump((id(t), t.storage().data_ptr(), None), listed, protocol=2)
        listed.write(struct.pack("<ii", t.dim(), 0))
        listed.write(struct.pack(f"<{2 * t.dim() + 1}q", *t.shape, *t.stride(), t.storage_offset()))
    with tarfile.open(target, "w:", format=tarfile.PAX_FORMAT) as archive:
        for name, content in [("pickle", whole), ("storages", stored), ("tensors", listed)]:
            info = tarfile.TarInfo(name)
            info.size = content.tell()
            content.seek(0)
            archive.addfile(info, content)


checkpoint = {"epoch": 3, "best_loss": 1.5, "state_dict": state, "optimizer": {"state": {0: {"exp_avg": base}}}}
torch.save(checkpoint, path("checkpoint.pth"))
torch.save({"model_state_dict": state, "model": "resnet50"}, path("protocol4.pth"), pickle_protocol=4)
torch.save(state, path("legacy.pth"), _use_new_zipfile_serialization=False)
save_file({k: v.clone().contiguous() for k, v in state.items()}, path("weights.safetensors"))

# The storage of an empty tensor has no address to tell it by.
early = collections.OrderedDict((k, v) for k, v in state.items() if k != "module.empty")
early["module.weight"] = torch.nn.Parameter(early["module.weight"])
save_tar(early, path("tar.pth"))
for name, value in torch.load(path("tar.pth")).items():
    assert torch.equal(value, early[name]), name
