"""A model patched with a record of version 1, which newer tools read and do not write.

    python make_version1.py WSL

WSL is a build of this tool from before version 2 (commit 3ce1f4c). Makes three small networks, extracts
a signature and patches the standard network at half strength, here.
"""

import os
import subprocess
import sys
import tempfile

import numpy
import safetensors.numpy

here = os.path.dirname(os.path.abspath(__file__))
shapes = {"fc1.weight": (16, 12), "fc1.bias": (16,), "fc2.weight": (4, 16), "fc2.bias": (4,)}
random = numpy.random.default_rng(7)
draw = lambda scale: {name: scale * random.standard_normal(shape) for name, shape in shapes.items()}
start, clean, robust = draw(0.4), draw(0.03), draw(0.05)
networks = {
    "pretrained": start,
    "standard": {name: start[name] + clean[name] for name in shapes},
    "robust": {name: start[name] + robust[name] for name in shapes},
}
networks["standard"]["fc1.weight"][0, :3] = [-0.0, 1e-42, 0.0]
with tempfile.TemporaryDirectory() as folder:
    path = lambda name: os.path.join(folder, f"{name}.safetensors")
    for name, tensors in networks.items():
        safetensors.numpy.save_file({k: v.astype("f4") for k, v in tensors.items()}, path(name))
    signature = os.path.join(folder, "fog.rws.h5")
    subprocess.run(
        [sys.argv[1], "signature", "extract", "--pretrained", path("pretrained"), "--standard",
         path("standard"), "--robust", path("robust"), "--name", "fog", "--corruption", "fog:3",
         "-o", signature, "--force", "--quiet"], check=True)
    subprocess.run(
        [sys.argv[1], "patch", path("standard"), "--rws", signature + "@0.5", "-o",
         os.path.join(here, "patched-1.safetensors"), "--force", "--quiet"], check=True)
    with open(path("standard"), "rb") as source, open(os.path.join(here, "standard.safetensors"), "wb") as target:
        target.write(source.read())
