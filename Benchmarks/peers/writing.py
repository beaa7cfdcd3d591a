"""A tensor of 64 MiB, read by h5py and written in other formats: h5py with hdf5plugin, safetensors.

    python writing.py FOLDER

FOLDER/contiguous.h5 is what `wsl-bench files FOLDER` wrote. The chunks have the size of ours, and
files are flushed to disk, as ours are. Prints the least wall and processor time of each in seconds.
"""

import json
import os
import sys
import time

import h5py
import hdf5plugin
import safetensors.numpy

folder = sys.argv[1]


def read():
    with h5py.File(os.path.join(folder, "contiguous.h5")) as file:
        return file["x"][()]


def flush(path):
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def write_hdf5(**filters):
    path = os.path.join(folder, "peer.h5")
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=read(), chunks=(64, 4096), shuffle=True, **filters)
    flush(path)


def write_safetensors():
    path = os.path.join(folder, "peer.safetensors")
    safetensors.numpy.save_file({"x": read()}, path)
    flush(path)


def best(rounds, work):
    figures = []
    for _ in range(rounds):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        figures.append((time.perf_counter() - wall, time.process_time() - processor))
    return [min(column) for column in zip(*figures)]


print(json.dumps({
    "zstd": best(5, lambda: write_hdf5(**hdf5plugin.Zstd(clevel=1))),
    "gzip": best(2, lambda: write_hdf5(compression="gzip", compression_opts=4)),
    "safetensors": best(5, write_safetensors),
}))
