"""Times linear assignment by SciPy and by lapx on the problems that our solver is timed on.

    python assignment.py [--sizes 512,1024,2048] [--repeats 3] [--only scipy,lapjv,lapjvs] [FOLDER…]

A FOLDER holds the Gram matrices of one matching in the order in which they were solved, as
`weight_matching.py --dump` writes them (profits, float32, square). Without one, random families:
uniform, Gaussian Gram, low-rank Gram, planted. Prints the least CPU time of the repeats, in
milliseconds, as JSON. Needs NumPy and SciPy, and lapx for the other two.
"""

import argparse
import json
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402  (the thread count has to be set before NumPy is loaded)
from scipy.optimize import linear_sum_assignment  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("folders", nargs="*")
parser.add_argument("--sizes", default="512,1024,2048")
parser.add_argument("--repeats", type=int, default=3)
parser.add_argument("--only", default="scipy,lapjv,lapjvs")
arguments = parser.parse_args()

if arguments.only != "scipy":
    import lap

solvers = {
    "scipy": lambda costs: linear_sum_assignment(costs),
    "lapjv": lambda costs: lap.lapjv(costs),
    "lapjvs": lambda costs: lap.lapjvs(costs),
}
solvers = {name: solvers[name] for name in arguments.only.split(",")}


def families(size):
    random = np.random.default_rng(size)
    a = random.standard_normal((size, size))
    b = random.standard_normal((size, size))
    decay = 1 / np.arange(1, size + 1)
    yield "uniform", random.random((size, size))
    yield "gaussianGram", a @ b.T
    yield "lowRank", (a * decay) @ (b * decay).T
    yield "planted", -(a @ (a[random.permutation(size)] + 0.3 * b).T)


def problems():
    for folder in arguments.folders:
        sequence = []
        for name in sorted(os.listdir(folder)):
            profits = np.fromfile(os.path.join(folder, name), dtype=np.float32)
            size = int(round(len(profits) ** 0.5))
            sequence.append(-profits.reshape(size, size).astype(np.float64))
        yield f"sequence of {len(sequence)} from {folder}", sequence[0].shape[0], sequence
    if not arguments.folders:
        for size in map(int, arguments.sizes.split(",")):
            for family, costs in families(size):
                # The peers compute in float64: the conversion from float32 is not timed.
                yield family, size, [costs.astype(np.float32).astype(np.float64)]


rows = []
for family, size, sequence in problems():
    row = {"family": family, "size": size}
    for name, solve in solvers.items():
        best = float("inf")
        for _ in range(arguments.repeats):
            start = time.process_time()
            for costs in sequence:
                solve(costs)
            best = min(best, time.process_time() - start)
        row[name] = round(1000 * best, 3)
    rows.append(row)
json.dump(rows, sys.stdout, indent=1)
print()
