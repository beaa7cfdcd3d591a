"""Robust weight signatures: taking them out of networks, and putting them into others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ._call import call
from ._decode import Floats, decode
from ._inputs import Data, Inputs, Model
from ._program import Option, PathLike, listed
from ._result import Normalization, Pairing, Result


@dataclass(kw_only=True)
class Corruption:
    """A corruption of images."""

    type: str
    severity: int | None = None


@dataclass(kw_only=True)
class SignatureTensor:
    """A tensor of a signature."""

    name: str
    kind: str
    shape: list[int]
    dtype: str
    norm: float
    sha256: str
    levels: int | None = None
    zero: int | None = None
    step: float | None = None
    relative_norm: float | None = None
    cosine: float | None = None
    removed: float | None = None


@dataclass(kw_only=True)
class Seal:
    """Who signed it."""

    algorithm: str
    public_key: str
    verified: bool


@dataclass(kw_only=True)
class AutomaticLayers:
    """How the number of layers was chosen."""

    count: int
    robust_accuracy: Floats
    all_layers: float


@dataclass(kw_only=True)
class Directions:
    """The two fine-tunes' directions."""

    standard: float
    robust: float
    cosine: float | None = None


@dataclass(kw_only=True, repr=False)
class Signature(Result):
    """A robust weight signature."""

    file: str
    name: str
    identifier: str
    architecture: str
    layers: str
    projection: bool
    bytes: int
    dense_bytes: int
    elements: int
    inputs: dict[str, str]
    ancestry: dict[str, float]
    seed: int
    tool: str
    adds_nothing: bool
    tensors: list[SignatureTensor]
    corruption: Corruption | None = None
    levels: int | None = None
    signed: Seal | None = None
    automatic: AutomaticLayers | None = None
    directions: Directions | None = None
    normalization: Normalization | None = None
    pairing: list[Pairing] | None = None

    _items = "tensors"


@dataclass(kw_only=True)
class SignatureName:
    """A signature among several."""

    file: str
    name: str
    corruption: Corruption | None = None


@dataclass(kw_only=True)
class Neighbour:
    """The signature that is nearest."""

    index: int
    name: str
    file: str
    cosine: float


@dataclass(kw_only=True)
class TensorCosines:
    """The cosines of one tensor."""

    tensor: str
    cosine: Floats


@dataclass(kw_only=True, repr=False)
class SignatureComparison(Result):
    """The cosines between signatures."""

    signatures: list[SignatureName]
    cosine: Floats
    nearest: list[Neighbour | None]
    tensors: list[TensorCosines]

    def rows(self) -> list[dict[str, Any]]:
        """A row a signature: its cosine with each."""
        names = [each.name for each in self.signatures]
        return [
            {"signature": name, **dict(zip(names, map(float, row)))} for name, row in zip(names, self.cosine)
        ]

    def summary(self) -> str:
        """Which were compared."""
        return "cosines of " + ", ".join(each.name for each in self.signatures)


@dataclass(kw_only=True)
class SweepPoint:
    """A strength and a number of layers."""

    layers: int
    alpha: float
    clean_accuracy: float
    robust_accuracy: float


@dataclass(kw_only=True, repr=False)
class SignatureSweep(Result):
    """Accuracy over strengths and numbers of layers."""

    model: str
    signature: str
    corruption: str
    data: str
    split: str
    examples: int
    seed: int
    severity: int | None = None
    strength: float | None = None
    normalization: Normalization | None = None

    # `rows` is a method of every result, and a key here.
    points: list[SweepPoint] = field(default_factory=list, init=False)

    _items = "points"


def signature_extract(
    *,
    pretrained: Model,
    standard: Model,
    robust: Model,
    output: PathLike,
    name: str | None = None,
    layers: str | None = None,
    levels: int | str | None = None,
    force: bool = False,
    **options: Option,
) -> Signature:
    """Takes a signature out of three networks, and writes it to a file.

    Args:
        pretrained: what both fine-tunes started from.
        standard: the one that was fine-tuned on clean data.
        robust: the one that was fine-tuned on corrupted data.
        output: the signature's file.
        name: the name under which it stands in a stack.
        layers: ``first:K``, ``all``, ``auto`` or a list.
        levels: 2 to 256, or ``none``.
        options: further options of ``wsl signature extract``.
    """
    with Inputs() as inputs:
        given = {
            "pretrained": inputs.model(pretrained, "pretrained"),
            "standard": inputs.model(standard, "standard"),
            "robust": inputs.model(robust, "robust"),
            "output": output,
            "name": name,
            "layers": layers,
            "levels": levels,
            "force": force,
        }
        return call(Signature, "signature extract", [], {**given, **options}, inputs=inputs)


def signature_info(signature: PathLike) -> Signature:
    """What a signature holds."""
    return call(Signature, "signature info", [signature])


def signature_compare(*signatures: PathLike) -> SignatureComparison:
    """The cosines between signatures."""
    return call(SignatureComparison, "signature compare", signatures)


def signature_sweep(
    model: Model,
    signature: PathLike,
    *,
    data: Data,
    corruption: str,
    alphas: Sequence[float] | None = None,
    layers: str | Sequence[int] | None = None,
    limit: int | None = None,
    figures: bool = True,
    **options: Option,
) -> SignatureSweep:
    """Clean and robust accuracy of a patched model over strengths and numbers of layers.

    Args:
        corruption: ``fog``, or with a severity ``fog:3``.
    """
    with Inputs() as inputs:
        given = {
            "rws": signature,
            "data": inputs.data(data),
            "corruption": corruption,
            "alphas": listed(alphas),
            "layers": listed(layers),
            "limit": limit,
        }
        result = call(
            SignatureSweep,
            "signature sweep",
            [inputs.model(model, "model")],
            {**given, **options},
            inputs=inputs,
            plot=figures,
        )
        result.points = decode(list[SweepPoint], result.raw.get("rows"))
        return result
