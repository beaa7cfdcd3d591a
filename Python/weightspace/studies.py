"""Phases of the loss landscape, scaling laws, and models that are as good as one another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ._call import call
from ._decode import Floats
from ._inputs import Data, Inputs
from ._program import Option, PathLike, listed
from ._result import Result, Skipped


@dataclass(kw_only=True)
class Interval:
    """From the lowest to the highest of 95 %."""

    low: float
    high: float


@dataclass(kw_only=True)
class Thresholds:
    """Where the phases part."""

    found: list[str]
    intervals: dict[str, Interval]
    separation: dict[str, float]
    loss: float | None = None
    connectivity: float | None = None
    similarity: float | None = None


@dataclass(kw_only=True)
class Cell:
    """A load and a temperature."""

    load: float
    temperature: float
    models: int
    probabilities: dict[str, float]
    intervals: dict[str, Interval]
    train_loss: float | None = None
    hessian_top_eigenvalue: float | None = None
    hessian_trace: float | None = None
    connectivity: float | None = None
    similarity: float | None = None
    test_accuracy: float | None = None
    phase: str | None = None
    confidence: float | None = None
    reason: str | None = None


@dataclass(kw_only=True)
class PhaseSummary:
    """All cells of a phase."""

    phase: str
    meaning: str
    cells: int
    test_accuracy: float | None = None
    interval: Interval | None = None


@dataclass(kw_only=True)
class Coverage:
    """Which cells and phases were seen."""

    phases: dict[str, int]
    grid_cells: int
    cells: int
    decided: int
    uncertain: int
    missing: list[str]
    runs: list[SuggestedRun]


@dataclass(kw_only=True)
class SuggestedRun:
    """What to train next, and why."""

    load: float
    temperature: float
    reason: str


@dataclass(kw_only=True)
class BoundaryPoint:
    """A place of a boundary."""

    temperature: float
    load: float
    support: float
    interval: Interval | None = None


@dataclass(kw_only=True)
class Boundary:
    """Where a measure crosses its threshold."""

    measure: str
    points: list[BoundaryPoint]


@dataclass(kw_only=True)
class RankCorrelation:
    """Spearman's correlation of a measure with the test accuracy."""

    measure: str
    cells: int
    spearman: float
    interval: Interval | None = None


@dataclass(kw_only=True)
class BestCell:
    """The cell of the best test accuracy."""

    load: float
    temperature: float
    test_accuracy: float
    probabilities: dict[str, float]
    phase: str | None = None


@dataclass(kw_only=True)
class LeadingPhase:
    """The phase of the best test accuracy, and by how much it leads."""

    phase: str
    probabilities: dict[str, float]
    second: str | None = None
    lead: float | None = None
    interval: Interval | None = None


@dataclass(kw_only=True)
class TrendRow:
    """An outcome's mean at one temperature."""

    temperature: float
    mean: float
    share: float
    interval: Interval | None = None


@dataclass(kw_only=True)
class Trend:
    """How an outcome goes with the temperature."""

    outcome: str
    cells: int
    spearman: float
    rows: list[TrendRow]
    interval: Interval | None = None


@dataclass(kw_only=True)
class Prediction:
    """What phases tell about a further outcome."""

    outcome: str
    cells: int
    columns: float
    phase: float
    both: float
    gain: float
    gain_interval: Interval | None = None


@dataclass(kw_only=True, repr=False)
class Phases(Result):
    """The phases of the loss landscape over load and temperature."""

    source: str
    load: str
    temperature: str
    columns: dict[str, str]
    thresholds: Thresholds
    cells: list[Cell]
    coverage: Coverage
    phases: list[PhaseSummary]
    boundaries: list[Boundary]
    correlations: list[RankCorrelation]
    predictions: list[Prediction]
    noise: str
    draws: int
    seed: int
    trends: list[Trend] = field(default_factory=list)
    leading: LeadingPhase | None = None
    best: BestCell | None = None

    _items = "cells"


