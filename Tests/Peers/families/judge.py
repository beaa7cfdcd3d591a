#!/usr/bin/env python3
"""Judges what the tool makes of the models of make_models.py, and writes the table.

    python3 judge.py WSL MODELS [--table DOC] [NAME-PREFIX…]

For each model: is it understood whole; does the tool give the library's outputs; do the groups hold: a second
model is matched to the first, and the library reads the permuted one and has to give what the second gave.
"""
import json
import pathlib
import re
import subprocess
import sys
import warnings

warnings.filterwarnings("ignore")
import numpy
import torch
from safetensors.torch import load_file

import cases
import make_models  # noqa: F401

# Float32 through a few layers, against the largest output.
TOLERANCE = 1e-4


def far(found, expected):
    """The largest difference by the largest expected number."""
    if found.size != expected.size:
        return float("inf")
    scale = max(float(numpy.abs(expected).max()), 1e-6)
    return float(numpy.abs(found.reshape(expected.shape) - expected).max() / scale)


def call(*arguments):
    return subprocess.run([str(a) for a in arguments], capture_output=True, text=True)


def last(result):
    lines = re.sub(r"/\S*/", "", result.stderr.strip()).splitlines()
    return lines[-1][:240] if lines else "no message"


def reload(case, path, save):
    """The library's outputs for the weights in a place."""
    model = case.model.float()
    if save in ("pretrained", "sharded", "bin"):
        fresh = type(model).from_pretrained(path)
        return case.run(fresh.float().eval(), case.example)
    tensors = load_file(path) if save == "safetensors" else torch.load(path, weights_only=True)
    model.load_state_dict(
        {name[len(case.prefix):]: tensor.float() for name, tensor in tensors.items()})
    return case.run(model.eval(), case.example)


def judge(wsl, folder):
    """What becomes of one model."""
    about = json.loads((folder / "case.json").read_text())
    weights = folder / about["weights"]
    options = about["options"]
    row = {"name": folder.name, "whole": False, "runs": None, "groups": 0, "holds": None, "why": ""}
    result = call(wsl, "inspect", weights, "--symmetries", "--json", *options)
    if result.returncode:
        return {**row, "why": last(result)}
    report = json.loads(result.stdout)
    network = report.get("architecture")
    if not network:
        return {**row, "why": "; ".join(report["warnings"])[:240]}
    row["family"] = network["source"].removeprefix("family ")
    row["whole"] = network["certainty"] == "recognised"
    row["groups"] = len(report["symmetries"])
    if not row["whole"]:
        row["why"] = "; ".join(report["warnings"])[:240]
    if about["runs"]:
        out = folder / "found.npy"
        inputs = [f"{name}={folder / name}.npy" for name in about.get("inputs", [])]
        inputs = inputs or [folder / "example.npy"]
        given = [word for place in inputs for word in ("--input", place)]
        result = call(wsl, "run", weights, *given, "-o", out, "--force", "--quiet", *options)
        if result.returncode:
            row["runs"], row["why"] = False, last(result)
        else:
            distance = far(numpy.load(out), numpy.load(folder / "expected.npy"))
            row["runs"], row["distance"] = distance <= TOLERANCE, distance
    else:
        row["why"] = about["note"]
    if row["groups"]:
        case = cases.CASES[folder.name]()
        other = folder / "other" / about["weights"]
        matched = folder / "matched" / about["weights"] if about["weights"] else folder / "matched"
        call("rm", "-rf", folder / "matched")
        if about["weights"]:
            matched.parent.mkdir(parents=True)
        result = call(wsl, "match", weights, other, "-o", matched, "--force", "--quiet", *options)
        if result.returncode:
            row["holds"], row["why"] = False, last(result)
        else:
            try:
                found = reload(case, matched, about["save"])
                rounding = 3e-2 if case.dtype != torch.float32 else TOLERANCE
                distance = far(found, numpy.load(folder / "other.npy"))
                row["holds"] = distance <= rounding
                if not row["holds"]:
                    row["why"] = f"the permuted model is {distance:.2g} away in the library"
            except Exception as error:  # noqa: BLE001
                row["holds"], row["why"] = False, f"{type(error).__name__}: {error}"[:240]
    return row


WORDS = {True: "yes", False: "**no**", None: "–"}


def table(rows):
    """The rows as Markdown."""
    lines = ["| model | family | whole | runs | groups hold | remark |", "|---|---|---|---|---|---|"]
    for row in rows:
        holds = f"{WORDS[row['holds']]} ({row['groups']})" if row["groups"] else "–"
        why = row["why"].replace("|", "/")
        lines.append(f"| {row['name']} | {row.get('family', '–')} | {WORDS[row['whole']]} | "
                     f"{WORDS[row['runs']]} | {holds} | {why} |")
    return lines


def main():
    wsl, root = sys.argv[1], pathlib.Path(sys.argv[2])
    rest = sys.argv[3:]
    doc = None
    if rest[:1] == ["--table"]:
        doc, rest = pathlib.Path(rest[1]), rest[2:]
    rows = []
    for folder in sorted(root.iterdir()):
        if (folder / "case.json").exists() and (
                not rest or any(folder.name.startswith(word) for word in rest)):
            if folder.name not in cases.CASES:
                continue  # another version of a library has to judge it
            row = judge(wsl, folder)
            rows.append(row)
            print(row["name"], row.get("family", "–"), "whole:", WORDS[row["whole"]], "runs:",
                  WORDS[row["runs"]], f"{row.get('distance', 0):.1e}", "groups:", row["groups"],
                  WORDS[row["holds"]], row["why"], flush=True)
    kept = root / "rows.json"
    known = {r["name"]: r for r in (json.loads(kept.read_text()) if kept.exists() else [])}
    known.update({r["name"]: r for r in rows})
    rows = [known[name] for name in sorted(known)]
    kept.write_text(json.dumps(rows))
    count = len(rows)
    meant = [row for row in rows if row["runs"] is not None]
    grouped = [row for row in rows if row["holds"] is not None]
    summary = [
        f"Of {count} models, {sum(r['whole'] for r in rows)} are understood whole; of {len(meant)} that "
        f"are meant to be run, {sum(r['runs'] for r in meant)} give the library's outputs to "
        f"{TOLERANCE:g}; of {len(grouped)} that were matched, {sum(r['holds'] for r in grouped)} give "
        "the same outputs again in the library."]
    print(summary[0])
    if doc:
        text = doc.read_text().split("\n## What is covered\n")[0].rstrip("\n")
        doc.write_text("\n".join([
            text, "", "## What is covered", "",
            "Written by `make test-families`, which makes the models with transformers, timm, torchvision "
            "and PyTorch.", "", *summary, "", *table(rows), ""]))
    bad = [r["name"] for r in rows if not r["whole"] or r["runs"] is False or r["holds"] is False]
    print(f"{len(bad)} fall short: {', '.join(bad)}" if bad else "none falls short")
    sys.exit(1 if len(bad) > 0.05 * max(1, count) else 0)


if __name__ == "__main__":
    main()
