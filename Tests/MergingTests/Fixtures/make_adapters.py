"""Adapters of low rank, and the means of their updates as NumPy forms them, in Float64.

Scales are those of PEFT (`lora_alpha / r`, over the root of r where `use_rslora` is set, with its patterns)
and of kohya's scripts and diffusers (`alpha / rank`; 1 where there is no alpha).
Run in this folder with NumPy and safetensors: writes adapters/.
"""
import json
import os
import re

import numpy as np
from safetensors.numpy import save_file

PREFIX = "base_model.model."
SHAPES = {  # module: [out, in], or a kernel [out, in, height, width]
    "model.layers.0.self_attn.q_proj": (12, 10),
    "model.layers.0.self_attn.v_proj": (6, 10),
    "model.layers.1.self_attn.q_proj": (12, 10),
}


def pattern(patterns, module, usual):
    for key, value in patterns.items():
        if re.match(rf"(.*\.)?({key})$", module):
            return value
    return usual


def peft(name, seed, config, modules=SHAPES, dtype="f4"):
    """Writes an adapter as PEFT does, and gives its updates."""
    rng = np.random.default_rng(seed)
    config = {"peft_type": "LORA", "target_modules": ["q_proj", "v_proj"], "bias": "none",
              "base_model_name_or_path": "base", **config}
    tensors, updates = {}, {}
    for module in modules:
        out, width = SHAPES[module]
        r = pattern(config.get("rank_pattern", {}), module, config["r"])
        alpha = pattern(config.get("alpha_pattern", {}), module, config["lora_alpha"])
        a = rng.normal(size=(r, width)).astype(dtype)
        b = rng.normal(size=(out, r)).astype(dtype)
        tensors[f"{PREFIX}{module}.lora_A.weight"] = a
        tensors[f"{PREFIX}{module}.lora_B.weight"] = b
        scale = alpha / (np.sqrt(r) if config.get("use_rslora") else r)
        updates[module] = scale * b.astype("f8") @ a.astype("f8")
    save_file(tensors, f"adapters/{name}.safetensors", metadata={"format": "pt"})
    with open(f"adapters/{name}.json", "w") as file:
        json.dump(config, file)
    return updates


def named(name, seed, style, alpha, r):
    """Writes an adapter with a linear layer and a convolution under kohya's or diffusers' names."""
    rng = np.random.default_rng(seed)
    shapes = {"lora_unet_mid_to_q": ((7, 5), ()), "lora_unet_mid_conv": ((4, 3), (3, 3))}
    tensors, updates = {}, {}
    for module, ((out, width), window) in shapes.items():
        down = rng.normal(size=(r, width) + window).astype("f4")
        up = rng.normal(size=(out, r) + (1,) * len(window)).astype("f4")
        if style == "kohya":
            tensors[f"{module}.lora_down.weight"] = down
            tensors[f"{module}.lora_up.weight"] = up
            if alpha is not None:
                tensors[f"{module}.alpha"] = np.array(alpha, "f2")
        else:
            tensors[f"{module}_lora.down.weight"] = down
            tensors[f"{module}_lora.up.weight"] = up
        scale = (alpha if alpha is not None else r) / r
        name_ = module if style == "kohya" else module + "_lora"
        updates[name_] = scale * up.reshape(out, r).astype("f8") @ down.reshape(r, -1).astype("f8")
    save_file(tensors, f"adapters/{name}.safetensors")
    return updates


def mean(*all_, shares=None):
    shares = shares or [1 / len(all_)] * len(all_)
    result = {}
    for share, updates in zip(shares, all_):
        for module, update in updates.items():
            result[module] = result.get(module, 0) + share * update
    return result


os.makedirs("adapters", exist_ok=True)
a = peft("a", 1, {"r": 4, "lora_alpha": 8})
b = peft("b", 2, {"r": 4, "lora_alpha": 4})
c = peft("c", 3, {"r": 2, "lora_alpha": 3, "use_rslora": True})
d = peft("d", 4, {"r": 4, "lora_alpha": 8, "rank_pattern": {"v_proj": 3},
                  "alpha_pattern": {"layers.1.self_attn.q_proj": 5, r"model\.layers\.0\..*q_proj": 6}})
e = peft("e", 5, {"r": 4, "lora_alpha": 2, "target_modules": ["q_proj"]},
         [m for m in SHAPES if m.endswith("q_proj")])
h = peft("h", 6, {"r": 2, "lora_alpha": 2}, dtype="f2")
k = named("k", 7, "kohya", 3, 4)
l = named("l", 8, "kohya", 8, 2)
m = named("m", 9, "kohya", None, 2)
o = named("o", 10, "diffusers", None, 2)
p = named("p", 11, "diffusers", None, 3)
sums = {
    "a+b": mean(a, b), "a+c": mean(a, c), "c+a": mean(c, a), "d+a": mean(d, a), "a+d": mean(a, d),
    "a+e": mean(a, e), "e+a": mean(e, a), "h+h": mean(h, h), "a+b+c": mean(a, b, c, shares=[0.5, 0.2, 0.3]),
    "k+l": mean(k, l), "m+k": mean(m, k), "o+p": mean(o, p),
}
expected, errors = {}, {}
for case, updates in sums.items():
    for module, update in updates.items():
        expected[f"{case}/{module}"] = update
# What is lost where "a+c" is cut to rank 3, relative to all of it (Eckart and Young).
values = [np.linalg.svd(update, compute_uv=False) for update in sums["a+c"].values()]
errors["a+c@3"] = float(np.sqrt(sum((s[3:] ** 2).sum() for s in values) / sum((s**2).sum() for s in values)))
errors["distance a, a+b"] = float(np.sqrt(sum(((a[m] - sums["a+b"][m]) ** 2).sum() for m in a)))
errors["moved a, c"] = {m: float(np.linalg.norm(c[m] - a[m]) / np.linalg.norm(a[m])) for m in a}
errors["largest change a, c"] = {m: float(np.linalg.svd(c[m] - a[m], compute_uv=False)[0] ** 2) for m in a}
save_file(expected, "adapters/expected.safetensors")
with open("adapters/expected.json", "w") as file:
    json.dump(errors, file, indent=1)
