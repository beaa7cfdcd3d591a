"""Writes the fixtures of this folder: 8-bit floats, quantised blocks, arrays of uncommon types, pickles.

    python make_elements.py      # numpy, ml_dtypes, gguf, onnx, h5py, joblib, safetensors

Each file is written by the library of its format, and read by it for what it should say: numbers are in
`*.expected.npz`, as Float32. Bits that are no number are compared as such: their signs and payloads are
the processor's business.
"""

import argparse
import builtins
import io
import os
import pickle
import pickletools
import struct
import sys
import zipfile

import gguf
import h5py
import joblib
import ml_dtypes
import numpy as np
import onnx
import safetensors
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.scripts import gguf_convert_endian
from onnx import TensorProto, helper

here = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(17)


def path(name):
    return os.path.join(here, name)


# 8-bit floats: all 256 values of each, as ml_dtypes has them.

codes = np.arange(256, dtype=np.uint8).reshape(16, 16)
small = {
    "F8_E4M3": (ml_dtypes.float8_e4m3fn, "float8_e4m3fn", TensorProto.FLOAT8E4M3FN),
    "F8_E5M2": (ml_dtypes.float8_e5m2, "float8_e5m2", TensorProto.FLOAT8E5M2),
    "F8_E4M3FNUZ": (ml_dtypes.float8_e4m3fnuz, "float8_e4m3fnuz", TensorProto.FLOAT8E4M3FNUZ),
    "F8_E5M2FNUZ": (ml_dtypes.float8_e5m2fnuz, "float8_e5m2fnuz", TensorProto.FLOAT8E5M2FNUZ),
}
np.savez_compressed(path("small.expected.npz"), **{
    name: codes.view(kind).astype(np.float32) for name, (kind, _, _) in small.items()})

# Safetensors, where the reference takes these types by name; and two that are not read.
header, data = {}, b""
for name in list(small) + ["F8_E8M0", "C64"]:
    shape = [16, 16] if name != "C64" else [4, 8]
    header[name] = {"dtype": name, "shape": shape, "data_offsets": [len(data), len(data) + 256]}
    data += codes.tobytes()
text = __import__("json").dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(path("small.safetensors"), "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
with safetensors.safe_open(path("small.safetensors"), "np") as file:
    assert set(file.keys()) == set(header)

# ONNX: as raw bytes, and as numbers in a field of integers.
tensors = []
for name, (_, _, code) in small.items():
    tensors.append(helper.make_tensor(name, code, [16, 16], codes.tobytes(), raw=True))
    listed = TensorProto(name=name + ".listed", data_type=code, dims=[16, 16])
    listed.int32_data.extend(int(c) for c in codes.ravel())
    tensors.append(listed)
    back = onnx.numpy_helper.to_array(listed).view(np.uint8)
    assert np.array_equal(back, codes), name
tensors.append(helper.make_tensor("complex", TensorProto.COMPLEX64, [2], [1 + 2j, 3j]))
tensors.append(helper.make_tensor("four", TensorProto.INT4, [4], [1, 2, 3, 4]))
onnx.save(helper.make_model(helper.make_graph(
    [helper.make_node("Identity", ["F8_E4M3"], ["y"])], "small", [],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT8E4M3FN, [16, 16])], tensors)),
    path("small.onnx"))


