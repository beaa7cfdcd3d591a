"""Reading, writing, merging and patching files, and the memory that commands hold."""

import json
import os


def make_files(bench, folder):
    """The files that are read, once for all subjects."""
    if not os.path.exists(os.path.join(folder, "contiguous.h5")):
        bench.ours("files", folder)


def time_reading(bench, folder):
    """Tensors of 64 MiB and a catalogue of many small ones, beside h5py, NumPy and safetensors."""
    make_files(bench, folder)
    bench.peer("reading.py", "make", folder)
    mine, theirs = bench.in_turns(
        lambda: bench.ours("reading", folder),
        lambda: json.loads(bench.peer("reading.py", "time", folder)),
    )
    for key, what, bar in (
        ("shuffle", "64 MiB read, shuffle and gzip", 5),
        ("gzip", "64 MiB read, gzip", 3.5),
        ("zstd", "64 MiB read, shuffle and zstd", 2.5),
        ("contiguous", "64 MiB read, contiguous", 1),
        ("numpy", "64 MiB read, contiguous", 1),
        ("safetensors", "64 MiB read, safetensors", 1),
        ("shuffle into", "64 MiB into memory, shuffle and gzip", None),
        ("gzip into", "64 MiB into memory, gzip", None),
        ("zstd into", "64 MiB into memory, shuffle and zstd", None),
        ("contiguous into", "64 MiB into memory, contiguous", None),
        ("catalogue", "catalogue of 500 data sets", 5),
    ):
        add_clocks(
            bench.table, what,
            [figures["contiguous" if key == "numpy" else key] for figures in mine],
            {"numpy": "NumPy", "safetensors": "safetensors"}.get(
                key, "hdf5plugin" if "zstd" in key else "h5py"
            ),
            [figures[key] for figures in theirs], bar,
        )


def time_writing(bench, folder):
    """Tensors of 64 MiB, beside h5py and safetensors."""
    make_files(bench, folder)
    mine, theirs = bench.in_turns(
        lambda: bench.ours("writing", folder),
        lambda: json.loads(bench.peer("writing.py", folder)),
    )
    for key, what, name, bar in (
        ("zstd", "64 MiB to HDF5, shuffle and zstd", "h5py, hdf5plugin", None),
        ("gzip", "64 MiB to HDF5, shuffle and gzip", "h5py", None),
        ("safetensors", "64 MiB to safetensors", "h5py, safetensors", 1),
    ):
        add_clocks(
            bench.table, what, [figures[key] for figures in mine], name,
            [figures[key] for figures in theirs], bar,
        )


def add_clocks(table, what, mine, name, theirs, bar):
    """A row by the clock on the wall, which the bar is about, and one of processor time."""
    for index, clock in enumerate(("wall", "processor")):
        table.add(
            f"{what}, {clock}", [figures[clock] for figures in mine], name,
            [1000 * figures[index] for figures in theirs], bar if clock == "wall" else None,
        )


def weigh(bench, folder):
    """The memory of matching, beside what is allowed."""
    bench.peer("memory.py", folder)
    path = lambda name: os.path.join(folder, name + ".safetensors")
    size = lambda names: sum(os.path.getsize(path(name)) for name in names) / (1 << 20)
    bench.table.add(
        "wsl doctor, MiB", [bench.weighed("doctor")[0]], "(what is always there)", [0], None
    )
    pair = ["large-a", "large-b"]
    small = [f"small-{index:02}" for index in range(11)]
    written = os.path.join(folder, "out.safetensors")
    for what, names, allowed, told, output in (
        ("two perceptrons of 54 MiB matched, MiB", pair, size(pair) + 256, "their size + 256", None),
        ("the same, and the result written, MiB", pair, size(pair) + 256, "their size + 256", written),
        ("ten perceptrons of 3.6 MiB matched to one, MiB", small, 3 * size(small), "3 × their size", None),
    ):
        words = ["match", *map(path, names), "--quiet"] + (["-o", output] if output else [])
        bench.table.add(what, [bench.weighed(*words)[0]], told, [allowed], 1)


def time_merging(bench, folder):
    """Task arithmetic of files of 1 GiB, beside NumPy and beside copying as much."""
    bench.peer("merging.py", "make", folder)
    merged = os.path.join(folder, "merged.safetensors")

    def merge():
        if os.path.exists(merged):
            os.remove(merged)
        os.sync()
        return bench.clock(
            "merge", *(os.path.join(folder, f"{name}.safetensors") for name in "ab"),
            "--base", os.path.join(folder, "base.safetensors"), "--method", "task-arithmetic",
            "--scale", "0.5", "-o", merged, "--quiet",
        )

    mine, theirs = bench.in_turns(
        merge, lambda: json.loads(bench.peer("merging.py", "time", folder))
    )
    for key, name, bar in (
        ("peer", theirs[0]["name"], 4),
        ("copies", "cp, the same bytes", 0.7),
        ("copy", "cp, one file", None),
    ):
        bench.table.add(
            "task arithmetic of two models of 1 GiB", mine, name,
            [1000 * figures[key] for figures in theirs], bar,
        )


def time_patching(bench, folder):
    """Signatures into and out of a file of 1 GiB, beside copying it."""
    figures = json.loads(bench.peer("patching.py", bench.wsl, folder))
    for key, what in (
        ("first", "patched, 4 of 64 layers"), ("all", "patched, all layers"),
        ("removed", "all layers restored"),
    ):
        bench.table.add(
            f"1 GiB {what}, wall", [1000 * figures[key]], "copy", [1000 * figures["copy"]], 0.7
        )
