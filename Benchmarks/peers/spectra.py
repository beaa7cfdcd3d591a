"""The peers of `spectra`.

    python spectra.py svd SIDE COUNT       the singular values of COUNT matrices, numpy.linalg.svd with the
                                           threads that NumPy chooses; milliseconds on the wall
    python spectra.py make FILE            a state dict with the shapes of a VGG network
    python spectra.py weightwatcher FILE   WeightWatcher's analyze() of it, milliseconds on the wall,
                                           without importing and without reading
"""

import json
import sys
import time

import numpy as np


def matrices(side, count):
    generator = np.random.default_rng(side)
    for _ in range(count):
        yield generator.standard_normal((side, side)).astype(np.float32)


def svd(side, count):
    held = [matrix.astype(np.float64) for matrix in matrices(side, count)]
    start = time.perf_counter()
    for matrix in held:
        np.linalg.svd(matrix, compute_uv=False)
    return 1000 * (time.perf_counter() - start)


def make(path):
    from safetensors.numpy import save_file

    generator = np.random.default_rng(5)
    tensors = {}
    inside = 3
    for place, out in enumerate((64, 128, 256, 256, 512, 512, 512, 512)):
        scale = (2 / (9 * inside)) ** 0.5
        kernel = scale * generator.standard_normal((out, inside, 3, 3))
        tensors[f"features.{place:02d}.weight"] = kernel.astype(np.float32)
        inside = out
    for place, (out, inside) in enumerate(((2048, 4608), (2048, 2048), (1000, 2048))):
        matrix = generator.standard_normal((out, inside)) / inside**0.5
        tensors[f"classifier.{place}.weight"] = matrix.astype(np.float32)
    save_file(tensors, path)


def weightwatcher(path):
    import weightwatcher
    from safetensors.numpy import load_file

    tensors = load_file(path)
    watcher = weightwatcher.WeightWatcher(model=tensors)
    start = time.perf_counter()
    watcher.analyze()
    return 1000 * (time.perf_counter() - start)


if sys.argv[1] == "svd":
    print(json.dumps(svd(int(sys.argv[2]), int(sys.argv[3]))))
elif sys.argv[1] == "make":
    make(sys.argv[2])
else:
    took = weightwatcher(sys.argv[2])
    print(json.dumps(took))
