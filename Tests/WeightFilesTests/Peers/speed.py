"""Times h5py, safetensors and NumPy on the files of `SpeedTests`:  speed.py FOLDER

Prints seconds of the clock and of the processor, the best of five, as JSON: reading whole data sets, and visiting 500 of them.
"""

import json
import sys
import time

import h5py
import numpy as np
from safetensors.numpy import load_file


def best(work):
    times, busy = [], []
    for _ in range(5):
        begin, before = time.perf_counter(), time.process_time()
        work()
        times.append(time.perf_counter() - begin)
        busy.append(time.process_time() - before)
    return [min(times), min(busy)]


def read(path):
    with h5py.File(path, "r") as file:
        return file["x"][()]


def visit(path):
    found = []
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: found.append(
            (name, item.shape, item.dtype, item.chunks, dict(item.attrs)) if isinstance(item, h5py.Dataset) else name))
    return found


folder = sys.argv[1]
figures = {name: best(lambda: read(f"{folder}/{name}.h5")) for name in ["contiguous", "gzip", "shuffle"]}
figures["x.safetensors"] = best(lambda: load_file(f"{folder}/x.safetensors"))
figures["plain.npy"] = best(lambda: np.load(f"{folder}/plain.npy"))
figures["fortran.npy"] = best(lambda: np.ascontiguousarray(np.load(f"{folder}/fortran.npy")))
figures["catalogue"] = best(lambda: visit(f"{folder}/many.h5"))
print(json.dumps(figures))
