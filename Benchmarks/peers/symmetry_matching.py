"""Matching of two transformers by rotations and orders, in NumPy and SciPy: the peer of
`wsl match --symmetries orthogonal`, step for step the same, written plainly.

    python symmetry_matching.py FOLDER [--threads 2] [--sweeps 50]

FOLDER is one that transformer_pair.py made. Folds gains and shifts, centres, balances heads and gated
units in float64; then matches in float32: the stream by the polar factor of one Gram matrix, heads by an
assignment over sums of singular values (or of sizes of complex products), hidden units by an assignment,
until a sweep gains nothing. Prints the squared distances and the times as JSON.
"""

import argparse
import json
import os
import time

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--threads", default="2")
parser.add_argument("--sweeps", type=int, default=50)
arguments = parser.parse_args()
os.environ["OPENBLAS_NUM_THREADS"] = arguments.threads

import numpy as np  # noqa: E402
from safetensors.numpy import load_file  # noqa: E402
from scipy.optimize import linear_sum_assignment  # noqa: E402

with open(f"{arguments.folder}/graph.yaml") as file:
    text = file.read()
gpt = "layerNormalization" in text
H = int(text.split("heads: ")[1].split(",")[0])
G = int(text.split("keyValueHeads: ")[1].split(",")[0])


def power(matrix, exponent):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**exponent) @ vectors.T


def balance(first, second):
    """The symmetric map M with M·G·M = M⁻¹·H·M⁻¹."""
    root, back = power(first, 0.5), power(first, -0.5)
    return power(back @ power(root @ second @ root, 0.5) @ back, 0.5)


