"""What all results share: rows, frames, and how a notebook shows them."""

from __future__ import annotations

import dataclasses
import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ._decode import Floats

if TYPE_CHECKING:
    import pandas


@dataclass(kw_only=True, repr=False)
class Result:
    """What a command said.

    Attributes:
        warnings: what the program warned of.
        exit_code: 0; 2 where a check found something; 3 where some items failed.
        figures: pictures that the program drew, SVG by name.
        raw: the program's JSON, with the keys that it has there.
    """

    warnings: list[str] = field(default_factory=list)
    exit_code: int = field(default=0, init=False)
    figures: dict[str, str] = field(default_factory=dict, init=False)
    raw: dict[str, Any] = field(default_factory=dict, init=False)

    #: The attribute whose items are the rows.
    _items: ClassVar[str] = ""

    def rows(self) -> list[dict[str, Any]]:
        """The result's main table: a dictionary a row, of text and numbers."""
        return [flat(item) for item in getattr(self, self._items)] if self._items else [flat(self)]

    def frame(self) -> pandas.DataFrame:
        """The same as a frame of pandas.

        Raises:
            ImportError: where pandas is not installed; ``rows`` needs nothing.
        """
        return frame(self.rows())

    def summary(self) -> str:
        """One line."""
        said = [f"{name}={_short(value)}" for name, value in flat(self).items() if value is not None]
        return f"{type(self).__name__}({', '.join(said[:6])})"

    def __repr__(self) -> str:
        return f"<{self.summary()}>"

    def _repr_html_(self) -> str:
        parts = [f"<p>{html.escape(self.summary())}</p>"]
        parts += [f'<p style="color:#b35900">{html.escape(text)}</p>' for text in self.warnings]
        parts += [f'<div style="max-width:60em">{picture}</div>' for picture in self.figures.values()]
        return "\n".join(parts) + table(self.rows())


@dataclass(kw_only=True)
class Skipped:
    """What was left out, and why."""

    reason: str
    name: str | None = None
    file: str | None = None
    is_damage: bool = False


@dataclass(kw_only=True)
class Normalization:
    """What pixels are brought to before a network sees them."""

    mean: Floats
    standard_deviation: Floats
    name: str | None = None


@dataclass(kw_only=True)
class LeftOut:
    """A layer that only one of the two networks has."""

    network: str
    layer: str
    type: str
    tensors: list[str]
    reason: str


@dataclass(kw_only=True)
class Pairing:
    """How the tensors of a file were told apart and paired with the first's."""

    file: str
    by: str
    tensors: dict[str, int]
    left_out: list[LeftOut]
    layers: int | None = None


@dataclass(kw_only=True)
class UnitScaling:
    """The free scales of units that were chosen."""

    units: int
    smallest: float
    largest: float
    loss_change: float


@dataclass(kw_only=True)
class Change:
    """A measure before and after."""

    before: float
    after: float


@dataclass(kw_only=True)
class Repair:
    """How averaged weights were repaired."""

    method: str
    examples: int | None = None
    split: str | None = None


def flat(item: Any) -> dict[str, Any]:
    """An object's text and numbers; those of objects in it under ``outer_inner``. Lists are left out."""
    fields = (
        item.items()
        if isinstance(item, dict)
        else ((each.name, getattr(item, each.name)) for each in dataclasses.fields(item))
    )
    result: dict[str, Any] = {}
    for name, value in fields:
        if name in ("raw", "figures", "warnings", "exit_code") and isinstance(item, Result):
            continue
        if dataclasses.is_dataclass(value) or isinstance(value, dict):
            result.update({f"{name}_{inner}": each for inner, each in flat(value).items()})
        elif isinstance(value, tuple) or name in ("shape", "other_shape"):
            result[name] = " × ".join(map(str, value or []))
        elif not isinstance(value, (list, np.ndarray)):
            result[name] = value
    return result


def frame(rows: list[dict[str, Any]]) -> pandas.DataFrame:
    """A frame of pandas, which is imported only here."""
    try:
        import pandas
    except ImportError:
        raise ImportError("frame() needs pandas, which is not installed; rows() needs nothing") from None
    return pandas.DataFrame(rows)


def table(rows: list[dict[str, Any]], most: int = 60) -> str:
    """Rows as a table of HTML; of many the first, which is said. Columns without a value are left out."""
    shown = rows[:most]
    columns = [
        name
        for name in dict.fromkeys(key for row in shown for key in row)
        if any(row.get(name) is not None for row in shown)
    ]
    if not columns:
        return ""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    lines = ["<tr>" + "".join(_cell(row.get(name)) for name in columns) + "</tr>" for row in shown]
    rest = f"<p>{len(rows) - most} more of {len(rows)} rows</p>" if len(rows) > most else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>{rest}"


def _cell(value: Any) -> str:
    side = "right" if isinstance(value, (int, float)) else "left"
    return f'<td style="text-align:{side}">{html.escape(_short(value))}</td>'


def _short(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
