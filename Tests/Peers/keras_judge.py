"""Real Keras loads what `wsl match -o` wrote, and predicts what the network before predicted.

    keras_judge.py WSL

Every model is made twice in one process, as in a notebook, so the layer names of the two files
differ. The outputs must agree to 1e-4 on 1000 inputs: a permuted network sums the same products in
another order, and Float32 sums of some hundred terms differ by a few units of 1e-7 of their size.
"""

import json
import os
import subprocess
import sys
import tempfile

import h5py
import keras
import numpy
from keras import layers

TOLERANCE = 1e-4


def sequential_mlp():
    return keras.Sequential([
        keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(48, activation="relu"),
        layers.Dropout(0.1), layers.Dense(32, activation="tanh"), layers.Dense(10)])


def functional_mlp():
    inputs = keras.Input((20,))
    x = layers.Dense(40)(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.Dense(24, activation="gelu")(x)
    return keras.Model(inputs, layers.Dense(5, activation="softmax")(x))


def residual_cnn():
    inputs = keras.Input((12, 12, 3))
    x = layers.Conv2D(12, 3, padding="same", use_bias=False)(inputs)
    x = layers.BatchNormalization()(x)
    x = stream = layers.ReLU()(x)
    x = layers.Conv2D(12, 3, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Add()([x, stream])
    x = layers.ReLU()(x)
    x = layers.Conv2D(16, 3, strides=2, padding="same")(x)
    shortcut = layers.Conv2D(16, 1, strides=2)(stream)
    x = layers.ReLU()(layers.Add()([x, shortcut]))
    x = layers.MaxPooling2D()(x)
    return keras.Model(inputs, layers.Dense(7)(layers.Flatten()(x)))


def separable_cnn():
    return keras.Sequential([
        keras.Input((10, 10, 2)), layers.SeparableConv2D(12, 3, activation="relu"),
        layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same"), layers.BatchNormalization(),
        layers.Conv2D(9, 1, activation="silu"), layers.GlobalAveragePooling2D(), layers.Dense(4)])


def recurrent():
    return keras.Sequential([
        keras.Input((15, 6)), layers.Bidirectional(layers.LSTM(11, return_sequences=True)),
        layers.GRU(13), layers.Dense(5, activation="softmax")])


MODELS = [sequential_mlp, functional_mlp, residual_cnn, separable_cnn, recurrent]


def trained(build, seed):
    """A model with an optimiser's state, as people save them, and statistics that are not 0 and 1."""
    keras.utils.set_random_seed(seed)
    model = build()
    model.compile("adam", keras.losses.MeanSquaredError())
    inputs = numpy.random.default_rng(seed).standard_normal((64, *model.input_shape[1:]))
    model.fit(inputs, numpy.zeros((64, *model.output_shape[1:])), epochs=2, verbose=0)
    return model


def unpermuted_parts_are_equal(before, after, moved):
    """Everything but the permuted tensors is as it was: names, attributes, other tensors."""
    with h5py.File(before) as one, h5py.File(after) as two:
        names = []
        one.visit(names.append)
        others = []
        two.visit(others.append)
        assert names == others, "the objects differ"
        for name in [""] + names:
            a, b = (f[name] if name else f for f in (one, two))
            assert dict(a.attrs).keys() == dict(b.attrs).keys(), f"attributes of {name}"
            if isinstance(a, h5py.Dataset):
                assert a.shape == b.shape and a.dtype == b.dtype and a.chunks == b.chunks, name
                assert a.compression == b.compression and a.shuffle == b.shuffle, name
                if name not in moved:
                    assert numpy.array_equal(a[()], b[()]), f"{name} changed"


def judge(wsl, build, ending, folder):
    first, second = trained(build, 1), trained(build, 2)
    paths = [os.path.join(folder, f"{build.__name__}-{i}{ending}") for i in (1, 2)]
    for model, path in zip((first, second), paths):
        (model.save_weights if ending == ".weights.h5" else model.save)(path)
    out = os.path.join(folder, f"{build.__name__}-matched{ending}")
    run = subprocess.run(
        [wsl, "match", *paths, "-o", out, "--json"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    assert result["groups"] and sum(group["moved"] for group in result["groups"]) > 10
    if ending == ".weights.h5":
        loaded = build()
        loaded.load_weights(out)
    else:
        loaded = keras.saving.load_model(out)
    inputs = numpy.random.default_rng(3).standard_normal((1000, *second.input_shape[1:]))
    difference = numpy.abs(
        second.predict(inputs, verbose=0) - loaded.predict(inputs, verbose=0)).max()
    assert difference <= TOLERANCE, f"outputs differ by {difference}"
    if ending != ".keras":
        inspected = json.loads(subprocess.run(
            [wsl, "inspect", paths[1], "--json"], capture_output=True, text=True).stdout)
        moved = {axis["tensor"] for group in inspected["symmetries"] for axis in group["axes"]}
        unpermuted_parts_are_equal(paths[1], out, moved)
    print(f"{build.__name__}{ending}: largest difference {difference:.1e}")


def main(wsl):
    passed = 0
    with tempfile.TemporaryDirectory() as folder:
        for build in MODELS:
            # Of files of weights alone wsl understands plain rows of layers.
            plain = build in (sequential_mlp, functional_mlp)
            for ending in (".h5", ".keras") + ((".weights.h5",) if plain else ()):
                judge(wsl, build, ending, folder)
                passed += 1
    print(f"{passed} files of Keras {keras.__version__} went through wsl and back")


main(os.path.abspath(sys.argv[1]))
