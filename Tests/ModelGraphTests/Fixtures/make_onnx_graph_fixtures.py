"""Writes ONNX models of more kinds (graph_*.onnx), and what they answer (graph_io.h5): networks with
branches, recurrent layers, attention, norms that PyTorch writes as several nodes, and nodes of newer
operator sets. The answers are PyTorch's, and ONNX Runtime's for the last.

Run with a Python that has onnx, onnxruntime and h5py, beside one that has torch:
/opt/peers/bin/python make_onnx_graph_fixtures.py /usr/bin/python3
"""

import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

here = os.path.dirname(os.path.abspath(__file__))

TORCH = r"""
import sys
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

folder = sys.argv[1]
torch.manual_seed(11)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.GroupNorm(2, 4), nn.PReLU(4))
        self.down = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.inner = nn.Sequential(nn.Conv2d(4, 6, 3, padding=2, dilation=2), nn.BatchNorm2d(6), nn.Mish())
        self.up = nn.ConvTranspose2d(6, 5, 3, stride=2, padding=1, output_padding=1)
        self.last = nn.Sequential(nn.Conv2d(9, 3, 3, padding=1), nn.InstanceNorm2d(3, affine=True), nn.GELU())
        self.out = nn.Conv2d(3, 2, 1)

    def forward(self, x):
        a = self.first(x)
        b = self.up(self.inner(self.down(a)))
        return self.out(self.last(torch.cat([a, b], 1)))


class Recurrent(nn.Module):
    def __init__(self, kind, units, both, first=True, **more):
        super().__init__()
        self.layer = kind(3, units, batch_first=first, bidirectional=both, **more)
        self.head = nn.Linear(units * (2 if both else 1), 2)
        self.first = first

    def forward(self, x):
        y, state = self.layer(x)
        if not self.first:
            return self.head(state[-1])
        return self.head(y.mean(1))


class Attention(nn.Module):
    def __init__(self, kind, width, heads):
        super().__init__()
        self.kind, self.heads = kind, heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        n, t, c = x.shape
        h, d = self.heads, c // self.heads
        if self.kind == "einsum":
            q, k, v = self.qkv(x).view(n, t, 3, h, d).unbind(2)
            y = torch.einsum("bqhd,bkhd->bhqk", q * d**-0.5, k).softmax(-1)
            return self.out(torch.einsum("bhqk,bkhd->bqhd", y, v).reshape(n, t, c))
        q, k, v = self.qkv(x).reshape(n, t, 3, h, d).permute(2, 0, 3, 1, 4).unbind(0)
        scores = q @ k.transpose(-2, -1) / d**0.5
        scores = scores + torch.full((t, t), float("-inf")).triu(1)
        y = scores.softmax(-1) @ v
        return self.out(y.transpose(1, 2).reshape(n, t, c))


class Root(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


class Language(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.places = nn.Embedding(9, 8), nn.Parameter(torch.randn(1, 5, 8))
        self.a, self.b, self.attention = Root(8), Root(8), Attention("fused", 8, 4)
        self.up, self.gate, self.down = nn.Linear(8, 7), nn.Linear(8, 7), nn.Linear(7, 8)
        self.head = nn.Linear(8, 9)

    def forward(self, x):
        x = self.table(x) + self.places
        x = x + self.attention(self.a(x))
        y = self.b(x)
        return self.head(x + self.down(F.silu(self.gate(y)) * self.up(y)))[:, -1]


class Vision(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(2, 6, 3, stride=3)
        self.token, self.places = nn.Parameter(torch.randn(1, 1, 6)), nn.Parameter(torch.randn(1, 5, 6))
        self.norm, self.attention = nn.LayerNorm(6), Attention("einsum", 6, 3)
        self.head = nn.Linear(6, 4)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.places
        return self.head((x + self.attention(self.norm(x)))[:, 0])


class ConvNeXt(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.deep = nn.Conv2d(2, 5, 2, stride=2), nn.Conv2d(5, 5, 3, padding=1, groups=5)
        self.norm, self.a, self.b = nn.LayerNorm(5), nn.Linear(5, 9), nn.Linear(9, 5)
        self.gamma = nn.Parameter(torch.rand(5))
        self.weight, self.bias = nn.Parameter(torch.rand(5)), nn.Parameter(torch.rand(5))
        self.head = nn.Linear(45, 3)

    def forward(self, x):
        x = self.stem(x)
        mean = x.mean(1, keepdim=True)
        spread = (x - mean).pow(2).mean(1, keepdim=True)
        x = (x - mean) / torch.sqrt(spread + 1e-6)
        x = self.weight[:, None, None] * x + self.bias[:, None, None]
        y = self.gamma * self.b(F.gelu(self.a(self.norm(self.deep(x).permute(0, 2, 3, 1)))))
        return self.head((x + y.permute(0, 3, 1, 2)).flatten(1))


class Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.start, self.norm = nn.Linear(3, 6), nn.LayerNorm(6)
        self.a, self.b = nn.Linear(5, 7), nn.Linear(7, 5)
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        x = self.start(x)
        x = x + self.b(F.gelu(self.a(self.norm(x).transpose(1, 2)))).transpose(1, 2)
        return self.head(x.mean(1))


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.layer = nn.Conv2d(1, 4, 3, padding=1), nn.LSTM(12, 5, batch_first=True)
        self.head = nn.Linear(5, 3)

    def forward(self, x):
        x = F.max_pool2d(torch.relu(self.conv(x)), 2).permute(0, 3, 1, 2).flatten(2)
        return self.head(self.layer(x)[0][:, -1])


class Odd(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Conv1d(2, 5, 3), nn.Conv1d(5, 6, 3), nn.Conv1d(6, 4, 1)
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        x = torch.cumsum(torch.relu(self.b(torch.relu(self.a(x)))), 1)
        return self.head(torch.relu(self.c(x)).mean(-1))


encoder = nn.TransformerEncoder(
    nn.TransformerEncoderLayer(8, 2, 7, activation="gelu", batch_first=True, dropout=0.0), 2)
models = {
    "graph_unet": (UNet(), (2, 8, 8)), "graph_lstm": (Recurrent(nn.LSTM, 4, True), (5, 3)),
    "graph_gru": (Recurrent(nn.GRU, 5, False, first=False), (5, 3)),
    "graph_rnn": (Recurrent(nn.RNN, 4, False, nonlinearity="relu"), (5, 3)),
    "graph_encoder": (nn.Sequential(encoder, nn.Linear(8, 2)), (4, 8)),
    "graph_language": (Language(), (5,)), "graph_vision": (Vision(), (2, 6, 6)),
    "graph_convnext": (ConvNeXt(), (2, 6, 6)), "graph_mixer": (Mixer(), (5, 3)),
    "graph_reader": (Reader(), (1, 6, 8)), "graph_odd": (Odd(), (2, 9)),
}
for name, (net, shape) in models.items():
    with torch.no_grad():
        for value in [*net.parameters(), *net.buffers()]:
            if value.is_floating_point() and value.dim() == 1:
                value.add_(0.5 * torch.rand_like(value))
    net.eval()
    tokens = name == "graph_language"
    example = torch.randint(0, 9, (3, *shape)) if tokens else torch.randn(3, *shape)
    given = example.transpose(0, 1) if name == "graph_gru" else example
    axis = 1 if name == "graph_gru" else 0
    torch.onnx.export(
        net, given, f"{folder}/{name}.onnx", input_names=["x"], output_names=["y"], opset_version=14,
        dynamic_axes={"x": {axis: "batch"}}, training=torch.onnx.TrainingMode.EVAL)
    np.save(f"{folder}/{name}.in.npy", example.numpy())
    np.save(f"{folder}/{name}.out.npy", net(given).detach().numpy())
"""

