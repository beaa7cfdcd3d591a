#!/usr/bin/env python3
"""Makes the seeds of the fuzzers' corpora, with the real libraries where one writes the format.

    python3 Fuzz/make_corpus.py [python-with-torch]

needs NumPy, gguf, h5py, hdf5plugin, safetensors, onnx and zstandard; the seeds of PyTorch need a Python
that has torch, which is /usr/bin/python3 unless named; those of our own formats, the tool itself
(`make`). Seeds are called seed-…; inputs that a run
found are called found-…, and are left alone.
"""

import base64
import gzip
import io
import json
import os
import sqlite3
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

import gguf
import h5py
import hdf5plugin
import numpy as np
import onnx
import safetensors.numpy
import zstandard
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
FIXTURES = HERE.parent / "Tests" / "WeightFilesTests" / "Fixtures"
GRAPHS = HERE.parent / "Tests" / "ModelGraphTests" / "Fixtures"
RNG = np.random.default_rng(0)


def put(target: str, name: str, data: bytes) -> None:
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed-{name}").write_bytes(data)


def arrays() -> dict[str, np.ndarray]:
    return {
        "a": RNG.standard_normal((3, 4)).astype(np.float32),
        "b": np.arange(5, dtype=np.int64),
        "c": RNG.standard_normal(2).astype(np.float16),
    }


def safetensors_seeds() -> None:
    put("safetensors", "plain", safetensors.numpy.save(arrays()))
    put("safetensors", "metadata", safetensors.numpy.save(
        {"x": np.zeros((0, 3), np.float32), "y": np.array(2, np.float64)}, {"format": "pt"}))
    put("safetensors", "network", safetensors.numpy.save({
        "0.weight": np.ones((3, 2), np.float32), "0.bias": np.zeros(3, np.float32),
        "2.weight": np.ones((2, 3), np.float32), "2.bias": np.zeros(2, np.float32)}))
    header = json.dumps({"n": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}).encode()
    put("safetensors", "bfloat16", struct.pack("<Q", len(header)) + header + bytes(4))


TORCH = r"""
import io, pickle, sys, collections, torch
folder = sys.argv[1]
state = collections.OrderedDict(
    [("fc.weight", torch.arange(6.).reshape(2, 3).t()), ("fc.bias", torch.ones(2).half()),
     ("steps", torch.tensor(7))])
torch.save(state, folder + "/state.pt")
torch.save(state, folder + "/state.legacy.pt", _use_new_zipfile_serialization=False)
torch.save({"state_dict": state, "epoch": 3, "lr": 0.5, "p": torch.nn.Parameter(torch.ones(2))},
           folder + "/nested.pt")
torch.save({"state_dict": state, "big": 1 << 80}, folder + "/nested.legacy.pt",
           _use_new_zipfile_serialization=False)
torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), folder + "/script.pt")
"""


