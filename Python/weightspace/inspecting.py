"""What is in weight files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ._call import call, calls
from ._inputs import Inputs, Model
from ._program import Option, PathLike
from ._result import Result, Skipped


@dataclass(kw_only=True)
class TensorInfo:
    """A tensor as the file holds it."""

    name: str
    shape: list[int]
    dtype: str
    bytes: int
    layout: str
    filters: list[str]
    checksum: str | None = None
    damage: str | None = None
    unread: str | None = None


@dataclass(kw_only=True)
class LayerInfo:
    """A layer of the graph."""

    name: str
    type: str
    inputs: list[str]
    parameters: int
    tensors: list[str]
    output_shape: list[int | None]


@dataclass(kw_only=True)
class Assumption:
    """What the file does not say, how it was read, and what settles it."""

    subject: str
    effect: str
    statement: str
    layers: list[str]
    tensors: list[str]
    alternatives: list[str]
    settled_by: list[str]


@dataclass(kw_only=True)
class Architecture:
    """The graph, where it comes from, and how sure it is."""

    source: str
    certainty: str
    fingerprint: str
    assumptions: list[str]
    assumption_details: list[Assumption]
    layers: list[LayerInfo]


@dataclass(kw_only=True)
class Axis:
    """An axis of a tensor."""

    tensor: str
    axis: int


@dataclass(kw_only=True)
class AxisSlice:
    """A part of an axis: so many units, each of ``length`` entries, ``stride`` from one to the next."""

    tensor: str
    axis: int
    offset: int
    length: int
    units: int
    role: str
    stride: int | None = None


@dataclass(kw_only=True)
class Symmetry:
    """Axes that may be changed together; ``kind`` is the largest change that is exact."""

    group: str
    size: int
    axes: list[Axis]
    kind: str = "permutation"
    slices: list[AxisSlice] = field(default_factory=list)
    reason: str | None = None


@dataclass(kw_only=True)
class CheckedGroup:
    """By how much outputs differ after a group was permuted at random."""

    group: str
    difference: float
    holds: bool


@dataclass(kw_only=True)
class Check:
    """The proof of the symmetries."""

    certainty: str
    groups: list[CheckedGroup]
    all_groups: float
    tolerance: float
    seed: int
    holds: bool


@dataclass(kw_only=True, repr=False)
class Inspection(Result):
    """What is in a weight file."""

    file: str
    format: str
    parameters: int
    bytes: int
    tensors: list[TensorInfo]
    tensor_count: int
    symmetries: list[Symmetry]
    skipped: list[Skipped]
    producer: str | None = None
    architecture: Architecture | None = None
    check: Check | None = None

    _items = "tensors"

    def summary(self) -> str:
        """The file, its size, and how sure its graph is."""
        graph = self.architecture
        kind = f"{len(graph.layers)} layers ({graph.certainty})" if graph else "no graph"
        return (
            f"{self.file}: {self.format}, {self.parameters} parameters in {self.tensor_count} tensors, {kind}"
        )


def inspect(
    model: Model,
    *,
    symmetries: bool = True,
    check: bool = False,
    checksums: bool = False,
    graph: PathLike | None = None,
    **options: Option,
) -> Inspection:
    """Tensors, layers and symmetries of a model.

    Args:
        model: a path, a state dict, a PyTorch module or a Keras model.
        symmetries: whether to list which axes may be permuted together.
        check: prove the symmetries: permute, run, compare. ``check.holds`` is the outcome.
        checksums: a checksum of every tensor.
        graph: a YAML file that describes the network.
        options: further options of ``wsl inspect``, with underscores for hyphens.
    """
    with Inputs() as inputs:
        given = {"symmetries": symmetries, "check": check, "checksums": checksums, "graph": graph}
        return call(
            Inspection, "inspect", [inputs.model(model, "model")], {**given, **options}, inputs=inputs
        )


def inspect_all(models: Sequence[Model], **options: Option) -> list[Inspection]:
    """The same of several. Files that cannot be read are left out, each with a warning."""
    with Inputs() as inputs:
        return calls(Inspection, "inspect", inputs.models(models), options, inputs=inputs)
