"""Writes PyTorch files of a few KB, and what PyTorch says is in them (pytorch/expected.json).

Run with a Python that has torch: /usr/bin/python3 make_pytorch_fixtures.py
"""
import collections
import gzip
import json
import os

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

with open(os.path.join(here, "views.pt"), "rb") as source:
    with gzip.GzipFile(os.path.join(here, "views.pt.gz"), "wb", mtime=0) as target:
        target.write(source.read())
expected["views.pt.gz"] = expected["views.pt"]

with open(os.path.join(here, "expected.json"), "w") as target:
    json.dump(expected, target, indent=0, sort_keys=True)
