"""Makes probes.h5: twenty steps of Adam on small probe networks, by PyTorch from the equations.

    python3 make_reference.py        (torch 1.13, h5py; writes probes.h5 beside itself)

Float64, so that the reference itself adds no rounding. Each group holds the matrices, the targets, the
parameters before and after, and the loss of each step. Step t learns from the models
(5 t + i) mod 12 for i in 0..<8.
"""

import os

import h5py
import numpy
import torch

MODELS, BATCH, STEPS = 12, 8, 20


def uniform(generator, *shape, fan_in):
    bound = fan_in ** -0.5
    return (2 * torch.rand(*shape, generator=generator, dtype=torch.float64) - 1) * bound


def view(x, branch):
    xt = x.transpose(1, 2)
    return {"outputs": x, "rowGram": x @ xt, "inputs": xt, "columnGram": xt @ x}[branch]


def represent(x, p, branches, standardises, rectifies):
    parts = []
    for branch in branches:
        s = view(x, branch) @ p[branch + "/probes"]
        if standardises:
            s = (s - s.mean((1, 2), keepdim=True)) / (s.std((1, 2), keepdim=True) + 1e-8)
        projected = s.transpose(1, 2) @ p[branch + "/projection"].T
        parts.append((torch.relu(projected) if rectifies else projected).flatten(1))
    return torch.cat(parts, 1) @ p["encoder/kernel"].T + p["encoder/bias"]


def scores(e, p, texts):
    if texts is None:
        return e @ p["head/kernel"].T + p["head/bias"]
    c = texts @ p["head/kernel"].T + p["head/bias"]
    return (e / e.norm(dim=1, keepdim=True)) @ (c / c.norm(dim=1, keepdim=True)).T


def run(file, name, seed, rows, columns, branches, standardises, rectifies, task):
    generator = torch.Generator().manual_seed(seed)
    probes, projections, width = 4, 3, 5
    x = torch.randn(MODELS, rows, columns, generator=generator, dtype=torch.float64)
    x = x.float().double()
    texts = None
    if task == "labels":
        y = (torch.rand(MODELS, 3, generator=generator) > 0.5).double()
        outputs, loss_of = 3, torch.nn.functional.binary_cross_entropy_with_logits
    elif task == "numbers":
        y = torch.randn(MODELS, 1, generator=generator, dtype=torch.float64).float().double()
        outputs, loss_of = 1, torch.nn.functional.mse_loss
    else:
        y = torch.randint(0, 4, (MODELS,), generator=generator)
        outputs, loss_of = 4, torch.nn.functional.cross_entropy
        if task == "aligned":
            texts = torch.randn(4, 6, generator=generator, dtype=torch.float64).float().double()
    p = {}
    for branch in branches:
        inputs = columns if branch in ("outputs", "columnGram") else rows
        points = rows if branch in ("outputs", "rowGram") else columns
        p[branch + "/probes"] = uniform(generator, inputs, probes, fan_in=probes)
        p[branch + "/projection"] = uniform(generator, projections, points, fan_in=points)
    flat = len(branches) * probes * projections
    p["encoder/kernel"] = uniform(generator, width, flat, fan_in=flat)
    p["encoder/bias"] = uniform(generator, width, fan_in=flat)
    if texts is None:
        p["head/kernel"] = uniform(generator, outputs, width, fan_in=width)
        p["head/bias"] = uniform(generator, outputs, fan_in=width)
    else:
        p["head/kernel"] = uniform(generator, width, 6, fan_in=6)
        p["head/bias"] = uniform(generator, width, fan_in=6)
    p = {key: value.float().double().requires_grad_() for key, value in p.items()}
    group = file.create_group(name)
    flatten = lambda: numpy.concatenate([t.detach().numpy().ravel() for t in p.values()])
    group["x"], group["y"] = x.numpy().astype("f4"), y.numpy().astype("f4")
    if texts is not None:
        group["texts"] = texts.numpy().astype("f4")
    group["before"] = flatten().astype("f4")
    optimizer = torch.optim.Adam(p.values(), lr=1e-2, weight_decay=1e-3)
    losses = []
    for step in range(STEPS):
        batch = [(5 * step + i) % MODELS for i in range(BATCH)]
        optimizer.zero_grad()
        e = represent(x[batch], p, branches, standardises, rectifies)
        loss = loss_of(scores(e, p, texts), y[batch])
        loss.backward()
        if step == 0:
            group["gradient"] = numpy.concatenate([t.grad.numpy().ravel() for t in p.values()])
        optimizer.step()
        losses.append(loss.item())
    group["losses"], group["after"] = numpy.array(losses), flatten()


every = ["outputs", "rowGram", "inputs", "columnGram"]
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "probes.h5")
with h5py.File(path, "w") as file:
    run(file, "probex-labels", 1, 7, 6, ["outputs"], False, True, "labels")
    run(file, "probex-classes", 2, 5, 8, ["outputs"], False, True, "classes")
    run(file, "linear-numbers", 3, 6, 6, ["outputs"], False, False, "numbers")
    run(file, "aligned", 4, 6, 5, ["outputs"], False, True, "aligned")
    run(file, "mvprobe-labels", 5, 7, 6, every, True, True, "labels")
    run(file, "mvprobe-classes", 6, 5, 8, every, True, True, "classes")