rng = np.random.default_rng(7)


def tensor(name, *shape):
    return numpy_helper.from_array(rng.standard_normal(shape).astype(np.float32), name)


def whole(name, *values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def newest():
    """Nodes of operator set 21, as newer exporters write them."""
    node = helper.make_node
    nodes = [
        node("Pad", ["x", "pads"], ["p"], "pad"),
        node("Conv", ["p", "c1.weight", "c1.bias"], ["c"], "c1"),
        node("GroupNormalization", ["c", "g.weight", "g.bias"], ["g"], "g", num_groups=2),
        node("HardSwish", ["g"], ["h"], "h"),
        node("Split", ["h"], ["s1", "s2"], "s", axis=1, num_outputs=2),
        node("Sigmoid", ["s2"], ["gate"], "gate"),
        node("Mul", ["s1", "gate"], ["m"], "m"),
        node("Resize", ["m", "", "scales"], ["r"], "r", mode="nearest"),
        node("Conv", ["r", "c2.weight"], ["c2"], "c2", auto_pad="SAME_LOWER", strides=[2, 2]),
        node("Transpose", ["c2"], ["t"], "t", perm=[0, 2, 3, 1]),
        node("LayerNormalization", ["t", "l.weight", "l.bias"], ["l"], "l", axis=-1),
        node("Einsum", ["l", "e.weight"], ["e"], "e", equation="bhwc,cd->bhwd"),
        node("Gelu", ["e"], ["u"], "u", approximate="tanh"),
        node("ReduceMean", ["u", "axes"], ["f"], "f", keepdims=0),
        node("Gemm", ["f", "d.weight", "d.bias"], ["y"], "d", alpha=0.5, beta=2.0, transB=1),
    ]
    tensors = [
        whole("pads", 0, 0, 1, 0, 0, 0, 0, 1), tensor("c1.weight", 8, 2, 2, 2), tensor("c1.bias", 8),
        tensor("g.weight", 8), tensor("g.bias", 8), tensor("c2.weight", 6, 4, 2, 2),
        numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales"),
        tensor("l.weight", 6), tensor("l.bias", 6), tensor("e.weight", 6, 5), whole("axes", 1, 2),
        tensor("d.weight", 3, 5), tensor("d.bias", 3),
    ]
    graph = helper.make_graph(
        nodes, "main", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 2, 6, 6])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 3])], tensors)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(made)
    return made, rng.standard_normal((3, 2, 6, 6)).astype(np.float32)


