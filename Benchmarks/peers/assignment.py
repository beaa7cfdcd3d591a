"""Times linear assignment by SciPy and by lapx on the problems that our solver is timed on.

    python assignment.py [--repeats 3] [--only scipy,lapjv,lapjvs] SEQUENCE…
    python assignment.py --make FOLDER [--sizes 8,64,512,1024,2048,4096]
    python assignment.py --real FOLDER SEQUENCE
    python assignment.py --families FOLDER [--repeats 3] [--only scipy,lapjv,lapjvs]

A SEQUENCE is a folder with the Gram matrices of one matching in the order in which they were solved,
as `weight_matching.py --dump` writes them (profits, float32, square). --make writes random costs, many
small problems or few large ones a file each, FAMILY-SIZE-INDEX.f32: uniform, Gaussian Gram, low-rank
Gram, planted; --real adds a SEQUENCE as costs; --families times them. Prints the least CPU time of the repeats, in milliseconds, as
JSON. The peers compute in float64: the conversion from float32 is not timed. Needs NumPy and SciPy,
and lapx for the other two.
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
parser.add_argument("--make")
parser.add_argument("--real")
parser.add_argument("--families")
parser.add_argument("--sizes", default="8,64,512,1024,2048,4096")
parser.add_argument("--repeats", type=int, default=3)
parser.add_argument("--only", default="scipy,lapjv,lapjvs")
arguments = parser.parse_args()

if arguments.only != "scipy" and not (arguments.make or arguments.real):
    import lap

solvers = {
    "scipy": lambda costs: linear_sum_assignment(costs),
    "lapjv": lambda costs: lap.lapjv(costs),
    "lapjvs": lambda costs: lap.lapjvs(costs),
}
solvers = {name: solvers[name] for name in arguments.only.split(",")}


def families(size, index):
    random = np.random.default_rng([size, index])
    a = random.standard_normal((size, size))
    b = random.standard_normal((size, size))
    decay = 1 / np.arange(1, size + 1)
    yield "uniform", random.random((size, size))
    yield "gaussianGram", a @ b.T
    yield "lowRank", (a * decay) @ (b * decay).T
    yield "planted", -(a @ (a[random.permutation(size)] + 0.3 * b).T)


def make(folder):
    for size in map(int, arguments.sizes.split(",")):
        for index in range(max(1, 2048 // size) if size < 2048 else 1):
            for family, costs in families(size, index):
                path = os.path.join(folder, f"{family}-{size}-{index:04}.f32")
                costs.astype(np.float32).tofile(path)


def add_real(folder):
    for sequence in arguments.folders:
        for index, name in enumerate(sorted(os.listdir(sequence))):
            profits = np.fromfile(os.path.join(sequence, name), dtype=np.float32)
            size = int(round(len(profits) ** 0.5))
            (-profits).tofile(os.path.join(folder, f"real-{size}-{index:04}.f32"))


def matrix(path):
    values = np.fromfile(path, dtype=np.float32).astype(np.float64)
    size = int(round(len(values) ** 0.5))
    return values.reshape(size, size)


def problems():
    for folder in arguments.folders:
        names = sorted(os.listdir(folder))
        sequence = [-matrix(os.path.join(folder, name)) for name in names]
        yield f"sequence of {len(sequence)} from {folder}", sequence[0].shape[0], sequence
    if arguments.families:
        groups = {}
        for name in sorted(os.listdir(arguments.families)):
            groups.setdefault(name.rsplit("-", 1)[0], []).append(name)
        for group, names in groups.items():
            sequence = [matrix(os.path.join(arguments.families, name)) for name in names]
            yield group, sequence[0].shape[0], sequence


if arguments.make:
    make(arguments.make)
    sys.exit()
if arguments.real:
    add_real(arguments.real)
    sys.exit()

slow = ("lowRank-4096", "real-4096")
rows = []
for family, size, sequence in problems():
    row = {"family": family, "size": size}
    for name, solve in solvers.items():
        best = float("inf")
        # The slow initialisation of lapjv takes minutes on large Gram matrices of low rank; that of
        # lapjvs, twice SciPy's time.
        if name == "lapjv" and size > 1024 or name != "scipy" and size > 2048 and family in slow:
            continue
        # A pass over small problems takes less than a millisecond: the least of many is steady.
        repeats = 10 * arguments.repeats if size <= 64 else arguments.repeats if size < 1024 else 1
        for _ in range(repeats):
            start = time.process_time()
            for costs in sequence:
                solve(costs)
            best = min(best, time.process_time() - start)
        row[name] = round(1000 * best, 3)
    rows.append(row)
json.dump(rows, sys.stdout, indent=1)
print()
