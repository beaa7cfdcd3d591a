"""One network of the property test: made, matched by `wsl`, judged by the library."""

import json
import os
import re
import subprocess
import time
import zlib

import numpy

from .draw import Draw, fits_a_row
from .topologies import of_family

# Rounding in another order changes outputs by some 1e-6 of their size; a wrong unit by per cents.
TOLERANCE = 1e-4


def makers(family):
    if family == "torch":
        from .torch_family import Pair
    else:
        from .keras_family import Pair
    return of_family(family), Pair


def names(warning, options):
    """Whether a warning speaks of a layer under one of its names."""
    return any(re.search(rf"(?<![\w.]){re.escape(o)}(?![\w])", warning) for o in options)


def run(wsl, *arguments):
    done = subprocess.run([wsl, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def difference(y, z):
    """The largest difference of two answers, relative to the size of the first."""
    if y.shape != z.shape or not numpy.isfinite(z).all():
        return float("inf")
    return float(numpy.abs(y - z).max() / max(float(numpy.abs(y).max()), 1e-12))


def trial(wsl, family, seed, index, folder, only=None):
    """Makes network `index` of a seed and matches its two instances.

    Returns what happened as a dictionary. "outcome" is refused; held (written, and no unit may
    move); moved; warned (another function, with the warning that is asked for); alike (another
    function, with some warning, and the file is in every name and shape that of a plain row); or
    WRONG.
    """
    table, pair_of = makers(family)
    table = [entry for entry in table if only is None or only in entry[0]]
    draw = Draw(f"{seed}/{family}/{index}")
    # Every topology comes up equally often (as often as its weight says) whatever the count.
    topology, make = table[index % len(table)]
    network = make(draw)
    pair = pair_of(network, draw, zlib.crc32(f"{seed}/{family}/{index}".encode()), family)
    a, b, out = (
        os.path.join(folder, f"{family}-{index}-{n}{pair.suffix}") for n in ("a", "b", "out")
    )
    if os.path.exists(out):
        os.remove(out)
    answer = pair.save(a, b)
    begin = time.monotonic()
    code, output, errors = run(wsl, "match", a, b, "-o", out, "--json")
    result = {
        "family": family,
        "seed": seed,
        "index": index,
        "only": only,
        "topology": topology,
        "note": network.note,
        "naming": pair.style,
        "uniform": pair.uniform,
        "hourglass": network.hourglass,
        "expected": sum(network.widths[1:-1])
        if network.row and pair.uniform and pair.known
        else None,
        "alike": pair.uniform and fits_a_row(pair.library.chain()),
        "doubted": [options[0] for options in pair.doubted],
        "seconds": time.monotonic() - begin,
        "files": [a, b, out],
        "code": code,
        "say": errors.strip().splitlines()[-1:] if code else [],
    }
    if code == 65 and not os.path.exists(out):
        return {**result, "outcome": "refused"}
    if code != 0 or not os.path.exists(out):
        return {**result, "outcome": "WRONG", "why": f"exit code {code}: {errors.strip()[-300:]}"}
    document = json.loads(output)
    warnings = [w if isinstance(w, str) else json.dumps(w) for w in document.get("warnings", [])]
    groups = document["groups"]
    result["warnings"] = warnings
    result["groups"] = [[g["group"], g["size"], g["moved"]] for g in groups]
    result["units"] = sum(g["size"] for g in groups)
    result["moved"] = sum(g["moved"] for g in groups)
    try:
        changed = difference(answer, pair.load(out))
    except Exception as problem:  # Whatever the library says of the file is a finding.
        return {**result, "outcome": "WRONG", "why": f"{type(problem).__name__}: {problem}"}
    result["difference"] = changed
    if changed <= TOLERANCE:
        return {**result, "outcome": "moved" if groups else "held"}
    why = f"differs by {changed:.2g}"
    if pair.uniform and pair.doubted:
        if all(any(names(w, options) for w in warnings) for options in pair.doubted):
            return {**result, "outcome": "warned"}
        why += f", and no warning names {', '.join(o[0] for o in pair.doubted)}"
    elif result["alike"]:
        why += ", and the file is that of a plain row"
        if any("square" in w or "as many" in w for w in warnings):
            return {**result, "outcome": "alike", "why": why}
    return {**result, "outcome": "WRONG", "why": why}