def pytorch_seeds(python: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-c", TORCH, folder], check=True)
        for path in sorted(Path(folder).iterdir()):
            data = path.read_bytes()
            put("pytorch", path.name, data)
            if not path.name.endswith(".legacy.pt") and path.name != "script.pt":
                archive = zipfile.ZipFile(path)
                name = next(n for n in archive.namelist() if n.endswith("/data.pkl"))
                put("pickle", path.stem, archive.read(name))
                # A zip tool has packed it again, compressed.
                packed = io.BytesIO()
                with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as again:
                    for member in archive.namelist():
                        again.writestr(member, archive.read(member))
                put("pytorch", "deflated-" + path.name, packed.getvalue())
    # One storage "0" of four Float32, which is the one that the entry function has.
    def text(value: str) -> bytes:
        return b"\x55" + bytes([len(value)]) + value.encode()
    storage = (b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu")
               + b"K\x04tQ")
    tensor = (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00"
              + b"K\x02K\x02\x86" + b"K\x02K\x01\x86" + b"\x89}tR")
    put("pickle", "tensor", b"\x80\x02" + tensor + b".")
    put("pickle", "dictionary", b"\x80\x02}q\x00(" + text("x") + tensor + text("y") + tensor + b"u.")
    put("pickle", "parameter", b"\x80\x02}" + text("p")
        + b"ctorch._utils\n_rebuild_parameter\n(" + tensor + b"\x88}tRs.")
    put("pytorch", "tar.pt", (FIXTURES / "pytorch" / "nested.tar.pth").read_bytes())


def checkpoint_seeds() -> None:
    """Checkpoints as people save them, and configurations of Keras beside the plain ones."""
    folder = FIXTURES / "checkpoints"
    for name in ("block4.pt", "extras5.pt", "program.pt2", "program-old.pt2", "frozen.pt"):
        put("pytorch", name, (folder / name).read_bytes())
    put("pickle", "distributed", (folder / "sharded.dcp" / ".metadata").read_bytes())
    for name in ("block3.pt", "block4.pt", "extras2.pt", "extras5.pt", "tuple.pt"):
        archive = zipfile.ZipFile(folder / name)
        member = next(n for n in archive.namelist() if n.endswith("/data.pkl"))
        put("pickle", name, archive.read(member))
    kinds = HERE.parent / "Tests" / "ModelGraphTests" / "Fixtures"
    for name in ("states", "both_ways", "unet", "middle", "attention", "quantised"):
        archive = zipfile.ZipFile(kinds / f"{name}.keras")
        put("keras", name, archive.read("config.json"))


def zip_seeds() -> None:
    for name, method in [("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)]:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", method) as archive:
            archive.writestr("a.txt", b"hello hello hello")
            archive.writestr("folder/b.bin", bytes(100))
            archive.comment = b"a comment"
        put("zip", name, packed.getvalue())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        with archive.open("wide", "w", force_zip64=True) as member:
            member.write(b"zip64")
    put("zip", "zip64", packed.getvalue())

    class Stream(io.RawIOBase):  # cannot seek: sizes come after the data
        def __init__(self): self.data = b""
        def writable(self): return True
        def write(self, data): self.data += bytes(data); return len(data)

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("streamed", b"streamed streamed")
    put("zip", "streamed", stream.data)


def numpy_seeds() -> None:
    for name, array in [("f4", np.ones((2, 3), "f4")), ("big", np.arange(4, dtype=">f8")),
                        ("fortran", np.asfortranarray(np.ones((2, 3), "i2"))),
                        ("scalar", np.float32(1))]:
        file = io.BytesIO()
        np.save(file, array)
        put("numpy", name + ".npy", file.getvalue())
    for name, save in [("stored", np.savez), ("deflated", np.savez_compressed)]:
        file = io.BytesIO()
        save(file, **arrays())
        put("numpy", name + ".npz", file.getvalue())
        put("dataset", name + ".npz", file.getvalue())


def onnx_model(external: bool = False) -> bytes:
    kernel = numpy_helper.from_array(RNG.standard_normal((4, 3, 3, 3)).astype("f4"), "conv.weight")
    bias = helper.make_tensor("conv.bias", TensorProto.FLOAT, [4], [0.1, 0.2, 0.3, 0.4])
    dense = numpy_helper.from_array(RNG.standard_normal((2, 4)).astype("f4"), "fc.weight")
    half = helper.make_tensor("fc.bias", TensorProto.FLOAT, [2], [0.5, 0.25])
    nodes = [
        helper.make_node("Conv", ["x", "conv.weight", "conv.bias"], ["c"], "conv",
                         kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"], "relu"),
        helper.make_node("GlobalAveragePool", ["r"], ["g"], "pool"),
        helper.make_node("Flatten", ["g"], ["f"], "flatten"),
        helper.make_node("Gemm", ["f", "fc.weight", "fc.bias"], ["y"], "fc", transB=1),
    ]
    graph = helper.make_graph(
        nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])],
        [kernel, bias, dense, half])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    onnx.checker.check_model(model)
    if external:
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in [("location", "data.bin"), ("offset", "0"), ("length", "432")]:
            entry = tensor.external_data.add()
            entry.key, entry.value = key, value
    return model.SerializeToString()


def onnx_seeds() -> None:
    put("onnx", "conv", onnx_model())
    put("onnx", "external", onnx_model(external=True))
    put("onnx", "fixture", (FIXTURES / "formats" / "small.onnx").read_bytes())


