"""Models and data in memory, as files that the program reads."""

from __future__ import annotations

import os
import sys
import tempfile
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from . import _safetensors
from ._program import PathLike

#: A path; or a mapping of names to arrays or tensors (a state dict); a PyTorch module; a Keras model.
Model = PathLike | Mapping[str, Any] | Any

#: A path or ``"digits"``; or ``(examples, labels)``; or ``((examples, labels), (examples, labels))``, for
#: training and testing, as Keras's data sets load; or a mapping of the names that .npz files have.
Data = PathLike | Mapping[str, Any] | Sequence[Any]


class Inputs:
    """A folder of temporary files, gone at the end of a ``with``."""

    def __enter__(self) -> Inputs:
        self._folder = tempfile.TemporaryDirectory(prefix="weightspace-")
        self.folder = Path(self._folder.name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def model(self, model: Model, name: str) -> Path:
        """The file of a model: its own, or a temporary one called after ``name``.

        A Keras model is saved by Keras, with its graph; everything else as safetensors.
        """
        if isinstance(model, (str, os.PathLike)):
            return Path(model)
        if is_keras(model):
            path = self.folder / f"{name}.keras"
            typing.cast(Any, model).save(path)
            return path
        path = self.folder / f"{name}.safetensors"
        _safetensors.write(path, state(model))
        return path

    def models(self, models: Sequence[Model]) -> list[Path]:
        """The files of several, the ones in memory called a, b, c …"""
        names = "abcdefghijklmnopqrstuvwxyz"
        return [
            self.model(model, names[index] if index < len(names) else f"m{index}")
            for index, model in enumerate(models)
        ]

    def data(self, data: Data | None) -> str | None:
        """What ``--data`` takes."""
        if data is None or isinstance(data, (str, os.PathLike)):
            return None if data is None else os.fspath(data)
        if isinstance(data, Mapping):
            arrays = dict(data)
        else:
            first, second = typing.cast(Sequence[Any], data)
            if isinstance(first, (tuple, list)) and isinstance(second, (tuple, list)):
                names = ("x_train", "y_train", "x_test", "y_test")
                arrays = dict(zip(names, (*first, *second)))
            else:
                arrays = {"images": first, "labels": second}
        path = self.folder / "data.npz"
        named: dict[str, Any] = {name: array(value) for name, value in arrays.items()}
        np.savez(path, **named)
        return str(path)

    def output(self, like: Model, name: str) -> Path:
        """A place for a model that is to come back into memory."""
        return self.folder / f"{name}{'.keras' if is_keras(like) else '.safetensors'}"


def array(value: Any) -> np.ndarray[Any, Any]:
    """A NumPy array of an array, a tensor, or nested lists."""
    return np.asarray(value.detach().cpu().numpy() if hasattr(value, "detach") else value)


def is_file(model: Model) -> bool:
    """Whether a model is given by its path."""
    return isinstance(model, (str, os.PathLike))


def is_keras(model: Model) -> bool:
    """Whether it is a model of Keras, told without importing Keras."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(model, keras.Model)


def state(model: Model) -> Mapping[str, Any]:
    """The tensors of a state dict or of a PyTorch module."""
    if hasattr(model, "state_dict"):
        model = model.state_dict()
    if not isinstance(model, Mapping):
        raise TypeError(
            f"a model is a path, a state dict, a PyTorch module or a Keras model, not {type(model).__name__}"
        )
    return model


def like(model: Model, path: Path) -> Any:
    """What was written to a file, as the given model is held: a Keras model, or a state dict of
    PyTorch's tensors or of arrays."""
    if is_keras(model):
        return sys.modules["keras"].models.load_model(path)
    arrays = _safetensors.read(path)
    tensors = state(model)
    if not any(hasattr(value, "detach") for value in tensors.values()):
        return arrays
    torch = sys.modules["torch"]

    def tensor(name: str, value: np.ndarray[Any, Any]) -> Any:
        if value.dtype.name == "bfloat16":
            value = value.astype(np.float32)
        made = torch.from_numpy(value)
        return made.to(tensors[name].dtype) if hasattr(tensors.get(name), "dtype") else made

    return {name: tensor(name, value) for name, value in arrays.items()}
