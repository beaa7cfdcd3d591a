"""Writes small ONNX models, as PyTorch exports them and as converters from Keras write them, and what
they answer (onnx_io.h5): PyTorch's own answers, and those of ONNX's reference evaluator.

Run with a Python that has onnx and h5py, beside one that has torch:
/opt/peers/bin/python make_onnx_fixtures.py /usr/bin/python3
"""
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

here = os.path.dirname(os.path.abspath(__file__))

TORCH = r"""
import sys
import numpy as np
import torch
from torch import nn

folder = sys.argv[1]
torch.manual_seed(3)


class Viewed(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 6, 3, stride=2, bias=False)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(6, 5)

    def forward(self, x):
        x = torch.relu(self.norm(self.conv1(x)))
        x = self.pool(nn.functional.leaky_relu(self.conv2(x), 0.2))
        return self.fc(x.view(x.size(0), -1))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4))
        self.block = nn.Sequential(
            nn.Conv2d(4, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU6(),
            nn.Conv2d(6, 6, 3, padding=1, groups=6), nn.ReLU(), nn.Conv2d(6, 4, 1))
        self.down = nn.Conv2d(4, 5, 1, stride=2)
        self.side = nn.Conv2d(4, 3, 3, stride=2, padding=1)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        x = torch.relu(x + self.block(x))
        x = torch.cat([self.down(x), nn.functional.silu(self.side(x))], 1)
        x = nn.functional.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.head(x)


models = {
    "onnx_mlp": (nn.Sequential(
        nn.Flatten(), nn.Linear(12, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 6), nn.Tanh(),
        nn.Linear(6, 4), nn.Softmax(-1)), (1, 3, 4), {}),
    "onnx_conv": (Viewed(), (1, 7, 7),
                  dict(do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE)),
    "onnx_residual": (Residual(), (3, 6, 6), {}),
}
for name, (net, shape, options) in models.items():
    for module in net.modules():  # statistics that are not those of a new layer
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            module.weight.data.normal_()
            module.bias.data.normal_()
    net.eval()
    example = torch.randn(3, *shape)
    torch.onnx.export(net, example[:1], f"{folder}/{name}.onnx", input_names=["x"],
                      output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}}, **options)
    np.save(f"{folder}/{name}.in.npy", example.numpy())
    np.save(f"{folder}/{name}.out.npy", net(example).detach().numpy())
"""

rng = np.random.default_rng(5)


def tensor(name, *shape, low=None):
    values = rng.standard_normal(shape) if low is None else rng.uniform(low, 2, shape)
    return numpy_helper.from_array(values.astype(np.float32), name)


def model(nodes, inputs, outputs, tensors, version=14):
    # Before 14, the reference evaluator normalises by the batch.
    graph = helper.make_graph(nodes, "main", inputs, outputs, tensors)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)], ir_version=8)
    onnx.checker.check_model(made)
    return made