def constant_output():
    """A model that returns a constant beside what it computes."""
    nodes = [
        helper.make_node("Constant", [], ["version"], "v", value_ints=[3, 4]),
        helper.make_node("Gemm", ["x", "w1", "b1"], ["h"], "first"),
        helper.make_node("Relu", ["h"], ["r"], "r"),
        helper.make_node("Gemm", ["r", "w2"], ["y"], "second"),
    ]
    outputs = [
        helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 2]),
        helper.make_tensor_value_info("version", TensorProto.INT64, [2]),
    ]
    graph = helper.make_graph(
        nodes, "main", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4])],
        outputs, [tensor("w1", 4, 6), tensor("b1", 6), tensor("w2", 6, 2)])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


answers = {}
with tempfile.TemporaryDirectory() as folder:
    python = sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/python3"
    subprocess.run([python, "-W", "ignore", "-c", TORCH, folder], check=True, stdout=subprocess.DEVNULL)
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".onnx"):
            continue
        name = file[: -len(".onnx")]
        made = onnx.load(f"{folder}/{file}")
        onnx.save(made, os.path.join(here, file))
        example, output = np.load(f"{folder}/{name}.in.npy"), np.load(f"{folder}/{name}.out.npy")
        run = onnxruntime.InferenceSession(f"{folder}/{file}", providers=["CPUExecutionProvider"])
        given = example.swapaxes(0, 1) if name == "graph_gru" else example
        np.testing.assert_allclose(run.run(None, {"x": given})[0], output, rtol=1e-4, atol=1e-5)
        answers[name] = (example.astype(np.float32), output)
made, example = newest()
onnx.save(made, os.path.join(here, "graph_newest.onnx"))
run = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
answers["graph_newest"] = (example, run.run(None, {"x": example})[0])
onnx.save(constant_output(), os.path.join(here, "graph_constant_output.onnx"))

with h5py.File(os.path.join(here, "graph_io.h5"), "w") as file:
    for name, (example, output) in answers.items():
        file[name + "/input"] = example
        file[name + "/output"] = output
