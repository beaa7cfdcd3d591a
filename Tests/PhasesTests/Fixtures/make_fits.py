"""Writes fits.json: scaling laws fitted by SciPy, and measures of multiplicity by NumPy.

Needs numpy and scipy. The laws are fitted to logarithms with Huber's loss (least_squares,
loss="huber"), from the constants that made the data and from starts around them; the best is kept.
"""

import itertools
import json
import pathlib

import numpy as np
from scipy.optimize import least_squares


def power(p, x):
    return np.logaddexp(p[0], p[1] - p[2] * x[:, 0])


def two_powers(p, x):
    return np.logaddexp(power(p[:3], x), p[3] - p[4] * x[:, 1])


def critical_batch(p, x):
    return np.logaddexp(p[0], p[1] - x[:, 0])


def fit(law, inputs, results, start, delta):
    x, y = np.log(inputs), np.log(results)
    found = []
    for shake in itertools.product([-0.3, 0, 0.3], repeat=len(start)):
        solved = least_squares(
            lambda p: law(p, x) - y, np.array(start) + shake, loss="huber", f_scale=delta,
            xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=20000)
        found.append((solved.cost, list(solved.x)))
    return min(found)


def case(name, law, inputs, planted, start, noise, delta, constants, generator, outliers=()):
    results = np.exp(law(np.array(start), np.log(inputs)))
    results = results * np.exp(noise * generator.normal(size=len(results)))
    for place, factor in outliers:
        results[place] *= factor
    cost, p = fit(law, inputs, results, start, delta)
    return {
        "name": name, "delta": delta, "inputs": inputs.tolist(), "results": results.tolist(),
        "planted": planted, "constants": constants(p), "cost": cost,
    }


def scaling():
    generator = np.random.default_rng(18)
    sizes = np.repeat(10.0 ** np.arange(3, 8.5, 0.5), 2)[:, None]
    of_power = lambda p: [float(np.exp(p[0])), float(np.exp(p[1] / p[2])), float(p[2])]
    start = [np.log(1.7), 0.34 * np.log(8.8e4), 0.34]
    both = np.array(list(itertools.product(10.0 ** np.arange(3, 7), 10.0 ** np.arange(4, 8))))
    of_both = lambda p: [
        float(np.exp(p[0])), float(np.exp(p[1])), float(p[2]), float(np.exp(p[3])), float(p[4])]
    both_start = [np.log(1.69), np.log(40.0), 0.34, np.log(41.0), 0.28]
    batches = (2.0 ** np.arange(3, 13))[:, None]
    of_batch = lambda p: [float(np.exp(p[0])), float(np.exp(p[1] - p[0]))]
    batch_start = [np.log(2000.0), np.log(2000.0) + np.log(150.0)]
    planted = [1.7, 8.8e4, 0.34]
    return [
        case("power", power, sizes, planted, start, 0, 1e-3, of_power, generator),
        case("power with noise", power, sizes, planted, start, 0.01, 1e-3, of_power, generator),
        case("power with outliers", power, sizes, planted, start, 0.002, 1e-2, of_power,
             generator, outliers=[(3, 1.5), (14, 0.8)]),
        case("two powers", two_powers, both, [1.69, 40.0, 0.34, 41.0, 0.28], both_start, 0, 1e-3,
             of_both, generator),
        case("two powers with noise", two_powers, both, [1.69, 40.0, 0.34, 41.0, 0.28], both_start,
             0.005, 1e-3, of_both, generator),
        case("critical batch with noise", critical_batch, batches, [2000.0, 150.0], batch_start,
             0.02, 1e-3, of_batch, generator),
    ]


def multiplicity():
    generator = np.random.default_rng(19)
    models, examples, classes = 7, 40, 4
    common = 2.5 * generator.normal(size=(examples, classes))
    logits = common + generator.normal(size=(models, examples, classes))
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    p = p.astype(np.float32)
    said = p.argmax(-1)
    differs = said[1:] != said[0]
    pairs = list(itertools.combinations(range(models), 2))
    disagreement = np.mean([said[a] != said[b] for a, b in pairs], axis=0)
    return {
        "models": models, "examples": examples, "classes": classes,
        "probabilities": [row.reshape(-1).tolist() for row in p],
        "ambiguity": float(differs.any(0).mean()),
        "discrepancy": float(differs.mean(1).max()),
        "disagreement": disagreement.tolist(),
        "variation": p.astype(np.float64).std(0).max(-1).tolist(),
        "votes": [np.bincount(said[:, e], minlength=classes).tolist() for e in range(examples)],
        "ambiguous": np.flatnonzero(differs.any(0)).tolist(),
    }


path = pathlib.Path(__file__).parent / "fits.json"
path.write_text(json.dumps({"scaling": scaling(), "multiplicity": multiplicity()}) + "\n")
