"""Makes angles.json: the angles between the spaces of the leading singular vectors of the layers of two
models of ModelGraphTests, by SciPy, in radians, rising.

    python make_angles.py FOLDER

Needs h5py, numpy and scipy. A kernel is [in, out]: its transpose, [out, in], is what is decomposed.
"""

import json
import os
import sys

import h5py
import numpy as np
from scipy.linalg import subspace_angles

folder = sys.argv[1]
models = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../ModelGraphTests/Fixtures")
pairs = (("dense", "mlp/dense", "first/first"), ("dense_1", "mlp/dense_1", "second/second"),
         ("dense_2", "mlp/dense_2", "head/head"))
result = {}
with h5py.File(os.path.join(models, "mlp.h5")) as a, h5py.File(os.path.join(models, "mlp_other.h5")) as b:
    for name, inside, other in pairs:
        paths = (a, f"model_weights/{name}/{inside}/kernel"), (b, f"model_weights/{other}/kernel")
        one, two = (np.linalg.svd(file[path][()].astype(float).T) for file, path in paths)
        result[name] = {}
        for count in (1, 3):
            left = subspace_angles(one[0][:, :count], two[0][:, :count])
            right = subspace_angles(one[2][:count].T, two[2][:count].T)
            result[name][str(count)] = {"left": sorted(left), "right": sorted(right)}
json.dump(result, open(os.path.join(folder, "angles.json"), "w"), indent=1)