def keras():
    """The way of tf2onnx: images with the channels last, matrices [in, out], sums after products."""
    nodes = [
        helper.make_node("Transpose", ["image"], ["t"], "t", perm=[0, 3, 1, 2]),
        helper.make_node("Pad", ["t", "pads"], ["p"], "pad"),
        helper.make_node("Conv", ["p", "c1/kernel", "c1/bias"], ["c1"], "c1", strides=[2, 2]),
        helper.make_node("BatchNormalization", ["c1", "g", "b", "m", "v"], ["n"], "n", epsilon=1e-3),
        helper.make_node("Clip", ["n", "zero", "six"], ["r"], "r"),
        helper.make_node("Conv", ["r", "c2/kernel"], ["c2"], "c2", auto_pad="SAME_UPPER"),
        helper.make_node("Relu", ["c2"], ["r2"], "r2"),
        helper.make_node("AveragePool", ["r2"], ["a"], "a", kernel_shape=[2, 2], strides=[1, 1]),
        helper.make_node("ReduceMean", ["a"], ["s"], "s", axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["s", "d1/kernel"], ["d1"], "d1"),
        helper.make_node("Add", ["d1", "d1/bias"], ["d1b"], "d1b"),
        helper.make_node("Elu", ["d1b"], ["e"], "e"),
        helper.make_node("Mul", ["e", "half"], ["h"], "h"),
        helper.make_node("MatMul", ["h", "d2/kernel"], ["d2"], "d2"),
        helper.make_node("Add", ["d2/bias", "d2"], ["y"], "y"),
        helper.make_node("Erf", ["h"], ["unused"], "unused"),
    ]
    tensors = [
        tensor("c1/kernel", 5, 3, 3, 3), tensor("c1/bias", 5), tensor("g", 5), tensor("b", 5),
        tensor("m", 5), tensor("v", 5, low=0.5), tensor("c2/kernel", 4, 5, 2, 2),
        tensor("d1/kernel", 4, 6), tensor("d1/bias", 6), tensor("d2/kernel", 6, 3),
        tensor("d2/bias", 3), numpy_helper.from_array(np.float32(0), "zero"),
        numpy_helper.from_array(np.float32(6), "six"),
        numpy_helper.from_array(np.float32(0.5), "half"),
        numpy_helper.from_array(np.array([0, 0, 0, 0, 0, 0, 1, 1]), "pads"),
    ]
    made = model(
        nodes, [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 8, 8, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])], tensors)
    return made, {"image": rng.standard_normal((3, 8, 8, 3)).astype(np.float32)}


def tokens():
    """Layers over a sequence: the features are the last axis."""
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["e"], "e"),
        helper.make_node("MatMul", ["e", "w1"], ["p"], "p"),
        helper.make_node("Add", ["p", "b1"], ["pb"], "pb"),
        helper.make_node("Relu", ["pb"], ["r"], "r"),
        helper.make_node("Transpose", ["w2"], ["w2t"], "w2t", perm=[1, 0]),
        helper.make_node("MatMul", ["r", "w2t"], ["q"], "q"),
        helper.make_node("Add", ["q", "e"], ["sum"], "sum"),
        helper.make_node("LayerNormalization", ["sum", "gamma", "beta"], ["l"], "l", axis=-1),
        helper.make_node("Flatten", ["l"], ["f"], "f"),
        helper.make_node("Gemm", ["f", "w3", "b3"], ["y"], "y"),
    ]
    tensors = [
        tensor("table", 9, 4), tensor("w1", 4, 6), tensor("b1", 6), tensor("w2", 4, 6),
        tensor("gamma", 4), tensor("beta", 4), tensor("w3", 20, 2), tensor("b3", 2),
    ]
    made = model(
        nodes, [helper.make_tensor_value_info("ids", TensorProto.INT64, ["n", 5])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])], tensors, version=17)
    return made, {"ids": rng.integers(0, 9, (3, 5))}


answers = {}
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/python3", "-c", TORCH, folder],
                   check=True, stdout=subprocess.DEVNULL)
    for name in ("onnx_mlp", "onnx_conv", "onnx_residual"):
        made = onnx.load(f"{folder}/{name}.onnx")
        onnx.save(made, os.path.join(here, name + ".onnx"))
        example = np.load(f"{folder}/{name}.in.npy")
        (reference,) = ReferenceEvaluator(made).run(None, {"x": example})
        output = np.load(f"{folder}/{name}.out.npy")
        np.testing.assert_allclose(reference, output, rtol=1e-4, atol=1e-5)
        answers[name] = (example, output)
for name, make in (("onnx_keras", keras), ("onnx_tokens", tokens)):
    made, inputs = make()
    onnx.save(made, os.path.join(here, name + ".onnx"))
    (output,) = ReferenceEvaluator(made).run(None, inputs)
    (example,) = inputs.values()
    if example.ndim == 4:  # examples are given as the network inside of the transposition reads them
        example = example.transpose(0, 3, 1, 2)
    answers[name] = (example.astype(np.float32), output)

with h5py.File(os.path.join(here, "onnx_io.h5"), "w") as file:
    for name, (example, output) in answers.items():
        file[name + "/input"] = example
        file[name + "/output"] = output
