"""Models in other containers."""

from __future__ import annotations

from dataclasses import dataclass

from ._call import call
from ._inputs import Inputs, Model
from ._program import Option, PathLike
from ._result import Result, Skipped


@dataclass(kw_only=True)
class NarrowTensor:
    """A tensor whose numbers all fit a narrower type."""

    name: str
    dtype: str


@dataclass(kw_only=True)
class Narrowable:
    """What a narrower type would save."""

    tensors: list[NarrowTensor]
    saved_bytes: int
    stored: bool


@dataclass(kw_only=True)
class FileInfo:
    """A file, its format and its size."""

    file: str
    format: str
    bytes: int


@dataclass(kw_only=True, repr=False)
class Conversion(Result):
    """A file written in another container."""

    input: FileInfo
    output: FileInfo
    compression: str
    tensors: int
    skipped: list[Skipped]
    narrowable: Narrowable
    notes: list[str]


def convert(
    model: Model,
    output: PathLike,
    *,
    compression: str | None = None,
    narrow: bool = False,
    force: bool = False,
    **options: Option,
) -> Conversion:
    """Writes a model in another container; the ending of ``output`` says which."""
    with Inputs() as inputs:
        given = {"output": output, "compression": compression, "narrow": narrow, "force": force}
        return call(
            Conversion, "convert", [inputs.model(model, "model")], {**given, **options}, inputs=inputs
        )
