"""Pairs of random transformers of 100 million parameters: B is A, changed by a random element of its
whole symmetry group, with noise.

    python transformer_pair.py gpt|llama FOLDER [--small] [--noise 0.001]

Writes a.safetensors, b.safetensors and graph.yaml, the description that `--graph` reads.
"""

import argparse
import os

import numpy as np
from safetensors.numpy import save_file

parser = argparse.ArgumentParser()
parser.add_argument("kind", choices=["gpt", "llama"])
parser.add_argument("folder")
parser.add_argument("--small", action="store_true", help="two narrow layers, for a test")
parser.add_argument("--noise", type=float, default=0.001)
arguments = parser.parse_args()
gpt = arguments.kind == "gpt"
if arguments.small:
    V, d, H, G, h, n, L, P = 97, 48, 4, 4 if gpt else 2, 12, 80, 2, 32
elif gpt:
    V, d, H, G, h, n, L, P = 37000, 768, 12, 12, 64, 3072, 6, 1024
else:
    V, d, H, G, h, n, L, P = 16000, 1024, 16, 4, 64, 2816, 6, 0
rng = np.random.default_rng(0)


def normal(*shape):
    return rng.normal(size=shape).astype(np.float32).astype(np.float64)


a = {"embed.weight": normal(V, d)}
lines = ["channels: last", "layers:", '  - {name: tokens, type: input, shape: ["?"]}']


def layer(name, kind, inputs=None, **settings):
    words = [f"name: {name}", f"type: {kind}"] + [f"{k}: {v}" for k, v in settings.items()]
    if inputs:
        words.append(f"inputs: [{', '.join(inputs)}]")
    lines.append("  - {" + ", ".join(words) + "}")


def dense(name, outputs, inputs, source, bias=None):
    # GPT-2 keeps its kernels as [inputs, outputs].
    shape = (inputs, outputs) if gpt and name != "head" else (outputs, inputs)
    a[name + ".weight"] = normal(*shape) / np.sqrt(inputs)
    if gpt if bias is None else bias:
        a[name + ".bias"] = 0.1 * normal(outputs)
    keras = {"layout": "keras"} if gpt and name != "head" else {}
    layer(name, "dense", [source], units=outputs, **keras)


def norm(name, source):
    a[name + ".weight"] = 1 + 0.3 * normal(d)
    if gpt:
        a[name + ".bias"] = 0.1 * normal(d)
    layer(name, "layerNormalization" if gpt else "rmsNormalization", [source])


layer("embed", "embedding", vocabulary=V, size=d)
stream = "embed"
if P:
    a["positions.weight"] = normal(P, d)
    layer("positions", "tableAddition", ["embed"])
    stream = "positions"
for i in range(L):
    p = f"h{i}."
    norm(p + "n1", stream)
    if gpt:
        dense(p + "qkv", 3 * d, d, p + "n1")
        for k, part in enumerate("qkv"):
            layer(p + part, "select", [p + "qkv"], start=k * d, width=d)
    else:
        for part, heads in (("q", H), ("k", G), ("v", G)):
            dense(p + part, heads * h, d, p + "n1")
    rotary = {} if gpt else {"rotary": "{base: 10000}"}
    layer(p + "mix", "attention", [p + "q", p + "k", p + "v"], heads=H, keyValueHeads=G,
          causal="true", **rotary)
    dense(p + "o", d, H * h, p + "mix")
    layer(p + "s1", "add", [stream, p + "o"])
    norm(p + "n2", p + "s1")
    if gpt:
        dense(p + "up", n, d, p + "n2")
        layer(p + "act", "gelu", [p + "up"])
    else:
        dense(p + "gate", n, d, p + "n2")
        dense(p + "up", n, d, p + "n2")
        layer(p + "silu", "silu", [p + "gate"])
        layer(p + "act", "multiply", [p + "silu", p + "up"])
    dense(p + "down", d, n, p + "act")
    layer(p + "s2", "add", [p + "s1", p + "down"])
    stream = p + "s2"
norm("norm", stream)
dense("head", V, d, "norm", bias=False)

b = {name: values.copy() for name, values in a.items()}


def columns(name):
    """The kernel as [outputs, inputs], a view."""
    return b[name + ".weight"].T if gpt and name != "head" else b[name + ".weight"]


def put(name, kernel):
    b[name + ".weight"] = np.ascontiguousarray(kernel.T if gpt and name != "head" else kernel)


def readers(i):
    p = f"h{i}."
    return {p + "n1": [p + "qkv"] if gpt else [p + x for x in "qkv"],
            p + "n2": [p + "up"] if gpt else [p + "gate", p + "up"]}


