"""What PyHessian finds of the networks of hessians.h5, on the same examples in batches of 16.

Writes pyhessian.json: for each network the largest eigenvalues by power iteration (to a change of 1e-7), and
v·Hv of 100 random vectors of Hutchinson's estimate of the trace, in Float64. Run it with a Python that has
torch, h5py and pyhessian 0.1 (its `cuda=False` needs nothing else).
"""

import json
import pathlib

import h5py
import numpy as np
import torch
from pyhessian import hessian
from torch.nn import functional

import make_hessians

HERE = pathlib.Path(__file__).parent


def loaded(group, name):
    """A network with the tensors of the file."""
    if name == "vgg":
        model = make_hessians.Vgg()
    elif name == "resnet":
        model = make_hessians.ResNet()
    else:
        model = make_hessians.Mlp(torch.tanh)
    state = {
        key: torch.tensor(np.array(group[key]), dtype=torch.float64)
        for key in model.state_dict()
        if "num_batches" not in key
    }
    model.load_state_dict(state, strict=False)
    return model


def main():
    found = {}
    with h5py.File(HERE / "hessians.h5") as file:
        for name in ("mlp_tanh", "vgg", "resnet"):
            group = file[name]
            x = torch.tensor(np.array(group["x"]), dtype=torch.float64)
            y = torch.tensor(np.array(group["y"])).long()
            batches = [(x[i : i + 16], y[i : i + 16]) for i in range(0, len(x), 16)]
            torch.manual_seed(0)
            measured = hessian(
                loaded(group, name), functional.cross_entropy, dataloader=batches, cuda=False
            )
            values, _ = measured.eigenvalues(maxIter=5000, tol=1e-7, top_n=3)
            # Without a tolerance it stops by chance, where two means in a row are alike.
            samples = measured.trace(maxIter=100, tol=0)
            found[name] = {
                "eigenvalues": values,
                "trace": float(np.mean(samples)),
                "traceError": float(np.std(samples, ddof=1) / len(samples) ** 0.5),
            }
    (HERE / "pyhessian.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