# PyTorch: the pickle that torch 2 writes for types that have no storage of their own. Made by hand, as
# `torch.save` of such tensors needs torch 2.1: _rebuild_tensor_v3 over an UntypedStorage.
def torch_file():
    out = io.BytesIO()

    def name(module, member):
        out.write(b"c" + module.encode() + b"\n" + member.encode() + b"\n")

    def text(value):
        out.write(b"X" + struct.pack("<I", len(value)) + value.encode())

    def number(value):
        out.write(b"J" + struct.pack("<i", value))

    out.write(b"\x80\x02")
    name("collections", "OrderedDict")
    out.write(b")R(")
    for key, (_, dtype, _) in enumerate((small | {"C64": (None, "complex64", None)}).values()):
        text("w." + dtype)
        name("torch._utils", "_rebuild_tensor_v3")
        out.write(b"((")
        text("storage")
        name("torch.storage", "UntypedStorage")
        text(str(key))
        text("cpu")
        number(256)
        out.write(b"tQ")
        number(0)
        lengths = (16, 16) if dtype != "complex64" else (4, 8)
        for values in (lengths, (lengths[1], 1)):
            for value in values:
                number(value)
            out.write(b"\x86")
        out.write(b"\x89")
        name("collections", "OrderedDict")
        out.write(b")R")
        name("torch", dtype)
        out.write(b"tR")
    out.write(b"u.")
    with zipfile.ZipFile(path("small.pt"), "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("small/data.pkl", out.getvalue())
        archive.writestr("small/byteorder", "little")
        for key in range(5):
            archive.writestr(f"small/data/{key}", codes.tobytes())
        archive.writestr("small/version", "3\n")
    pickletools.dis(out.getvalue(), out=io.StringIO())  # it is a sound pickle


torch_file()

# Rounding: numbers around every boundary between two values, and at random over all sizes.
numbers = [np.float32([0, -0.0, np.inf, -np.inf, 464, 465, -464, 480, 61439.9, 61440, 1e30, 1e-30])]
for kind, _, _ in small.values():
    values = codes.view(kind).astype(np.float32)
    values = np.sort(values[np.isfinite(values)].astype(np.float64))
    middle = ((values[1:] + values[:-1]) / 2).astype(np.float32)
    chosen = middle[random.integers(0, len(middle), 60)]
    numbers += [chosen, np.nextafter(chosen, np.float32(np.inf)),
                np.nextafter(chosen, np.float32(-np.inf))]
numbers.append((random.normal(size=400) * np.exp(4 * random.normal(size=400))).astype(np.float32))
numbers = np.concatenate(numbers)
np.savez_compressed(path("narrowed.expected.npz"), numbers=numbers, **{
    name: numbers.astype(kind).view(np.uint8) for name, (kind, _, _) in small.items()})

# HDF5: types that HDF5 describes by their fields.
with h5py.File(path("small.h5"), "w") as file:
    def described(name, size, fields, bias, data):
        kind = h5py.h5t.IEEE_F32LE.copy()
        kind.set_fields(*fields)
        kind.set_precision(8 * size)
        kind.set_size(size)
        kind.set_ebias(bias)
        space = h5py.h5s.create_simple(data.shape)
        made = h5py.h5d.create(file.id, name.encode(), kind, space)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, data, mtype=kind)

    described("e5m2", 1, (7, 2, 5, 0, 2), 15, codes)
    described("e4m3", 1, (7, 3, 4, 0, 3), 7, codes)
    file["complex"] = np.array([1 + 2j, 3j], np.complex64)
    file["long"] = np.longdouble([1.5, 1.25])
    file["fc/kernel"] = random.normal(size=(3, 2)).astype(">f4")
    file["records"] = np.zeros(2, [("a", "<f4"), ("b", "<i4")])
    kernel = file["fc/kernel"][:]
np.savez_compressed(path("hdf5.expected.npz"), kernel=kernel.astype("<f4"))

# GGUF: random blocks of each type, all scales among them: infinities, tiny ones, none.
names = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"]
scales = {  # where a block has its halves
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82],
    "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}
extremes = np.float16([0, -0.0, 6e-8, -6e-8, 65504, -65504, np.inf, -np.inf, np.nan, 1, 6.1e-5])


def blocks(name, count):
    kind = GGMLQuantizationType[name]
    length, size = GGML_QUANT_SIZES[kind]
    data = random.integers(0, 256, (count, size), dtype=np.uint8)
    for block in range(count):
        for place in scales[name]:
            scale = random.choice(extremes) if block % 2 else np.float16(random.normal() * 0.1)
            data[block, place:place + 2] = np.frombuffer(np.float16(scale).tobytes(), np.uint8)
    return kind, data, length


def quantised(file, chosen, others):
    writer = gguf.GGUFWriter(path(file), "tiny")
    expected = {}
    for name in chosen:
        count = 18 if name.endswith(("_0", "_1")) else 6
        kind, data, length = blocks(name, count)
        writer.add_tensor(name.lower(), data.reshape(3, -1), raw_dtype=kind)
        expected[name.lower()] = gguf.quants.dequantize(data.reshape(3, -1), kind)
    for name, array in others.items():
        writer.add_tensor(name, array)
        expected[name] = array
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return expected


plain = {"f32": random.normal(size=(2, 3)).astype(np.float32),
         "f16": random.normal(size=4).astype(np.float16)}
