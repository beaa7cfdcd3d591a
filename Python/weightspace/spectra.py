"""Spectra of weight matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._call import call, calls
from ._decode import Floats, decode, snake
from ._inputs import Inputs, Model
from ._program import Option
from ._result import Pairing, Result, Skipped


@dataclass(kw_only=True, repr=False)
class Spectrum(Result):
    """The spectra of a model: ``layers`` has a dictionary a layer, its keys in snake_case.

    With ``compat="weightwatcher"`` the keys are WeightWatcher's own.
    """

    file: str
    layers: list[dict[str, Any]]
    averages: dict[str, float] = field(default_factory=dict)
    skipped: list[Skipped]
    failed: list[Skipped]
    seed: int
    compat: str | None = None

    _items = "layers"

    def __post_init__(self) -> None:
        if self.compat is None:
            self.layers = [{snake(key): value for key, value in row.items()} for row in self.layers]

    def column(self, name: str) -> Floats:
        """A number of every layer, such as ``alpha``; NaN where a layer has none.

        Raises:
            KeyError: where no layer has it.
        """
        if not any(name in row for row in self.layers):
            raise KeyError(name)
        values = [row.get(name) for row in self.layers]
        return np.array([math.nan if value is None else value for value in values], dtype=np.float64)

    def summary(self) -> str:
        """The averages over the layers."""
        said = ", ".join(f"{name} {value:.4g}" for name, value in self.averages.items())
        return f"{self.file}: {len(self.layers)} layers; averages: {said}"


@dataclass(kw_only=True)
class SpectralChange:
    """How a layer's spectrum changed."""

    weight_distance: float
    lambda_max: float
    stable_rank: float
    alpha: float | None = None
    optimal_rank: int | None = None
    spikes: int | None = None


@dataclass(kw_only=True)
class Angles:
    """The angles, in degrees, between the spaces of the leading singular vectors."""

    left: Floats
    right: Floats
    left_overlap: float
    right_overlap: float


@dataclass(kw_only=True)
class ComparedLayer:
    """A layer's spectra in both models."""

    name: str
    other: str
    type: str
    a: dict[str, Any]
    b: dict[str, Any]
    spectral_distance: float
    change: SpectralChange | None = None
    angles: Angles | None = None


@dataclass(kw_only=True, repr=False)
class SpectrumComparison(Result):
    """The spectra of two models beside one another."""

    a: str
    b: str
    layers: list[ComparedLayer]
    skipped: list[Skipped]
    failed: list[Skipped]
    pairing: Pairing

    _items = "layers"


def spectrum(
    model: Model,
    *,
    compat: str | None = None,
    conv: str | None = None,
    bootstrap: int | None = None,
    randomize: bool = False,
    seed: int | None = None,
    figures: bool = False,
    **options: Option,
) -> Spectrum:
    """Power laws, norms, ranks and noise of every weight matrix of a model.

    Args:
        compat: ``weightwatcher``: its columns and conventions.
        conv: ``slices`` or ``flattened``: a convolution as many matrices or as one.
        bootstrap: how many spectra to draw for an interval around alpha.
        randomize: measure the shuffled weights as well.
        seed: the seed of shuffles and of the bootstrap.
        figures: draw the spectra with their fits.
        options: further options of ``wsl spectrum``.
    """
    with Inputs() as inputs:
        given = {"compat": compat, "conv": conv, "bootstrap": bootstrap, "randomize": randomize, "seed": seed}
        result = call(
            Spectrum,
            "spectrum",
            [inputs.model(model, "model")],
            {**given, **options},
            inputs=inputs,
            plot=figures,
        )
        return _averaged(result)


def spectrum_all(models: Sequence[Model], **options: Option) -> list[Spectrum]:
    """The same of several models. Files that cannot be read are left out, each with a warning."""
    with Inputs() as inputs:
        return [
            _averaged(each)
            for each in calls(Spectrum, "spectrum", inputs.models(models), options, inputs=inputs)
        ]


def spectrum_compare(
    a: Model, b: Model, *, angles: int | None = None, **options: Option
) -> SpectrumComparison:
    """The spectra of two models beside one another, and how far leading directions turned.

    Args:
        angles: between the spaces of how many leading singular vectors.
    """
    with Inputs() as inputs:
        return call(
            SpectrumComparison,
            "spectrum",
            [inputs.model(a, "a"), inputs.model(b, "b")],
            {"compare": True, "angles": angles, **options},
            inputs=inputs,
        )


def _averaged(result: Spectrum) -> Spectrum:
    # The JSON's key `summary` is the name of the method that every result has.
    said = result.raw.get("summary", {})
    keep = result.compat is not None
    result.averages = {key if keep else snake(key): decode(float, value) for key, value in said.items()}
    return result
