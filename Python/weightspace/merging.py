"""One network from several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ._call import call
from ._decode import Floats
from ._inputs import Data, Inputs, Model, is_file, like
from ._program import Option, PathLike, listed
from ._result import Normalization, Pairing, Repair, Result


@dataclass(kw_only=True)
class Source:
    """A model that was merged; ``l2`` is its distance to the result, before and after matching."""

    file: str
    weight: float
    l2: Floats
    moved: int
    stays: float | None = None


@dataclass(kw_only=True)
class Adapters:
    """Merged updates of low rank."""

    updates: int
    rank: int
    rank_pattern: dict[str, int]
    relative_error: float


@dataclass(kw_only=True, repr=False)
class Merge(Result):
    """A merged model; ``model`` holds it where no output was named and the first model is in memory."""

    command: str
    output: str
    method: str
    sources: list[Source]
    matched: bool
    tensors: int
    parameters: int
    kept_tensors: list[str]
    left_out_tensors: list[str]
    differing_tensors: list[str]
    bound_tensors: list[str]
    unread_tensors: list[str]
    seed: int
    pairing: list[Pairing]
    base: str | None = None
    scale: float | None = None
    compat: str | None = None
    repair: Repair | None = None
    normalization: Normalization | None = None
    adapters: Adapters | None = None
    seconds: float | None = None

    model: Any = field(default=None, init=False, compare=False)

    _items = "sources"

    def summary(self) -> str:
        """What was merged, and how."""
        size = f"{self.parameters} parameters in {self.tensors} tensors"
        return f"{self.method} of {len(self.sources)} models: {size}"


def merge(
    *models: Model,
    output: PathLike | None = None,
    method: str | None = None,
    base: Model | None = None,
    weights: Sequence[float] | None = None,
    match: bool = False,
    repair: str | None = None,
    data: Data | None = None,
    seed: int | None = None,
    force: bool = False,
    **options: Option,
) -> Merge:
    """Merges networks: their mean, task arithmetic, TIES, DARE, SLERP and others.

    Args:
        models: the networks; the first one's units, types and container are those of the result.
        output: where to write it. Without it, models in memory come back merged as ``model``.
        method: the formula.
        base: what the models were trained from, for the methods that need it.
        weights: a number for each model.
        match: line up all units first.
        repair: ``reset``, ``repair`` or ``rescale``.
        data: what a repair, or matching by activations, is measured on.
        seed: the seed of every random choice.
        force: replace the output where it exists.
        options: further options of ``wsl merge``.

    Raises:
        ValueError: where no output is named and the first model is a file.
    """
    if output is None and models and is_file(models[0]):
        raise ValueError("name an output: the first model is a file, and so is the result")
    with Inputs() as inputs:
        written = inputs.output(models[0], "merged") if output is None and models else None
        given = {
            "output": output or written,
            "method": method,
            "weights": listed(weights),
            "match": match,
            "base": None if base is None else inputs.model(base, "base"),
            "repair": repair,
            "data": inputs.data(data),
            "seed": seed,
            "force": force,
        }
        result = call(Merge, "merge", inputs.models(models), {**given, **options}, inputs=inputs)
        if written is not None:
            result.model = like(models[0], written)
        return result
