"""Lining up the units of networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ._call import call
from ._decode import Floats, Ints
from ._inputs import Data, Inputs, Model, is_file, like
from ._program import Option, PathLike
from ._result import Change, Normalization, Pairing, Result, Skipped, UnitScaling


@dataclass(kw_only=True)
class Group:
    """A group of units. ``permutation[i] = j``: unit j of B is put in place i.

    It is empty where units are rotated (``kind``); ``signs`` are those of the units in their places.
    """

    group: str
    size: int
    moved: int
    permutation: Ints
    kind: str = "permutation"
    signs: Ints | None = None
    angles: Ints | None = None
    queries: Ints | None = None
    reason: str | None = None


@dataclass(kw_only=True)
class Alignment:
    """R(γ): how well the singular vectors of two networks line up, at each threshold."""

    gammas: Floats
    before: Floats
    after: Floats


@dataclass(kw_only=True)
class MatchedTensor:
    """How far a tensor is apart, before and after."""

    tensor: str
    l2: Change
    cosine: Change


@dataclass(kw_only=True)
class SingularValueDifference:
    """By how much a kernel's singular values differ, relative to A's."""

    tensor: str
    difference: float


@dataclass(kw_only=True, repr=False)
class Matching(Result):
    """B's units lined up with A's.

    ``model`` is the permuted B where B was given in memory, in the form that it was given in: a state
    dict of arrays or of PyTorch's tensors, or a Keras model.
    """

    a: str
    b: str
    method: str
    groups: list[Group]
    objective: Change
    l2: Change
    cosine: Change
    alignment: Alignment
    tensors: list[MatchedTensor]
    singular_values: list[SingularValueDifference]
    sweeps: int
    restart: int
    seconds: float
    seed: int
    pairing: Pairing
    certainty: str
    symmetries: str = "permutation"
    objectives: Floats | None = None
    folded: list[str] | None = None
    held: list[Skipped]
    scaling: UnitScaling | None = None
    normalization: Normalization | None = None

    model: Any = field(default=None, init=False, compare=False)

    _items = "groups"

    @property
    def permutations(self) -> dict[str, Ints]:
        """Each group's permutation: unit ``permutation[i]`` of B is put in place i."""
        return {group.group: group.permutation for group in self.groups}

    def summary(self) -> str:
        """How far the two are apart, before and after."""
        return (
            f"{self.b} lined up with {self.a}: L2 {self.l2.before:.4g} → {self.l2.after:.4g}, "
            f"cosine {self.cosine.before:.3g} → {self.cosine.after:.3g}"
        )


@dataclass(kw_only=True, repr=False)
class SeveralMatching(Result):
    """Several networks lined up with a reference."""

    reference: str
    models: list[Matching]
    seed: int
    spread: Change | None = None
    rounds: int | None = None
    normalization: Normalization | None = None
    seconds: float | None = None

    _items = "models"


@dataclass(kw_only=True)
class PermutedGroup:
    """A group of units that was permuted."""

    group: str
    size: int
    moved: int


@dataclass(kw_only=True, repr=False)
class Permutation(Result):
    """A permutation applied to a file."""

    file: str
    permutation: str
    output: str
    inverted: bool
    groups: list[PermutedGroup]
    scaled: int | None = None


def match(
    a: Model,
    b: Model,
    *,
    output: PathLike | None = None,
    method: str | None = None,
    data: Data | None = None,
    restarts: int | None = None,
    seed: int | None = None,
    graph: PathLike | None = None,
    force: bool = False,
    **options: Option,
) -> Matching:
    """Permutes B's units to line up with A's, which changes nothing about what B computes.

    Args:
        a: the network that stays as it is.
        b: the network whose units are permuted.
        output: where to write the permuted B. Without it, a B in memory comes back as ``model``.
        method: ``weights``, ``activations``, ``straight-through`` or ``frank-wolfe``.
        data: for the methods that need data.
        restarts: how many starts, of which the best is kept.
        seed: the seed of every random choice.
        graph: a YAML file that describes the network.
        force: replace the output where it exists.
        options: further options of ``wsl match``.
    """
    with Inputs() as inputs:
        written = inputs.output(b, "matched") if output is None and not is_file(b) else None
        given = {
            "output": output or written,
            "method": method,
            "data": inputs.data(data),
            "restarts": restarts,
            "seed": seed,
            "graph": graph,
            "force": force,
        }
        result = call(
            Matching,
            "match",
            [inputs.model(a, "a"), inputs.model(b, "b")],
            {**given, **options},
            inputs=inputs,
        )
        if written is not None:
            result.model = like(b, written)
        return result


def match_several(
    models: Sequence[Model],
    *,
    reference: str = "universe",
    output: PathLike | None = None,
    **options: Option,
) -> SeveralMatching:
    """Lines up three and more networks: with the first (``A``), with their mean, or in a universe.

    Args:
        output: a folder for the permuted networks.
    """
    with Inputs() as inputs:
        given = {"reference": reference, "output": output}
        return call(SeveralMatching, "match", inputs.models(models), {**given, **options}, inputs=inputs)


def permute(
    model: Model,
    permutation: PathLike,
    output: PathLike,
    *,
    invert: bool = False,
    force: bool = False,
    **options: Option,
) -> Permutation:
    """Applies a permutation that ``match(…, save_permutation=…)`` wrote, or its inverse."""
    with Inputs() as inputs:
        given = {"with": permutation, "output": output, "invert": invert, "force": force}
        return call(
            Permutation, "permute", [inputs.model(model, "model")], {**given, **options}, inputs=inputs
        )
