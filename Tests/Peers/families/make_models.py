#!/usr/bin/env python3
"""Makes tiny random models of every family with the real libraries, and what each gives for one example.

    python3 make_models.py OUT [NAME-PREFIX…]

Each becomes a folder OUT/NAME with the weights as the library saves them, `example.npy`, `expected.npy`
(in Float32, as far as the weights are) and `case.json`.
"""
import json
import pathlib
import shutil
import sys
import warnings

warnings.filterwarnings("ignore")
import numpy
import torch
from safetensors.torch import save_file

import cases
import language  # noqa: F401
for module in ("text", "vision", "sound", "plain", "convolutional", "newer"):
    try:
        __import__(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            print(f"{module}: left out: {error}")


def state(case):
    """The tensors as they are saved."""
    return {
        case.prefix + name: tensor.detach().clone().contiguous()
        for name, tensor in case.model.state_dict().items()
        if not any(name.startswith(word) for word in case.drop)
    }


def rounded(model, dtype):
    """Rounds the weights, and nothing else that the library keeps; it computes with them in Float32."""
    for parameter in model.parameters():
        parameter.data = parameter.data.to(dtype)


def save(case, folder):
    """Saves the weights as the case says; where they are."""
    model = case.model
    if case.save in ("pretrained", "sharded", "bin"):
        options = {"max_shard_size": "8KB"} if case.save == "sharded" else {}
        model.save_pretrained(folder, safe_serialization=case.save != "bin", **options)
        return folder
    path = folder / ("model.safetensors" if case.save == "safetensors" else "model.pt")
    if case.save == "safetensors":
        save_file(state(case), path)
    else:
        torch.save(state(case), path)
    return path


def make(name, out):
    """Makes one model and its files."""
    torch.manual_seed(0)
    case = cases.CASES[name]()
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model = case.model
    if case.dtype != torch.float32:
        rounded(model, case.dtype)
    weights = save(case, folder)
    model.float()
    with torch.no_grad():
        expected = case.run(model, case.example)
    # A second model of other numbers: matched to the first and read again by the library, it has to give
    # what it gave before.
    cases.spread(model, seed=1)
    if case.dtype != torch.float32:
        rounded(model, case.dtype)
    other = folder / "other"
    other.mkdir()
    save(case, other)
    model.float()
    with torch.no_grad():
        numpy.save(folder / "other.npy", numpy.asarray(case.run(model, case.example), "float32"))
    example = case.example
    numpy.save(folder / "example.npy", example.astype("float32"))
    inputs = case.inputs(example) if case.inputs else {}
    for name, values in inputs.items():
        numpy.save(folder / f"{name}.npy", values.astype("float32"))
    numpy.save(folder / "expected.npy", numpy.asarray(expected, dtype="float32"))
    (folder / "case.json").write_text(json.dumps({
        "weights": str(weights.relative_to(folder)) if weights != folder else "",
        "save": case.save, "prefix": case.prefix, "runs": case.runs, "note": case.note,
        "options": list(case.options), "inputs": list(inputs)}))


def main():
    out = pathlib.Path(sys.argv[1])
    wanted = [name for name in cases.CASES
              if len(sys.argv) < 3 or any(name.startswith(word) for word in sys.argv[2:])]
    failed = []
    for name in wanted:
        try:
            make(name, out)
        except Exception as error:  # noqa: BLE001
            failed.append(name)
            print(f"{name}: {type(error).__name__}: {error}")
    print(f"{len(wanted) - len(failed)} of {len(wanted)} models made")


if __name__ == "__main__":
    main()
