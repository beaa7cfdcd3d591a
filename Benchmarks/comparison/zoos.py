"""Indexing, scanning, asking and packing zoos; the map of phases."""

import json
import os
import subprocess

from comparison.bench import root


def time_zoo(bench, folder):
    """Indexing, scanning and asking beside what they may take; packing beside other packings."""
    zoo, index = os.path.join(folder, "zoo10k"), os.path.join(folder, "zoo.sqlite")
    large = os.path.join(folder, "million.sqlite")
    clock = lambda *words: bench.clock("zoo", *words, "--quiet")
    several = lambda *words: [clock(*words) for _ in range(bench.rounds)]
    bench.peer("zoos.py", "make", zoo, 10_000)
    first = several("index", zoo, "-o", index, "--force")
    again = several("index", zoo, "-o", index)
    scans = several("scan", index, "--metrics", "statistics", "--force")
    bench.peer("zoos.py", "million", index, large)
    question = ("--where", "elements > 19990 and width = 64", "--csv")
    lists = [
        bench.clock("zoo", "list", large, "--of", "tensors", *question)
        for _ in range(bench.rounds + 2)
    ]
    for what, mine, allowed in (
        ("10 000 models indexed, wall", first, 60_000),
        ("… again, wall", again, 3_000),
        ("… their statistics, wall", scans, 60_000),
        ("a filter over a million tensors, wall", lists, 500),
    ):
        bench.table.add(what, mine, "allowed", [allowed], 1)
    tree, packed = os.path.join(folder, "tree"), os.path.join(folder, "tree.h5")
    restored = os.path.join(folder, "restored")
    clock("build", os.path.join(root, "zoo-specs", "digits-tree.yaml"), "-o", tree)
    clock("pack", tree, "-o", packed)
    clock("unpack", packed, "-o", restored)
    subprocess.run(["diff", "-r", tree, restored], check=True, stdout=subprocess.DEVNULL)
    sizes = json.loads(bench.peer("zoos.py", "pack", tree))
    for key, name in (
        ("files", "the files"), ("zstd", "zstd -19 a file"), ("grouped", "bytes grouped, zstd -19")
    ):
        bench.table.add(
            "digits-tree packed, kB", [os.path.getsize(packed) / 1000], name, [sizes[key] / 1000], 1
        )


def time_phases(bench, folder):
    """The map of phases of 2,800 models of an index, with 200 draws."""
    zoo, labels = os.path.join(folder, "grid"), os.path.join(folder, "grid.csv")
    index = os.path.join(folder, "grid.sqlite")
    bench.peer("zoos.py", "grid", zoo, labels)
    bench.clock("zoo", "index", zoo, "-o", index, "--labels", labels, "--force", "--quiet")
    words = ("zoo", "phases", index, "--load", "width", "--temperature", "batch_size", "--json")
    mine = [bench.clock(*words) for _ in range(bench.rounds)]
    bench.table.add("phases of 2,800 models with 200 draws, wall", mine, "allowed", [5_000], 1)