def gguf_seeds() -> None:
    put("gguf", "fixture", (FIXTURES / "formats" / "small.gguf").read_bytes())

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, 3)
    header += text("general.alignment") + struct.pack("<II", 4, 32)
    header += text("general.name") + struct.pack("<I", 8) + text("seed")
    header += text("list") + struct.pack("<IIQ", 9, 5, 3) + struct.pack("<iii", 1, 2, 3)
    header += text("w") + struct.pack("<IQQIQ", 2, 2, 3, 0, 0)
    header += bytes(-len(header) % 32)
    put("gguf", "made", header + bytes(24))
    put("gguf", "empty", b"GGUF" + struct.pack("<IQQ", 2, 0, 0))


def block_seeds() -> None:
    names = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"]
    for index, name in enumerate(names):
        _, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
        data = np.random.default_rng(index).integers(0, 256, 3 * size, dtype=np.uint8).tobytes()
        put("blocks", name.lower(), struct.pack("<BHH", index, 33, 65) + data)
    put("blocks", "big", struct.pack("<BHH", 128, 7, 40) + bytes(range(54)))
    put("gguf", "quantised", (FIXTURES / "elements" / "quantised.gguf").read_bytes())
    put("gguf", "big", (FIXTURES / "elements" / "big.gguf").read_bytes())
    put("onnx", "constants", (GRAPHS / "onnx_constants_conv.onnx").read_bytes())
    put("onnx", "branch", (GRAPHS / "onnx_branch.onnx").read_bytes())
    put("onnx", "small-floats", (FIXTURES / "elements" / "small.onnx").read_bytes())
    put("numpy", "odd", (FIXTURES / "elements" / "odd.npz").read_bytes())
    put("safetensors", "small-floats", (FIXTURES / "elements" / "small.safetensors").read_bytes())
    for name in ["model.joblib", "packed.joblib", "arrays0.pkl", "arrays4.pkl"]:
        put("file", name, (FIXTURES / "elements" / name).read_bytes())


def file_seeds() -> None:
    for name in ["small.keras", "deflated.keras", "userblock.h5"]:
        data = (FIXTURES / name).read_bytes()
        put("file", name, data if name.endswith("keras") else data[:1024])
    put("file", "index.json", b'{"metadata": {}, "weight_map": {"a": "model-1.safetensors"}}')
    put("file", "x.npy.gz", gzip.compress((CORPUS / "numpy/seed-f4.npy").read_bytes(), mtime=0))
    put("file", "x.safetensors.zst",
        zstandard.compress((CORPUS / "safetensors/seed-plain").read_bytes()))
    put("file", "text", b"this is no weight file\n")


def json_seeds() -> None:
    put("json", "object", '{"a": [1, -2.5e-3, true, false, null], "ä\\u00e9\\ud83d\\ude00": {}}'
        .encode())
    put("json", "numbers", b"[0, 18446744073709551615, 1e400, -0.0, 0.1]")
    put("json", "nested", b"[" * 40 + b"]" * 40)


def chunk_seeds() -> None:
    data = (np.arange(64) / 64).astype("f4")
    raw = data.tobytes()
    shuffled = data.view(np.uint8).reshape(-1, 4).T.tobytes()
    kinds = {
        0: dict(compression="gzip", compression_opts=6),
        1: dict(compression="gzip", compression_opts=6, shuffle=True),
        2: dict(compression="gzip", compression_opts=6, shuffle=True, fletcher32=True),
        3: dict(fletcher32=True), 4: hdf5plugin.Zstd(), 5: dict(hdf5plugin.Zstd(), shuffle=True),
        6: dict(compression="lzf"), 7: hdf5plugin.LZ4(), 8: hdf5plugin.Bitshuffle(cname="none"),
        9: hdf5plugin.Bitshuffle(cname="lz4"), 10: hdf5plugin.Bitshuffle(nelems=64, cname="zstd"),
        11: hdf5plugin.Blosc(cname="lz4"), 15: dict(shuffle=True),
    }
    with tempfile.TemporaryDirectory() as folder:
        for index, options in kinds.items():
            with h5py.File(Path(folder) / "x.h5", "w") as file:
                kept = file.create_dataset("x", data=data, chunks=data.shape, **options)
                mask, stored = kept.id.read_direct_chunk((0,))
            for geometry in [0, 4, 8]:
                put("chunk", f"{index:02}-{geometry}",
                    bytes([index, geometry, mask & 255, 64, 0]) + stored)
    put("chunk", "bare", bytes([0, 0, 1, 64, 0]) + raw)
    put("chunk", "shuffled", bytes([15, 0, 0, 64, 0]) + shuffled)


