"""Writes PyTorch files of a few KB, and what PyTorch says is in them (pytorch/expected.json).

Run with a Python that has torch: /usr/bin/python3 make_pytorch_fixtures.py
"""
import collections
import gzip
import io
import json
import os
import pickle
import struct
import tarfile

import torch

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch")
os.makedirs(here, exist_ok=True)
torch.manual_seed(4)

types = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8",
    torch.uint8: "U8", torch.bool: "BOOL",
}


def hexadecimal(tensor):
    tensor = tensor.detach().contiguous()
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.view(torch.int16)
    return tensor.numpy().tobytes().hex()


def expect(tensors):
    return {
        name: {"shape": list(t.shape), "type": types[t.dtype], "hex": hexadecimal(t)}
        for name, t in tensors.items()
    }


base = torch.randn(6, 8)
views = collections.OrderedDict(
    whole=base, row=base[2], column=base[:, 3], turned=base.t(), part=base[1:4, 2:7],
    steps=base[::2, 1::3], expanded=torch.arange(3.0).expand(4, 3), scalar=torch.tensor(2.5),
    empty=torch.zeros(0, 5), tied=base, last=base.permute(1, 0)[4:],
    channels=torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last),
)
kinds = collections.OrderedDict(
    (name.lower(), (torch.randn(3, 5) * 7).to(dtype)) for dtype, name in types.items()
)
net = torch.nn.Sequential(
    torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.Flatten(),
    torch.nn.Linear(16, 5),
)
optimizer = torch.optim.Adam(net.parameters())
net(torch.randn(2, 3, 4, 4)).sum().backward()
optimizer.step()
checkpoint = {
    "epoch": 3, "state_dict": net.state_dict(), "optimizer": optimizer.state_dict(),
    "best": torch.tensor(0.5), "args": {"lr": 0.1, "name": "x", "steps": [1, 2, 2**40, -7]},
}
del checkpoint["best"]
nested = {"encoder": {"0": {"weight": torch.randn(2, 2)}}, "list": [torch.randn(3)]}
parallel = {"module." + name: value for name, value in net.state_dict().items()}
parameters = {"p": torch.nn.Parameter(torch.randn(4)), "size": torch.Size([2, 3])}
skips = {
    "fine": torch.ones(2), "complex": torch.ones(2, dtype=torch.complex64),
    "sparse": torch.eye(3).to_sparse(), "quantised": torch.quantize_per_tensor(
        torch.ones(3), 0.1, 10, torch.qint8),
}

files = {
    "views": (views, views), "kinds": (kinds, kinds),
    "checkpoint": (checkpoint, net.state_dict()),
    "nested": (nested, {
        "encoder.0.weight": nested["encoder"]["0"]["weight"], "list.0": nested["list"][0]}),
    "parallel": ({"model": parallel}, parallel), "parameters": (parameters, {"p": parameters["p"]}),
    "skips": (skips, {"fine": skips["fine"]}),
}
expected = {}
for name, (value, tensors) in files.items():
    for suffix, is_zip in ((".pt", True), (".legacy.pth", False)):
        torch.save(value, os.path.join(here, name + suffix), _use_new_zipfile_serialization=is_zip)
        expected[name + suffix] = expect(tensors)

script = torch.jit.script(torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Linear(2, 1)))
script.save(os.path.join(here, "script.pt"))
expected["script.pt"] = expect(script.state_dict())



class TarPickler(pickle.Pickler):
    """Names tensors by number, as PyTorch before 0.1.10 did."""

    def __init__(self, file, tensors):
        super().__init__(file, protocol=2)
        self.tensors = tensors

    def persistent_id(self, value):
        if not isinstance(value, torch.Tensor):
            return None
        self.tensors.setdefault(id(value), value)
        return str(id(value))


def save_tar(value, path, splits=False):
    """Writes the container that torch.serialization.legacy_load reads; no torch writes it now."""
    tensors, files = {}, {}
    file = io.BytesIO()
    TarPickler(file, tensors).dump(value)
    files["pickle"] = file.getvalue()
    storages = {t.storage().data_ptr(): t.storage() for t in tensors.values()}
    file = io.BytesIO()
    pickle.dump(len(storages), file, protocol=2)
    for key, storage in storages.items():
        kind = getattr(torch, storage.pickle_storage_type())
        pickle.dump((key, "cpu", kind), file, protocol=2)
        file.write(struct.pack("<q", len(storage)))
        file.write(bytes(storage.untyped() if hasattr(storage, "untyped") else storage._untyped()))
    # A view of a storage is one of its own, with a number of its own.
    views = []
    if splits:
        views = [(key + 1, key, 1, len(storage) - 1)
                 for key, storage in storages.items() if len(storage) > 1]
    pickle.dump(views, file, protocol=2)
    files["storages"] = file.getvalue()
    viewed = {root: target for target, root, _, _ in views}
    file = io.BytesIO()
    pickle.dump(len(tensors), file, protocol=2)
    for key, tensor in tensors.items():
        root, offset = tensor.storage().data_ptr(), tensor.storage_offset()
        if root in viewed and offset > 0:
            root, offset = viewed[root], offset - 1
        pickle.dump((key, root, type(tensor)), file, protocol=2)
        file.write(struct.pack("<ii", tensor.dim(), 0))
        file.write(struct.pack(f"<{2 * tensor.dim() + 1}q", *tensor.shape, *tensor.stride(), offset))
    files["tensors"] = file.getvalue()
    with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as archive:
        for name in ("storages", "tensors", "pickle"):
            member = tarfile.TarInfo(name)
            member.size = len(files[name])
            archive.addfile(member, io.BytesIO(files[name]))


tars = {"nested": (nested, files["nested"][1], False), "views": (views, views, True)}
for name, (value, tensors, splits) in tars.items():
    path = os.path.join(here, name + ".tar.pth")
    save_tar(value, path, splits)
    loaded = torch.load(path)  # the real reader takes it
    if name == "views":
        assert all(torch.equal(loaded[key], tensor) for key, tensor in views.items())
    expected[name + ".tar.pth"] = expect(tensors)

with open(os.path.join(here, "views.pt"), "rb") as source:
    with gzip.GzipFile(os.path.join(here, "views.pt.gz"), "wb", mtime=0) as target:
        target.write(source.read())
expected["views.pt.gz"] = expected["views.pt"]

with open(os.path.join(here, "expected.json"), "w") as target:
    json.dump(expected, target, indent=0, sort_keys=True)
