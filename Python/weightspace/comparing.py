"""What differs between two models."""

from __future__ import annotations

from dataclasses import dataclass

from ._call import call
from ._inputs import Inputs, Model
from ._program import Option
from ._result import Pairing, Result


@dataclass(kw_only=True)
class Unread:
    """What could not be read, compared as it is stored."""

    name: str
    outcome: str
    tensors: int
    reason: str
    shape: list[int] | None = None
    dtype: str | None = None
    other_dtype: str | None = None


@dataclass(kw_only=True)
class TensorDifference:
    """How far a tensor of two models is apart; relative to A's."""

    name: str
    other: str
    matched_by: str
    transposed: bool
    shape: list[int]
    dtype: str
    other_dtype: str
    l2: float
    relative: float
    cosine: float
    largest_change: float
    fraction_changed: float


@dataclass(kw_only=True)
class NamedTensor:
    """A tensor that one of the models has."""

    name: str
    shape: list[int]
    dtype: str


@dataclass(kw_only=True)
class Reshaped:
    """A tensor whose shape differs."""

    name: str
    other: str
    shape: list[int]
    other_shape: list[int]


@dataclass(kw_only=True)
class TotalDifference:
    """All compared tensors together."""

    tensors: int
    elements: int
    changed_tensors: int
    l2: float
    relative: float
    cosine: float
    largest_change: float
    fraction_changed: float


@dataclass(kw_only=True, repr=False)
class Difference(Result):
    """What differs between two models."""

    a: str
    b: str
    tensors: list[TensorDifference]
    added: list[NamedTensor]
    removed: list[NamedTensor]
    reshaped: list[Reshaped]
    total: TotalDifference
    unread: list[Unread]
    pairing: Pairing
    identical: bool | None = None
    exceeds: bool | None = None

    _items = "tensors"

    def summary(self) -> str:
        """How much of the models differs."""
        total = self.total
        said = f"{total.changed_tensors} of {total.tensors} tensors differ, L2 {total.l2:.4g}"
        return f"{self.a} and {self.b}: {'identical' if self.identical else said}"


def diff(a: Model, b: Model, *, fail_above: float | None = None, **options: Option) -> Difference:
    """What differs between two models, tensor by tensor, relative to A.

    Args:
        fail_above: a relative distance above which ``exceeds`` is true and ``exit_code`` 2.
        options: further options of ``wsl diff``.
    """
    with Inputs() as inputs:
        return call(
            Difference,
            "diff",
            [inputs.model(a, "a"), inputs.model(b, "b")],
            {"fail_above": fail_above, **options},
            inputs=inputs,
        )
