"""Writes checkpoints as people save them, and what PyTorch says is in them (checkpoints/expected.json).

    python make_checkpoint_fixtures.py

Needs torch 2.9 or newer (2.13 was used) and numpy.
"""
import argparse
import collections
import datetime
import decimal
import dataclasses
import enum
import io
import json
import os
import pathlib
import pickle
import random
import shutil
import types
import uuid
import warnings
import zipfile

import numpy as np
import torch
import torch.distributed.checkpoint as dcp
from torch import nn

warnings.filterwarnings("ignore")
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "checkpoints")
os.makedirs(HERE, exist_ok=True)
os.chdir(HERE)  # checkpoints note where they were written


def no_sources(value):
    raise OSError("the old format keeps the source of modules and where it lies, which nobody reads")


torch.serialization.get_source_lines_and_file = no_sources
torch.manual_seed(7)
TYPES = {torch.float32: "F32", torch.int64: "I64", torch.float16: "F16", torch.uint8: "U8"}
expected = {}


def expect(name, tensors, place="", beside=()):
    expected[name] = {
        "place": place, "beside": sorted(beside),
        "tensors": {
            key: {"shape": list(t.shape), "type": TYPES[t.dtype],
                  "hex": t.detach().contiguous().numpy().tobytes().hex()}
            for key, t in tensors.items()
        },
    }


def save(value, name, tensors, place="", beside=(), **options):
    torch.save(value, os.path.join(HERE, name), **options)
    expect(name, tensors, place, beside)


def net(width=3):
    return nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 2))


class Mode(enum.Enum):
    TRAIN = 1


class Level(enum.IntFlag):
    A = 1
    B = 2


@dataclasses.dataclass
class Settings:
    rate: float = 0.1
    size: tuple = (3, 4)
    inner: object = None


class Tuned(dict):
    pass


Point = collections.namedtuple("Point", "x y")


def extras():
    """What training scripts put beside the weights."""
    optimiser = torch.optim.SGD(net().parameters(), lr=0.1)
    return {
        "epoch": 3, "best": np.float64(0.731), "curve": [np.float32(1.5), np.int64(2)],
        "array": np.arange(6.0).reshape(2, 3), "names": np.array(["a", "b"]),
        "kind": np.dtype("float32"), "bool": np.bool_(True),
        "args": argparse.Namespace(lr=0.1, path=pathlib.Path("a/b"), mode=Mode.TRAIN),
        "when": datetime.datetime(2024, 5, 6, 7, 8, tzinfo=datetime.timezone.utc),
        "day": datetime.date(2024, 5, 6), "span": datetime.timedelta(hours=2),
        "amount": decimal.Decimal("1.5"), "flags": Level.A | Level.B, "id": uuid.UUID(int=5),
        "settings": Settings(inner=Settings()), "tuned": Tuned(a=1, b=[2]),
        "counts": collections.Counter("hello"), "order": collections.OrderedDict(a=1),
        "default": collections.defaultdict(list, a=[1]), "deque": collections.deque([1, 2]),
        "set": {1, 2}, "frozen": frozenset({3}), "bytes": b"abc", "array_of_bytes": bytearray(b"x"),
        "point": Point(1, 2), "range": range(3), "slice": slice(1, 2), "complex": 1 + 2j,
        "big": 2**100, "size": torch.Size([2, 3]), "dtype": torch.float16,
        "device": torch.device("cpu"), "random": random.getstate(),
        "simple": types.SimpleNamespace(a=1), "layout": torch.strided, "nothing": None,
        "optimizer_class": torch.optim.SGD, "optimizer": optimiser,
        "lr_scheduler": torch.optim.lr_scheduler.StepLR(optimiser, 3),
    }


def beside():
    model = net()
    value = {"state_dict": model.state_dict(), **extras()}
    for protocol in (2, 3, 4, 5):
        save(value, f"extras{protocol}.pt", model.state_dict(), "state_dict",
             ["lr_scheduler", "optimizer"], pickle_protocol=protocol)
    legacy = {k: v for k, v in value.items() if k not in ("lr_scheduler",)}
    save(legacy, "extras.legacy.pth", model.state_dict(), "state_dict", ["optimizer"],
         _use_new_zipfile_serialization=False)


