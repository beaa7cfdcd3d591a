#!/usr/bin/env python3
"""Runs the commands of the documentation, and compares what they say with what stands there.

    run.py WSL [DOCUMENT …]          README.md and docs/**/*.md without documents
    run.py WSL DOCUMENT --write      puts what they say into the document

Blocks that begin with ```console are run, in order, in one folder a document; a line that begins with `$ ` is a
command, what follows it what it says. A comment before a block may say more:

    <!-- run: setup CMD -->          runs CMD in bash first ($ROOT is the repository)
    <!-- run: skip -->               the next block is not run
    <!-- run: tolerance 0.05 -->     how far numbers of the next block may be apart, relative (default 0.02)

Words are compared as they are, and numbers to the tolerance; spaces do not count. A line `…` stands for any lines,
and `…` in a line for anything. Exit codes other than 0 are said by `[exit code N]`.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"^[-+−]?\d[\d ]*(\.\d+)?([eE][-+]?\d+)?%?$")
DIRECTIVE = re.compile(r"<!-- run: (\w+) ?(.*?) ?-->")


def words(line):
    return re.findall(r"[-+−]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|…|[^\s\d…]+", line)


def value(word):
    try:
        return float(word.replace("−", "-"))
    except ValueError:
        return None


def alike(one, other, tolerance):
    if one == other:
        return True
    a, b = value(one), value(other)
    return a is not None and b is not None and abs(a - b) <= tolerance * max(abs(a), abs(b)) + 10.0 ** -9


def same_line(said, expected, tolerance):
    """Whether a line is as expected; `…` stands for any words."""
    def match(a, b):
        if not b:
            return not a
        if b[0] == "…":
            return any(match(a[n:], b[1:]) for n in range(len(a) + 1))
        return bool(a) and alike(a[0], b[0], tolerance) and match(a[1:], b[1:])
    return match(words(said), words(expected))


def same(said, expected, tolerance):
    """Whether lines are as expected; a line `…` stands for any lines."""
    if not expected:
        return not said
    if expected[0].strip() == "…":
        return any(same(said[n:], expected[1:], tolerance) for n in range(len(said) + 1))
    return bool(said) and same_line(said[0], expected[0], tolerance) and same(said[1:], expected[1:], tolerance)


def steps(block):
    """The commands of a block, each with what it says."""
    found = []
    for line in block:
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\"):
            found[-1] = (found[-1][0] + "\n" + line, [])
        elif found:
            found[-1][1].append(line)
    return found


class Runner:
    def __init__(self, wsl):
        self.folder = tempfile.TemporaryDirectory(prefix="wsl-docs-")
        bin_folder = Path(self.folder.name) / ".bin"
        bin_folder.mkdir()
        (bin_folder / "wsl").symlink_to(Path(wsl).resolve())
        self.place = Path(self.folder.name) / "work"
        self.place.mkdir()
        self.environment = dict(
            os.environ, PATH=f"{bin_folder}:{os.environ['PATH']}", ROOT=str(ROOT), LC_ALL="C.UTF-8", COLUMNS="120")

    def run(self, command):
        result = subprocess.run(
            ["bash", "-c", command], cwd=self.place, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
        said = result.stdout.rstrip("\n")
        lines = said.split("\n") if said else []
        if result.returncode:
            lines.append(f"[exit code {result.returncode}]")
        return [line.rstrip() for line in lines]


def trimmed(lines):
    lines = list(lines)
    while lines and not lines[-1].strip():
        lines.pop()
    return [line for line in lines]


def document(path, wsl, write):
    runner = Runner(wsl)
    lines = path.read_text().split("\n")
    out, failures, count = [], [], 0
    place, settings = 0, {}
    while place < len(lines):
        line = lines[place]
        out.append(line)
        place += 1
        directive = DIRECTIVE.match(line)
        if directive:
            word, rest = directive.groups()
            if word == "setup":
                failed = [text for text in runner.run(rest) if text.startswith("[exit code")]
                if failed:
                    failures.append(f"{path}: setup `{rest}`: {failed[0]}")
            elif word in ("skip", "tolerance"):
                settings[word] = rest
            else:
                failures.append(f"{path}: `{word}` is no word for run.py")
            continue
        if line != "```console":
            continue
        end = lines.index("```", place)
        block, first = lines[place:end], place
        place = end
        own, settings = settings, {}
        if "skip" in own:
            out += block
            continue
        tolerance = float(own.get("tolerance", 0.02))
        for command, expected in steps(block):
            count += 1
            said = runner.run(command)
            out += ["$ " + command]
            if not same(trimmed(said), trimmed(expected), tolerance):
                failures.append(
                    f"{path}:{first}: $ {command}\n--- stands there\n" + "\n".join(expected)
                    + "\n--- is said\n" + "\n".join(said))
                out += said
            else:
                out += expected
    if write:
        path.write_text("\n".join(out))
    return failures, count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wsl")
    parser.add_argument("documents", nargs="*", type=Path)
    parser.add_argument("--write", action="store_true", help="put what is said into the documents")
    given = parser.parse_args()
    documents = given.documents or [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    failures, commands, begin = [], 0, time.time()
    for path in documents:
        found, count = document(path, given.wsl, given.write)
        failures += found
        commands += count
    for failure in failures:
        print(failure + "\n")
    print(f"{commands} commands of {len(documents)} documents in {time.time() - begin:.0f} s, {len(failures)} failed")
    if not commands and not given.documents:
        sys.exit("no command was found")
    sys.exit(1 if failures and not given.write else 0)


if __name__ == "__main__":
    main()