# Other gains: those of A go into what reads them, and the shifts into the biases.
for i in range(L):
    for name, read in readers(i).items():
        for reader in read:
            if gpt:
                b[reader + ".bias"] = b[reader + ".bias"] + columns(reader) @ b[name + ".bias"]
            put(reader, columns(reader) * b[name + ".weight"])
        b[name + ".weight"] = np.ones(d)
        if gpt:
            b[name + ".bias"] = np.zeros(d)
put("head", columns("head") * b["norm.weight"])
if gpt:
    b["norm.bias"] = b["norm.bias"] / b["norm.weight"]
b["norm.weight"] = np.ones(d)

# The stream is rotated; layer normalisation wants the vector of ones kept.
R = np.linalg.qr(rng.normal(size=(d, d)))[0]
if gpt:
    basis = np.linalg.qr(np.column_stack([np.ones(d), rng.normal(size=(d, d - 1))]))[0]
    inner = np.eye(d)
    inner[1:, 1:] = np.linalg.qr(rng.normal(size=(d - 1, d - 1)))[0]
    R = basis @ inner @ basis.T
for i in range(L):
    p = f"h{i}."
    for read in readers(i).values():
        for reader in read:
            put(reader, columns(reader) @ R.T)
    for writer in (p + "o", p + "down"):
        put(writer, R @ columns(writer))
        if gpt:
            b[writer + ".bias"] = R @ b[writer + ".bias"]
b["embed.weight"] = b["embed.weight"] @ R.T
if P:
    b["positions.weight"] = b["positions.weight"] @ R.T
if gpt:
    b["norm.bias"] = R @ b["norm.bias"]
put("head", columns("head") @ R.T)

# Heads and hidden units.
for i in range(L):
    p = f"h{i}."
    bias = None
    if gpt:
        q, k, v = (x.copy() for x in columns(p + "qkv").reshape(3, H, h, d))
        bias = b[p + "qkv.bias"].reshape(3, H, h).copy()
    else:
        q, k, v = (columns(p + x).reshape(-1, h, d).copy() for x in "qkv")
    o = columns(p + "o").reshape(d, H, h).copy()
    order = rng.permutation(G)
    queries = np.concatenate([g * (H // G) + rng.permutation(H // G) for g in order])
    q, k, v, o = q[queries], k[order], v[order], o[:, queries]
    if gpt:
        bias = bias[:, order]
    for g in range(G):
        M = rng.normal(size=(h, h)) / np.sqrt(h) + 2 * np.eye(h)
        v[g] = M @ v[g]
        shared = range(g * (H // G), (g + 1) * (H // G))
        for x in shared:
            o[:, x] = o[:, x] @ np.linalg.inv(M)
        if gpt:
            bias[2, g] = M @ bias[2, g]
            A = rng.normal(size=(h, h)) / np.sqrt(h) + 2 * np.eye(h)
            q[g], k[g] = A @ q[g], np.linalg.inv(A).T @ k[g]
            bias[0, g] = A @ bias[0, g]
            bias[1, g] = rng.normal(size=h)
        else:
            z = np.exp(1j * rng.uniform(0, 2 * np.pi, h // 2) + 0.3 * rng.normal(size=h // 2))
            for x in shared:
                turned = (q[x][: h // 2] + 1j * q[x][h // 2:]) * z[:, None]
                q[x] = np.concatenate([turned.real, turned.imag])
            turned = (k[g][: h // 2] + 1j * k[g][h // 2:]) / np.conj(z)[:, None]
            k[g] = np.concatenate([turned.real, turned.imag])
    if gpt:
        put(p + "qkv", np.stack([q, k, v]).reshape(3 * d, d))
        b[p + "qkv.bias"] = bias.reshape(-1)
    else:
        for x, values in zip("qkv", (q, k, v)):
            put(p + x, values.reshape(-1, d))
    put(p + "o", o.reshape(d, H * h))
    units = rng.permutation(n)
    factors = np.ones(n) if gpt else rng.choice([-1.0, 1.0], n) * np.exp(rng.normal(size=n) / 2)
    put(p + "up", columns(p + "up")[units] * factors[:, None])
    put(p + "down", columns(p + "down")[:, units] / factors)
    if gpt:
        b[p + "up.bias"] = b[p + "up.bias"][units]
    else:
        put(p + "gate", columns(p + "gate")[units])

for name in b:
    b[name] = b[name] + arguments.noise * np.std(b[name]) * rng.normal(size=b[name].shape)
os.makedirs(arguments.folder, exist_ok=True)
for path, weights in (("a", a), ("b", b)):
    save_file({name: np.ascontiguousarray(values, dtype=np.float32)
               for name, values in weights.items()}, f"{arguments.folder}/{path}.safetensors")
with open(f"{arguments.folder}/graph.yaml", "w") as file:
    file.write("\n".join(lines) + "\n")
print(sum(values.size for values in a.values()), "parameters")
