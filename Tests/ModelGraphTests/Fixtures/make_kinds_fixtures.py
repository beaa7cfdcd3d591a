"""Makes the fixtures of kinds.h5's networks: layers that people use beside the plain ones.

    KERAS_BACKEND=jax python make_kinds_fixtures.py

Needs keras (3.15 was used), h5py and numpy. Every network is tiny and has random weights, so that a
wrong axis anywhere changes the answer. `kinds_io.h5` holds, for every network that can be run,
`<name>/input` (several inputs one after another, flattened) and `<name>/output`, as Keras computed
them.
"""

import io as streams
import os
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")

import h5py
import keras
import numpy as np
from keras import layers as L

HERE = os.path.dirname(os.path.abspath(__file__))
RUN, LEFT = {}, {}
OLD_FORMAT = {"unet", "seq2seq", "embed", "middle", "quantised", "odd_names"}


def run(function):
    RUN[function.__name__] = function
    return function


def left(function):
    LEFT[function.__name__] = function
    return function


@run
def unet():
    """Transposed convolution, upsampling, a connection that skips both."""
    c = lambda n, x: L.Conv2D(n, 3, padding="same", activation="relu")(x)
    i = L.Input((8, 6, 1))
    a = c(4, i)
    b = c(6, L.MaxPooling2D()(a))
    x = L.Concatenate()([L.Conv2DTranspose(3, 2, strides=2, name="up")(b), a])
    return keras.Model(i, L.Conv2D(2, 1)(L.UpSampling2D((2, 3))(c(5, x))))


@run
def transposed1d():
    """Kernels shorter and longer than the stride, both paddings, dilation, no bias."""
    i = L.Input((7, 2))
    x = L.Conv1DTranspose(5, 2, strides=3, padding="valid", activation="tanh")(i)
    x = L.Conv1DTranspose(4, 5, strides=2, padding="same", use_bias=False)(x)
    x = L.Conv1DTranspose(3, 3, dilation_rate=2, padding="same", activation="relu")(x)
    x = L.Conv1DTranspose(4, 4, strides=3, padding="same")(x)
    return keras.Model(i, L.Dense(2)(x))


@run
def transposed3d():
    i = L.Input((3, 4, 2, 2))
    x = L.Conv3D(5, (2, 3, 1), padding="same", activation="relu")(i)
    x = L.Conv3DTranspose(4, (2, 3, 2), strides=(2, 1, 2), padding="same", activation="relu")(x)
    x = L.MaxPooling3D((2, 2, 1))(x)
    x = L.UpSampling3D((1, 2, 2))(L.ZeroPadding3D(1)(x))
    x = L.AveragePooling3D(2)(L.Cropping3D(1)(x))
    x = L.Conv3D(3, 1)(L.SpatialDropout3D(0.1)(x))
    return keras.Model(i, L.Dense(2)(L.GlobalAveragePooling3D()(x)))


@run
def siamese():
    """One tower for two inputs, and every way of setting its outputs beside each other."""
    tower = keras.Sequential([L.Input((5,)), L.Dense(6, activation="tanh"), L.Dense(4)], name="tower")
    a, b = L.Input((5,)), L.Input((5,))
    p, q = tower(a), tower(b)
    parts = [L.Subtract()([p, q]), L.Average()([p, q]), L.Maximum()([p, q]), L.Minimum()([p, q])]
    x = L.Dense(7, activation="relu")(L.Concatenate()(parts))
    return keras.Model([a, b], L.Dense(2)(x))


@run
def seq2seq():
    """An encoder whose LSTM hands its states on."""
    source, target = L.Input((5, 6)), L.Input((4, 6))
    _, h, c = L.LSTM(7, return_state=True, name="encoder")(source)
    x = L.LSTM(7, return_sequences=True, name="decoder")(target, initial_state=[h, c])
    return keras.Model([source, target], L.Dense(3, name="head")(x))


@run
def states():
    """GRU and simple layers, states used as features, states that a dense layer makes."""
    i = L.Input((4, 3))
    x, h = L.GRU(5, return_sequences=True, return_state=True)(i)
    x = L.SimpleRNN(4, return_sequences=True)(x, initial_state=L.Dense(4, activation="tanh")(h))
    _, last, cell = L.LSTM(3, return_state=True)(x)
    return keras.Model(i, L.Dense(2)(L.Concatenate()([h, last, cell])))


@run
def both_ways():
    """Layers in both directions that return and take states."""
    i = L.Input((4, 3))
    x, a, b, c, d = L.Bidirectional(L.LSTM(3, return_sequences=True, return_state=True))(i)
    x = L.Bidirectional(L.LSTM(3), merge_mode="ave")(x, initial_state=[a, b, c, d])
    return keras.Model(i, L.Dense(2)(x))


