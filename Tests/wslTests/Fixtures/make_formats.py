"""One network, 64 inputs to 10 classes, with two sets of weights (a and b), in every format, each by the
library that the format belongs to. The inputs have 64 numbers, as the built-in digits have.

Needs numpy, h5py, keras (jax), onnx, gguf, safetensors, ml_dtypes, and, for `torch` as argument, PyTorch (2.x writes
.pt2):

    python make_formats.py          all but PyTorch's
    python make_formats.py torch    PyTorch's
"""
import json
import os
import sys
import zipfile

import numpy as np

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "formats")
WIDTH = 6


def weights(seed):
    r = np.random.default_rng(seed)
    return {
        "fc1.weight": (r.normal(size=(WIDTH, 64)) / 8).astype("f4"),
        "fc1.bias": (r.normal(size=WIDTH) / 10).astype("f4"),
        "fc2.weight": (r.normal(size=(10, WIDTH)) / 2).astype("f4"),
        "fc2.bias": (r.normal(size=10) / 10).astype("f4"),
    }


def path(name, which):
    full = os.path.join(HERE, which + name)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def keras_models(w, which):
    import keras

    model = keras.Sequential(
        [keras.Input((64,)), keras.layers.Dense(WIDTH, "relu", name="fc1"), keras.layers.Dense(10, name="fc2")]
    )
    model.set_weights([w["fc1.weight"].T, w["fc1.bias"], w["fc2.weight"].T, w["fc2.bias"]])
    model.save(path(".keras", which))
    model.save(path("-keras.h5", which))
    model.save_weights(path(".weights.h5", which))


def onnx_models(w, which):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("Gemm", ["x", "fc1.weight", "fc1.bias"], ["h"], transB=1),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("Gemm", ["r", "fc2.weight", "fc2.bias"], ["y"], transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 10])],
        [numpy_helper.from_array(v, k) for k, v in w.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path(".onnx", which))


def plain(w, which):
    import gguf
    import h5py
    from safetensors.numpy import save_file

    save_file(w, path(".safetensors", which))
    names = list(w)
    for number, part in enumerate((names[:2], names[2:])):
        save_file({k: w[k] for k in part}, path(f"-shards/model-{number + 1:05d}-of-00002.safetensors", which))
    index = {k: f"model-{i // 2 + 1:05d}-of-00002.safetensors" for i, k in enumerate(names)}
    with open(path("-shards/model.safetensors.index.json", which), "w") as f:
        json.dump({"metadata": {}, "weight_map": index}, f)
    np.savez(path(".npz", which), **w)
    np.save(path(".npy", which), w["fc1.weight"])
    with h5py.File(path("-h5py.h5", which), "w") as f:
        for k, v in w.items():
            f[k.replace(".", "/")] = v
    for name, kind in ((".gguf", gguf.GGMLQuantizationType.F32), ("-q8.gguf", gguf.GGMLQuantizationType.Q8_0)):
        writer = gguf.GGUFWriter(path(name, which), "net")
        for k, v in w.items():
            # Blocks of 32: other rows stay as they are.
            own = kind if v.ndim == 2 and v.shape[1] % 32 == 0 else gguf.GGMLQuantizationType.F32
            writer.add_tensor(k, gguf.quants.quantize(v, own), raw_dtype=own)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    small_floats(w, which)


def small_floats(w, which):
    """Kernels of 8-bit floats, which safetensors has no NumPy type for."""
    import ml_dtypes

    rows, data = {}, b""
    for k, v in w.items():
        is_small = v.ndim == 2
        part = v.astype(ml_dtypes.float8_e4m3fn).tobytes() if is_small else v.tobytes()
        rows[k] = {
            "dtype": "F8_E4M3" if is_small else "F32",
            "shape": list(v.shape),
            "data_offsets": [len(data), len(data) + len(part)],
        }
        data += part
    header = json.dumps(rows).encode()
    with open(path("-f8.safetensors", which), "wb") as f:
        f.write(len(header).to_bytes(8, "little") + header + data)


def without_places(archive):
    """Takes the places of source files on the machine that wrote a TorchScript file out of it."""
    with zipfile.ZipFile(archive) as z:
        members = [(i.filename, z.read(i)) for i in z.infolist() if not i.filename.endswith(".debug_pkl")]
    with zipfile.ZipFile(archive, "w") as z:
        for name, data in members:
            z.writestr(zipfile.ZipInfo(name), data)


def torch_models(w, which):
    import torch

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = torch.nn.Linear(64, WIDTH)
            self.fc2 = torch.nn.Linear(WIDTH, 10)

        def forward(self, x):
            return self.fc2(torch.relu(self.fc1(x)))

    net = Net()
    state = {k: torch.tensor(v) for k, v in w.items()}
    net.load_state_dict(state)
    torch.save(state, path(".pt", which))
    torch.save(state, path("-legacy.pt", which), _use_new_zipfile_serialization=False)
    torch.jit.save(torch.jit.trace(net, torch.zeros(1, 64)), path("-script.pt", which))
    without_places(path("-script.pt", which))
    exported = torch.export.export(net, (torch.zeros(2, 64),))
    for node in exported.graph.nodes:
        # The places of source files on the machine that wrote it.
        node.meta.pop("stack_trace", None)
    torch.export.save(exported, path(".pt2", which))


for seed, which in ((1, "a"), (2, "b")):
    w = weights(seed)
    if sys.argv[1:] == ["torch"]:
        torch_models(w, which)
    else:
        plain(w, which)
        onnx_models(w, which)
        keras_models(w, which)