@dataclass(kw_only=True)
class Bounds:
    """An interval."""

    low: float
    high: float


@dataclass(kw_only=True)
class HeldOut:
    """The error on the largest models, which the fit did not see."""

    models: int
    from_: float
    mean_error: float
    largest_error: float


@dataclass(kw_only=True, repr=False)
class ScalingLaw(Result):
    """A scaling law fitted to the models of an index."""

    index: str
    x: str
    y: str
    law: str
    models: int
    parameters: dict[str, float]
    intervals: dict[str, Bounds]
    sensitivity: dict[str, Bounds]
    error: float
    x2: str | None = None
    held_out: HeldOut | None = None


@dataclass(kw_only=True)
class GoodModel:
    """A model that is about as good as the best."""

    file: str
    accuracy: float


@dataclass(kw_only=True)
class AmbiguousExample:
    """An example that good models disagree about."""

    index: int
    label: int
    votes: dict[str, int]
    disagreement: float
    variation: float
    kind: str


@dataclass(kw_only=True)
class PerExample:
    """The disagreement about each example."""

    disagreement: Floats
    variation: Floats
    ambiguous: list[AmbiguousExample]


@dataclass(kw_only=True, repr=False)
class Multiplicity(Result):
    """How far models that are about equally good disagree."""

    index: str
    data: str
    split: str
    within: float
    models: int
    measured: int
    examples: int
    baseline: GoodModel
    ambiguity: float
    discrepancy: float
    disagreement: float
    variation: float
    members: list[GoodModel]
    per_example: PerExample
    skipped: list[Skipped]

    _items = "members"


def phases(
    table: PathLike | Any,
    *,
    load: str | None = None,
    temperature: str | None = None,
    thresholds: dict[str, float] | str | None = None,
    figures: bool = True,
    **options: Option,
) -> Phases:
    """The phase of every cell of a table of measures.

    Args:
        table: a CSV file, or a frame of pandas.
        load: the column of the load.
        temperature: the column of the temperature.
        thresholds: of ``loss``, ``connectivity`` and ``similarity``; those not given are found.
        options: further options of ``wsl phases``.
    """
    with Inputs() as inputs:
        if hasattr(table, "to_csv"):
            file = inputs.folder / "table.csv"
            table.to_csv(file, index=False)
            table = file
        given = {"table": table, "load": load, "temperature": temperature, "thresholds": _spelled(thresholds)}
        return call(Phases, "phases", [], {**given, **options}, inputs=inputs, plot=figures)


def zoo_phases(
    index: PathLike,
    *,
    load: str,
    temperature: str,
    where: str | None = None,
    thresholds: dict[str, float] | str | None = None,
    figures: bool = True,
    **options: Option,
) -> Phases:
    """The same of the models of an index."""
    with Inputs() as inputs:
        given = {
            "load": load,
            "temperature": temperature,
            "where": where,
            "thresholds": _spelled(thresholds),
        }
        return call(Phases, "zoo phases", [index], {**given, **options}, inputs=inputs, plot=figures)


def zoo_scaling(
    index: PathLike, *, x: str, y: str, where: str | None = None, **options: Option
) -> ScalingLaw:
    """A scaling law fitted to two columns of an index, with intervals and an error on the largest models."""
    return call(ScalingLaw, "zoo scaling", [index], {"x": x, "y": y, "where": where, **options})


def zoo_multiplicity(
    index: PathLike,
    *,
    data: Data,
    within: float | None = None,
    where: str | None = None,
    limit: int | None = None,
    **options: Option,
) -> Multiplicity:
    """How far the models of an index that are within some accuracy of the best one disagree."""
    with Inputs() as inputs:
        given = {"data": inputs.data(data), "within": within, "where": where, "limit": limit}
        return call(Multiplicity, "zoo multiplicity", [index], {**given, **options}, inputs=inputs)


def _spelled(thresholds: dict[str, float] | str | None) -> str | None:
    if isinstance(thresholds, dict):
        return listed([f"{name}={value}" for name, value in thresholds.items()])
    return thresholds
