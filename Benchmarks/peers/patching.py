"""A safetensors file of 1 GiB, patched by `wsl patch` and copied, in turns.

    python patching.py WSL FOLDER [--mib 1024] [--rounds 3]

Makes three networks of 64 layers in FOLDER, extracts signatures of the first four layers and of all,
patches the standard one with each, and takes the latter out again. A copy reads and writes 8 MiB at a time and flushes the file to
disk, as `wsl` does. Prints the least wall time of each in seconds.
"""

import argparse
import filecmp
import json
import os
import subprocess
import sys
import time

import numpy
import safetensors.numpy

parser = argparse.ArgumentParser()
parser.add_argument("wsl")
parser.add_argument("folder")
parser.add_argument("--mib", type=int, default=1024)
parser.add_argument("--rounds", type=int, default=3)
arguments = parser.parse_args()
folder = arguments.folder
width = 2048
rows = arguments.mib * (1 << 20) // (64 * width * 4)


def path(name):
    return os.path.join(folder, name)


def wsl(*words):
    subprocess.run([arguments.wsl, *words, "--quiet"], check=True, stdout=subprocess.DEVNULL)


def make():
    random = numpy.random.default_rng(1)
    base = [random.standard_normal((rows, width), dtype="f4") * numpy.float32(0.02) for _ in range(4)]
    steps = [random.standard_normal((rows, width), dtype="f4") * numpy.float32(0.001) for _ in range(5)]
    for name, shift, scale in (("pretrained", 0, 0), ("standard", 1, 1), ("robust", 2, 2)):
        tensors = {
            f"layers.{layer:02d}.weight": base[layer % 4] + numpy.float32(scale) * steps[(layer + shift) % 5]
            for layer in range(64)
        }
        safetensors.numpy.save_file(tensors, path(f"{name}.safetensors"))
    for choice, layers in (("first", "first:4"), ("all", "all")):
        wsl(
            "signature", "extract", "--pretrained", path("pretrained.safetensors"), "--standard",
            path("standard.safetensors"), "--robust", path("robust.safetensors"), "--layers", layers,
            "--name", choice, "-o", path(f"{choice}.rws.h5"), "--force",
        )


def copy():
    with open(path("standard.safetensors"), "rb") as source, open(path("copy"), "wb") as target:
        while piece := source.read(8 << 20):
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())


def patch(choice):
    wsl(
        "patch", path("standard.safetensors"), "--rws", path(f"{choice}.rws.h5"), "-o",
        path("patched.safetensors"), "--force",
    )


def remove():
    wsl("patch", path("patched.safetensors"), "--remove", "all", "-o", path("back.safetensors"), "--force")


def timed(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


if not os.path.exists(path("all.rws.h5")):
    make()
rows = (
    ("copy", copy, "copy"),
    ("first", lambda: patch("first"), "patched.safetensors"),
    ("all", lambda: patch("all"), "patched.safetensors"),
    ("removed", remove, "back.safetensors"),
)
figures = {name: [] for name, _, _ in rows}
for _ in range(arguments.rounds):
    for name, work, target in rows:
        if os.path.exists(path(target)):
            os.remove(path(target))
        figures[name].append(timed(work))
if not filecmp.cmp(path("standard.safetensors"), path("back.safetensors"), shallow=False):
    sys.exit("what was taken out left something behind")
print(json.dumps({name: min(times) for name, times in figures.items()}))
