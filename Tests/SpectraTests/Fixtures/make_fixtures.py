"""Makes the fixtures of SpectraTests: small models, and what WeightWatcher says of them.

    python make_fixtures.py FOLDER

Needs weightwatcher 0.7.7, safetensors, h5py, and Keras 3 with any backend. WeightWatcher reads Keras
models through TensorFlow's name for Keras, which is given Keras itself here. State dicts go to it as
dictionaries of arrays. Every `NAME.json` holds the columns of `analyze()`, a list a column.
"""

import json
import os
import sys
import types

import numpy as np

os.environ.setdefault("KERAS_BACKEND", "jax")

folder = sys.argv[1]
generator = np.random.default_rng(7)


def heavy(*shape, scale=1.0, exponent=2.5):
    """A matrix (or a kernel of slices) with a few strong directions in noise."""
    *window, rows, columns = shape
    result = generator.standard_normal(shape) / np.sqrt(max(rows, columns))
    for place in np.ndindex(*window):
        side = min(rows, columns)
        left = np.linalg.qr(generator.standard_normal((rows, side)))[0]
        right = np.linalg.qr(generator.standard_normal((columns, side)))[0]
        values = (1 + np.arange(side)) ** (-1 / (exponent - 1)) * 3
        result[place] = result[place] * 0.5 + (left * values) @ right.T
    return (scale * result).astype(np.float32)


def torch_kernel(out, inside, height, width, **rest):
    return np.ascontiguousarray(heavy(height, width, out, inside, **rest).transpose(2, 3, 0, 1))


def vector(count):
    return generator.standard_normal(count).astype(np.float32)


def state_dicts():
    mlp = {}
    for name, rows, columns in (("fc1", 64, 100), ("fc2", 48, 64), ("fc3", 10, 48), ("fc4", 6, 10)):
        mlp[name + ".weight"] = heavy(rows, columns)
        mlp[name + ".bias"] = vector(rows)
    # Units that are dead, and a matrix of low rank.
    mlp["fc2.weight"][5] = 0
    mlp["fc2.weight"][:, 9] = 0
    low = heavy(40, 7) @ heavy(7, 30)
    mlp["low.weight"] = low.astype(np.float32)
    # Below WeightWatcher's absolute threshold of 1e-5, wholly and in part.
    mlp["tiny.weight"] = heavy(24, 30, scale=5e-3)
    mlp["zero.weight"] = np.zeros((12, 20), np.float32)
    vgg = {}
    for name, out, inside, height, width in (
        ("features.0", 16, 3, 3, 3),
        ("features.3", 24, 16, 3, 3),
        ("features.6", 12, 24, 3, 3),
        ("features.8", 8, 20, 2, 2),
        ("features.10", 2, 3, 5, 5),
        ("features.12", 20, 8, 1, 1),
    ):
        vgg[name + ".weight"] = torch_kernel(out, inside, height, width)
        vgg[name + ".bias"] = vector(out)
    for name in ("weight", "bias", "running_mean", "running_var"):
        vgg["features.1." + name] = vector(16)
    vgg["embed.weight"] = heavy(70, 18)
    vgg["classifier.0.weight"] = heavy(40, 60)
    vgg["classifier.3.weight"] = heavy(10, 40)
    return {"mlp": mlp, "vgg": vgg}


def keras_model():
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            layers.Conv2D(8, 3, name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Conv2D(16, 3, name="second"),
            layers.Conv2D(2, 3, name="narrow"),
            layers.Flatten(name="flat"),
            layers.Dense(32, name="hidden"),
            layers.Dense(10, name="head"),
        ],
        name="vgg_like",
    )
    for name in ("first", "second", "narrow", "hidden", "head"):
        layer = model.get_layer(name)
        kernel, bias = layer.get_weights()
        layer.set_weights([heavy(*kernel.shape), vector(len(bias))])
    return model


def details(model):
    import weightwatcher

    watcher = weightwatcher.WeightWatcher(model=model)
    table = watcher.analyze(ERG=True)
    columns = {}
    for name in table.columns:
        values = [value.item() if isinstance(value, np.generic) else value for value in table[name]]
        columns[name] = [
            None if isinstance(value, float) and not np.isfinite(value) else value
            for value in values
        ]
    return columns


def write(name, model):
    with open(os.path.join(folder, name + ".json"), "w") as file:
        json.dump(details(model), file, indent=0)
        file.write("\n")


def main():
    import h5py
    import keras
    import safetensors.numpy

    # Saved first: Keras itself asks what TensorFlow is there.
    model = keras_model()
    model.save(os.path.join(folder, "keras.h5"))
    shim = types.ModuleType("tensorflow")
    shim.keras = keras
    shim.__version__ = "none"
    sys.modules["tensorflow"] = shim
    sys.modules["tensorflow.keras"] = keras
    for name, tensors in state_dicts().items():
        safetensors.numpy.save_file(tensors, os.path.join(folder, name + ".safetensors"))
        # The order in the file is that of the rows.
        with open(os.path.join(folder, name + ".safetensors"), "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length))
        names = sorted(
            (key for key in header if key != "__metadata__"),
            key=lambda key: header[key]["data_offsets"],
        )
        write(name, {key: tensors[key] for key in names})
    write("keras", model)


main()