def history():
    model = net()
    optimiser = torch.optim.Adam(model.parameters())
    model(torch.randn(4, 2)).sum().backward()
    optimiser.step()
    for key in ("model_state_dict", "state_dict", "model", "net"):
        save({key: model.state_dict(), "optimizer_state_dict": optimiser.state_dict(),
              "losses": torch.rand(10), "step": torch.tensor(4), "rng": torch.get_rng_state()[:8],
              "history": {"train": [torch.rand(2)], "test": [0.5]}},
             f"history-{key}.pt", model.state_dict(), key,
             ["history", "losses", "optimizer_state_dict", "rng", "step"])
    # A name that ends in state_dict is a container whatever it is the state of.
    save({"netG_state_dict": model.state_dict(), "loss": torch.rand(3)}, "generator.pt",
         model.state_dict(), "netG_state_dict", ["loss"])
    # The state dict and the optimiser's in a tuple.
    save((model.state_dict(), optimiser.state_dict(), 3), "tuple.pt", model.state_dict(), "0", ["1"])
    save([model.state_dict()], "list.pt", model.state_dict(), "0")
    # A state dict whose layers are called like containers.
    odd = nn.ModuleDict({"model": nn.Linear(2, 2), "net": nn.Linear(2, 1)})
    save(odd.state_dict(), "layers.pt", odd.state_dict())


class Block(nn.Module):
    """A module with everything that a state dict has a rule for."""

    def __init__(self):
        super().__init__()
        self.model = net()
        self.norm = nn.BatchNorm1d(2)
        self.scale = nn.Parameter(torch.randn(2))
        self.register_parameter("nothing", None)
        self.register_buffer("kept", torch.arange(2))
        self.register_buffer("fleeting", torch.arange(3), persistent=False)
        self.tied = self.model[0]
        self.free = torch.ones(7)
        self.missing = None
        self.parent = [self]
        self.recurrent = nn.LSTM(2, 2)
        self.mode = Mode.TRAIN


def modules():
    whole = net()
    save({"epoch": 1, "model": whole, "optimizer": None}, "whole.pt", whole.state_dict(), "model")
    save(whole, "bare.pt", whole.state_dict())
    for protocol in (3, 4, 5):
        block = Block()
        save(block, f"block{protocol}.pt", block.state_dict(), pickle_protocol=protocol)
    block = Block()
    save({"ema": block, "model": None, "updates": 3}, "ema.pt", block.state_dict(), "ema")
    save(nn.DataParallel(whole), "parallel-module.pt", nn.DataParallel(whole).state_dict())
    traced = torch.fx.symbolic_trace(whole)
    save(traced, "fx.pt", whole.state_dict())
    legacy = net()
    save(legacy, "whole.legacy.pth", legacy.state_dict(), _use_new_zipfile_serialization=False)
    # Nothing of it is a tensor of its own: the weights are packed.
    torch.save(torch.ao.quantization.quantize_dynamic(net(), {nn.Linear}, dtype=torch.qint8),
               "packed.pt")
    agent = types.SimpleNamespace(policy=whole, steps=3)
    save(agent, "agent.pt", {"policy." + k: v for k, v in whole.state_dict().items()})


def several():
    teacher, student = net(4), net(5)
    parts = {"teacher": teacher.state_dict(), "student": student.state_dict()}
    both = {f"{part}.{k}": v for part, value in parts.items() for k, v in value.items()}
    save(parts, "distilled.pt", both)
    save({"state_dict": both}, "distilled-flat.pt", both, "state_dict")
    save({"model": teacher.state_dict(), "ema": student.state_dict()}, "averaged.pt",
         teacher.state_dict(), "model", ["ema"])
    shared = teacher.state_dict()
    save({"model": shared, "best": shared}, "same-storage.pt", shared, "model", ["best"])
    expected["student"] = {}
    expect("student", student.state_dict())


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.head = nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Linear(2, 2)

    def forward(self, x):
        return self.head(torch.relu(self.norm(self.conv(x))).mean((2, 3)))


def without_sources(name):
    """The archive without the places of the code that made it."""
    with zipfile.ZipFile(name) as archive:
        members = [(m, archive.read(m)) for m in archive.namelist() if not m.endswith("debug_pkl")]
    with zipfile.ZipFile(name, "w") as archive:
        for member, data in members:
            archive.writestr(zipfile.ZipInfo(member), b"{}" if "/models/" in member else data)


