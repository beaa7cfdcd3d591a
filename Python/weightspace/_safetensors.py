"""Writing and reading safetensors with NumPy alone."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

Arrays = dict[str, "np.ndarray[Any, Any]"]

_NAMES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint64": "U64",
    "uint32": "U32",
    "uint16": "U16",
    "uint8": "U8",
    "bool": "BOOL",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
}
_TYPES = {name: dtype for dtype, name in _NAMES.items()}

# NumPy has no such type of its own.
_FOREIGN = {"BF16", "F8_E4M3", "F8_E5M2"}


def write(path: Path, tensors: Mapping[str, Any]) -> None:
    """Writes arrays, PyTorch's tensors, and whatever NumPy takes for an array, in their order.

    Raises:
        TypeError: for an element type that safetensors does not have.
    """
    header: dict[str, Any] = {}
    parts: list[bytes] = []
    offset = 0
    for name, value in tensors.items():
        kind, shape, data = _bytes(name, value)
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for part in parts:
            file.write(part)


def _bytes(name: str, value: Any) -> tuple[str, list[int], bytes]:
    if hasattr(value, "detach"):
        value = value.detach().cpu().contiguous()
        kind = str(value.dtype).rpartition(".")[2]
        if _NAMES.get(kind) in _FOREIGN:
            torch = sys.modules["torch"]
            bits = value.view(torch.int16 if kind == "bfloat16" else torch.uint8).numpy()
            return _NAMES[kind], list(value.shape), bits.tobytes()
        value = value.numpy()
    array = np.asarray(value)
    if array.dtype.name not in _NAMES:
        raise TypeError(f"{name}: safetensors has no element type {array.dtype}")
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    return _NAMES[array.dtype.name], list(array.shape), array.tobytes()


def read(path: Path) -> Arrays:
    """Reads all tensors.

    BF16 and 8-bit floats come as ml_dtypes' types where that package is installed; without it BF16
    comes as float32, which holds every value of it.
    """
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    result: Arrays = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        result[name] = _array(entry["dtype"], data[begin:end]).reshape(entry["shape"])
    return result


def _array(kind: str, data: bytes) -> np.ndarray[Any, Any]:
    if kind not in _FOREIGN:
        plain: np.ndarray[Any, Any] = np.frombuffer(data, dtype=np.dtype(_TYPES[kind]).newbyteorder("<"))
        return np.array(plain)
    try:
        import ml_dtypes
    except ImportError:
        if kind != "BF16":
            raise TypeError(f"{kind} needs the package ml_dtypes") from None
        wide = np.frombuffer(data, dtype="<u2").astype(np.uint32) << 16
        return wide.view(np.float32)
    foreign: np.ndarray[Any, Any] = np.frombuffer(data, dtype=getattr(ml_dtypes, _TYPES[kind]))
    return np.array(foreign)
