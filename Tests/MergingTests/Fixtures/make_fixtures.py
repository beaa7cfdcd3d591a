"""Makes the fixtures of the merging tests: each formula in a few lines of NumPy, in Float64.

    python make_fixtures.py            with NumPy and safetensors
    python make_fixtures.py mergekit   with mergekit 0.1.5 and PyTorch: only what mergekit itself makes

inputs.safetensors holds three models (a, b, c) and their base, tensor by tensor: "a/dense". Element
values are multiples of 2^-12, so that differences are exact and sign ties are real ones.
expected.safetensors holds "recipe/tensor" for the recipes of `RECIPES`, rounded.safetensors the same
task arithmetic and mean in narrower types, mergekit.safetensors what mergekit makes.
"""

import itertools
import os
import subprocess
import sys
import tempfile

import numpy as np
from safetensors.numpy import load_file, save_file

here = os.path.dirname(os.path.abspath(__file__))
MODELS = "abc"
SHAPES = {"bias": (17,), "conv": (5, 2, 3, 3), "dense": (13, 17), "one": (1,), "same": (4, 6)}
SEED = 7


def inputs():
    rng = np.random.default_rng(1)
    grid = lambda shape, scale: np.round(rng.standard_normal(shape) * scale * 4096) / 4096
    base = {name: grid(shape, 1.0) for name, shape in SHAPES.items()}
    models = {m: {n: t + grid(t.shape, 0.2) for n, t in base.items()} for m in MODELS}
    for m in MODELS:
        models[m]["same"] = base["same"].copy()
    # Differences that cancel, that are zero in one model, and of equal magnitude.
    d, flat = base["dense"].reshape(-1), {m: models[m]["dense"].reshape(-1) for m in MODELS}
    for k in range(0, 24, 3):
        flat["a"][k], flat["b"][k], flat["c"][k] = d[k] + 0.75, d[k] - 0.75, d[k]
        flat["a"][k + 1] = d[k + 1]
        flat["c"][k + 2] = d[k + 2] - 0.75
    return base, models


def largest(delta, count):
    """The mask of that many of the largest magnitudes; equals of the smallest of them stay."""
    if count == 0:
        return np.zeros(delta.shape, bool)
    return np.abs(delta) >= np.sort(np.abs(delta).reshape(-1))[delta.size - count]


def sign_of_most(sums):
    return -1.0 if sum(int(np.sign(s).sum()) for s in sums) < 0 else 1.0


def elect(deltas, weights, zero_sign, average=True):
    weighted = [w * d for w, d in zip(weights, deltas)]
    total = sum(weighted)
    sign = np.where(total == 0, zero_sign, np.sign(total))
    agrees = [np.sign(x) == sign for x in weighted]
    merged = sum(x * m for x, m in zip(weighted, agrees))
    shares = sum(w * m for w, m in zip(weights, agrees))
    return merged / np.where(shares == 0, 1, shares) if average else merged


def mixed(word):
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def kept_by_chance(drop, model, name, shape):
    """A word for each element: a mixed counter that starts at a key of seed, model and tensor."""
    key = mixed(np.array([SEED ^ 0x6D65726765000000], np.uint64))
    key = mixed(key + np.uint64(model + 1))
    for byte in name.encode():
        key = mixed(key ^ np.uint64(byte))
    count = int(np.prod(shape))
    places = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed(key + places) >= np.uint64(int(drop * 2**64))).reshape(shape)


def crumbs(delta, first, last):
    order = np.sort(np.abs(delta).reshape(-1))
    if first >= last:
        return np.zeros(delta.shape, bool)
    return (np.abs(delta) >= order[first]) & (np.abs(delta) <= order[last - 1])


def arc(a, b, t, largest_cosine, cosine_of_zero):
    norms = np.linalg.norm(a) * np.linalg.norm(b)
    cosine = np.clip((a * b).sum() / norms, -1, 1) if norms > 0 else cosine_of_zero
    if cosine is None or abs(cosine) > largest_cosine:
        return (1 - t) * a + t * b
    angle = np.arccos(cosine)
    return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)


def stock(base, thetas, bound):
    deltas = [t - base for t in thetas]
    cosines = []
    for x, y in itertools.combinations(deltas, 2):
        norms = np.linalg.norm(x) * np.linalg.norm(y)
        cosines.append((x * y).sum() / norms if norms > 0 else 0)
    n, cosine = len(thetas), np.mean(cosines)
    t = n * cosine / (1 + (n - 1) * cosine)
    t = max(0, t) if bound else t
    return t * sum(thetas) / n + (1 - t) * base


