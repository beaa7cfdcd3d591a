"""An index of a zoo, as a table."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._program import Option, PathLike, listed, run
from ._result import frame, table
from .zoos import ZooScan, zoo_scan

if TYPE_CHECKING:
    import pandas


class Index:
    """The models of an index, or some of them; every look asks the file anew.

    ``index["test_accuracy"]`` is a column as an array, ``index.where("width = 64")`` a part of it,
    ``index.frame()`` all of it as a frame of pandas, ``len(index)`` the number of models.
    """

    def __init__(self, path: PathLike, *, of: str | None = None, where: str | None = None) -> None:
        """Opens an index.

        Args:
            path: the file that ``zoo_index`` wrote.
            of: what the rows are: ``models``, ``tensors``, or a metric's results.
            where: an SQL expression over the columns.
        """
        self.path = os.fspath(path)
        self._of = of
        self._where = where

    @property
    def columns(self) -> list[str]:
        """The names of the columns that there are."""
        return [each["name"] for each in self._ask({"show_columns": True})["columns"]]

    def where(self, expression: str) -> Index:
        """The rows for which an SQL expression holds, of those that are here."""
        both = expression if self._where is None else f"({self._where}) AND ({expression})"
        return Index(self.path, of=self._of, where=both)

    def of(self, subject: str) -> Index:
        """The same models' tensors (``tensors``) or results of a metric (``spectrum`` …)."""
        return Index(self.path, of=subject, where=self._where)

    def rows(
        self,
        columns: str | Sequence[str] = "all",
        *,
        sort: str | Sequence[str] | None = None,
        limit: int | None = None,
        **options: Option,
    ) -> list[dict[str, Any]]:
        """A dictionary a row.

        Args:
            columns: which columns; all where none are named.
            sort: by which columns; with ``-`` before a name from the highest.
            limit: how many at most.
            options: further options of ``wsl zoo list``.
        """
        asked = {"columns": listed(columns), "sort": listed(sort), "limit": limit, **options}
        document = self._ask(asked)
        rows: list[dict[str, Any]] = next(value for value in document.values() if isinstance(value, list))
        # The document's keys are sorted; what was asked for stands in the order that was asked for.
        asked_for = (listed(columns) or "").split(",")
        if rows and all(name.strip() in rows[0] for name in asked_for):
            rows = [{name.strip(): row[name.strip()] for name in asked_for} for row in rows]
        return rows

    def frame(self, columns: str | Sequence[str] = "all", **options: Any) -> pandas.DataFrame:
        """The same as a frame of pandas, which has to be installed."""
        return frame(self.rows(columns, **options))

    def groups(self, by: str | Sequence[str], aggregate: str | None = None) -> list[dict[str, Any]]:
        """How many rows each combination of values has, and an aggregate such as ``avg(test_accuracy)``."""
        return list(self._ask({"group_by": listed(by), "aggregate": aggregate})["groups"])

    def scan(self, metrics: str | Sequence[str] | None = None, **options: Any) -> ZooScan:
        """Computes metrics of these models: what is missing, and only that."""
        return zoo_scan(self.path, metrics=metrics, where=self._where, **options)

    def __getitem__(self, column: str) -> np.ndarray[Any, Any]:
        """A column: numbers, with NaN where there is none; objects where some are text."""
        values = [row[column] for row in self.rows(column)]
        if all(value is None or isinstance(value, (int, float)) for value in values):
            return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        return np.array(values, dtype=object)

    def __len__(self) -> int:
        return int(self._ask({"count": True})["count"])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows())

    def __repr__(self) -> str:
        part = f", where={self._where!r}" if self._where else ""
        return f"Index({self.path!r}{part})"

    def _repr_html_(self) -> str:
        count = f"<p>{html.escape(repr(self))}: {len(self)} rows</p>"
        shown = self._ask({"limit": 61})
        return count + table(next(value for value in shown.values() if isinstance(value, list)))

    def _ask(self, given: dict[str, Option]) -> dict[str, Any]:
        asked = {"of": self._of, "where": self._where, **given}
        if given.get("show_columns"):
            asked.pop("where")
        document: dict[str, Any] = run(["zoo", "list"], [self.path], asked).document
        return document
