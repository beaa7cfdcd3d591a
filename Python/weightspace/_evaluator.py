"""A Python callable as the judge of models that only a framework can run."""

from __future__ import annotations

import json
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import _safetensors
from ._program import run

#: What an evaluator answers: the loss; the loss and the accuracy; or a mapping with both.
Judgement = float | tuple[float, float] | Mapping[str, float]


@dataclass(frozen=True)
class Candidate:
    """A model that is to be judged: a place on a path between two, mostly.

    Attributes:
        path: its file, in the container of the first model; it is gone when the evaluator returns.
        split: which part of the data is meant: ``train`` or ``test``.
    """

    path: Path
    split: str

    def arrays(self) -> _safetensors.Arrays:
        """Its tensors by name, from whatever container it is in."""
        if self.path.suffix == ".safetensors":
            return _safetensors.read(self.path)
        converted = self.path.with_suffix(".arrays.safetensors")
        try:
            run(["convert"], [self.path], {"output": converted})
            return _safetensors.read(converted)
        finally:
            converted.unlink(missing_ok=True)


Evaluator = Callable[[Candidate], Judgement]


class Judge:
    """Answers the program's questions by calling an evaluator, in the thread that waits for the program.

    An exception of the evaluator ends the program, and is raised again to the caller.
    """

    def __init__(self, evaluator: Evaluator, folder: Path) -> None:
        self._evaluator = evaluator
        self._address = folder / "judge"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._address))
        self._listener.listen(1)
        self._listener.settimeout(0.05)

    @property
    def command(self) -> str:
        """What ``--evaluator`` takes."""
        # Only the standard library, and none of the user's start-up files.
        carrier = Path(__file__).with_name("_carrier.py")
        return shlex.join([sys.executable, "-I", "-S", str(carrier), str(self._address)])

    def serve(self, process: subprocess.Popen[bytes]) -> None:
        """Answers until the program has no more questions."""
        with self._listener:
            line = self._accept(process)
            if line is None:
                return
            with line, line.makefile("rwb") as stream:
                for question in stream:
                    stream.write(json.dumps(self._answer(json.loads(question))).encode() + b"\n")
                    stream.flush()

    def _accept(self, process: subprocess.Popen[bytes]) -> socket.socket | None:
        while process.poll() is None:
            try:
                line, _ = self._listener.accept()
            except TimeoutError:
                continue
            line.settimeout(None)
            return line
        return None

    def _answer(self, question: dict[str, Any]) -> dict[str, float]:
        judged = self._evaluator(Candidate(Path(question["path"]), question["split"]))
        if isinstance(judged, Mapping):
            return {key: float(value) for key, value in judged.items()}
        if isinstance(judged, tuple):
            return {"loss": float(judged[0]), "accuracy": float(judged[1])}
        return {"loss": float(judged)}