def inflate_seeds() -> None:
    pieces = [RNG.standard_normal(300).astype("f4").tobytes(), bytes(500), b"abcabcabc" * 30,
              np.arange(200, dtype="f4").tobytes()]
    for name, a, b in [("random", 0, 3), ("runs", 1, 2), ("mixed", 2, 0)]:
        for level in [1, 9]:
            one, two = zlib.compress(pieces[a], level), zlib.compress(pieces[b], level)
            put("inflate", f"{name}-{level}",
                struct.pack("<HHH", len(pieces[a]), len(pieces[b]), len(one)) + one + two)
    fixed = zlib.compressobj(6, zlib.DEFLATED, 15, 9, zlib.Z_FIXED)
    one = fixed.compress(pieces[2]) + fixed.flush()
    stored = zlib.compress(pieces[0], 0)
    put("inflate", "fixed-stored",
        struct.pack("<HHH", len(pieces[2]), len(pieces[0]), len(one)) + one + stored)
    raw = zlib.compressobj(6, zlib.DEFLATED, -15)
    one = raw.compress(pieces[2]) + raw.flush()
    put("inflate", "raw", struct.pack("<HHH", 100, 0, len(one)) + one)


def seekable(pieces: list[bytes], checksums: bool = False) -> bytes:
    frames = [zstandard.compress(piece) for piece in pieces]
    table = b"".join(struct.pack("<II", len(f), len(p)) + (bytes(4) if checksums else b"")
                     for f, p in zip(frames, pieces))
    table += struct.pack("<IBI", len(frames), 128 if checksums else 0, 0x8F92EAB1)
    return b"".join(frames) + struct.pack("<II", 0x184D2A5E, len(table)) + table


def compressed_seeds() -> None:
    inner = (CORPUS / "safetensors/seed-plain").read_bytes()
    put("compressed", "one.gz", gzip.compress(inner, mtime=0))
    put("compressed", "two.gz", gzip.compress(inner[:50], mtime=0)
        + gzip.compress(inner[50:], mtime=0) + bytes(8))
    put("compressed", "one.zst", zstandard.compress(inner))
    put("compressed", "two.zst", zstandard.compress(inner[:50]) + zstandard.compress(inner[50:]))
    put("compressed", "seekable.zst", seekable([inner[:100], inner[100:]]))
    put("compressed", "bomb.gz", gzip.compress(bytes(3 << 20), 9, mtime=0))
    put("file", "seekable.zst", seekable([inner[:100], inner[100:]]))


def wire_seeds() -> None:
    def block(data: bytes) -> bytes:
        return struct.pack("<Q", len(data)) + data

    def lengths(*values: int) -> bytes:
        return struct.pack("<Q", len(values)) + struct.pack(f"<{len(values)}Q", *values)

    def record(tag: int, payload: bytes) -> bytes:
        return bytes([tag]) + block(payload)

    def dataset(name: str, shape: tuple, storage: bytes, filters: bytes = lengths()) -> bytes:
        # Kind 2 (float), 4 bytes, little-endian.
        return record(2, block(name.encode()) + lengths(*shape) + bytes([2, 4, 0]) + storage
                      + filters + block(b""))

    contiguous = bytes([1]) + struct.pack("<QQ", 16, 16)
    compact = bytes([2]) + block(bytes(8))
    chunk = struct.pack("<QQQI", 0, 8, 16, 0)
    chunked = bytes([3]) + lengths(4) + struct.pack("<Q", 1) + chunk
    deflate = (struct.pack("<Q", 1) + struct.pack("<i", 1) + block(b"deflate")
               + struct.pack("<QI", 1, 6))
    end = record(7, b"")
    start = b"WSLCAT2\n"
    put("wire", "datasets", start + record(1, block(b"group"))
        + dataset("group/a", (2, 2), contiguous) + dataset("b", (2,), compact)
        + dataset("c", (4,), chunked) + dataset("d", (4,), chunked, deflate) + end)
    put("wire", "attributes", start
        + record(3, block(b"") + block(b"keras_version") + bytes([0]) + block(b"3.0"))
        + record(3, block(b"") + block(b"names") + bytes([1]) + struct.pack("<Q", 2)
                 + block(b"a") + block(b"b"))
        + record(3, block(b"") + block(b"numbers") + bytes([2]) + lengths(1, 2))
        + record(4, block(b"link") + block(b"a")) + record(5, block(b"odd") + block(b"reason"))
        + dataset("fc/weight", (2, 2), contiguous) + end)
    put("wire", "failure", start + record(6, block(b"it is damaged")))
    put("wire", "unread", start + dataset("fc/weight", (2, 2), contiguous)
        + record(9, block(b"note") + block(b"it is a text") + block(b"text") + bytes(3)) + end)


