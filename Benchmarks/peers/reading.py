"""Writes 64 MiB of Float32 with h5py, hdf5plugin and safetensors, and times reading it.

    reading.py make FOLDER      takes x of contiguous.h5 and writes it with filters
    reading.py time FOLDER      prints seconds of the clock and of the processor, the best of five

`into` is reading into memory that is there already (h5py's read_direct).
"""

import json
import sys
import time

import h5py
import hdf5plugin
import numpy as np
from safetensors.numpy import load_file, save_file

LAYOUTS = {
    "gzip": dict(compression="gzip", compression_opts=4),
    "shuffle": dict(compression="gzip", compression_opts=4, shuffle=True),
    "zstd": dict(shuffle=True, **hdf5plugin.Zstd(clevel=1)),
}


def make(folder):
    with h5py.File(f"{folder}/contiguous.h5", "r") as file:
        data = file["x"][()]
    data.tofile(f"{folder}/plain.bin")
    save_file({"x": data}, f"{folder}/safetensors.safetensors")
    for name, options in LAYOUTS.items():
        with h5py.File(f"{folder}/{name}.h5", "w") as file:
            file.create_dataset("x", data=data, chunks=(64, 4096), **options)


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


def read_into(path, target):
    with h5py.File(path, "r") as file:
        file["x"].read_direct(target)


def visit(path):
    found = []
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: found.append(
            (name, item.shape, item.dtype, item.chunks, dict(item.attrs)) if isinstance(item, h5py.Dataset) else name))
    return found


def measure(folder):
    figures = {}
    target = np.ones((4096, 4096), np.float32)
    for name in ["contiguous", *LAYOUTS]:
        path = f"{folder}/{name}.h5"
        figures[name] = best(lambda: read(path))
        figures[name + " into"] = best(lambda: read_into(path, target))
    figures["numpy"] = best(lambda: np.fromfile(f"{folder}/plain.bin", np.float32))
    figures["safetensors"] = best(lambda: load_file(f"{folder}/safetensors.safetensors")["x"])
    figures["catalogue"] = best(lambda: visit(f"{folder}/many.h5"))
    print(json.dumps(figures))


(make if sys.argv[1] == "make" else measure)(sys.argv[2])