def expected(base, models):
    names, thetas = list(SHAPES), [models[m] for m in MODELS]
    deltas = [{n: t[n] - base[n] for n in names} for t in thetas]
    total = sum(base[n].size for n in names)
    out = {}

    def put(recipe, tensor):
        out.update({f"{recipe}/{n}": np.asarray(tensor(n)) for n in names})

    put("mean", lambda n: sum(w * t[n] for w, t in zip((0.5, 0.25, 0.25), thetas)))
    put("task-arithmetic",
        lambda n: base[n] + 0.3 * sum(w * d[n] for w, d in zip((1, 2, -0.5), deltas)))

    def ties(recipe, density, weights, scale):
        count, masks = round(density * total), []
        for d in deltas:
            flat = largest(np.concatenate([d[n].reshape(-1) for n in names]), count)
            ends = np.cumsum([0] + [d[n].size for n in names])
            masks.append({n: flat[i:j].reshape(d[n].shape)
                          for n, i, j in zip(names, ends, ends[1:])})
        thinned = [{n: d[n] * m[n] for n in names} for d, m in zip(deltas, masks)]
        zero = sign_of_most([sum(w * d[n] for w, d in zip(weights, thinned)) for n in names])
        put(recipe, lambda n: base[n] + scale * elect([d[n] for d in thinned], weights, zero))

    ties("ties", 0.3, (1, 1, 1), 1)
    ties("ties-weighted", 0.3, (1, 0.5, 2), 0.7)
    ties("ties-all", 1, (1, 1, 1), 1)
    ties("ties-none", 0, (1, 1, 1), 1)

    def tensorwise(recipe, mask, weights, elects, average=True, zero=None, factor=None):
        def one(n):
            thinned = [d[n] * mask(k, n, d[n]) for k, d in enumerate(deltas)]
            if factor:
                thinned = [x * factor(x, d[n]) for x, d in zip(thinned, deltas)]
            if not elects:
                return base[n] + sum(w * x for w, x in zip(weights, thinned))
            sign = zero or sign_of_most([sum(w * x for w, x in zip(weights, thinned))])
            return base[n] + elect(thinned, weights, sign, average)
        put(recipe, one)

    top = lambda density: lambda k, n, d: largest(d, round(density * d.size))
    tensorwise("ties-tensor", top(0.3), (1, 1, 1), True)
    chance = lambda k, n, d: kept_by_chance(0.75, k, n, d.shape)
    fourfold = lambda x, d: 4.0
    tensorwise("dare", chance, (1, 0.5, 1), False, factor=fourfold)
    tensorwise("dare-ties", chance, (1, 1, 1), True, factor=fourfold)
    crumb = lambda k, n, d: crumbs(d, round(0.6 * d.size), d.size - round(0.1 * d.size))
    tensorwise("breadcrumbs", crumb, (1, 1, 0.5), False)
    tensorwise("breadcrumbs-ties", crumb, (1, 1, 1), True)

    def restored(x, d):
        before, after = np.abs(d).sum(), np.abs(x).sum()
        return before / after if before >= 1e-7 and after >= 1e-7 else 1
    tensorwise("mergekit-dare", chance, (1, 1, 1), False, factor=restored)

    put("model-stock", lambda n: stock(base[n], [t[n] for t in thetas], True))
    put("slerp", lambda n: arc(thetas[0][n], thetas[1][n], 0.3, 1 - 1e-12, None))

    def tall(n, least, task=None):
        parts = [d[n] for d in deltas]
        sums = sum(parts)
        masks = [np.abs(d) > 0.4 * np.abs(sums - d) for d in parts]
        keep = masks[task] if task is not None else sum(m.astype(int) for m in masks) >= least
        return base[n] + 0.5 * keep * sums
    put("tall-masks", lambda n: tall(n, 2))
    put("tall-masks-task", lambda n: tall(n, 2, task=1))
    return out


def brain_float(values):
    """Float64 rounded once to BF16, as the bits of it: exactly, by trying both neighbours."""
    bits = values.astype(np.float32).view(np.uint32) & np.uint32(0xFFFF0000)
    def at(step):
        return ((bits >> 16).astype(np.int64) + step).astype(np.uint32) << np.uint32(16)
    choices = np.stack([at(s) for s in (-1, 0, 1, 2)])
    error = np.abs(choices.view(np.float32).astype(np.float64) - values)
    error = error + ((choices >> np.uint32(16)) & 1) * np.spacing(error)
    best = np.take_along_axis(choices, error.argmin(0)[None], 0)[0]
    return (best >> np.uint32(16)).astype(np.uint16)


