"""Assignments and weight matching, beside NumPy, SciPy and lapx."""

import json
import os
import time

from comparison.bench import root


def trained_pair(bench, folder, width, layers=3, epochs=20):
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
    bench.output(bench.wsl, "zoo", "build", spec, "-o", zoo, "--resume", "--json", "--quiet")
    return [os.path.join(zoo, f"mlp{width}-seed{seed}.h5") for seed in (0, 1)]


def pairs(bench, folder):
    """What is matched: (name, width, a, b). Trained models beside the checkout come in too."""
    models = os.path.join(root, "..", "shared", "models")
    fashion = [os.path.join(models, f"fashion-mlp512-{number}.h5") for number in (1, 2)]
    found = [
        (f"digits MLP-{width}", width, *trained_pair(bench, folder, width)) for width in (512, 1024)
    ]
    if all(map(os.path.exists, fashion)):
        found.insert(0, ("Fashion-MNIST MLP-512", 512, *fashion))
    return found


def time_matching(bench, folder):
    """Whole matchings, and the assignments in them, of trained pairs."""
    for name, width, a, b in pairs(bench, folder):
        grams = os.path.join(folder, name.replace(" ", "-"))
        bench.peer("weight_matching.py", a, b, "--seeds", "1", "--dump", grams)
        if "assignment" in bench.chosen:
            mine, theirs = bench.in_turns(
                lambda: bench.ours("assignment", grams)["assignment"],
                lambda: json.loads(
                    bench.peer("assignment.py", grams, "--only", "scipy", "--repeats", "2")
                )[0],
            )
            bench.table.add(
                f"{int(mine[0]['count'])} assignments of {width}, {name}",
                [figures["processor"] for figures in mine],
                "SciPy",
                [figures["scipy"] for figures in theirs],
                6,
            )
        if "matching" in bench.chosen:
            mine, theirs = bench.in_turns(
                lambda: bench.ours("matching", a, b, 5)["matching"],
                lambda: json.loads(bench.peer("weight_matching.py", a, b))["runs"],
            )
            worse = mine[0]["after"] / (sum(run["after"] for run in theirs[0]) / 5) - 1
            if worse > 0.002:
                bench.table.note(
                    f"matching of {name}: our objective is {worse:.2%} above the peer's"
                )
            bench.table.add(
                f"weight matching, {name}",
                [figures["processor"] for figures in mine],
                "NumPy, SciPy",
                [1000 * sum(run["cpuSeconds"] for run in runs) / len(runs) for runs in theirs],
                8 if width == 512 else 10,
            )
            # The command as a user feels it, its start and the reading of both files included, beside
            # the search alone of the peer, whose files are in memory. Bars are for 784-512-512-512-10.
            mine, theirs = bench.in_turns(
                lambda: bench.clock("match", a, b, "--quiet"),
                lambda: json.loads(bench.peer("weight_matching.py", a, b))["runs"],
            )
            bench.table.add(
                f"wsl match, the whole command, {name}, wall",
                mine,
                "NumPy, SciPy, in memory",
                [1000 * sum(run["seconds"] for run in runs) / len(runs) for runs in theirs],
                6 if name.startswith("Fashion") else None,
            )


def time_families(bench, folder):
    """Families of all sizes, each problem by itself; the fastest of the peers counts."""
    costs = os.path.join(folder, "costs")
    os.mkdir(costs)
    bench.peer("assignment.py", "--make", costs, "--sizes", bench.sizes)
    # What matching trained networks has to solve. Large ones are trained briefly, and their sequence
    # is short: it is the shape of the matrices that counts.
    for width, layers, epochs, sweeps, seeds in (
        (8, 3, 20, 100, 24), (64, 3, 20, 100, 1), (512, 3, 20, 100, 1), (1024, 3, 20, 2, 1),
        (2048, 2, 3, 2, 1), (4096, 2, 1, 1, 1),
    ):
        if str(width) not in bench.sizes.split(","):
            continue
        sequence = os.path.join(folder, f"real-{width}")
        pair = trained_pair(bench, folder, width, layers, epochs)
        bench.peer(
            "weight_matching.py", *pair, "--seeds", seeds, "--sweeps", sweeps, "--dump", sequence
        )
        bench.peer("assignment.py", "--real", costs, sequence)
    mine, theirs = bench.in_turns(
        lambda: bench.ours("families", costs),
        lambda: {
            found["family"]: found
            for found in json.loads(bench.peer("assignment.py", "--families", costs))
        },
    )
    for figures in mine:
        for key, found in figures.items():
            if found["gap"] > 1e-9 * abs(found["total"]):
                bench.table.note(
                    f"assignment of {key}: not proved, {found['gap']} of {found['total']}"
                )
    for key in sorted(mine[0], key=lambda key: (key.split("-")[0], int(key.split("-")[1]))):
        family, size = key.split("-")
        best = {
            name: [round[key][name] for round in theirs]
            for name in ("scipy", "lapjv", "lapjvs")
            if name in theirs[0][key]
        }
        name = min(best, key=lambda name: min(best[name]))
        bench.table.add(
            f"assignment, {family}, n = {size}",
            [round[key]["processor"] for round in mine],
            {"scipy": "SciPy"}.get(name, f"lapx, {name}"),
            best[name],
            1,
        )


def time_resnet50(bench, folder):
    """The whole command by the clock, and its memory, on files as large as ResNet-50's."""
    bench.peer("resnet50_pair.py", folder)
    pair = [os.path.join(folder, f"resnet50-{end}.h5") for end in "ab"]
    found = []
    for _ in range(bench.rounds):
        begin = time.perf_counter()
        memory, processor = bench.weighed("match", *pair, "--quiet")
        found.append((1000 * (time.perf_counter() - begin), processor, memory))
    for index, (what, name, allowed, bar) in enumerate(
        (
            ("ResNet-50-shaped pair matched, wall", "20 s", 20000, 1),
            ("the same, processors", "20 s", 20000, None),
            ("the same, MiB", "1.5 GiB", 1536, 1),
        )
    ):
        bench.table.add(what, [figures[index] for figures in found], name, [allowed], bar)