def programs():
    model = net()
    exported = torch.export.export(model, (torch.randn(2, 2),))
    torch.export.save(exported, os.path.join(HERE, "program.pt2"))
    expect("program.pt2", model.state_dict())
    # As PyTorch 2.6 and before wrote it: the state dict as a file of its own within.
    buffer = io.BytesIO()
    torch.save(model.state_dict(), buffer)
    with zipfile.ZipFile(os.path.join(HERE, "program-old.pt2"), "w") as archive:
        archive.writestr("serialized_exported_program.json", "{}")
        archive.writestr("serialized_state_dict.pt", buffer.getvalue())
        archive.writestr("version", "8.1")
    expect("program-old.pt2", model.state_dict())
    with zipfile.ZipFile(os.path.join(HERE, "compiled.pt2"), "w") as archive:
        archive.writestr("package/data/aotinductor/model/model.so", b"\x7fELF")
        archive.writestr("package/archive_format", "pt2")
    frozen = torch.jit.freeze(torch.jit.script(model.eval()))
    frozen.save(os.path.join(HERE, "frozen.pt"))
    values = dict(zip(("c0", "c1", "c2", "c3"), model.state_dict().values()))
    expect("frozen.pt", {f"CONSTANTS.{k}": v for k, v in values.items()})
    traced = torch.jit.trace(Small().eval(), torch.randn(1, 1, 5, 5))
    traced.save(os.path.join(HERE, "traced.pt"))
    expect("traced.pt", traced.state_dict())
    for name in ("program.pt2", "frozen.pt", "traced.pt"):
        without_sources(name)


def distributed():
    model = net(6)
    optimiser = torch.optim.Adam(model.parameters())
    model(torch.randn(4, 2)).sum().backward()
    optimiser.step()
    for name in ("plain.dcp", "nested.dcp", "sharded.dcp"):
        shutil.rmtree(os.path.join(HERE, name), ignore_errors=True)
    dcp.save(model.state_dict(), checkpoint_id="plain.dcp", no_dist=True)
    expect("plain.dcp", model.state_dict())
    dcp.save({"model": model.state_dict(), "optim": optimiser.state_dict(), "step": 3},
             checkpoint_id="nested.dcp", no_dist=True)
    expect("nested.dcp", model.state_dict(), "model", ["optim"])
    shard(model.state_dict())


def shard(state):
    """Two ranks' rows and four corners, in files as two processes write them."""
    from torch.distributed.checkpoint import metadata as M
    from torch.distributed.checkpoint.filesystem import _StorageInfo

    folder = os.path.join(HERE, "sharded.dcp")
    os.makedirs(folder)
    files = [io.BytesIO(), io.BytesIO()]
    state = {**state, "corners": torch.arange(35, dtype=torch.float32).reshape(5, 7),
             "cube": torch.arange(2 * 3 * 4, dtype=torch.float16).reshape(2, 3, 4)}
    tensors, storage = {}, {}
    for name, tensor in state.items():
        if name == "corners":
            boxes = [((0, 0), (3, 2)), ((0, 2), (3, 5)), ((3, 0), (2, 2)), ((3, 2), (2, 5))]
        elif name == "cube":
            boxes = [((0, 1, 0), (2, 2, 4)), ((0, 0, 0), (2, 1, 4))]
        else:
            half, rest = tensor.shape[0] // 2 + 1, tuple(tensor.shape[1:])
            zeros = (0,) * len(rest)
            boxes = [((0, *zeros), (half, *rest)),
                     ((half, *zeros), (tensor.shape[0] - half, *rest))]
        chunks = []
        for index, (offsets, sizes) in enumerate(boxes):
            piece = tensor[tuple(slice(o, o + s) for o, s in zip(offsets, sizes))]
            file, rank = files[index % 2], index % 2
            start = file.tell()
            torch.save(piece.clone(), file)
            chunks.append(M.ChunkStorageMetadata(torch.Size(offsets), torch.Size(sizes)))
            storage[M.MetadataIndex(name, torch.Size(offsets), index)] = _StorageInfo(
                f"__{rank}_0.distcp", start, file.tell() - start)
        tensors[name] = M.TensorStorageMetadata(
            M.TensorProperties(dtype=tensor.dtype), tensor.shape, chunks)
    for rank, file in enumerate(files):
        with open(os.path.join(folder, f"__{rank}_0.distcp"), "wb") as target:
            target.write(file.getvalue())
    with open(os.path.join(folder, ".metadata"), "wb") as target:
        pickle.dump(M.Metadata(tensors, {k: (k,) for k in tensors}, storage), target)
    expect("sharded.dcp", state)


for make in (beside, history, modules, several, programs, distributed):
    make()
with open(os.path.join(HERE, "expected.json"), "w") as target:
    json.dump(expected, target, indent=0, sort_keys=True)
