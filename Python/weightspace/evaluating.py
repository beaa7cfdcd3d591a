"""How good networks are, on clean and on corrupted data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._call import call
from ._inputs import Data, Inputs, Model
from ._program import Option, PathLike, listed
from ._result import Normalization, Result


@dataclass(kw_only=True)
class Severity:
    """Accuracy and loss at one severity."""

    severity: int
    accuracy: float
    loss: float


@dataclass(kw_only=True)
class CorruptionScore:
    """Accuracy under one corruption, over its severities."""

    type: str
    accuracy: float
    severities: list[Severity]


@dataclass(kw_only=True)
class MeanCorruptionError:
    """The mean corruption error, and of which kinds."""

    value: float
    kinds: list[str]
    normalized: float | None = None
    relative: float | None = None


@dataclass(kw_only=True)
class Score:
    """How good a model is."""

    file: str
    clean_accuracy: float
    clean_loss: float
    loss_function: str
    target: str
    corruptions: list[CorruptionScore]
    mean_robust_accuracy: float | None = None
    mce: MeanCorruptionError | None = None


@dataclass(kw_only=True, repr=False)
class Evaluation(Result):
    """How good models are on data, clean and corrupted."""

    data: str
    split: str
    examples: int
    seed: int
    scale: str
    models: list[Score]
    normalization: Normalization | None = None
    reference: Score | None = None

    _items = "models"


def evaluate(
    *models: Model,
    data: Data,
    split: str | None = None,
    limit: int | None = None,
    corruptions: str | Sequence[str] | None = None,
    severities: Sequence[int] | None = None,
    normalize: str | None = None,
    graph: PathLike | None = None,
    **options: Option,
) -> Evaluation:
    """Loss and accuracy of networks.

    Args:
        models: the networks.
        data: what they are measured on.
        split: ``train`` or ``test``.
        limit: use only so many examples.
        corruptions: kinds of corruption, or ``all``.
        severities: which severities, 1 to 5.
        normalize: what pixels are brought to.
        graph: a YAML file that describes the network.
        options: further options of ``wsl evaluate``.
    """
    with Inputs() as inputs:
        given = {
            "data": inputs.data(data),
            "split": split,
            "limit": limit,
            "normalize": normalize,
            "corruptions": listed(corruptions),
            "severities": listed(severities),
            "graph": graph,
        }
        return call(Evaluation, "evaluate", inputs.models(models), {**given, **options}, inputs=inputs)
