"""Writes branches.onnx, a detector as real ones are built, and what ONNX Runtime answers (branches_io.h5).

A wave is read at one of two rates: an If asks which, and each branch is a network with tensors of its own. A
reflected margin, a convolution whose squares give magnitudes, and an LSTM that begins with given states; its
kernels are those of PyTorch, of which nodes put the gates into ONNX's order, as exporters write them that fold
no constants. Another If asks whether there is more than one step.

Run with a Python that has onnx, onnxruntime and h5py.
"""

import os

import h5py
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(5)
UNITS, FILTERS = 3, 4


def tensor(name, *shape):
    values = rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]) if len(shape) > 1 else 4)
    return numpy_helper.from_array(values.astype(np.float32), name)


def whole(name, *values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def gates(name, rank):
    """Nodes that put input, forget, cell, output into input, output, forget, cell."""
    parts = [(0, UNITS), (3 * UNITS, 4 * UNITS), (UNITS, 3 * UNITS)]
    nodes, tensors = [], []
    for number, (first, end) in enumerate(parts):
        tensors += [whole(f"{name}.start{number}", first), whole(f"{name}.end{number}", end)]
        nodes.append(helper.make_node(
            "Slice", [name, f"{name}.start{number}", f"{name}.end{number}", "zero"], [f"{name}.part{number}"]))
    nodes.append(helper.make_node("Concat", [f"{name}.part{n}" for n in range(3)], [f"{name}.onnx"], axis=0))
    if rank == 2:
        nodes.append(helper.make_node("Unsqueeze", [f"{name}.onnx", "zero"], [f"{name}.whole"]))
    return nodes, tensors


def body(window):
    """The network of one rate: windows of so many samples, half of which they move on by."""
    bins = window // 2
    node = helper.make_node
    tensors = [
        tensor("stft.weight", 2 * bins, 1, window), tensor("conv.weight", FILTERS, bins, 3),
        tensor("conv.bias", FILTERS), tensor("rnn.weight_ih", 4 * UNITS, FILTERS),
        tensor("rnn.weight_hh", 4 * UNITS, UNITS), tensor("rnn.bias_ih", 4 * UNITS),
        tensor("rnn.bias_hh", 4 * UNITS), tensor("head.weight", 2, UNITS), tensor("head.bias", 2),
        whole("pads", 0, 0, 0, window // 4), whole("zero", 0), whole("one", 1), whole("two", 2),
        whole("minus", -1), whole("bins", bins), whole("all", 2 * bins), whole("number", 1),
        numpy_helper.from_array(np.array(2, np.float32), "square"),
        numpy_helper.from_array(np.array(0, np.int64), "first"),
        numpy_helper.from_array(np.array(1, np.int64), "second"),
    ]
    nodes = [
        node("Pad", ["wave", "pads"], ["wide"], "pad", mode="reflect"),
        node("Unsqueeze", ["wide", "one"], ["row"]),
        node("Conv", ["row", "stft.weight"], ["waves"], "stft", strides=[bins]),
        node("Slice", ["waves", "zero", "bins", "one"], ["real"], "real"),
        node("Slice", ["waves", "bins", "all", "one"], ["imaginary"], "imaginary"),
        node("Pow", ["real", "square"], ["a"], "a"), node("Pow", ["imaginary", "square"], ["b"], "b"),
        node("Add", ["a", "b"], ["power"], "power"), node("Sqrt", ["power"], ["size"], "magnitude"),
        node("Conv", ["size", "conv.weight", "conv.bias"], ["c"], "conv", pads=[1, 1]),
        node("Relu", ["c"], ["d"], "relu"),
        # Is there one step?
        node("Shape", ["d"], ["shape"]), node("Gather", ["shape", "minus"], ["length"]),
        node("Equal", ["length", "number"], ["single"]), node("Not", ["single"], ["several"]),
        node("If", ["several"], ["steps"], "steps",
             then_branch=helper.make_graph(
                 [node("Transpose", ["d"], ["t"], "turn", perm=[2, 0, 1])], "then", [],
                 [helper.make_tensor_value_info("t", TensorProto.FLOAT, [None] * 3)]),
             else_branch=helper.make_graph(
                 [node("Squeeze", ["d", "minus"], ["s"], "squeeze"), node("Unsqueeze", ["s", "zero"], ["u"])],
                 "else", [], [helper.make_tensor_value_info("u", TensorProto.FLOAT, [None] * 3)])),
        node("Gather", ["state", "first"], ["h0"], "h0", axis=0),
        node("Gather", ["state", "second"], ["c0"], "c0", axis=0),
        node("Unsqueeze", ["h0", "zero"], ["h1"]), node("Unsqueeze", ["c0", "zero"], ["c1"]),
    ]
    for name, rank in [("rnn.weight_ih", 2), ("rnn.weight_hh", 2), ("rnn.bias_ih", 1), ("rnn.bias_hh", 1)]:
        more, constants = gates(name, rank)
        nodes += more
        tensors += constants
    nodes += [
        node("Concat", ["rnn.bias_ih.onnx", "rnn.bias_hh.onnx"], ["bias"], axis=0),
        node("Unsqueeze", ["bias", "zero"], ["biases"]),
        node("LSTM", ["steps", "rnn.weight_ih.whole", "rnn.weight_hh.whole", "biases", "", "h1", "c1"],
             ["", "h2", "c2"], "rnn", hidden_size=UNITS),
        node("Squeeze", ["h2", "zero"], ["h3"]),
        node("Gemm", ["h3", "head.weight", "head.bias"], ["answer"], "head", transB=1),
        node("Concat", ["h2", "c2"], ["next"], "next", axis=0),
    ]
    outputs = [
        helper.make_tensor_value_info("answer", TensorProto.FLOAT, [None, 2]),
        helper.make_tensor_value_info("next", TensorProto.FLOAT, [2, None, UNITS]),
    ]
    return helper.make_graph(nodes, "body", [], outputs, tensors)


nodes = [
    helper.make_node("Constant", [], ["fast"], "fast", value_int=16),
    helper.make_node("Equal", ["rate", "fast"], ["isFast"], "isFast"),
    helper.make_node("If", ["isFast"], ["y", "stateN"], "rates", then_branch=body(16), else_branch=body(8)),
]
inputs = [
    helper.make_tensor_value_info("wave", TensorProto.FLOAT, ["batch", "samples"]),
    helper.make_tensor_value_info("state", TensorProto.FLOAT, [2, None, UNITS]),
    helper.make_tensor_value_info("rate", TensorProto.INT64, []),
]
outputs = [
    helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2]),
    helper.make_tensor_value_info("stateN", TensorProto.FLOAT, [2, None, UNITS]),
]
made = helper.make_model(
    helper.make_graph(nodes, "main", inputs, outputs), opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(made)
onnx.save(made, os.path.join(here, "branches.onnx"))
run = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
with h5py.File(os.path.join(here, "branches_io.h5"), "w") as file:
    # Twelve samples of window 16 are one step; the others are several.
    for rate, samples in [(16, 36), (8, 20), (16, 12)]:
        wave = rng.standard_normal((1, samples)).astype(np.float32)
        state = rng.standard_normal((2, 1, UNITS)).astype(np.float32)
        answer = run.run(None, {"wave": wave, "state": state, "rate": np.array(rate)})
        group = f"{rate}x{samples}/"
        file[group + "wave"], file[group + "state"] = wave[0], state[:, 0]
        file[group + "y"], file[group + "stateN"] = answer[0][0], answer[1][:, 0]