np.savez_compressed(path("quantised.expected.npz"), **quantised("quantised.gguf", names, plain))
# The package's own converter turns the bytes round; it asks before it does.
big = quantised("big.gguf", ["Q4_0", "Q8_0", "Q4_K", "Q6_K"], plain)
np.savez_compressed(path("big.expected.npz"), **big)
builtins.input = lambda *_: "YES"
reader = gguf.GGUFReader(path("big.gguf"), "r+")
gguf_convert_endian.convert_byteorder(reader, argparse.Namespace(order="big", dry_run=False))
reader.data.flush()
del reader
again = gguf.GGUFReader(path("big.gguf"), "r")
assert again.byte_order == "S" and [t.name for t in again.tensors] == list(big)

# NumPy: a network's weights, beside one array of each type that is not read.
f = lambda *shape: random.normal(size=shape).astype("f4")
weights = {"fc1/kernel": f(6, 8), "fc1/bias": f(8), "fc2/kernel": f(8, 3), "fc2/bias": f(3)}
odd = {
    "long": np.longdouble([1.5, 1.25]),
    "complex": np.array([1 + 2j]), "long_complex": np.array([1j], np.clongdouble),
    "e5m2": codes.view(ml_dtypes.float8_e5m2), "e4m3": codes.view(ml_dtypes.float8_e4m3fn),
    "four": np.array([1, 2], ml_dtypes.int4),
    "records": np.zeros(2, [("a", "<f4"), ("it's\\odd", "<i4"), ("nested", [("b", "|u1", (2,))])]),
    "objects": np.array([{"a": 1}, None], object), "text": np.array(["größer", "b"]),
    "bytes": np.array([b"ab", b"c"]), "date": np.array(["2024-01-01"], "M8[D]"),
    "time": np.array([5], "m8[ns]"), "raw": np.zeros(2, "V3"), "raw_one": np.zeros(2, "V1"),
}
fine = {"big": f(2, 3).astype(">f8"), "big_half": f(3).astype(">f2"), "big_int": np.arange(3, dtype=">i4"),
        "brain": f(3).astype(ml_dtypes.bfloat16), "truth": np.array([True, False])}
np.savez(path("odd.npz"), **weights, **odd, **fine)
np.savez(path("odd.expected.npz"), **weights, **{
    name: array.astype(np.float32) for name, array in fine.items()})
for name in ["long", "e4m3", "complex", "records"]:
    np.save(path(f"odd-{name}.npy"), odd[name])

# Pickles that are none of PyTorch's.
arrays = {"w": np.arange(6, dtype=np.float32).reshape(2, 3)}


class Model:
    pass


Model.__module__ = "sklearn.linear_model._logistic"
Model.__qualname__ = Model.__name__ = "LogisticRegression"
module = type(sys)("sklearn.linear_model._logistic")
module.LogisticRegression = Model
sys.modules.update({"sklearn": module, "sklearn.linear_model": module,
                    "sklearn.linear_model._logistic": module})
model = Model()
model.coef_ = arrays["w"]
joblib.dump(model, path("model.joblib"))
joblib.dump(arrays, path("packed.joblib"), compress=3)
joblib.dump(arrays, path("packed-bz2.joblib"), compress=("bz2", 3))
for protocol in range(6):
    with open(path(f"arrays{protocol}.pkl"), "wb") as file:
        pickle.dump(arrays if protocol != 4 else model, file, protocol=protocol)

# ONNX with external data in a folder of a folder beside the model, both tensors in one file.
os.makedirs(path("weights/deep"), exist_ok=True)
outside = {"w": random.normal(size=(4, 3)).astype(np.float32), "b": random.normal(size=4).astype(np.float32)}
with open(path("weights/deep/data.bin"), "wb") as file:
    file.write(b"\0" * 16)
    tensors = []
    for name, array in outside.items():
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=array.shape,
                             data_location=TensorProto.EXTERNAL)
        for key, value in [("location", "./weights/deep/data.bin"), ("offset", str(file.tell())),
                           ("length", str(array.nbytes))]:
            tensor.external_data.add(key=key, value=value)
        file.write(array.tobytes())
        tensors.append(tensor)
onnx.save(helper.make_model(helper.make_graph(
    [helper.make_node("Gemm", ["x", "w", "b"], ["y"], transB=1)], "outside",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])], tensors)), path("nested.onnx"))
back = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(path("nested.onnx")).graph.initializer}
assert all(np.array_equal(back[name], array) for name, array in outside.items())
np.savez_compressed(path("nested.expected.npz"), **outside)