@left
def embed():
    """A layer that is not understood at the end."""
    scope = {"keras": keras}
    exec(compile("def normalise(t):\n    return t / keras.ops.sqrt(1.0 + keras.ops.sum(t * t, -1, keepdims=True))\n", "m", "exec"), scope)
    i = L.Input((6,))
    x = L.Dense(16, activation="relu", name="fc1")(i)
    x = L.Dense(12, activation="relu", name="fc2")(x)
    return keras.Model(i, L.Lambda(scope["normalise"], name="normalise")(L.Dense(4, name="fc3")(x)))


@left
def middle():
    """Layers that are not understood in the middle: of one input, and of two that are joined."""
    i = L.Input((6,))
    a = L.Dense(8, activation="relu", name="a1")(i)
    a = L.Dense(5, name="a2")(a)
    b = L.Dense(5, name="b1")(L.Dense(9, activation="relu", name="b0")(i))
    x = L.UnitNormalization(name="norm")(a)
    x = L.Dot(axes=1, name="dot")([L.Reshape((5, 1))(x), L.Reshape((5, 1))(b)])
    x = L.Dense(7, activation="relu", name="c1")(L.Flatten()(x))
    return keras.Model(i, L.Dense(2, name="c2")(x))


@left
def split():
    """An operation with several outputs, of which each goes its own way."""
    i = L.Input((6,))
    x = L.Dense(9, activation="relu", name="d0")(L.Dense(8, activation="relu", name="wide")(i))
    a, b, c = keras.ops.split(x, 3, axis=-1)
    x = L.Concatenate()([L.Dense(4, activation="relu", name="d1")(a), b, c])
    return keras.Model(i, L.Dense(2, name="d2")(L.Dense(5, activation="relu", name="d3")(x)))


@left
def attention():
    """Attention whose scores are an output of the network."""
    i = L.Input((4, 6))
    x = L.Dense(8, name="embed")(L.Dense(7, activation="relu", name="first")(i))
    y, scores = L.MultiHeadAttention(2, 4, name="heads")(x, x, return_attention_scores=True)
    y = L.Dense(5, activation="relu", name="d1")(L.Add()([x, y]))
    return keras.Model(i, [L.Dense(2, name="d2")(y), scores])


@left
def quantised():
    """A layer whose weights are 8-bit integers, among others."""
    i = L.Input((6,))
    x = L.Dense(8, activation="relu", name="q0")(i)
    x = L.Dense(10, activation="relu", name="q1")(x)
    x = L.Dense(9, activation="relu", name="q2")(x)
    model = keras.Model(i, L.Dense(3, name="q4")(L.Dense(7, activation="relu", name="q3")(x)))
    model.get_layer("q2").quantize("int8")
    return model


@left
def odd_names():
    """Names with characters that paths and formats give a meaning."""
    i = L.Input((6,), name="in put")
    x = L.Dense(8, activation="relu", name="a.b c")(i)
    x = L.Dense(5, activation="tanh", name="ünï:cödé;(1)")(x)
    x = L.Dense(4, activation="tanh", name="back\\slash")(x)
    return keras.Model(i, L.Dense(2, name="#hash")(x))


def randomise(model, rng):
    values = []
    for value in model.get_weights():
        if np.issubdtype(value.dtype, np.floating):
            value = (rng.normal(size=value.shape) / 2).astype(value.dtype)
        values.append(value)
    model.set_weights(values)


def with_backslashes(source, target):
    """The same file as Keras on Windows wrote it: paths of groups as names with backslashes."""
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as out:
        for member in archive.namelist():
            data = archive.read(member)
            if member == "model.weights.h5":
                made = streams.BytesIO()
                with h5py.File(streams.BytesIO(data)) as old, h5py.File(made, "w") as new:
                    def copy(name, item):
                        if isinstance(item, h5py.Dataset):
                            group, last = name.rsplit("/", 1)
                            new.require_group(group.replace("/", "\\"))[last] = item[()]
                    old.visititems(copy)
                data = made.getvalue()
            out.writestr(member, data)


def main():
    with h5py.File(os.path.join(HERE, "kinds_io.h5"), "w", libver="earliest") as io:
        for index, (name, make) in enumerate({**RUN, **LEFT}.items()):
            keras.utils.clear_session()
            keras.utils.set_random_seed(index)
            rng = np.random.default_rng(index)
            model = make()
            if name not in ("quantised",):
                randomise(model, rng)
            model.save(os.path.join(HERE, f"{name}.keras"))
            if name in OLD_FORMAT:
                model.save(os.path.join(HERE, f"{name}.h5"))
            if name in RUN:
                inputs = [rng.normal(size=(4, *x.shape[1:])).astype("f4") for x in model.inputs]
                answer = np.asarray(model(inputs if len(inputs) > 1 else inputs[0]))
                flat = np.concatenate([x.reshape(4, -1) for x in inputs], axis=1)
                io[f"{name}/input"] = flat if len(inputs) > 1 else inputs[0]
                io[f"{name}/output"] = answer


main()
with_backslashes(os.path.join(HERE, "siamese.keras"), os.path.join(HERE, "windows.keras"))
