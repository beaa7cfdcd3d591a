#!/usr/bin/env python3
"""The memory of commands on files that claim more than they store, or more than the budget: the largest size
that a process had in memory, by the kernel's own count.

    Tests/Reliability/memory.py WSL

Prints the table of docs/reliability.md; fails where a command takes more than is allowed of it.
"""
import gzip
import json
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

MIB = 1 << 20
SIDE = 384 * MIB // 4


def expanded(path):
    """What torch.zeros(8, dtype=torch.float16)[0].expand(3, 2**28) saves: 1.5 GiB of one element."""
    def text(value):
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    def number(value):
        return b"J" + struct.pack("<i", value)

    def name(module, word):
        return b"c" + module.encode() + b"\n" + word.encode() + b"\n"

    storage = (
        b"(" + text("storage") + name("torch", "HalfStorage") + text("0") + text("cpu") + number(8)
        + b"tQ"
    )
    tensor = (
        name("torch._utils", "_rebuild_tensor_v2") + b"(" + storage + number(0)
        + b"(" + number(3) + number(1 << 28) + b"t" + b"(" + number(0) + number(0) + b"t" + b"\x89"
        + name("collections", "OrderedDict") + b")R" + b"tR"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("e/data.pkl", b"\x80\x02}" + text("w") + tensor + b"s.")
        archive.writestr("e/data/0", bytes(16))
        archive.writestr("e/version", b"3\n")


def numbers():
    """384 MiB of Float32, in pieces; they repeat, so that they deflate."""
    piece = struct.pack("<256f", *(index / 7 for index in range(256))) * 1024
    for _ in range(4 * SIDE // len(piece)):
        yield piece


def deflated(path):
    """One array of 384 MiB in an .npz with deflate."""
    header = ("{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }" % SIDE).encode()
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("w.npy", "w", force_zip64=True) as member:
            member.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
            for piece in numbers():
                member.write(piece)


def packed(path):
    """A safetensors file of 384 MiB behind gzip."""
    header = json.dumps({"w": {"dtype": "F32", "shape": [SIDE], "data_offsets": [0, 4 * SIDE]}})
    header += " " * (-len(header) % 8)
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(struct.pack("<Q", len(header)) + header.encode())
        for piece in numbers():
            file.write(piece)


def layers(path):
    """A perceptron whose three kernels of 64 MiB are each twice a budget of 32 MiB."""
    names, data = {}, 0
    for layer, (outputs, inputs) in enumerate([(4096, 4096), (4096, 4096), (4096, 4096)]):
        for name, shape in ((f"{layer}.weight", [outputs, inputs]), (f"{layer}.bias", [outputs])):
            size = 4 * outputs * (inputs if len(shape) == 2 else 1)
            names[name] = {"dtype": "F32", "shape": shape, "data_offsets": [data, data + size]}
            data += size
    header = json.dumps(names)
    header += " " * (-len(header) % 8)
    import random
    block = struct.pack("<65536f", *(random.Random(0).gauss(0, 0.02) for _ in range(65536)))
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header.encode())
        # Rows start at other places of the block, so that they differ.
        done = 0
        while done < data:
            start = done // 262144 * 4 * 37 % len(block)
            piece = (block[start:] + block[:start])[: min(len(block), data - done)]
            file.write(piece)
            done += len(piece)


def run(words, folder):
    """MiB at most, the exit code, and the first line of what went wrong."""
    process = subprocess.Popen(
        words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    said = [line for line in errors.splitlines() if "MiB" in line or "GiB" in line]
    return usage.ru_maxrss / 1024, process.returncode, said[0] if said else ""


# What is run, the exit codes that are right, MiB allowed, and MiB before issue 17 was worked on.
CASES = [
    ("inspect --checksums expanded.pt", (0,), 100, 1574),
    ("convert expanded.pt -o e.safetensors --force --max-memory 64M", (0,), 100, 1574),
    ("zoo index expanded.pt -o e.sqlite --force", (0,), 100, None),
    ("zoo scan e.sqlite --metrics statistics --max-memory 512M", (3,), 100, 9257),
    ("convert large.npz -o l.safetensors --force --max-memory 64M", (0,), 100, 805),
    ("zoo index large.npz -o l.sqlite --force", (0,), 100, None),
    ("zoo scan l.sqlite --metrics statistics --max-memory 64M", (0,), 128, 809),
    ("diff large.npz large.npz", (0,), 100, 805),
    ("inspect --checksums packed.safetensors.gz", (0,), 100, 775),
    ("convert packed.safetensors.gz -o p.safetensors --force --max-memory 64M", (0,), 128, 774),
    ("inspect --checksums layers.safetensors", (0,), 100, None),
    ("spectrum layers.safetensors --max-memory 32M", (3,), 128, None),
    ("spectrum layers.safetensors --precision f32 --jobs 1", (0,), 450, None),
    ("match layers.safetensors layers.safetensors --max-memory 32M", (1,), 128, None),
    ("signature extract --pretrained layers.safetensors --standard layers.safetensors --robust other.safetensors"
     " -o s.rws --force --max-memory 32M", (1,), 128, None),
]


def main():
    wsl = os.path.abspath(sys.argv[1])
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        expanded(folder / "expanded.pt")
        deflated(folder / "large.npz")
        packed(folder / "packed.safetensors.gz")
        layers(folder / "layers.safetensors")
        os.link(folder / "layers.safetensors", folder / "other.safetensors")
        print("MiB\tbefore\tallowed\tcode\tcommand")
        for words, codes, allowed, before in CASES:
            mib, code, said = run([wsl, *words.split()], folder)
            bad = code not in codes or mib > allowed
            failed += bad
            print(
                f"{mib:.0f}\t{before or ''}\t{allowed}\t{code}\twsl {words}"
                f"{'  FAILED' if bad else ''}{'  ' + said if said else ''}", flush=True)
    print(f"{len(CASES)} cases, {failed} failed")
    sys.exit(1 if failed else 0)


main()
