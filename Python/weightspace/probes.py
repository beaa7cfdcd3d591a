"""What models were trained on, told from their weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ._call import call, calls
from ._decode import Floats, Ints
from ._inputs import Inputs, Model
from ._program import Option, PathLike
from ._result import Result, Skipped


@dataclass(kw_only=True)
class Figure:
    """A measure with a 95 % interval."""

    metric: str
    mean: float
    low: float
    high: float
    folds: Floats


@dataclass(kw_only=True)
class ProbedLayer:
    """How good a probe of a layer is."""

    layer: str
    validation: Figure


@dataclass(kw_only=True)
class Baseline:
    """A simpler probe."""

    kind: str
    parameters: int
    test: Figure


@dataclass(kw_only=True)
class CalibrationBin:
    """Predictions of about one confidence."""

    from_: float
    to: float
    count: int
    confidence: float
    accuracy: float


@dataclass(kw_only=True)
class Calibration:
    """Whether confidence means what it says."""

    error: float
    bins: list[CalibrationBin]


@dataclass(kw_only=True)
class CurvePoint:
    """How good a probe is that learned from so many models."""

    models: int
    kind: str
    test: Figure


@dataclass(kw_only=True, repr=False)
class ProbeTraining(Result):
    """A trained probe."""

    index: str
    output: str
    target: str
    task: str
    kind: str
    per_tree: bool
    tuned: bool
    models: int
    groups: int
    classes: list[str]
    unseen_classes: list[str]
    parameters: int
    chance: float
    validation: Figure
    test: Figure
    layers: list[ProbedLayer]
    baselines: list[Baseline]
    confusion: Ints
    skipped: list[Skipped]
    bytes_read: int
    learning_curve: list[CurvePoint] = field(default_factory=list)
    seconds: float
    seed: int
    layer: str | None = None
    calibration: Calibration | None = None

    _items = "layers"

    def summary(self) -> str:
        """How good the probe is."""
        test = self.test
        return (
            f"{self.kind} for {self.target}: {test.metric} {test.mean:.3f} [{test.low:.3f}, {test.high:.3f}] "
            f"on {self.models} models, chance {self.chance:.3f}"
        )


@dataclass(kw_only=True)
class RejectionPoint:
    """A threshold of the distance."""

    threshold: float
    false_positive_rate: float
    true_positive_rate: float


@dataclass(kw_only=True)
class Rejection:
    """How well unknown models are told apart."""

    known: int
    unknown: int
    area: float
    at_radius: RejectionPoint
    roc: list[RejectionPoint]


@dataclass(kw_only=True, repr=False)
class ProbeEvaluation(Result):
    """A probe on another index."""

    probe: str
    index: str
    target: str
    task: str
    kind: str
    models: int
    unknown: int
    classes: list[str]
    chance: float
    test: Figure
    confusion: Ints
    skipped: list[Skipped]
    layer: str | None = None
    calibration: Calibration | None = None
    rejection: Rejection | None = None


@dataclass(kw_only=True, repr=False)
class ProbePrediction(Result):
    """What a probe says of a file."""

    file: str
    scores: dict[str, float]
    prediction: Any | None = None
    tree: str | None = None
    known: bool | None = None
    distance: float | None = None
    error: str | None = None


@dataclass(kw_only=True)
class Hit:
    """A model that was found."""

    file: str
    score: float
    prediction: Any | None = None
    tree: str | None = None
    known: bool | None = None


@dataclass(kw_only=True, repr=False)
class ProbeSearch(Result):
    """The models that are most like what was sought."""

    probe: str
    index: str
    space: str
    models: int
    results: list[Hit]
    skipped: list[Skipped]
    text_vector: str | None = None
    like: str | None = None

    _items = "results"


def probe_train(
    index: PathLike,
    *,
    target: str,
    output: PathLike,
    kind: str | None = None,
    layer: str | None = None,
    where: str | None = None,
    folds: int | None = None,
    group: str | None = None,
    seed: int | None = None,
    baselines: bool = True,
    force: bool = False,
    **options: Option,
) -> ProbeTraining:
    """Trains a probe that tells a column of an index from weights.

    Args:
        target: the column.
        output: the probe's file.
        options: further options of ``wsl probe train``.
    """
    given = {
        "target": target,
        "output": output,
        "kind": kind,
        "layer": layer,
        "where": where,
        "folds": folds,
        "group": group,
        "seed": seed,
        "baselines": baselines,
        "force": force,
    }
    return call(ProbeTraining, "probe train", [index], {**given, **options})


def probe_predict(
    probe: PathLike, models: Sequence[Model] | PathLike, **options: Option
) -> list[ProbePrediction]:
    """What a probe says of models, or of all models of an index."""
    with Inputs() as inputs:
        several = inputs.models(models) if isinstance(models, (list, tuple)) else [inputs.model(models, "a")]
        return calls(ProbePrediction, "probe predict", [probe, *several], options, inputs=inputs)


def probe_evaluate(probe: PathLike, index: PathLike, **options: Option) -> ProbeEvaluation:
    """How good a probe is on the models of another index."""
    return call(ProbeEvaluation, "probe evaluate", [probe, index], options)


def probe_search(
    probe: PathLike,
    index: PathLike,
    *,
    like: Model | None = None,
    text_vector: PathLike | None = None,
    limit: int | None = None,
    **options: Option,
) -> ProbeSearch:
    """The models of an index that are most like one, or nearest to the vector of a text."""
    with Inputs() as inputs:
        given = {
            "like": None if like is None else inputs.model(like, "like"),
            "text_vector": text_vector,
            "limit": limit,
        }
        return call(ProbeSearch, "probe search", [probe, index], {**given, **options}, inputs=inputs)
