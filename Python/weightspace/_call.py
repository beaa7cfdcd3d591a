"""Running a command and taking its JSON and pictures apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from ._decode import decode
from ._evaluator import Evaluator, Judge
from ._inputs import Inputs
from ._program import Option, PathLike, run
from ._result import Result

R = TypeVar("R", bound=Result)


def call(
    kind: type[R],
    command: str | Sequence[str],
    files: Sequence[PathLike] = (),
    given: Mapping[str, Option] | None = None,
    *,
    inputs: Inputs | None = None,
    evaluator: Evaluator | None = None,
    plot: bool = False,
) -> R:
    """Runs a command whose JSON is an object."""
    return calls(kind, command, files, given, inputs=inputs, evaluator=evaluator, plot=plot)[0]


def calls(
    kind: type[R],
    command: str | Sequence[str],
    files: Sequence[PathLike] = (),
    given: Mapping[str, Option] | None = None,
    *,
    inputs: Inputs | None = None,
    evaluator: Evaluator | None = None,
    plot: bool = False,
) -> list[R]:
    """Runs a command whose JSON is an object or, of several files, an array of them.

    Args:
        kind: the dataclass of an object.
        command: ``"zoo list"``, or its words.
        files: what it works on.
        given: its options by name.
        inputs: where temporary files lie; needed for an evaluator and for pictures.
        evaluator: who judges models.
        plot: whether the program draws its pictures, into ``figures``.
    """
    options = dict(given or {})
    folder = None
    if plot and inputs is not None:
        folder = inputs.folder / "figures"
        folder.mkdir(exist_ok=True)
        options["plot"] = folder / "figure.svg"
    judge = None
    if evaluator is not None and inputs is not None:
        judge = Judge(evaluator, inputs.folder)
        options["evaluator"] = judge.command
    words = command.split() if isinstance(command, str) else command
    answer = run(
        words, files, options, judge.serve if judge else None, folder=inputs.folder if inputs else None
    )
    documents = answer.document if isinstance(answer.document, list) else [answer.document]
    results = [decode(kind, document) for document in documents]
    for result in results:
        result.exit_code = answer.code
        result.figures = _pictures(folder)
    return results


def _pictures(folder: Path | None) -> dict[str, str]:
    if folder is None:
        return {}
    return {file.stem: file.read_text() for file in sorted(folder.glob("*.svg"))}
