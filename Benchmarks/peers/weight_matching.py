"""Weight matching of two multilayer perceptrons: coordinate descent in NumPy and SciPy.

The peer that `wsl match` is timed against, written the way the published implementations are
(Ainsworth et al. 2023, algorithm 1): random order of the layers each sweep, every Gram matrix
computed anew, SciPy's linear_sum_assignment, stop when a sweep changes nothing.

    python weight_matching.py A.h5 B.h5 [--seeds 5] [--sweeps 100] [--float32] [--dump DIR] [--threads 1]

Prints the objective before and after and the time of each seed as JSON. With --dump, writes every
Gram matrix in the order in which it was solved (float32, row-major, DIR/SEED-STEP-GROUP.f32).
"""

import argparse
import json
import os
import re
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("a")
parser.add_argument("b")
parser.add_argument("--seeds", type=int, default=5)
parser.add_argument("--sweeps", type=int, default=100, help="when to stop even if it still gains")
parser.add_argument("--float32", action="store_true", help="Gram matrices in float32")
parser.add_argument("--dump")
parser.add_argument("--threads", default="1")
arguments = parser.parse_args()
os.environ["OPENBLAS_NUM_THREADS"] = arguments.threads

import h5py  # noqa: E402  (the thread count has to be set before NumPy is loaded)
import numpy as np  # noqa: E402
from scipy.optimize import linear_sum_assignment  # noqa: E402


def dense_layers(path):
    """The (kernel [in, out], bias) of every dense layer in order, from Keras or a state dict."""
    found = {}

    def visit(name, item):
        if not isinstance(item, h5py.Dataset) or "optimizer" in name:
            return
        leaf = name.rsplit("/", 1)[-1].split(":")[0]
        parent = name.rsplit("/", 1)[0]
        if leaf in ("kernel", "weight", "bias"):
            found.setdefault(parent, {})[leaf] = np.asarray(item, dtype=np.float32)

    with h5py.File(path) as file:
        file.visititems(visit)

    def number(name):
        digits = re.findall(r"\d+", name.rsplit("/", 1)[-1])
        return int(digits[-1]) if digits else 0

    layers = []
    for name in sorted(found, key=number):
        layer = found[name]
        kernel = layer["kernel"] if "kernel" in layer else layer["weight"].T
        layers.append((np.ascontiguousarray(kernel), layer["bias"]))
    return layers


def objective(a, b):
    return sum(
        float(np.sum((x.astype(np.float64) - y.astype(np.float64)) ** 2))
        for (ka, ba), (kb, bb) in zip(a[:-1], b[:-1])
        for x, y in ((ka, kb), (ba, bb))
    ) + float(np.sum((a[-1][0].astype(np.float64) - b[-1][0].astype(np.float64)) ** 2))


def permuted(b, permutations):
    result = []
    for index, (kernel, bias) in enumerate(b):
        if index > 0:
            kernel = kernel[permutations[index - 1]]
        if index < len(permutations):
            kernel = kernel[:, permutations[index]]
            bias = bias[permutations[index]]
        result.append((kernel, bias))
    return result


def match(a, b, seed, dump=None):
    dtype = np.float32 if arguments.float32 else np.float64
    a64 = [(k.astype(dtype), v.astype(dtype)) for k, v in a]
    b64 = [(k.astype(dtype), v.astype(dtype)) for k, v in b]
    random = np.random.default_rng(seed)
    groups = len(a) - 1
    permutations = [np.arange(a[g][0].shape[1]) for g in range(groups)]
    assignment_seconds = 0.0
    step = 0
    for sweep in range(arguments.sweeps):
        progress = False
        for group in random.permutation(groups):
            kernel = b64[group][0]
            if group > 0:
                kernel = kernel[permutations[group - 1]]
            gram = a64[group][0].T @ kernel
            gram += np.outer(a64[group][1], b64[group][1])
            kernel = b64[group + 1][0]
            if group + 1 < groups:
                kernel = kernel[:, permutations[group + 1]]
            gram += a64[group + 1][0] @ kernel.T
            if dump:
                gram.astype(np.float32).tofile(f"{dump}/{seed}-{step:03d}-{group}.f32")
            start = time.perf_counter()
            columns = linear_sum_assignment(gram, maximize=True)[1]
            assignment_seconds += time.perf_counter() - start
            rows = np.arange(len(columns))
            old = gram[rows, permutations[group]].sum()
            new = gram[rows, columns].sum()
            progress = progress or new > old + 1e-12
            permutations[group] = columns
            step += 1
        if not progress:
            break
    return permutations, sweep + 1, step, assignment_seconds


a, b = dense_layers(arguments.a), dense_layers(arguments.b)
if arguments.dump:
    os.makedirs(arguments.dump, exist_ok=True)
runs = []
for seed in range(arguments.seeds):
    start, cpu = time.perf_counter(), time.process_time()
    permutations, sweeps, assignments, assignment_seconds = match(a, b, seed, arguments.dump)
    runs.append(
        {
            "seed": seed,
            "after": objective(a, permuted(b, permutations)),
            "sweeps": sweeps,
            "assignments": assignments,
            "seconds": time.perf_counter() - start,
            "cpuSeconds": time.process_time() - cpu,
            "assignmentSeconds": assignment_seconds,
        }
    )
json.dump({"before": objective(a, b), "runs": runs}, sys.stdout, indent=1)
print()
