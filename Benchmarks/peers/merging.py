"""Task arithmetic of two models of 1 GiB, by mergekit or by NumPy, and plain copies of the same bytes.

    merging.py make FOLDER       writes base, a and b: 64 tensors of 2048 x 2048 Float32 each
    merging.py time FOLDER       prints seconds by the clock, each result flushed to disk:
                                 copy: one file; copies: as many bytes as a merge reads and writes;
                                 peer: mergekit's task_arithmetic, where WSL_MERGEKIT names its
                                 mergekit-pytorch, otherwise a few lines of NumPy and safetensors

A merge reads three files and writes one, which is as many bytes as two copies read and write.
"""

import json
import os
import shutil
import subprocess
import sys
import time

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

command, folder = sys.argv[1:3]
tool = os.environ.get("WSL_MERGEKIT")
path = lambda name: os.path.join(folder, name)


def make():
    rng = np.random.default_rng(0)
    shape = (2048, 2048)
    base = {f"layers.{i}.weight": rng.standard_normal(shape, np.float32) for i in range(64)}
    save_file(base, path("base.safetensors"))
    for name in "ab":
        noise = rng.standard_normal(shape, np.float32) * np.float32(0.01)
        save_file({key: tensor + noise for key, tensor in base.items()}, path(f"{name}.safetensors"))


def flush(file):
    descriptor = os.open(file, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def timed(work, results):
    for result in results:
        shutil.rmtree(result, ignore_errors=True) if os.path.isdir(result) else None
        if os.path.isfile(result):
            os.remove(result)
    os.sync()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def copy(names):
    for name in names:
        subprocess.run(["cp", path(f"{name}.safetensors"), path(f"copy-{name}")], check=True)
    for name in names:
        flush(path(f"copy-{name}"))


def by_mergekit():
    with open(path("merge.yml"), "w") as file:
        json.dump({
            "merge_method": "task_arithmetic", "dtype": "float32",
            "base_model": path("base.safetensors"), "parameters": {"lambda": 0.5},
            "models": [{"model": path(f"{name}.safetensors"), "parameters": {"weight": 1}}
                       for name in "ab"],
        }, file)
    subprocess.run(
        [tool, path("merge.yml"), path("peer")], check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    for file in os.listdir(path("peer")):
        flush(os.path.join(path("peer"), file))


def by_numpy():
    files = [safe_open(path(f"{name}.safetensors"), "numpy") for name in ("base", "a", "b")]
    merged = {}
    for key in files[0].keys():
        base, a, b = (file.get_tensor(key) for file in files)
        merged[key] = base + np.float32(0.5) * ((a - base) + (b - base))
    os.makedirs(path("peer"))
    save_file(merged, path("peer/model.safetensors"))
    flush(path("peer/model.safetensors"))


if command == "make":
    make()
else:
    copies = [path(f"copy-{name}") for name in "ab"]
    figures = {
        "copy": timed(lambda: copy("a"), copies),
        "copies": timed(lambda: copy("ab"), copies),
        "peer": timed(by_mergekit if tool else by_numpy, [path("peer")] + copies),
        "name": "mergekit" if tool else "NumPy, safetensors",
    }
    shutil.rmtree(path("peer"))
    print(json.dumps(figures))
