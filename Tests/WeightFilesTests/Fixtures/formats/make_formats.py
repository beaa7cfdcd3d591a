"""Writes the fixtures of this folder with the real libraries, and what they hold.

    python make_formats.py       # numpy, safetensors, onnx, ml_dtypes, gguf
"""

import json
import os

import gguf
import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

here = os.path.dirname(os.path.abspath(__file__))
expected = {}


def note(file, name, array):
    array = np.asarray(array)
    kinds = {"bfloat16": "BF16", "bool": "BOOL", "float8_e4m3fn": "F8_E4M3"}
    kind = kinds.get(array.dtype.name) or array.dtype.kind.upper() + str(8 * array.dtype.itemsize)
    little = array if array.dtype.name in kinds else array.astype(array.dtype.newbyteorder("<"))
    expected.setdefault(file, {})[name] = {
        "shape": list(array.shape), "type": kind, "hex": np.ascontiguousarray(little).tobytes().hex()}


def path(*names):
    os.makedirs(os.path.join(here, *names[:-1]), exist_ok=True)
    return os.path.join(here, *names)


random = np.random.default_rng(7)
arrays = {
    "fc1.weight": random.normal(size=(5, 3)).astype(np.float32),
    "fc1.bias": random.normal(size=5).astype(np.float32),
    "half": random.normal(size=(2, 2)).astype(np.float16),
    "double": random.normal(size=(2, 1, 3)),
    "steps": np.array(7, dtype=np.int64),
    "mask": np.array([True, False, True]),
    "bytes": np.arange(6, dtype=np.uint8).reshape(2, 3),
    "short": np.arange(-2, 2, dtype=np.int16),
    "empty": np.zeros((0, 4), dtype=np.float32),
}

brain = dict(arrays, brain=random.normal(size=(3, 2)).astype(ml_dtypes.bfloat16))
save_file(brain, path("small.safetensors"), metadata={"format": "np", "note": "größer"})
for name, array in brain.items():
    note("small.safetensors", name, array)

first = {k: arrays[k] for k in ["fc1.weight", "half"]}
second = {k: arrays[k] for k in ["fc1.bias", "steps"]}
shards = {"model-00001-of-00002.safetensors": first, "model-00002-of-00002.safetensors": second}
for shard, members in shards.items():
    save_file(members, path("sharded", shard))
    for name, array in members.items():
        note("sharded", name, array)
index = {"metadata": {"total_size": sum(a.nbytes for a in (first | second).values())},
         "weight_map": {k: s for s, m in shards.items() for k in m}}
with open(path("sharded", "model.safetensors.index.json"), "w") as file:
    json.dump(index, file, indent=1)
with open(path("sharded", "config.json"), "w") as file:
    json.dump({"model_type": "tiny"}, file)

variants = dict(
    arrays, fortran=np.asfortranarray(random.normal(size=(4, 3, 2)).astype(np.float32)),
    big=random.normal(size=(3, 2)).astype(">f4"), big16=np.arange(5, dtype=">i2"))
for file, save in [("stored.npz", np.savez), ("deflated.npz", np.savez_compressed)]:
    save(path(file), **variants)
    for name, array in variants.items():
        note(file, name, array)
np.savez(path("objects.npz"), fine=arrays["half"], hidden=np.array([{"a": 1}], dtype=object))
note("objects.npz", "fine", arrays["half"])
for file, array in [("plain.npy", arrays["fc1.weight"]), ("fortran.npy", variants["fortran"]),
                    ("big.npy", variants["big"]), ("scalar.npy", np.array(2.5))]:
    np.save(path(file), array)
    note(file, "array", array)
for version in [(2, 0), (3, 0)]:
    with open(path(f"version{version[0]}.npy"), "wb") as file:
        np.lib.format.write_array(file, arrays["half"], version=version)
    note(f"version{version[0]}.npy", "array", arrays["half"])


def listed(name, kind, array, values):
    return helper.make_tensor(name, kind, array.shape, values)


typed = [
    listed("floats", TensorProto.FLOAT, arrays["fc1.weight"], arrays["fc1.weight"].ravel()),
    listed("doubles", TensorProto.DOUBLE, arrays["double"], arrays["double"].ravel()),
    listed("longs", TensorProto.INT64, np.array([-1, 5, 1 << 40]), [-1, 5, 1 << 40]),
    listed("shorts", TensorProto.INT16, arrays["short"], arrays["short"]),
    listed("masks", TensorProto.BOOL, arrays["mask"], arrays["mask"]),
    numpy_helper.from_array(arrays["half"], "half"),
    numpy_helper.from_array(arrays["fc1.bias"], "fc1.bias"),
    helper.make_tensor("eights", TensorProto.FLOAT8E4M3FN, [2], b"\x38\x40", raw=True),
]
for name, array in [("floats", arrays["fc1.weight"]), ("doubles", arrays["double"]),
                    ("longs", np.array([-1, 5, 1 << 40], dtype=np.int64)),
                    ("shorts", arrays["short"]), ("masks", arrays["mask"]),
                    ("half", arrays["half"]), ("fc1.bias", arrays["fc1.bias"])]:
    note("small.onnx", name, array)
note("small.onnx", "eights", np.frombuffer(b"\x38\x40", ml_dtypes.float8_e4m3fn))
constant = helper.make_node(
    "Constant", [], ["c"], value=numpy_helper.from_array(arrays["half"], "inner"))
graph = helper.make_graph(
    [constant, helper.make_node("Identity", ["c"], ["y"])], "small", [],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT16, [2, 2])], typed)
model = helper.make_model(graph, producer_name="fixtures", producer_version="1")
onnx.save(model, path("small.onnx"))

outside = helper.make_model(helper.make_graph(
    [helper.make_node("Identity", ["w"], ["y"])], "outside", [],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [5, 3])],
    [numpy_helper.from_array(arrays["fc1.weight"], "w"),
     numpy_helper.from_array(arrays["fc1.bias"], "b")]))
target = path("external", "model.onnx")
if os.path.exists(path("external", "data.bin")):
    os.remove(path("external", "data.bin"))
onnx.save(outside, target, save_as_external_data=True, location="data.bin", size_threshold=0)
note("external/model.onnx", "w", arrays["fc1.weight"])
note("external/model.onnx", "b", arrays["fc1.bias"])

writer = gguf.GGUFWriter(path("small.gguf"), "tiny")
writer.add_uint32("tiny.block_count", 2)
writer.add_array("tokenizer.ggml.tokens", ["a", "bé", "c"])
members = {"fc1.weight": arrays["fc1.weight"], "half": arrays["half"], "double": arrays["double"],
           "short": arrays["short"]}
for name, array in members.items():
    writer.add_tensor(name, array)
    note("small.gguf", name, array)
writer.add_tensor("brain", brain["brain"].view(np.uint8),
                  raw_dtype=gguf.GGMLQuantizationType.BF16)
note("small.gguf", "brain", brain["brain"])
blocks = gguf.quants.quantize(
    random.normal(size=(2, 64)).astype(np.float32), gguf.GGMLQuantizationType.Q8_0)
writer.add_tensor("quantised", blocks, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
note("small.gguf", "quantised", gguf.quants.dequantize(blocks, gguf.GGMLQuantizationType.Q8_0))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()

with open(path("expected.json"), "w") as file:
    json.dump(expected, file)
