"""Spectra beside NumPy and WeightWatcher, training and second derivatives beside PyTorch."""

import json
import os
import re
import shutil
import subprocess
import sys

from comparison.bench import here


def python_with(module, *names):
    """The first of some interpreters that has a module; None where none has."""
    for name in names:
        path = name and shutil.which(name)
        if path and subprocess.run(
            [path, "-c", f"import {module}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ).returncode == 0:
            return path
    return None


def time_spectra(bench, folder):
    """Singular values of square matrices, and a whole model."""
    script = os.path.join(here, "peers", "spectra.py")
    # NumPy with as many threads as it likes: that is what its users have.
    threaded = {key: text for key, text in os.environ.items() if not key.endswith("_NUM_THREADS")}

    def others(python, *words):
        text = subprocess.run(
            [python, script, *map(str, words)], env=threaded, check=True, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        ).stdout
        return json.loads(text.splitlines()[-1])

    for side, count, bar in ((512, 16, 2.5), (1024, 6, 4.5), (2048, 4, 5), (4096, 2, 6)):
        mine, theirs = bench.in_turns(
            lambda: bench.ours("spectra", side, count),
            lambda: others(sys.executable, "svd", side, count),
        )
        for precision, factor in (("f64", 1), ("f32", 1.5)):
            bench.table.add(
                f"singular values, {count} of {side}, {precision}, wall",
                [figures[precision]["wall"] for figures in mine],
                "NumPy",
                theirs,
                bar * factor,
            )
    python = python_with("weightwatcher", os.environ.get("WSL_WEIGHTWATCHER_PYTHON"), sys.executable)
    if python is None:
        bench.table.note(
            "spectra of a model: no WeightWatcher; name a python3 in WSL_WEIGHTWATCHER_PYTHON"
        )
        return
    model = os.path.join(folder, "vgg.safetensors")
    bench.peer("spectra.py", "make", model)
    mine, theirs = bench.in_turns(
        lambda: bench.ours("spectra", model), lambda: others(python, "weightwatcher", model)
    )
    for precision, bar in (("f64", 8), ("f32", None)):
        bench.table.add(
            f"spectra of a VGG model, 11 layers, {precision}, wall",
            [figures[precision]["wall"] for figures in mine],
            "WeightWatcher",
            theirs,
            bar,
        )


def time_training(bench, folder):
    """A training step of three networks, with one thread and with two."""
    python = python_with(
        "torch", os.environ.get("WSL_TORCH_PYTHON"), sys.executable, "/usr/bin/python3", "python3"
    )
    if python is None:
        bench.table.note("training: no python3 with PyTorch; name one in WSL_TORCH_PYTHON")
        return
    script = os.path.join(here, "peers", "pytorch_training.py")

    def steps(threads):
        text = bench.output(python, script, threads)
        return {
            name: float(time)
            for name, time in re.findall(r"^(\w+): .*training step ([\d.]+) ms", text, re.M)
        }

    for threads in (1, 2):
        mine, theirs = bench.in_turns(
            lambda: bench.ours("training", threads), lambda: steps(threads)
        )
        for name, bar in (("mlp", 1.0), ("vgg", 0.8), ("resnet20", 0.8)):
            bench.table.add(
                f"training step, {name}, {threads} thread{'s' * (threads > 1)}",
                [figures[name]["step"] for figures in mine],
                "PyTorch",
                [figures[name] for figures in theirs],
                bar,
            )


def time_hessian(bench, folder):
    """A product of the second derivatives with a direction, beside a gradient and PyTorch's double backward."""
    python = python_with(
        "torch", os.environ.get("WSL_TORCH_PYTHON"), sys.executable, "/usr/bin/python3", "python3"
    )
    if python is None:
        bench.table.note("hessian: no python3 with PyTorch; name one in WSL_TORCH_PYTHON")
        return
    script = os.path.join(here, "peers", "pytorch_hessian.py")
    mine, theirs = bench.in_turns(
        lambda: bench.ours("hessian"),
        lambda: {threads: json.loads(bench.output(python, script, threads)) for threads in (1, 2)},
    )
    for name in ("mlp", "vgg", "resnet20"):
        products = [figures[name]["product"] for figures in mine]
        bench.table.add(
            f"product with second derivatives, {name}, 1 thread", products, "PyTorch",
            [figures[1][name]["product"] for figures in theirs], 1.2,
        )
        bench.table.add(
            f"product with second derivatives, {name}, 2 threads",
            [figures[name]["pair"] for figures in mine], "PyTorch",
            [figures[2][name]["pair"] for figures in theirs], 1.2,
        )
        # 2.5 gradients are the most that a product may take.
        bench.table.add(
            f"product with second derivatives, {name}, 1 thread", products, "our gradient",
            [figures[name]["gradient"] for figures in mine], 0.4,
        )


def time_similarity(bench, folder):
    """The CKA of the logits of 50 networks in one pass over the data, beside PyTorch."""
    python = python_with(
        "torch", os.environ.get("WSL_TORCH_PYTHON"), sys.executable, "/usr/bin/python3", "python3"
    )
    if python is None:
        bench.table.note("similarity: no python3 with PyTorch; name one in WSL_TORCH_PYTHON")
        return
    script = os.path.join(here, "peers", "similarity.py")
    mine, theirs = bench.in_turns(
        lambda: bench.ours("similarity")["similarity"],
        lambda: json.loads(bench.output(python, script, 2)),
    )
    what = "CKA of the logits of 50 networks, all pairs, 2 threads"
    bench.table.add(
        what, [figures["wall"] for figures in mine], "PyTorch",
        [figures["wall"] for figures in theirs], 1,
    )
    # One pass: not twice the time of running every network once.
    bench.table.add(
        what, [figures["wall"] for figures in mine], "running them alone",
        [figures["forward"] for figures in mine], 0.5,
    )


def time_probes(bench, folder):
    """An epoch of ProbeX beside PyTorch, kernel ridge regression beside scikit-learn: 700 matrices of 768 x 768."""
    script = os.path.join(here, "peers", "probes.py")
    sizes = (700, 768)
    names = (os.environ.get("WSL_TORCH_PYTHON"), sys.executable, "/usr/bin/python3", "python3")
    for subject, module, library, bar in (
        ("epoch", "torch", "PyTorch", 1.5), ("ridge", "sklearn", "scikit-learn", 3),
    ):
        python = python_with(module, *names)
        if python is None:
            bench.table.note(f"probes, {subject}: no python3 with {library}")
            continue
        mine, theirs = bench.in_turns(
            lambda: bench.ours("probes", *sizes),
            lambda: float(bench.output(python, script, subject, *sizes)),
        )
        title = {"epoch": "an epoch of ProbeX", "ridge": "kernel ridge"}[subject]
        ours = [figures[subject]["wall"] for figures in mine]
        bench.table.add(f"{title}, 700 of 768 x 768, wall", ours, library, theirs, bar)
        if subject == "ridge":
            # A minute is the most that it may take.
            bench.table.add(f"{title}, 700 of 768 x 768, wall", ours, "allowed", [60000], 1)
