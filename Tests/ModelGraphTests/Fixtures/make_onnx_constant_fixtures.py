"""Writes ONNX models whose weights are constants of nodes, and adds what they answer to onnx_io.h5.

    python make_onnx_constant_fixtures.py      # onnx, h5py, ml_dtypes

As CNTK and some optimisers write them (the model zoo's first MNIST is one): in all forms of a constant, by
way of nodes that hand a tensor on, and with biases that are sums. The answers are those of ONNX's
reference evaluator.
"""

import os

import h5py
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

here = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(23)
f = lambda *shape: random.normal(size=shape).astype(np.float32)


def constant(name, array):
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array, "any"))


def save(name, nodes, shape, outputs, tensors=(), version=17):
    graph = helper.make_graph(
        nodes, "main", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", *shape])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", outputs])], list(tensors))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, f"{here}/{name}.onnx")
    example = f(3, *shape)
    answer = ReferenceEvaluator(model).run(None, {"x": example})[0]
    with h5py.File(f"{here}/onnx_io.h5", "a") as file:
        if name in file:
            del file[name]
        file[f"{name}/input"] = example
        file[f"{name}/output"] = answer


# Two dense layers, of which nothing is an initializer.
save("onnx_constants", [
    constant("w1", f(8, 6)), constant("b1", f(8)), constant("w2", f(3, 8)), constant("b2", f(3)),
    helper.make_node("Gemm", ["x", "w1", "b1"], ["h"], transB=1),
    helper.make_node("Relu", ["h"], ["a"]),
    helper.make_node("Gemm", ["a", "w2", "b2"], ["y"], transB=1)], (6,), 3)

# Other forms, by way of other nodes; a convolution whose bias is a sum, as CNTK writes it.
half = f(12, 5).astype(np.float16)
save("onnx_constants_conv", [
    constant("k", f(3, 3, 2, 4)),  # height, width, inputs, outputs
    helper.make_node("Transpose", ["k"], ["kt"], perm=[3, 2, 0, 1]),
    helper.make_node("Conv", ["x", "kt"], ["c"], pads=[1, 1, 1, 1]),
    constant("kb", f(4, 1, 1)),
    helper.make_node("Add", ["c", "kb"], ["cb"]),
    helper.make_node("Constant", [], ["gamma"], value_floats=list(map(float, f(4)))),
    constant("beta", f(1, 4)), helper.make_node("Constant", [], ["flat"], value_ints=[-1]),
    helper.make_node("Reshape", ["beta", "flat"], ["beta1"]),
    constant("mean", f(4)), constant("variance", np.abs(f(4)) + 1),
    helper.make_node("Identity", ["variance"], ["variance1"]),
    helper.make_node("BatchNormalization", ["cb", "gamma", "beta1", "mean", "variance1"], ["n"]),
    helper.make_node("Relu", ["n"], ["r"]),
    helper.make_node("GlobalAveragePool", ["r"], ["p"]), helper.make_node("Flatten", ["p"], ["s"]),
    constant("d", f(12, 4)), helper.make_node("Transpose", ["d"], ["dt"]),
    helper.make_node("MatMul", ["s", "dt"], ["m"]), constant("db", f(1, 12)),
    helper.make_node("Add", ["db", "m"], ["mb"]), helper.make_node("Tanh", ["mb"], ["t"]),
    constant("e", half), helper.make_node("Cast", ["e"], ["e32"], to=TensorProto.FLOAT),
    helper.make_node("Constant", [], ["scale"], value_float=0.5),
    helper.make_node("Mul", ["t", "scale"], ["ts"]),
    helper.make_node("MatMul", ["ts", "e32"], ["y"])], (2, 5, 5), 5)


# A branch whose bodies have weights, and read a hidden layer and a weight of the graph around them.
def body(name, kernel, reads):
    return helper.make_graph(
        [constant(f"{name}_b", f(3)), helper.make_node("Gemm", [reads, kernel, f"{name}_b"], [f"{name}_y"])],
        name, [], [helper.make_tensor_value_info(f"{name}_y", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(f(8, 3), "wt")] if kernel == "wt" else [])


model = helper.make_model(helper.make_graph(
    [helper.make_node("Gemm", ["x", "w1", "b1"], ["h"]), helper.make_node("Relu", ["h"], ["a"]),
     constant("condition", np.array(True)),
     helper.make_node("If", ["condition"], ["y"], "branch", then_branch=body("then", "wt", "a"),
                      else_branch=body("else", "w2", "a"))],
    "main", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 6])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])],
    [numpy_helper.from_array(f(6, 8), "w1"), numpy_helper.from_array(f(8), "b1"),
     numpy_helper.from_array(f(8, 3), "w2")]),
    opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, f"{here}/onnx_branch.onnx")
