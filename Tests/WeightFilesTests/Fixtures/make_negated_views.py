"""Writes PyTorch files with views whose sign or conjugation is a flag beside the tensor, and what PyTorch
says is in them (pytorch/negated.json). Of a tensor that PyTorch cannot give as numbers of a type of ours,
nothing is expected.

Run with a Python that has torch: /usr/bin/python3 make_negated_views.py
"""
import io
import json
import os
import pickle
import zipfile

import torch

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch")
torch.manual_seed(11)

types = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8",
    torch.uint8: "U8", torch.bool: "BOOL",
}


def expect(tensors):
    expected = {}
    for name, tensor in tensors.items():
        tensor = tensor.detach().resolve_neg().contiguous()
        bits = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
        expected[name] = {
            "shape": list(tensor.shape), "type": types[tensor.dtype],
            "hex": bits.numpy().tobytes().hex(),
        }
    return expected


spectrum = torch.randn(3, 4, dtype=torch.complex64)
wide = torch.randn(2, 3, dtype=torch.complex128)
special = torch.tensor([0.0, -0.0, float("inf"), float("-inf"), float("nan"), 1e-42])
integers = torch.tensor([0, 1, -1, 127, -128], dtype=torch.int8)
shared = torch.randn(4, 5)
state = {
    "imaginary": spectrum.conj().imag,
    "real": spectrum.conj().real,
    "double": wide.conj().imag,
    "turned": spectrum.conj().imag.t(),
    "steps": spectrum.conj().imag[::2, 1:],
    "scalar": torch._neg_view(torch.tensor(2.5)),
    "empty": torch._neg_view(torch.zeros(0, 3)),
    "special": torch._neg_view(special),
    "twice": torch._neg_view(torch._neg_view(torch.randn(3))),
    "shared": shared,
    "opposite": torch._neg_view(shared),
    "parameter": torch.nn.Parameter(torch._neg_view(torch.randn(3))),
    "plain": torch.randn(2, 3),
    **{
        types[dtype].lower(): torch._neg_view((torch.randn(3, 5) * 7).to(dtype))
        for dtype in types if dtype != torch.bool
    },
    "least": torch._neg_view(integers),
}
unread = {
    "truth": torch._neg_view(torch.tensor([True, False])),
    "complex": torch.randn(3, dtype=torch.complex64).conj(),
}
assert state["imaginary"].is_neg() and not state["twice"].is_neg()

if not hasattr(torch._utils, "get_tensor_metadata"):
    # PyTorch before 2.0 loses the flags when it saves: they are added as later ones do.
    plain = torch.Tensor._reduce_ex_internal

    def with_flags(self, protocol):
        function, arguments = plain(self, protocol)
        flags = {name: True for name, is_set in (("conj", self.is_conj()), ("neg", self.is_neg()))
                 if is_set}
        return function, arguments + (flags,) if flags else arguments

    torch.Tensor._reduce_ex_internal = with_flags

expected = {}
for suffix, is_zip in ((".pt", True), (".legacy.pth", False)):
    path = os.path.join(here, "negated" + suffix)
    torch.save({**state, **unread}, path, _use_new_zipfile_serialization=is_zip)
    if hasattr(torch._utils, "get_tensor_metadata"):
        loaded = torch.load(path)
        assert expect({name: loaded[name] for name in state}) == expect(state)
    expected["negated" + suffix] = expect(state)


class Call:
    """A call that a pickle asks for, of a function that this torch does not have."""

    def __init__(self, module, function, *arguments):
        self.module, self.function, self.arguments = module, function, arguments

    def __reduce__(self):
        stub = lambda *_: None
        stub.__module__, stub.__qualname__, stub.__name__ = self.module, self.function, self.function
        return stub, self.arguments


class Storage:
    def __init__(self, kind, key, count):
        self.identifier = ("storage", kind, key, "cpu", count)


class Pickler(pickle._Pickler):
    def persistent_id(self, value):
        return value.identifier if isinstance(value, Storage) else None

    def save_global(self, value, name=None):
        module, name = value.__module__, name or value.__qualname__
        self.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())
        self.memoize(value)

    dispatch = dict(pickle._Pickler.dispatch)
    dispatch[type(lambda: 0)] = save_global


def untyped():
    return None


untyped.__module__, untyped.__qualname__ = "torch.storage", "UntypedStorage"
words = torch.tensor([0, 1, 2, 40000, 65535], dtype=torch.int32)
stored = b"".join(int(w).to_bytes(2, "little") for w in words)
floats = torch.randn(2, 3)
hooks = torch.nn.Module().state_dict().__class__()


def dtype(name):
    stub = lambda: None
    stub.__module__, stub.__qualname__, stub.__name__ = "torch", name, name
    return stub


def v3(key, count, shape, strides, kind, *flags):
    return Call("torch._utils", "_rebuild_tensor_v3", Storage(untyped, key, count), 0, shape, strides,
                False, {}, dtype(kind), *flags)


newer = {
    "words": v3("0", 10, (5,), (1,), "uint16", {"neg": True}),
    "same": v3("0", 10, (5,), (1,), "uint16"),
    "none": v3("0", 10, (5,), (1,), "uint16", None),
    "unset": v3("0", 10, (5,), (1,), "uint16", {"neg": False, "conj": False}),
    "numbers": v3("1", 24, (3, 2), (1, 3), "float32", {"neg": True}),
    "wrapped": Call("torch._utils", "_rebuild_parameter_with_state",
                    v3("1", 24, (2, 3), (3, 1), "float32", {"neg": True}), True, {}, {"note": 1}),
    "subclass": Call("torch._tensor", "_rebuild_from_type_v2", dtype("_rebuild_tensor_v3"),
                     dtype("Tensor"),
                     v3("1", 24, (2, 3), (3, 1), "float32", {"neg": True}).arguments, {}),
    "conjugated": v3("1", 24, (2, 3), (3, 1), "float32", {"conj": True}),
    "unknown": v3("1", 24, (2, 3), (3, 1), "float32", {"secret": True}),
    "odd": v3("1", 24, (2, 3), (3, 1), "float32", 7),
    "device": Call("torch._utils", "_rebuild_device_tensor_from_cpu_tensor",
                   v3("1", 24, (2, 3), (3, 1), "float32", {"neg": True}), dtype("float32"), "xla:0",
                   False),
}
newer["subclass"].arguments[0].__module__ = "torch._utils"
file = io.BytesIO()
Pickler(file, protocol=2).dump(newer)
with zipfile.ZipFile(os.path.join(here, "negated-v3.pt"), "w", zipfile.ZIP_STORED) as archive:
    for name, contents in (
        ("data.pkl", file.getvalue()), ("data/0", stored), ("data/1", floats.numpy().tobytes()),
        ("version", b"3\n"),
    ):
        archive.writestr(zipfile.ZipInfo("archive/" + name, (1980, 1, 1, 0, 0, 0)), contents)
wrapped = b"".join((-int(w) % 65536).to_bytes(2, "little") for w in words).hex()
unsigned = {"shape": [5], "type": "U16", "hex": wrapped}
expected["negated-v3.pt"] = {
    "words": unsigned, **{name: {**unsigned, "hex": stored.hex()} for name in ("same", "none", "unset")},
    **expect({"numbers": -floats.t(), "wrapped": -floats, "subclass": -floats}),
}
with open(os.path.join(here, "negated.json"), "w") as target:
    json.dump(expected, target, indent=0, sort_keys=True)
