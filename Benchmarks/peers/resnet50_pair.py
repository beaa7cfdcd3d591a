"""Writes two state dictionaries of ResNet-50's shape (torchvision's names): random weights, and the
same with every hidden unit in another place and noise on top.

    python resnet50_pair.py FOLDER [--noise 0.1]

Writes FOLDER/resnet50-a.h5 and FOLDER/resnet50-b.h5, 102 MB each. Needs NumPy and h5py. Then:

    /usr/bin/time -v wsl match FOLDER/resnet50-a.h5 FOLDER/resnet50-b.h5 --json
"""

import argparse
import os

import h5py
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--noise", type=float, default=0.1)
arguments = parser.parse_args()

random = np.random.default_rng(0)
permutations = {None: None}


def units(group, size):
    permutations.setdefault(group, random.permutation(size))
    return group


# Name, shape, and the groups of the first two axes.
tensors = []


def convolution(name, out, into, size, group_out, group_in):
    tensors.append((name + ".weight", (out, into, size, size), (group_out, group_in)))


def normalization(name, size, group):
    for part in ("weight", "bias", "running_mean", "running_var"):
        tensors.append((f"{name}.{part}", (size,), (group,)))


convolution("conv1", 64, 3, 7, units("stem", 64), None)
normalization("bn1", 64, "stem")
into, source = 64, "stem"
for stage, (blocks, width) in enumerate([(3, 64), (4, 128), (6, 256), (3, 512)], 1):
    stream = units(f"layer{stage}", 4 * width)
    for block in range(blocks):
        name = f"layer{stage}.{block}"
        first, second = units(name + ".1", width), units(name + ".2", width)
        convolution(name + ".conv1", width, into, 1, first, source)
        normalization(name + ".bn1", width, first)
        convolution(name + ".conv2", width, width, 3, second, first)
        normalization(name + ".bn2", width, second)
        convolution(name + ".conv3", 4 * width, width, 1, stream, second)
        normalization(name + ".bn3", 4 * width, stream)
        if block == 0:
            convolution(name + ".downsample.0", 4 * width, into, 1, stream, source)
            normalization(name + ".downsample.1", 4 * width, stream)
        into, source = 4 * width, stream
tensors.append(("fc.weight", (1000, 2048), (None, source)))
tensors.append(("fc.bias", (1000,), (None,)))

os.makedirs(arguments.folder, exist_ok=True)
paths = [os.path.join(arguments.folder, f"resnet50-{end}.h5") for end in "ab"]
with h5py.File(paths[0], "w", track_order=True) as a, h5py.File(paths[1], "w", track_order=True) as b:
    for name, shape, groups in tensors:
        values = random.standard_normal(shape, dtype=np.float32)
        if name.endswith("running_var"):
            values = np.abs(values) + 0.5
        fan = max(1, int(np.prod(shape[1:])))
        values *= np.float32(fan**-0.5)
        noise = random.standard_normal(shape, dtype=np.float32) * np.float32(fan**-0.5)
        moved = values + np.float32(arguments.noise) * noise
        for axis, group in enumerate(groups):
            if group is not None:
                moved = np.take(moved, permutations[group], axis=axis)
        a[name], b[name] = values, moved
