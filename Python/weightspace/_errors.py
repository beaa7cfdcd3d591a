"""Errors of the program as exceptions."""

from __future__ import annotations

import json


class WeightSpaceWarning(UserWarning):
    """Something that the program said on standard error and that did not end it."""


class WeightSpaceError(Exception):
    """The program failed.

    Attributes:
        code: the program's exit code.
        kind: its name: ``failed``, ``usage``, ``badData``, ``noInput``, ``cannotWrite``, ``interrupted``.
        message: what is wrong.
        where: the file, then the tensor or layer in it, outermost first; empty where there is none.
        remedy: what to do about it, or None.
    """

    code = 1
    kind = "failed"

    def __init__(self, message: str, where: list[str] | None = None, remedy: str | None = None) -> None:
        self.message = message
        self.where = list(where or [])
        self.remedy = remedy
        place = " › ".join(self.where)
        text = f"{place}: {message}" if place else message
        super().__init__(f"{text}; {remedy}" if remedy else text)


class UsageError(WeightSpaceError):
    """The request makes no sense: an option, a name or a value is wrong."""

    code = 64
    kind = "usage"


class BadDataError(WeightSpaceError):
    """An input is damaged, or not what it says it is."""

    code = 65
    kind = "badData"


class NoInputError(WeightSpaceError, FileNotFoundError):
    """An input does not exist or cannot be read."""

    code = 66
    kind = "noInput"

    def __str__(self) -> str:
        return str(self.args[0])


class CannotWriteError(WeightSpaceError, OSError):
    """An output could not be written."""

    code = 74
    kind = "cannotWrite"

    def __str__(self) -> str:
        return str(self.args[0])


class InterruptedWork(WeightSpaceError):
    """The work was interrupted; the same call takes it up again where the program can."""

    code = 75
    kind = "interrupted"


class ProgramMissing(WeightSpaceError):
    """The program that this package drives was not found."""


_BY_CODE: dict[int, type[WeightSpaceError]] = {
    kind.code: kind for kind in (UsageError, BadDataError, NoInputError, CannotWriteError, InterruptedWork)
}


def error(code: int, output: str, errors: str) -> WeightSpaceError:
    """The exception for what the program said as it failed.

    Args:
        code: its exit code; negative for a signal.
        output: its standard output, whose last line is ``{"error": …}`` under ``--json``.
        errors: its standard error, whose line ``error: …`` says the same for people.
    """
    kind = _BY_CODE.get(code, WeightSpaceError)
    lines = output.strip().splitlines()
    try:
        said = json.loads(lines[-1])["error"] if lines else None
        made = kind(said["message"], said.get("where"), said.get("remedy")) if said else None
    except (ValueError, KeyError, TypeError):
        made = None
    if made is None:
        told = [line[len("error: ") :] for line in errors.splitlines() if line.startswith("error: ")]
        made = kind(told[-1] if told else errors.strip() or f"the program ended with {code}")
    if code not in _BY_CODE:
        made.code = code
    return made
