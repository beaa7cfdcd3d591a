"""Runs `wsl-bench` and the peers in turns and prints one table.

    python compare.py WSL WSL_BENCH [--rounds 2] [--sizes 8,64,512,1024,2048,4096]
        [--only assignment,families,matching,resnet50,reading,writing,memory,spectra,merging,patching,zoo,training]

Every figure is the least of all rounds. A round runs ours and the peer's one after the other, so that
both see the machine in the same state. Rows of memory are in MiB, beside what is allowed; those of packing in
kB. `bar` is the ratio that is asked for, or better; figures of
more than one thread are by the clock on the wall, the others are processor time. Exits with 1 where a
bar is missed. --sizes are those of the families of assignments; real ones are trained for the sizes of
the default only.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(here)

parser = argparse.ArgumentParser()
parser.add_argument("wsl")
parser.add_argument("bench")
parser.add_argument("--rounds", type=int, default=2)
parser.add_argument(
    "--only", default="assignment,families,matching,resnet50,reading,writing,memory,spectra,merging,patching,zoo,training"
)
parser.add_argument("--sizes", default="8,64,512,1024,2048,4096")
arguments = parser.parse_args()
chosen = arguments.only.split(",")

environment = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="2")
rows = []
skipped = []


def output(*command):
    return subprocess.run(
        [str(word) for word in command], env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def ours(*words):
    return json.loads(output(arguments.bench, *words))


def peer(path, *words):
    return output(sys.executable, os.path.join(here, path), *words)


def row(what, mine, name, others, bar):
    """Milliseconds of ours and the peer's, one a round."""
    rows.append((what, min(mine), name, min(others), bar))


def in_turns(mine, theirs):
    """The results of both, round by round."""
    found = [(mine(), theirs()) for _ in range(arguments.rounds)]
    return [pair[0] for pair in found], [pair[1] for pair in found]


def trained_pair(folder, width, layers=3, epochs=20):
    """Two networks of equal hidden layers, trained from independent starts."""
    spec = os.path.join(folder, f"mlp{width}.yaml")
    with open(spec, "w") as file:
        file.write(
            f"""name: mlp{width}
data: digits
model: {{kind: mlp, widths: {[width] * layers}}}
training: {{optimizer: adamw, learning-rate: 0.003, weight-decay: 0.1, epochs: {epochs}}}
seeds: [0, 1]
"""
        )
    zoo = os.path.join(folder, f"zoo{width}")
    output(arguments.wsl, "zoo", "build", spec, "-o", zoo, "--json", "--quiet")
    return [os.path.join(zoo, f"mlp{width}-seed{seed}.h5") for seed in (0, 1)]


def pairs(folder):
    """What is matched: (name, width, a, b). Trained models beside the checkout come in too."""
    models = os.path.join(root, "..", "shared", "models")
    fashion = [os.path.join(models, f"fashion-mlp512-{number}.h5") for number in (1, 2)]
    found = [(f"digits MLP-{width}", width, *trained_pair(folder, width)) for width in (512, 1024)]
    if all(map(os.path.exists, fashion)):
        found.insert(0, ("Fashion-MNIST MLP-512", 512, *fashion))
    return found


def time_matching(folder):
    for name, width, a, b in pairs(folder):
        grams = os.path.join(folder, name.replace(" ", "-"))
        peer("peers/weight_matching.py", a, b, "--seeds", "1", "--dump", grams)
        if "assignment" in chosen:
            mine, theirs = in_turns(
                lambda: ours("assignment", grams)["assignment"],
                lambda: json.loads(
                    peer("peers/assignment.py", grams, "--only", "scipy", "--repeats", "2")
                )[0],
            )
            row(
                f"{int(mine[0]['count'])} assignments of {width}, {name}",
                [figures["processor"] for figures in mine],
                "SciPy",
                [figures["scipy"] for figures in theirs],
                6,
            )
        if "matching" in chosen:
            mine, theirs = in_turns(
                lambda: ours("matching", a, b, 5)["matching"],
                lambda: json.loads(peer("peers/weight_matching.py", a, b))["runs"],
            )
            worse = mine[0]["after"] / (sum(run["after"] for run in theirs[0]) / 5) - 1
            if worse > 0.002:
                skipped.append(f"matching of {name}: our objective is {worse:.2%} above the peer's")
            row(
                f"weight matching, {name}",
                [figures["processor"] for figures in mine],
                "NumPy, SciPy",
                [1000 * sum(run["cpuSeconds"] for run in runs) / len(runs) for runs in theirs],
                8 if width == 512 else 10,
            )


