"""Finding and running the program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._errors import ProgramMissing, WeightSpaceWarning, error

PathLike = str | os.PathLike[str]
Option = str | int | float | bool | None | os.PathLike[str] | Sequence[Any]

# Options that are on unless `--no-…` is said.
_ON_BY_DEFAULT = {"measures", "biases", "density", "svcca", "projection", "baselines"}


def program() -> Path:
    """The program: what ``WEIGHTSPACE_WSL`` names, else the one in this package, else that of ``PATH``."""
    named = os.environ.get("WEIGHTSPACE_WSL")
    if named:
        return Path(named)
    own = Path(__file__).parent / "_wsl" / "bin" / "wsl"
    if own.exists():
        return own
    found = shutil.which("wsl")
    if found is None:
        raise ProgramMissing(
            "the program wsl is not in this package and not on the PATH",
            remedy="install the wheel, or let WEIGHTSPACE_WSL name the program",
        )
    return Path(found)


def main() -> None:
    """The command ``wsl`` of the environment that the wheel is installed in."""
    path = str(program())
    os.execv(path, [path, *sys.argv[1:]])


def options(given: Mapping[str, Option]) -> list[str]:
    """``{"restarts": 3, "match": True, "freeze": ["a", "b"]}`` as words of a command.

    None and False leave an option out; False of one that is on by default turns it off. A sequence
    repeats the option. What there is no such option for, the program itself refuses.
    """
    words: list[str] = []
    for name, value in given.items():
        flag = "--" + name.rstrip("_").replace("_", "-")
        if value is True:
            words.append(flag)
        elif value is False and name in _ON_BY_DEFAULT:
            words.append("--no-" + flag[2:])
        elif value is not None and value is not False:
            repeated = value if isinstance(value, (list, tuple)) else [value]
            for each in repeated:
                words += [flag, _spelled(each)]
    return words


def _spelled(value: Any) -> str:
    return os.fspath(value) if isinstance(value, os.PathLike) else str(value)


def listed(values: str | Sequence[Any] | None) -> str | None:
    """Values with commas between them, as options take several."""
    return values if values is None or isinstance(values, str) else ",".join(_spelled(v) for v in values)


@dataclass
class Answer:
    """What the program said: its exit code (0; 2: a check found something; 3: some items failed) and JSON."""

    code: int
    document: Any


def run(
    command: Sequence[str],
    files: Sequence[PathLike] = (),
    given: Mapping[str, Option] | None = None,
    serve: Callable[[subprocess.Popen[bytes]], None] | None = None,
    folder: Path | None = None,
) -> Answer:
    """Runs a command with ``--json``.

    Args:
        command: the command's words, such as ``["zoo", "list"]``.
        files: what it works on. They are paths, even where they begin with a hyphen.
        given: its options by name.
        serve: what to do while it runs.
        folder: where temporary files lie, whose names stand without it in what was said.

    Raises:
        WeightSpaceError: where the program failed; its warnings become Python's.
    """
    paths = [os.fspath(file) for file in files]
    paths = ["./" + path if path.startswith("-") else path for path in paths]
    words = [str(program()), *command, *options(given or {}), "--json", *paths]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        except OSError as problem:
            raise ProgramMissing(f"{words[0]} cannot be started: {problem}") from problem
        try:
            if serve is not None:
                serve(process)
            process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        texts = []
        for stream in (output, errors):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    out, said = (text.replace(f"{folder}/", "") for text in texts) if folder else texts
    code = process.returncode
    if code not in (0, 2, 3):
        raise error(code, out, said)
    try:
        document = json.loads(out)
    except ValueError:
        raise error(code or 1, out, said or "the program gave no JSON document") from None
    for line in said.splitlines():
        warnings.warn(line.removeprefix("warning: "), WeightSpaceWarning, stacklevel=_caller())
    return Answer(code, document)


def _caller() -> int:
    """How many levels up the code is that called this package."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__package__") == __package__:
        frame, level = frame.f_back, level + 1
    return level