def layer(kind: str, name: str, reads: list[str], **config) -> dict:
    return {"class_name": kind, "name": name, "config": {"name": name, **config},
            "inbound_nodes": [[[r, 0, 0, {}] for r in reads]] if reads else []}


def graph_seeds() -> None:
    layers = [
        layer("InputLayer", "x", [], batch_input_shape=[None, 8, 8, 3]),
        layer("Conv2D", "conv", ["x"], filters=4, kernel_size=[3, 3], padding="same"),
        layer("BatchNormalization", "norm", ["conv"], axis=[3]),
        layer("ReLU", "relu", ["norm"]),
        layer("Add", "sum", ["relu", "conv"]),
        layer("GlobalAveragePooling2D", "pool", ["sum"]),
        layer("Dense", "dense", ["pool"], units=3, activation="softmax"),
    ]
    model = {"class_name": "Functional", "config": {
        "name": "m", "layers": layers, "input_layers": [["x", 0, 0]],
        "output_layers": [["dense", 0, 0]]}}
    put("keras", "functional", json.dumps(model).encode())
    row = {"class_name": "Sequential", "config": {"name": "s", "layers": [
        {"class_name": "Embedding", "config": {"name": "embedding", "input_dim": 10,
                                               "output_dim": 4, "batch_input_shape": [None, 5]}},
        {"class_name": "LSTM", "config": {"name": "lstm", "units": 3}}]}}
    put("keras", "sequential", json.dumps(row).encode())
    plain = {"class_name": "Sequential", "config": [
        {"class_name": "Dense", "config": {"name": "dense", "units": 3, "input_dim": 4,
                                           "activation": "relu"}}]}
    put("keras", "old", json.dumps(plain).encode())
    put("graph", "residual", b"""channels: last
layers:
  - {name: x, type: input, shape: [8, 8, 3]}
  - {name: conv, type: conv2d, filters: 4, kernel: 3, padding: 1}
  - {name: norm, type: batchNormalization, epsilon: 1.0e-5}
  - {name: relu, type: relu}
  - {name: sum, type: add, inputs: [relu, conv]}
  - {name: pool, type: globalAveragePooling}
  - {name: dense, type: dense, units: 3}
outputs: dense
""")
    put("graph", "row", b"channels: last\nlayers:\n- {type: input, shape: ['?', 4]}\n"
        b"- {name: lstm, type: lstm, units: 3, tensors: {kernel: lstm/kernel}}\n")
    put("graph", "anchors", b"layers: &a\n  - {type: input, shape: [4]}\n  - type: relu\nx: *a\n")


def dataset_seeds() -> None:
    def idx(array: np.ndarray, code: int) -> bytes:
        return (bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
                + array.astype(array.dtype.newbyteorder(">")).tobytes())
    put("dataset", "images", idx(np.arange(18, dtype="u1").reshape(2, 3, 3), 8))
    put("dataset", "labels", idx(np.arange(4, dtype="u1"), 8))
    put("dataset", "floats.gz", gzip.compress(idx(np.ones((2, 2), "f4"), 13), mtime=0))


