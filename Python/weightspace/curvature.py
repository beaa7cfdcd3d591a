"""Second derivatives, sections of the loss, and likeness of representations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ._call import call
from ._decode import Floats
from ._inputs import Data, Inputs, Model
from ._program import Option, PathLike
from ._result import Normalization, Result


@dataclass(kw_only=True)
class Density:
    """The density of the eigenvalues: smoothed, and as nodes with weights."""

    points: Floats
    density: Floats
    errors: Floats
    smoothing: float
    nodes: Floats
    weights: Floats
    vectors: int
    steps: int


@dataclass(kw_only=True)
class Curvature:
    """The second derivatives of the loss on one split."""

    split: str
    examples: int
    loss: float
    parameters: int
    tensors: list[str]
    statistics: str
    top_eigenvalues: Floats
    residuals: Floats
    smallest_ritz_value: float
    trace: float
    trace_error: float
    trace_method: str
    trace_samples: int
    converged: bool
    products: int
    density: Density | None = None


@dataclass(kw_only=True, repr=False)
class Hessian(Result, Curvature):
    """The second derivatives of the loss; of several splits ``splits`` has each, and the first is here."""

    file: str
    data: str
    seed: int
    splits: list[Curvature] = field(default_factory=list)
    normalization: Normalization | None = None

    def rows(self) -> list[dict[str, Any]]:
        """A row an eigenvalue of a split."""
        return [
            {"split": each.split, "eigenvalue": float(value), "residual": float(residual)}
            for each in (self.splits or [self])
            for value, residual in zip(each.top_eigenvalues, each.residuals)
        ]

    def summary(self) -> str:
        """The largest eigenvalue and the trace."""
        return (
            f"{self.file} on {self.examples} {self.split} examples: largest eigenvalue "
            f"{self.top_eigenvalues[0]:.4g}, trace {self.trace:.4g} ± {self.trace_error:.2g}"
        )


@dataclass(kw_only=True)
class Place:
    """A network in the section."""

    file: str
    x: float
    y: float
    distance: float
    loss: float
    accuracy: float


@dataclass(kw_only=True)
class Contour:
    """A line of one loss."""

    level: float
    segments: list[Floats]


@dataclass(kw_only=True, repr=False)
class Landscape(Result):
    """The loss on a line or a plane: ``loss[j, i]`` at ``ys[j], xs[i]``."""

    file: str
    kind: str
    data: str
    split: str
    examples: int
    directions: int
    seed: int
    xs: Floats
    ys: Floats
    loss: Floats
    accuracy: Floats
    points: list[Place]
    explained_variance: Floats
    contours: list[Contour]
    normalization: Normalization | None = None

    _items = "points"


@dataclass(kw_only=True)
class LayerSimilarity:
    """Every pair of networks in one layer."""

    layer: str
    cka: Floats
    mean_cka: float
    svcca: Floats | None = None
    mean_svcca: float | None = None


@dataclass(kw_only=True)
class SplitSimilarity:
    """Every pair of networks on one split."""

    split: str
    examples: int
    layers: list[LayerSimilarity]
    agreement: Floats
    mean_agreement: float


@dataclass(kw_only=True, repr=False)
class Similarity(Result, SplitSimilarity):
    """How alike networks are; of several splits ``splits`` has each, and the first is here."""

    models: list[str]
    data: str
    estimate: str
    splits: list[SplitSimilarity] = field(default_factory=list)
    normalization: Normalization | None = None

    _items = "layers"


def hessian(
    model: Model,
    *,
    data: Data,
    split: str | None = None,
    limit: int | None = None,
    top: int | None = None,
    density: bool = True,
    normalize: str | None = None,
    graph: PathLike | None = None,
    seed: int | None = None,
    figures: bool = True,
    **options: Option,
) -> Hessian:
    """The largest eigenvalues, the trace and the density of the Hessian of a network's loss.

    Args:
        top: how many of the largest eigenvalues.
        density: whether the density of the eigenvalues is measured; the figures draw it.
        options: further options of ``wsl hessian``.
    """
    with Inputs() as inputs:
        given = {
            "data": inputs.data(data),
            "split": split,
            "limit": limit,
            "top": top,
            "density": density,
            "normalize": normalize,
            "graph": graph,
            "seed": seed,
        }
        return call(
            Hessian,
            "hessian",
            [inputs.model(model, "model")],
            {**given, **options},
            inputs=inputs,
            plot=figures and density,
        )


def landscape(
    model: Model,
    *,
    data: Data,
    directions: int | None = None,
    through: Sequence[Model] | None = None,
    points: int | None = None,
    split: str | None = None,
    limit: int | None = None,
    seed: int | None = None,
    figures: bool = True,
    **options: Option,
) -> Landscape:
    """The loss on a line or a plane: through the network along random directions, or through it and
    two others.

    Args:
        through: two networks, which with the first one lie in the plane.
        points: how many places of an axis.
        options: further options of ``wsl landscape``.
    """
    with Inputs() as inputs:
        files = [inputs.model(each, f"through{index}") for index, each in enumerate(through or [])]
        given = {
            "data": inputs.data(data),
            "directions": directions,
            "points": points,
            "split": split,
            "limit": limit,
            "seed": seed,
            **options,
        }
        # The two of --through follow one option.
        command = ["landscape", "--through", *map(str, files)] if files else ["landscape"]
        return call(Landscape, command, [inputs.model(model, "model")], given, inputs=inputs, plot=figures)


def similarity(
    *models: Model,
    data: Data,
    split: str | None = None,
    limit: int | None = None,
    layer: str | Sequence[str] | None = None,
    **options: Option,
) -> Similarity:
    """CKA and SVCCA of the layers of networks, and how often their predictions agree."""
    with Inputs() as inputs:
        given = {"data": inputs.data(data), "split": split, "limit": limit, "layer": layer}
        return call(Similarity, "similarity", inputs.models(models), {**given, **options}, inputs=inputs)