def time_families(folder):
    """Families of all sizes, each problem by itself; the fastest of the peers counts."""
    costs = os.path.join(folder, "costs")
    os.mkdir(costs)
    peer("peers/assignment.py", "--make", costs, "--sizes", arguments.sizes)
    # What matching trained networks has to solve. Large ones are trained briefly, and their sequence
    # is short: it is the shape of the matrices that counts.
    for width, layers, epochs, sweeps, seeds in (
        (8, 3, 20, 100, 24), (64, 3, 20, 100, 1), (512, 3, 20, 100, 1), (1024, 3, 20, 2, 1),
        (2048, 2, 3, 2, 1), (4096, 2, 1, 1, 1),
    ):
        if str(width) not in arguments.sizes.split(","):
            continue
        sequence = os.path.join(folder, f"real-{width}")
        pair = trained_pair(folder, width, layers, epochs)
        peer(
            "peers/weight_matching.py", *pair, "--seeds", seeds, "--sweeps", sweeps, "--dump", sequence
        )
        peer("peers/assignment.py", "--real", costs, sequence)
    mine, theirs = in_turns(
        lambda: ours("families", costs),
        lambda: {
            found["family"]: found
            for found in json.loads(peer("peers/assignment.py", "--families", costs))
        },
    )
    for figures in mine:
        for key, found in figures.items():
            if found["gap"] > 1e-9 * abs(found["total"]):
                skipped.append(f"assignment of {key}: not proved, {found['gap']} of {found['total']}")
    for key in sorted(mine[0], key=lambda key: (key.split("-")[0], int(key.split("-")[1]))):
        family, size = key.split("-")
        best = {
            name: [round[key][name] for round in theirs]
            for name in ("scipy", "lapjv", "lapjvs")
            if name in theirs[0][key]
        }
        name = min(best, key=lambda name: min(best[name]))
        row(
            f"assignment, {family}, n = {size}",
            [round[key]["processor"] for round in mine],
            {"scipy": "SciPy"}.get(name, f"lapx, {name}"),
            best[name],
            1,
        )


def weighed(*command):
    """What a command used: MiB that it held at most, and milliseconds of processors."""
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise subprocess.CalledProcessError(status, command, stderr=message)
    return usage.ru_maxrss / 1024, 1000 * (usage.ru_utime + usage.ru_stime)


def peak_memory(*command):
    return weighed(*command)[0]


def weigh(folder):
    peer("peers/memory.py", folder)
    path = lambda name: os.path.join(folder, name + ".safetensors")
    size = lambda names: sum(os.path.getsize(path(name)) for name in names) / (1 << 20)
    row("wsl doctor, MiB", [peak_memory(arguments.wsl, "doctor")], "(what is always there)", [0], None)
    pair = ["large-a", "large-b"]
    small = [f"small-{index:02}" for index in range(11)]
    written = os.path.join(folder, "out.safetensors")
    for what, names, allowed, told, output in (
        ("two perceptrons of 54 MiB matched, MiB", pair, size(pair) + 256, "their size + 256", None),
        ("the same, and the result written, MiB", pair, size(pair) + 256, "their size + 256", written),
        ("ten perceptrons of 3.6 MiB matched to one, MiB", small, 3 * size(small), "3 × their size", None),
    ):
        words = ["match", *map(path, names), "--quiet"] + (["-o", output] if output else [])
        row(what, [peak_memory(arguments.wsl, *words)], told, [allowed], 1)


def time_resnet50(folder):
    """The whole command by the clock, and its memory, on files as large as ResNet-50's."""
    peer("peers/resnet50_pair.py", folder)
    pair = [os.path.join(folder, f"resnet50-{end}.h5") for end in "ab"]
    found = []
    for _ in range(arguments.rounds):
        begin = time.perf_counter()
        memory, processor = weighed(arguments.wsl, "match", *pair, "--quiet")
        found.append((1000 * (time.perf_counter() - begin), processor, memory))
    for index, (what, name, allowed, bar) in enumerate(
        (
            ("ResNet-50-shaped pair matched, wall", "20 s", 20000, 1),
            ("the same, processors", "20 s", 20000, None),
            ("the same, MiB", "1.5 GiB", 1536, 1),
        )
    ):
        row(what, [figures[index] for figures in found], name, [allowed], bar)