def rounded():
    """Models stored in narrow types, and their task arithmetic rounded once."""
    rng = np.random.default_rng(2)
    out = {}
    for kind in ("F32", "F16", "BF16"):
        base = rng.standard_normal(300) * np.exp2(rng.integers(-20, 12, 300))
        models = [base * (1 + rng.standard_normal(300) * 2.0**-6) for _ in range(2)]
        if kind == "BF16":
            stored = [brain_float(x) for x in (base, *models)]
            wide = [(s.astype(np.uint32) << 16).view(np.float32).astype(np.float64) for s in stored]
        else:
            stored = [x.astype({"F32": np.float32, "F16": np.float16}[kind]) for x in (base, *models)]
            wide = [s.astype(np.float64) for s in stored]
        b, x, y = wide
        merged = b + (0.7 * (x - b) + 0.7 * (y - b))
        result = brain_float(merged) if kind == "BF16" else merged.astype(stored[0].dtype)
        for name, tensor in zip(("base", "a", "b", "merged"), (*stored, result)):
            out[f"{kind}/{name}"] = tensor
    return out


MERGEKIT = {
    "linear": ("linear", {}, {"weight": (0.5, 1, 2)}),
    "task-arithmetic": ("task_arithmetic", {"lambda": 0.3}, {"weight": (1, 2, -0.5)}),
    "ties": ("ties", {"lambda": 0.7}, {"weight": (1, 0.5, 2), "density": (0.3,) * 3}),
    "breadcrumbs": ("breadcrumbs", {}, {"weight": (1, 1, 0.5), "density": (0.3,) * 3, "gamma": (0.1,) * 3}),
    "breadcrumbs-ties": ("breadcrumbs_ties", {}, {"weight": (1, 1, 1), "density": (0.3,) * 3, "gamma": (0.1,) * 3}),
    "model-stock": ("model_stock", {}, {}),
    "slerp": ("slerp", {"t": 0.3}, {}),
}


def mergekit():
    import yaml

    # Without equal magnitudes, whose order in a sort nobody tells.
    rng = np.random.default_rng(3)
    base = {n: rng.standard_normal(s) for n, s in SHAPES.items()}
    models = {m: {n: t + 0.2 * rng.standard_normal(t.shape) for n, t in base.items()} for m in MODELS}
    out = {f"{m}/{n}": t for m, ts in {"base": base, **models}.items() for n, t in ts.items()}
    tool = os.path.join(os.path.dirname(sys.executable), "mergekit-pytorch")
    with tempfile.TemporaryDirectory() as folder:
        for m, tensors in {"base": base, **models}.items():
            save_file(tensors, f"{folder}/{m}.safetensors")
        for recipe, (method, shared, own) in MERGEKIT.items():
            entry = lambda k, m: {
                "model": f"{folder}/{m}.safetensors", "parameters": {p: v[k] for p, v in own.items()}}
            config = {"merge_method": method, "dtype": "float64", "parameters": shared}
            config["models"] = [entry(k, m) for k, m in enumerate(MODELS)]
            if method == "slerp":
                config["base_model"] = f"{folder}/a.safetensors"
                config["models"] = config["models"][:2]
            elif method != "linear":
                config["base_model"] = f"{folder}/base.safetensors"
            with open(f"{folder}/config.yml", "w") as file:
                yaml.safe_dump(config, file)
            target = f"{folder}/{recipe}"
            subprocess.run([tool, f"{folder}/config.yml", target], check=True)
            files = [f for f in os.listdir(target) if f.endswith(".safetensors")]
            for file in files:
                for n, t in load_file(f"{target}/{file}").items():
                    out[f"{recipe}/{n}"] = t
    save_file(out, f"{here}/mergekit.safetensors")


if sys.argv[1:] == ["mergekit"]:
    mergekit()
else:
    base, models = inputs()
    stored = {f"{m}/{n}": t for m, ts in {"base": base, **models}.items() for n, t in ts.items()}
    save_file(stored, f"{here}/inputs.safetensors")
    save_file(expected(base, models), f"{here}/expected.safetensors")
    save_file(rounded(), f"{here}/rounded.safetensors")
