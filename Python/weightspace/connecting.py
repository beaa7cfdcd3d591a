"""The loss on paths between networks."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._call import call
from ._decode import Floats, Ints
from ._evaluator import Evaluator
from ._inputs import Data, Inputs, Model
from ._program import Option, PathLike
from ._result import Normalization, Pairing, Repair, Result, UnitScaling, flat, table


@dataclass(kw_only=True)
class Point:
    """A place of a path."""

    t: float
    loss: float
    accuracy: float


@dataclass(kw_only=True)
class Barrier:
    """The largest excess over the straight line between the ends, and where it is."""

    loss: float
    accuracy: float
    at: float


@dataclass(kw_only=True)
class BarrierSet:
    """The barrier by each published definition."""

    over_line: float | None = None
    over_mean: float | None = None
    at_middle: float | None = None
    mode_connectivity: float | None = None


@dataclass(kw_only=True)
class Barriers:
    """The barriers of the loss and of the error."""

    loss: BarrierSet
    error: BarrierSet


@dataclass(kw_only=True)
class Taylor:
    """Taylor's estimate of the barrier at the middle, beside the true one there."""

    estimate: float
    barrier: float
    slopes: Floats
    curvatures: Floats


@dataclass(kw_only=True)
class CurveAlignment:
    """R(γ) between the ends, and between each end and the middle."""

    gammas: Floats
    ends: Floats
    a_middle: Floats
    b_middle: Floats


@dataclass(kw_only=True)
class OutputBound:
    """How far a layer's outputs are apart on the same inputs, and what singular vectors allow."""

    tensor: str
    inputs: int
    output_norm: float
    difference: float
    bound: float
    plain_bound: float
    gammas: Floats
    concentration: Floats
    isotropic: Floats


@dataclass(kw_only=True)
class Curve:
    """The loss and the accuracy along a path."""

    name: str
    a: str
    b: str
    split: str
    points: list[Point]
    barrier: Barrier
    barriers: Barriers
    taylor: Taylor | None = None
    l2: float | None = None
    cosine: float | None = None
    alignment: CurveAlignment | None = None
    output_bound: list[OutputBound] | None = None
    scaling: UnitScaling | None = None

    @property
    def t(self) -> Floats:
        """The places, 0 at A and 1 at B."""
        return np.array([point.t for point in self.points])

    @property
    def loss(self) -> Floats:
        """The loss at each place."""
        return np.array([point.loss for point in self.points])

    @property
    def accuracy(self) -> Floats:
        """The accuracy at each place; NaN where it was not measured."""
        return np.array([point.accuracy for point in self.points])


@dataclass(kw_only=True)
class MeanModel:
    """The mean of all networks."""

    name: str
    split: str
    loss: float
    accuracy: float


@dataclass(kw_only=True)
class SingularValues:
    """The singular values of a kernel of two networks."""

    a: str
    b: str
    tensor: str
    difference: float
    values: Floats


@dataclass(kw_only=True, repr=False)
class Connection(Result):
    """The loss on the paths between networks."""

    command: str
    a: str
    b: str
    models: list[str]
    data: str
    split: str
    parameters: int
    hidden_units: Ints
    curves: list[Curve]
    means: list[MeanModel]
    singular_values: list[SingularValues]
    pairing: list[Pairing]
    method: str | None = None
    normalization: Normalization | None = None
    examples: int | None = None
    loss_function: str | None = None
    target: str | None = None
    repair: Repair | None = None

    def curve(self, name: str = "naive", split: str | None = None) -> Curve:
        """The path of a name: ``naive``, ``matched`` …, of the first pair.

        Raises:
            KeyError: where there is none; it lists those that there are.
        """
        for each in self.curves:
            if each.name == name and split in (None, each.split):
                return each
        raise KeyError(f"no path {name!r}; there are {sorted({each.name for each in self.curves})}")

    def rows(self) -> list[dict[str, Any]]:
        """A row a place of a path."""
        return [
            {"a": curve.a, "b": curve.b, "path": curve.name, "split": curve.split, **flat(point)}
            for curve in self.curves
            for point in curve.points
        ]

    def summary(self) -> str:
        """The barrier of each path of the first pair."""
        said = [f"{c.name} {c.barrier.loss:.4g}" for c in self.curves if (c.a, c.b) == (self.a, self.b)]
        return f"{self.a} to {self.b} on {self.data}, barrier of the loss: {', '.join(said)}"

    def _repr_html_(self) -> str:
        pictures = "".join(
            f'<div style="max-width:60em">{picture}</div>' for picture in self.figures.values()
        )
        barriers = [
            {
                "a": c.a,
                "b": c.b,
                "path": c.name,
                "split": c.split,
                "barrier": c.barrier.loss,
                "at t": c.barrier.at,
            }
            for c in self.curves
        ]
        return f"<p>{html.escape(self.summary())}</p>{pictures}{table(barriers)}"


def connect(
    *models: Model,
    data: Data | None = None,
    evaluator: Evaluator | None = None,
    match: bool = False,
    method: str | None = None,
    points: int | None = None,
    path: str | None = None,
    split: str | None = None,
    limit: int | None = None,
    repair: str | None = None,
    normalize: str | None = None,
    measures: bool = True,
    graph: PathLike | None = None,
    seed: int | None = None,
    figures: bool = True,
    **options: Option,
) -> Connection:
    """Measures the loss along the line between networks, and after their units are lined up.

    Args:
        models: two networks, or more: then all pairs.
        data: what the loss is measured on.
        evaluator: instead of data, a callable that gets a ``Candidate`` and returns its loss, or loss and
            accuracy; for models that only your framework can run.
        match: measure also after the units are lined up.
        method: what units are compared by.
        points: how many places of a path are measured, both ends included.
        path: ``linear`` or ``bezier``.
        split: ``train``, ``test`` or ``both``.
        limit: use only so many examples.
        repair: ``reset``, ``repair`` or ``rescale``.
        normalize: what pixels are brought to: ``imagenet``, ``0.1307/0.3081`` …
        measures: whether singular vectors and Taylor's estimate are measured, too.
        graph: a YAML file that describes the network.
        seed: the seed of every random choice.
        figures: whether the program draws its pictures.
        options: further options of ``wsl connect``.
    """
    with Inputs() as inputs:
        given = {
            "data": inputs.data(data),
            "match": match,
            "method": method,
            "points": points,
            "path": path,
            "split": split,
            "limit": limit,
            "repair": repair,
            "normalize": normalize,
            "graph": graph,
            "measures": measures,
            "seed": seed,
        }
        result = call(
            Connection,
            "connect",
            inputs.models(models),
            {**given, **options},
            inputs=inputs,
            evaluator=evaluator,
            plot=figures,
        )
        if evaluator is not None:
            # The program names the process that carried its questions.
            result.data = getattr(evaluator, "__name__", type(evaluator).__name__)
        return result