def canonical(weights):
    """Layers as dictionaries of heads and units, all kernels as rows of what a unit has."""
    w = {name: values.astype(np.float64) for name, values in weights.items()}
    d = w["embed.weight"].shape[1]
    L = sum(name.endswith("n1.weight") for name in w)
    kernel = {name[:-7]: values.T.copy() if gpt and name not in ("head.weight",) else values
              for name, values in w.items() if values.ndim == 2}
    embed = [w["embed.weight"]] + ([w["positions.weight"]] if gpt else [])
    layers = []
    centre = (lambda x, axis: x - x.mean(axis, keepdims=True)) if gpt else (lambda x, axis: x)
    for i in range(L):
        p = f"h{i}."
        for name, read in ((p + "n1", ["qkv"] if gpt else ["q", "k", "v"]),
                           (p + "n2", ["up"] if gpt else ["gate", "up"])):
            for reader in read:
                if gpt:
                    w[p + reader + ".bias"] += kernel[p + reader] @ w[name + ".bias"]
                kernel[p + reader] = centre(kernel[p + reader] * w[name + ".weight"], 1)
        if gpt:
            q, k, v = kernel[p + "qkv"].reshape(3, H, -1, d)
            bq, bk, bv = w[p + "qkv.bias"].reshape(3, H, -1, 1)
            q, k = np.concatenate([q, bq], 2), np.concatenate([k, 0 * bk], 2)
        else:
            q, k, v = (kernel[p + x].reshape(heads, -1, d) for x, heads in
                       (("q", H), ("k", G), ("v", G)))
        o = kernel[p + "o"].T.reshape(H, -1, d)
        bo = w.get(p + "o.bias", np.zeros(d))
        if gpt:
            bo = bo + np.einsum("hcd,hc->d", o, bv[:, :, 0])
        o, bo = centre(o, 2), centre(bo, 0)
        q, k, v, o = (x.copy() for x in (q, k, v, o))
        for g in range(G):
            shared = range(g * (H // G), (g + 1) * (H // G))
            M = balance(v[g] @ v[g].T, sum(o[x] @ o[x].T for x in shared))
            v[g] = M @ v[g]
            for x in shared:
                o[x] = np.linalg.solve(M, o[x])
            if gpt:
                M = balance(q[g] @ q[g].T, k[g] @ k[g].T)
                q[g], k[g] = M @ q[g], np.linalg.solve(M, k[g])
            else:
                half = k.shape[1] // 2
                size = lambda x: (x**2).sum(-1)[:half] + (x**2).sum(-1)[half:]  # noqa: E731
                c = (size(k[g]) / sum(size(q[x]) for x in shared)) ** 0.25
                c = np.concatenate([c, c])[:, None]
                k[g] /= c
                for x in shared:
                    q[x] *= c
        up, down = kernel[p + "up"], centre(kernel[p + "down"], 0).T
        layer = {"q": q, "k": k, "v": v, "o": o, "bo": bo}
        if gpt:
            layer.update(up=np.column_stack([up, w[p + "up.bias"]]), down=down,
                         bd=centre(w[p + "down.bias"], 0))
        else:
            c = np.sqrt(np.linalg.norm(down, axis=1) / np.linalg.norm(up, axis=1))[:, None]
            layer.update(gate=kernel[p + "gate"], up=up * c, down=down / c)
        layers.append({name: np.ascontiguousarray(x, dtype=np.float32)
                       for name, x in layer.items()})
    rows = [centre(x, 1) for x in embed] + [kernel["head"] * w["norm.weight"]]
    if gpt:
        rows.append((w["norm.bias"] / w["norm.weight"])[None])
    return [np.ascontiguousarray(x, dtype=np.float32) for x in rows], layers, d


def stream(rows, layers, d):
    """Everything that lies along the stream, as matrices of so many columns."""
    for x in rows:
        yield x
    for layer in layers:
        for name, x in layer.items():
            yield x.reshape(-1, x.shape[-1])[:, :d] if x.ndim > 1 else x[None]


def polar(C):
    if gpt:
        C = C - C.mean(0)
        C = C - C.mean(1, keepdims=True)
        C = C + np.linalg.norm(C) / len(C)
    U, _, Vt = np.linalg.svd(C)
    return U @ Vt


def rotate(R, rows, layers, d):
    R = R.astype(np.float32)
    rows[:] = [x @ R.T for x in rows]
    for layer in layers:
        for name, x in layer.items():
            layer[name] = np.concatenate([x[..., :d] @ R.T, x[..., d:]], -1)


def product(first, second):
    total = sum(float(np.vdot(x, y)) for x, y in zip(first[0], second[0]))
    return total + sum(float(np.vdot(x[n], y[n])) for x, y in zip(first[1], second[1]) for n in x)


def heads(a, b):
    """The best order and maps of one layer's heads."""
    r, h = H // G, a["k"].shape[1]
    blocks = {n: np.einsum("aic,bjc->abij", a[n], b[n], optimize=True) for n in "qkvo"}
    half = h // 2

    def fit(M):
        if gpt:
            U, s, Vt = np.linalg.svd(M)
            return U @ Vt, s.sum(-1)
        diagonal = np.arange(half)
        z = (M[..., diagonal, diagonal] + M[..., diagonal + half, diagonal + half]
             + 1j * (M[..., diagonal + half, diagonal] - M[..., diagonal, diagonal + half]))
        R = np.zeros(M.shape)
        u = z / np.abs(z)
        R[..., diagonal, diagonal] = R[..., diagonal + half, diagonal + half] = u.real
        R[..., diagonal + half, diagonal], R[..., diagonal, diagonal + half] = u.imag, -u.imag
        return R, np.abs(z).sum(-1)

    gain = np.zeros((G, G))
    found = {}
    for i in range(G):
        for j in range(G):
            order = None
            best = -np.inf
            for _ in range(5):
                Mk, Mv = blocks["k"][i, j].astype(float), blocks["v"][i, j].astype(float)
                if order is None and r == 1:
                    order = np.array([0])
                if order is not None:
                    for x, y in enumerate(order):
                        Mk = Mk + blocks["q"][i * r + x, j * r + y]
                        Mv = Mv + blocks["o"][i * r + x, j * r + y]
                R, s = fit(Mk)
                U, t, Vt = np.linalg.svd(Mv)
                S = U @ Vt
                total = s + t.sum()
                if order is not None:
                    if total <= best:
                        break
                    best = total
                    found[i, j] = (order, R, S)
                    if r == 1:
                        break
                part = slice(i * r, i * r + r), slice(j * r, j * r + r)
                costs = (np.einsum("abij,ij->ab", blocks["q"][part], R)
                         + np.einsum("abij,ij->ab", blocks["o"][part], S))
                order = linear_sum_assignment(costs, maximize=True)[1]
            gain[i, j] = best
    order = linear_sum_assignment(gain, maximize=True)[1]
    new = {n: x.copy() for n, x in b.items()}
    for i, j in enumerate(order):
        inner, R, S = found[i, j]
        new["k"][i], new["v"][i] = R @ b["k"][j], S @ b["v"][j]
        for x, y in enumerate(inner):
            new["q"][i * r + x], new["o"][i * r + x] = R @ b["q"][j * r + y], S @ b["o"][j * r + y]
    return new


def units(a, b):
    signed = a["up"] @ b["up"].T + a["down"] @ b["down"].T
    costs = signed if gpt else np.abs(signed) + a["gate"] @ b["gate"].T
    order = linear_sum_assignment(costs, maximize=True)[1]
    new = dict(b)
    signs = np.ones(len(order), np.float32)
    if not gpt:
        signs = np.sign(signed[np.arange(len(order)), order])
        new["gate"] = b["gate"][order]
    new["up"], new["down"] = (b[n][order] * signs[:, None] for n in ("up", "down"))
    return new


begin = time.perf_counter()
A = canonical(load_file(f"{arguments.folder}/a.safetensors"))
B = canonical(load_file(f"{arguments.folder}/b.safetensors"))
prepared = time.perf_counter()
d = A[2]
norms = product(A, A) + product(B, B)
before = norms - 2 * product(A, B)
anchors = sum(x.T @ y for x, y in zip(A[0], B[0]))
rotate(polar(anchors.astype(np.float64)), *B[:2], d)
last = product(A, B)
sweeps = 0
while sweeps < arguments.sweeps:
    for a, b in zip(A[1], B[1]):
        b.update(heads(a, b))
        b.update(units(a, b))
    C = sum(x.T @ y for x, y in zip(stream(*A[:2], d), stream(*B[:2], d)))
    rotate(polar(C.astype(np.float64)), *B[:2], d)
    now = product(A, B)
    sweeps += 1
    if now - last <= 1e-9 * norms:
        break
    last = now
print(json.dumps({"before": before, "after": norms - 2 * product(A, B), "sweeps": sweeps,
                  "preparing": prepared - begin, "seconds": time.perf_counter() - begin}))
