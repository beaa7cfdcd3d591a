"""Putting signatures into models, and taking them off again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ._call import call
from ._decode import Floats
from ._inputs import Inputs, Model, is_file, like
from ._program import Option, PathLike
from ._result import Pairing, Result
from .signatures import Corruption


@dataclass(kw_only=True)
class PatchEntry:
    """A signature on the stack."""

    name: str
    alpha: float
    identifier: str
    tensors: int
    aligned: bool
    corruption: Corruption | None = None
    arranged_from: str | None = None
    signed_by: str | None = None
    claimed_signer: str | None = None
    relation: str | None = None
    cosine: float | None = None


@dataclass(kw_only=True)
class PatchedTensor:
    """A tensor that a patch changed."""

    name: str
    elements: int | None = None
    dtype: str | None = None
    original: str | None = None
    patched: str | None = None


@dataclass(kw_only=True)
class PatchAlignment:
    """How the model was lined up first."""

    reference: str
    objective: Floats


@dataclass(kw_only=True, repr=False)
class Patch(Result):
    """A patched model and its stack; ``model`` is the patched one where it was given in memory."""

    file: str
    dry_run: bool
    stack: list[PatchEntry]
    removed: list[str]
    tensors: list[PatchedTensor]
    changed_bytes: int
    pairing: list[Pairing]
    output: str | None = None
    record: str | None = None
    undo_bytes: int | None = None
    alignment: PatchAlignment | None = None
    seconds: float | None = None

    model: Any = field(default=None, init=False, compare=False)

    _items = "stack"


def patch(
    model: Model,
    *,
    add: PathLike | Sequence[str] | dict[str, float] | None = None,
    remove: str | Sequence[str] | None = None,
    scale: dict[str, float] | None = None,
    output: PathLike | None = None,
    in_place: bool = False,
    dry_run: bool = False,
    force: bool = False,
    **options: Option,
) -> Patch:
    """Adds signatures to a model, and takes them off again, bit for bit.

    Args:
        model: the model; without an output, one in memory comes back as ``model``. Taking a signature
            off needs the file that adding it wrote: a state dict does not say what it was.
        add: a signature's file, several, or a mapping of files to strengths.
        remove: names of signatures to take off.
        scale: new strengths by name.
        output: where to write the model.
        in_place: replace the model's file.
        dry_run: tell what would be done.
        options: further options of ``wsl patch``.
    """
    signatures = [f"{file}@{alpha}" for file, alpha in add.items()] if isinstance(add, dict) else add
    with Inputs() as inputs:
        kept = output or in_place or dry_run or is_file(model)
        written = None if kept else inputs.output(model, "patched")
        given = {
            "rws": signatures,
            "remove": remove,
            "scale": [f"{name}={alpha}" for name, alpha in (scale or {}).items()],
            "output": output or written,
            "in_place": in_place,
            "dry_run": dry_run,
            "force": force,
        }
        result = call(Patch, "patch", [inputs.model(model, "model")], {**given, **options}, inputs=inputs)
        if written is not None:
            result.model = like(model, written)
        return result


def patch_list(model: PathLike) -> Patch:
    """The stack of a patched model."""
    return call(Patch, "patch", [model], {"list": True})