def time_reading(folder):
    ours("files", folder)
    peer("peers/reading.py", "make", folder)
    mine, theirs = in_turns(
        lambda: ours("reading", folder),
        lambda: json.loads(peer("peers/reading.py", "time", folder)),
    )
    for key, what, bar in (
        ("shuffle", "64 MiB read, shuffle and gzip", 5),
        ("gzip", "64 MiB read, gzip", 3.5),
        ("zstd", "64 MiB read, shuffle and zstd", 2.5),
        ("contiguous", "64 MiB read, contiguous", 1),
        ("numpy", "64 MiB read, contiguous", 1),
        ("shuffle into", "64 MiB into memory, shuffle and gzip", None),
        ("gzip into", "64 MiB into memory, gzip", None),
        ("zstd into", "64 MiB into memory, shuffle and zstd", None),
        ("contiguous into", "64 MiB into memory, contiguous", None),
        ("catalogue", "catalogue of 500 data sets", 5),
    ):
        for index, clock in enumerate(("wall", "processor")):
            row(
                f"{what}, {clock}",
                [figures["contiguous" if key == "numpy" else key][clock] for figures in mine],
                "NumPy" if key == "numpy" else "hdf5plugin" if "zstd" in key else "h5py",
                [1000 * figures[key][index] for figures in theirs],
                bar if clock == "wall" else None,
            )


def time_writing(folder):
    ours("files", folder)
    mine, theirs = in_turns(
        lambda: ours("writing", folder), lambda: json.loads(peer("peers/writing.py", folder))
    )
    for key, what, name, bar in (
        ("zstd", "64 MiB to HDF5, shuffle and zstd", "h5py, hdf5plugin", None),
        ("gzip", "64 MiB to HDF5, shuffle and gzip", "h5py", None),
        ("safetensors", "64 MiB to safetensors", "h5py, safetensors", 1),
    ):
        for index, clock in enumerate(("wall", "processor")):
            row(
                f"{what}, {clock}",
                [figures[key][clock] for figures in mine],
                name,
                [1000 * figures[key][index] for figures in theirs],
                bar if clock == "wall" else None,
            )


def time_merging(folder):
    peer("peers/merging.py", "make", folder)
    merged = os.path.join(folder, "merged.safetensors")

    def merge():
        if os.path.exists(merged):
            os.remove(merged)
        os.sync()
        begin = time.perf_counter()
        output(
            arguments.wsl, "merge", *(os.path.join(folder, f"{name}.safetensors") for name in "ab"),
            "--base", os.path.join(folder, "base.safetensors"), "--method", "task-arithmetic",
            "--scale", "0.5", "-o", merged, "--quiet",
        )
        return 1000 * (time.perf_counter() - begin)

    mine, theirs = in_turns(merge, lambda: json.loads(peer("peers/merging.py", "time", folder)))
    for key, name, bar in (
        ("peer", theirs[0]["name"], 4),
        ("copies", "cp, the same bytes", 0.7),
        ("copy", "cp, one file", None),
    ):
        row(
            "task arithmetic of two models of 1 GiB", mine, name,
            [1000 * figures[key] for figures in theirs], bar,
        )


