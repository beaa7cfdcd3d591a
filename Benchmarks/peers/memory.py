"""Writes networks whose matching is weighed: state dicts of plain perceptrons in safetensors.

    python memory.py FOLDER

large-a and large-b are 784-2048-2048-2048-2048-10 (57 MB each); small-00 to small-10 are
784-512-512-512-10. B is A with its units in another order, and noise.
"""

import sys

import numpy as np
from safetensors.numpy import save_file

random = np.random.default_rng(0)


def network(widths):
    return {
        f"{2 * layer}.{kind}": random.standard_normal(shape).astype(np.float32) / np.float32(rows**0.5)
        for layer, (rows, columns) in enumerate(zip(widths, widths[1:]))
        for kind, shape in (("weight", (columns, rows)), ("bias", (columns,)))
    }


def permuted(weights, noise):
    result = {}
    order = None
    count = len(weights) // 2
    for layer in range(count):
        kernel, bias = weights[f"{2 * layer}.weight"], weights[f"{2 * layer}.bias"]
        if order is not None:
            kernel = kernel[:, order]
        if layer + 1 < count:
            order = random.permutation(len(bias))
            kernel, bias = kernel[order], bias[order]
        shaken = kernel + noise * random.standard_normal(kernel.shape).astype(np.float32)
        result[f"{2 * layer}.weight"] = np.ascontiguousarray(shaken, dtype=np.float32)
        result[f"{2 * layer}.bias"] = np.ascontiguousarray(bias)
    return result


folder = sys.argv[1]
large = network([784, 2048, 2048, 2048, 2048, 10])
save_file(large, f"{folder}/large-a.safetensors")
save_file(permuted(large, 0.005), f"{folder}/large-b.safetensors")
for index in range(11):
    save_file(network([784, 512, 512, 512, 10]), f"{folder}/small-{index:02}.safetensors")