def permutation_seeds() -> None:
    group = {"group": "dense", "size": 3, "permutation": [2, 0, 1],
             "axes": [{"tensor": "dense/kernel", "axis": 1}]}
    whole = {"format": "wsl-permutation", "version": 1, "fingerprint": "0123", "method": "weights",
             "seed": 7, "objective": {"before": 1, "after": 2.5}, "groups": [group]}
    put("permutation", "one", json.dumps(whole).encode())
    put("permutation", "none", json.dumps(dict(whole, groups=[])).encode())
    put("permutation", "twice",
        json.dumps(dict(whole, groups=[dict(group, permutation=[0, 0, 1])])).encode())


WSL = HERE.parent / ".build" / "release" / "wsl"


def tool(*arguments) -> None:
    subprocess.run([WSL, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def counted(data: bytes) -> bytes:
    return struct.pack("<H", len(data)) + data


def networks(folder: Path, count: int) -> list[Path]:
    """Small networks of one family."""
    start = {"0.weight": (6, 4), "0.bias": (6,), "2.weight": (3, 6), "2.bias": (3,)}
    weights = {name: RNG.standard_normal(shape).astype("f4") for name, shape in start.items()}
    paths = []
    for number in range(count):
        paths.append(folder / f"{number}.safetensors")
        safetensors.numpy.save_file(weights, paths[-1])
        weights = {name: array + 0.05 * RNG.standard_normal(array.shape).astype("f4")
                   for name, array in weights.items()}
    return paths


def signature_seeds() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        p, s, r = networks(folder, 3)
        for levels in ["8", "none"]:
            out = folder / f"{levels}.rws.h5"
            tool("signature", "extract", "--pretrained", p, "--standard", s, "--robust", r,
                 "-o", out, "--name", f"fog{levels}", "--layers", "all", "--levels", levels)
            with h5py.File(out) as file:
                codes = file["codes"]
                blocks = [codes.id.read_direct_chunk((i * codes.chunks[0],))[1]
                          for i in range(-(-codes.shape[0] // codes.chunks[0]))]
                put("signature", levels, counted(bytes(file["manifest"][...]))
                    + b"".join(map(counted, blocks)))
        key = base64.b64encode(bytes(32))
        put("signature", "seal", counted(b"{}") + counted(key + b" " + base64.b64encode(bytes(64))))
        put("signature", "key", counted(b"{}") + counted(
            b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(
                bytes.fromhex("302a300506032b6570032100") + bytes(32))
            + b"\n-----END PUBLIC KEY-----\n"))
        patched = folder / "patched.safetensors"
        tool("patch", s, "--rws", f"{folder}/8.rws.h5@0.5", "--rws", f"{folder}/none.rws.h5",
             "-o", patched)
        data = patched.read_bytes()
        put("safetensors", "patched", data)
        header = json.loads(data[8:8 + struct.unpack("<Q", data[:8])[0]])
        record = base64.b64decode(header["__metadata__"]["wsl_patch"])[:-16]
        put("patch", "record", record)
        packed, length = struct.unpack("<QQ", record[8:24])
        text = zstandard.decompress(record[24:24 + packed], max_output_size=length)
        put("patch", "text", counted(text) + record[24 + packed:])
        put("patch", "empty", counted(json.dumps(
            {"version": 3, "tool": "wsl", "stack": [], "tensors": []}).encode()))


def zoo_seeds() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = folder / "models"
        models.mkdir()
        networks(models, 3)
        tool("convert", models / "0.safetensors", "-o", models / "0.h5", "--compression", "zstd:1")
        tool("zoo", "pack", models, "-o", folder / "zoo.h5")
        with h5py.File(folder / "zoo.h5") as file:
            size = int(np.ravel(file.attrs["table_bytes"])[0])
            table = zstandard.decompress(bytes(file["table"][...]), max_output_size=size)
            put("packed", "family", table + b"\0" + bytes(file["data"][...]))
        put("packed", "empty", b'{"members":[],"version":1}')
        put("packed", "circle", b'{"version":1,"members":[{"name":"a","sha256":"","parent":0,'
            b'"pieces":{"byteCount":1,"pieces":[]},"tensors":[],"rest":{"offset":0,"count":1},'
            b'"restByteCount":1}]}\0x')
        index, shard = folder / "index.sqlite", folder / "shard.sqlite"
        tool("zoo", "index", models, "-o", index)
        tool("zoo", "scan", index, "--shard", "1/1", "-o", shard)
        put("shard", "whole", shard.read_bytes())
        for name, change in [
            ("nulls", "DROP TABLE models; CREATE TABLE models(id, file, modified, bytes);"
                      "INSERT INTO models VALUES(NULL, x'00ff', 'text', 1e300)"),
            ("count", "UPDATE shard SET count = -1"),
            ("view", "DROP TABLE shard; CREATE VIEW shard AS WITH RECURSIVE c(x) AS "
                     "(SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"),
            ("column", "UPDATE metrics SET columns = 'x\" FROM models; --'"),
            ("lacks", "DROP TABLE shard; CREATE TABLE shard(x); INSERT INTO shard VALUES(1)")]:
            changed = folder / "changed.sqlite"
            changed.write_bytes(shard.read_bytes())
            database = sqlite3.connect(changed)
            database.executescript(change)
            database.commit()
            database.execute("VACUUM")
            database.close()
            put("shard", name, changed.read_bytes())
        rows = sqlite3.connect(index).execute("SELECT storage FROM tensors ORDER BY storage")
        for number, (storage,) in enumerate(rows.fetchall()[::3]):
            put("storage", str(number), storage)
        start = bytes([1, 0, 0, 0])
        put("storage", "deflated", start + bytes([0, 5, 0, 30, 24, 0, 0, 0]))
        put("storage", "strided", start + bytes([0, 1, 0, 2, 1, 2]))
        put("storage", "chunks", start + bytes(
            [1, 2, 7]) + b"shuffle" + bytes([1, 4, 2, 2, 2, 2, 2, 0, 0, 0, 16, 0, 0, 2, 16, 16, 0]))
    for path in sorted((HERE.parent / "zoo-specs").glob("*.yaml")):
        put("spec", path.stem, path.read_bytes())
    put("spec", "layout", b"name: x\nlayout:\n  files: 'width{width}/seed{seed}/**/*.h5'\n"
        b"  epochs: 3\n  labels: labels.csv\n")
    put("spec", "random", b"""name: x
data: digits
model: {kind: mlp, widths: [8]}
training: {optimizer: adam, learning-rate: 0.001, batch-size: 64, epochs: 1}
random:
  count: 20
  seed: 1
  fields:
    training.learning-rate: {log-uniform: [0.0001, 0.01]}
    training.batch-size: {integer: [16, 128]}
    training.weight-decay: {uniform: [0, 0.1]}
seeds: [0, 1]
""")
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 8)}]\n" for i in range(1, 10))
    put("spec", "laughs", laughs.encode() + b"name: *a9\n")
    put("spec", "deep", b"name: " + b"[" * 900)
    put("table", "columns", b"varname,start_idx,end_idx,shape\nfc/kernel:0,0,6,\"(2, 3)\"\n"
        b"fc/bias:0,6,9,\"(3,)\"\n")
    put("table", "labels", b"\xef\xbb\xbffile,accuracy,name\r\na.h5,0.5,\"say \"\"x\"\"\"\r\nb.h5,,\r\n")
    put("table", "far", b"varname,start_idx,end_idx,shape\na,5,4,\"(4294967296, 4294967296)\"\n"
        b"b,9,-9223372036854775808,1\n")
    put("table", "json", b'{"lr": 0.01, "seed": 3, "list": [1], "text": "x", "truth": true}')
    put("table", "pattern", b"width{width}/*/**/m{seed}.h5\nwidth8/a/b/c/m3.h5\n")
    put("table", "stars", b"*a*a*a*a*a*a*a*a*a*b\n" + b"a" * 60 + b"\n")


def main() -> None:
    for seed in CORPUS.glob("*/seed-*"):
        seed.unlink()
    safetensors_seeds()
    pytorch_seeds(sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/python3")
    checkpoint_seeds()
    zip_seeds()
    numpy_seeds()
    onnx_seeds()
    gguf_seeds()
    block_seeds()
    compressed_seeds()
    file_seeds()
    json_seeds()
    chunk_seeds()
    inflate_seeds()
    wire_seeds()
    graph_seeds()
    dataset_seeds()
    permutation_seeds()
    signature_seeds()
    zoo_seeds()


if __name__ == "__main__":
    os.umask(0o022)
    main()