def time_spectra(folder):
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
        mine, theirs = in_turns(
            lambda: ours("spectra", side, count), lambda: others(sys.executable, "svd", side, count)
        )
        for precision, factor in (("f64", 1), ("f32", 1.5)):
            row(
                f"singular values, {count} of {side}, {precision}, wall",
                [figures[precision]["wall"] for figures in mine],
                "NumPy",
                theirs,
                bar * factor,
            )
    python = os.environ.get("WSL_WEIGHTWATCHER_PYTHON", sys.executable)
    probe = subprocess.run([python, "-c", "import weightwatcher"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    if probe.returncode:
        skipped.append("spectra of a model: no WeightWatcher; name a python3 in WSL_WEIGHTWATCHER_PYTHON")
        return
    model = os.path.join(folder, "vgg.safetensors")
    peer("peers/spectra.py", "make", model)
    mine, theirs = in_turns(
        lambda: ours("spectra", model), lambda: others(python, "weightwatcher", model)
    )
    row(
        "spectra of a VGG model, 11 layers, wall",
        [figures["model"]["wall"] for figures in mine],
        "WeightWatcher",
        theirs,
        8,
    )


def time_zoo(folder):
    """Indexing, scanning and asking beside what they may take; packing beside other packings."""

    def clock(*words):
        begin = time.perf_counter()
        output(arguments.wsl, "zoo", *words)
        return 1000 * (time.perf_counter() - begin)

    zoo, index = os.path.join(folder, "zoo10k"), os.path.join(folder, "zoo.sqlite")
    large = os.path.join(folder, "million.sqlite")
    peer("peers/zoos.py", "make", zoo, 10_000)
    first = [clock("index", zoo, "-o", index, "--force", "--quiet") for _ in range(arguments.rounds)]
    again = [clock("index", zoo, "-o", index, "--quiet") for _ in range(arguments.rounds)]
    scans = [
        clock("scan", index, "--metrics", "statistics", "--force", "--quiet") for _ in range(arguments.rounds)
    ]
    peer("peers/zoos.py", "million", index, large)
    lists = [
        clock("list", large, "--of", "tensors", "--where", "elements > 19990 and width = 64", "--csv")
        for _ in range(arguments.rounds + 2)
    ]
    for what, mine, allowed in (
        ("10 000 models indexed, wall", first, 60_000),
        ("… again, wall", again, 3_000),
        ("… their statistics, wall", scans, 60_000),
        ("a filter over a million tensors, wall", lists, 500),
    ):
        row(what, mine, "allowed", [allowed], 1)
    tree, packed = os.path.join(folder, "tree"), os.path.join(folder, "tree.h5")
    restored = os.path.join(folder, "restored")
    clock("build", os.path.join(root, "zoo-specs", "digits-tree.yaml"), "-o", tree, "--quiet")
    clock("pack", tree, "-o", packed, "--quiet")
    clock("unpack", packed, "-o", restored, "--quiet")
    subprocess.run(["diff", "-r", tree, restored], check=True, stdout=subprocess.DEVNULL)
    sizes = json.loads(peer("peers/zoos.py", "pack", tree))
    for key, name in (("files", "the files"), ("zstd", "zstd -19 a file"), ("grouped", "bytes grouped, zstd -19")):
        row("digits-tree packed, kB", [os.path.getsize(packed) / 1000], name, [sizes[key] / 1000], 1)


def torch_python():
    for name in (os.environ.get("WSL_TORCH_PYTHON"), sys.executable, "/usr/bin/python3", "python3"):
        path = name and shutil.which(name)
        if path and subprocess.run(
            [path, "-c", "import torch"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ).returncode == 0:
            return path
    return None


def time_training():
    python = torch_python()
    if python is None:
        skipped.append("training: no python3 with PyTorch; name one in WSL_TORCH_PYTHON")
        return
    script = os.path.join(here, "peers", "pytorch_training.py")

    def steps(threads):
        text = output(python, script, threads)
        return {
            name: float(time)
            for name, time in re.findall(r"^(\w+): .*training step ([\d.]+) ms", text, re.M)
        }

    for threads in (1, 2):
        mine, theirs = in_turns(lambda: ours("training", threads), lambda: steps(threads))
        for name, bar in (("mlp", 1.0), ("vgg", 0.8), ("resnet20", 0.8)):
            row(
                f"training step, {name}, {threads} thread{'s' * (threads > 1)}",
                [figures[name]["step"] for figures in mine],
                "PyTorch",
                [figures[name] for figures in theirs],
                bar,
            )


def time_patching(folder):
    figures = json.loads(peer("peers/patching.py", arguments.wsl, folder))
    rows = (
        ("first", "patched, 4 of 64 layers"), ("all", "patched, all layers"), ("removed", "all layers restored")
    )
    for choice, what in rows:
        row(f"1 GiB {what}, wall", [1000 * figures[choice]], "copy", [1000 * figures["copy"]], 0.7)


def print_table():
    table = [("what", "ours, ms", "peer", "peer, ms", "ratio", "bar")]
    missed = 0
    for what, mine, name, other, bar in rows:
        ratio = other / mine
        missed += bar is not None and ratio < bar
        verdict = "" if bar is None else f"{bar:g}" + ("" if ratio >= bar else "  missed")
        table.append((what, f"{mine:.2f}", name, f"{other:.2f}", f"{ratio:.2f}", verdict))
    widths = [max(len(line[column]) for line in table) for column in range(6)]
    for line in table:
        cells = [
            cell.rjust(width) if column in (1, 3, 4) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths))
        ]
        print("  ".join(cells).rstrip())
    for line in skipped:
        print(line)
    return missed


failed = 0
with tempfile.TemporaryDirectory(prefix="wsl-bench-") as scratch:
    for names, measure in (
        ({"assignment", "matching"}, lambda: time_matching(scratch)),
        ({"resnet50"}, lambda: time_resnet50(scratch)),
        ({"families"}, lambda: time_families(scratch)),
        ({"reading"}, lambda: time_reading(scratch)),
        ({"writing"}, lambda: time_writing(scratch)),
        ({"memory"}, lambda: weigh(scratch)),
        ({"merging"}, lambda: time_merging(scratch)),
        ({"spectra"}, lambda: time_spectra(scratch)),
        ({"training"}, time_training),
        ({"patching"}, lambda: time_patching(scratch)),
        ({"zoo"}, lambda: time_zoo(scratch)),
    ):
        if not names & set(chosen):
            continue
        try:
            measure()
        except subprocess.CalledProcessError as error:
            failed += 1
            skipped.append(f"failed: {' '.join(error.cmd)}")
sys.exit(1 if print_table() + failed else 0)
