"""From the program's JSON to dataclasses: keys in snake_case, numbers as NumPy arrays."""

from __future__ import annotations

import dataclasses
import functools
import keyword
import math
import re
import types
import typing
from typing import Any, TypeVar, Union

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

T = TypeVar("T")


@functools.cache
def snake(key: str) -> str:
    """``leftOutTensors`` → ``left_out_tensors``, ``trainLoss`` → ``train_loss``, ``from`` → ``from_``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()
    words = re.sub(r"\W", "_", words)
    return words + "_" if keyword.iskeyword(words) else words


@functools.cache
def _fields(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init}


def decode(kind: Any, value: Any) -> Any:
    """A value of the type that an annotation names.

    A number that is null, because it is not finite, is NaN where a float is asked for. Keys that the
    dataclass does not know are left to ``raw``: a newer program may say more.
    """
    if kind is Any:
        return value
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = [part for part in typing.get_args(kind) if part is not type(None)]
        return None if value is None else decode(inner[0], value)
    if kind == Ints:
        return np.asarray(value if value is not None else [], dtype=np.int64)
    if kind == Floats:
        return np.asarray(_numbers(value), dtype=np.float64)
    if origin is list:
        (inner,) = typing.get_args(kind)
        return [decode(inner, each) for each in value or []]
    if origin is dict:
        _, inner = typing.get_args(kind)
        return {key: decode(inner, each) for key, each in (value or {}).items()}
    if kind is float:
        return math.nan if value is None else float(value)
    if dataclasses.is_dataclass(kind):
        fields = _fields(typing.cast(type, kind))
        said = value or {}
        given = {snake(key): each for key, each in said.items()}
        made = typing.cast(Any, kind)
        result = made(**{name: decode(hint, given[name]) for name, hint in fields.items() if name in given})
        if hasattr(result, "raw"):
            result.raw = said
        return result
    return value


def _numbers(value: Any) -> Any:
    """Numbers in lists, of any depth, with NaN for null; rows of different lengths are filled up."""
    if value is None:
        return []
    if any(isinstance(each, list) for each in value):
        rows = [_numbers(each if each is not None else []) for each in value]
        width = max(len(row) for row in rows)
        return [list(row) + [math.nan] * (width - len(row)) for row in rows]
    return [math.nan if each is None else each for each in value]
