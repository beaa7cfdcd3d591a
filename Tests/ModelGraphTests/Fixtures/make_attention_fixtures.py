"""Makes the fixtures of Keras's attention, normalisations, EinsumDense and layers of that kind.

    KERAS_BACKEND=jax python make_attention_fixtures.py

Needs keras (3.15 was used), h5py and numpy. Every network is tiny and has random weights, so that a
wrong axis anywhere changes the answer. `attention_io.h5` holds, for every network, `<name>/input`
(several inputs one after another, flattened) and `<name>/output`, as Keras computed them.

    KERAS_BACKEND=jax python make_attention_fixtures.py judge WSL [NAMES]

Makes two of each, and judges what `WSL match` writes and what `WSL permute` does with random
permutations: Keras must answer as before.
"""

import json
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "jax")

import h5py
import keras
import numpy as np
from keras import layers as L

HERE = os.path.dirname(os.path.abspath(__file__))
NETWORKS = {}
# Those that are also saved as one HDF5 file, where tensors have names instead of numbers.
OLD_FORMAT = {"heads_cross", "heads_shared"}
# Kept as fixtures; the others are only judged.
JUDGED = []


def network(function):
    NETWORKS[function.__name__] = function
    return function


def judged(function):
    JUDGED.append(function.__name__)
    return network(function)


def block(x, attention, width, name):
    x = L.LayerNormalization(name=f"{name}_norm1")(L.Add()([x, attention(x)]))
    y = L.Dense(2 * width, activation="gelu", name=f"{name}_up")(x)
    return L.Add()([x, L.Dense(width, name=f"{name}_down")(y)])


@network
def heads_self():
    """Two blocks after embeddings of tokens and positions; the second looks back only."""
    i, p = L.Input((5,), dtype="int32"), L.Input((5,), dtype="int32")
    x = L.Add()([L.Embedding(11, 6, name="tokens")(i), L.Embedding(5, 6, name="places")(p)])
    one, two = L.MultiHeadAttention(3, 4, name="one"), L.MultiHeadAttention(2, 3, name="two")
    x = block(x, lambda x: one(x, x), 6, "a")
    x = block(x, lambda x: two(x, x, use_causal_mask=True), 6, "b")
    return keras.Model([i, p], L.Dense(3, name="head")(L.LayerNormalization()(x)))


@network
def heads_cross():
    """Queries from elsewhere, keys of their own, another width of the values and of the output."""
    q, v, k = L.Input((4, 5)), L.Input((6, 3)), L.Input((6, 2))
    y = L.Dense(7, activation="relu", name="q0")(q)
    w = L.Dense(6, activation="relu", name="v0")(v)
    u = L.Dense(5, activation="relu", name="k0")(k)
    # Dropout keeps Keras from the fused operation, which wants values as wide as keys.
    heads = L.MultiHeadAttention(
        3, 4, value_dim=2, output_shape=8, use_bias=False, dropout=0.1, name="heads")
    x = heads(y, w, key=u)
    return keras.Model([q, v, k], L.Dense(2, name="head")(L.Activation("relu")(x)))


@network
def heads_shared():
    """Heads that share keys and values, with and without a gate; a window to the past."""
    i = L.Input((6, 5))
    x = L.Dense(8, name="first")(i)
    y = L.RMSNormalization()(x)
    x = L.Add()([x, L.GroupQueryAttention(3, 4, 2, name="grouped")(y, y, use_causal_mask=True)])
    y = L.RMSNormalization()(x)
    gated = L.GroupQueryAttention(2, 6, 3, use_gate=True, sliding_window=3, name="gated")
    x = L.Add()([x, gated(y, y, use_causal_mask=True)])
    return keras.Model(i, L.Dense(2, name="head")(x))


@network
def heads_gated():
    i = L.Input((4, 5))
    x = L.Dense(6, activation="relu", name="first")(i)
    x = L.MultiHeadAttention(2, 3, value_dim=4, use_gate=True, dropout=0.1, name="gated")(x, x)
    x = L.MultiHeadAttention(1, 5, name="alone")(x, x)
    return keras.Model(i, L.Dense(2, name="head")(L.GlobalAveragePooling1D()(x)))


@network
def plain_attention():
    """Attention between recurrent layers, without weights of its own."""
    s, t = L.Input((5, 3)), L.Input((5, 3))
    a = L.LSTM(6, return_sequences=True, name="encoder")(s)
    b = L.GRU(6, return_sequences=True, name="decoder")(t)
    c = L.Attention(name="look")([b, a])
    d = L.Attention(name="back")([b, L.Dense(7, name="values")(a), a], use_causal_mask=True)
    return keras.Model([s, t], L.Dense(2, name="head")(L.Concatenate()([b, c, d])))


@network
def normalised():
    """Normalisations of every kind, and slopes."""
    i = L.Input((4, 5, 2))
    x = L.PReLU(shared_axes=[1, 2])(L.Conv2D(6, 3, padding="same", name="c1")(i))
    x = L.GroupNormalization(3)(x)
    x = L.Conv2D(4, 1, name="c2")(L.GroupNormalization(1)(x))
    x = L.Conv2D(5, 1, activation="relu", name="c3")(L.GroupNormalization(-1)(x))
    x = L.UnitNormalization()(L.Dense(7, activation="tanh", name="d1")(L.Flatten()(x)))
    x = L.PReLU()(L.Dense(6, name="d2")(x))
    x = L.Dense(8, name="d3")(L.RMSNormalization()(x))
    return keras.Model(i, L.Dense(2, name="head")(x))


@network
def spread():
    """Keras's old normalisation that divides by the root of the variance."""
    i = L.Input((5,))
    x = L.LayerNormalization(rms_scaling=True)(L.Dense(6, name="d1")(i))
    return keras.Model(i, L.Dense(2, name="head")(L.Activation("relu")(x)))


@network
def einsum():
    """Equations that are dense layers over one axis, over two, and over the steps."""
    i = L.Input((4, 5))
    x = L.EinsumDense("abc,cd->abd", (4, 6), bias_axes="d", activation="relu", name="e1")(i)
    x = L.EinsumDense("abc,cde->abde", (4, 2, 3), bias_axes="de", name="split")(x)
    x = L.EinsumDense("abde,dec->abc", (4, 7), bias_axes="c", activation="relu", name="joined")(x)
    x = L.EinsumDense("abx,yx->aby", (4, 6), name="turned")(x)
    x = L.EinsumDense("abc,bd->adc", (3, 6), activation="relu", name="steps")(x)
    x = L.EinsumDense("ab,bc->ac", 5, bias_axes="c", activation="tanh", name="e2")(L.Flatten()(x))
    return keras.Model(i, L.Dense(2, name="head")(x))


@network
def repeated():
    """A vector at every step, then layers at every step."""
    i = L.Input((4,))
    x = L.RepeatVector(3)(L.Dense(5, activation="relu", name="d1")(i))
    x = L.TimeDistributed(L.Dense(6, activation="relu"), name="each")(x)
    x = L.TimeDistributed(L.LayerNormalization(), name="norm")(x)
    x = L.TimeDistributed(L.Activation("tanh"), name="act")(x)
    x = L.GRU(4, return_sequences=True, name="gru")(L.GaussianNoise(0.1)(L.SpatialDropout1D(0.1)(x)))
    return keras.Model(i, L.TimeDistributed(L.Dense(2), name="head")(x))


@network
def film():
    """Convolutions and pooling at every step, then a recurrent layer."""
    i = L.Input((3, 6, 6, 1))
    x = L.TimeDistributed(L.Conv2D(4, 3, padding="same", activation="relu"), name="c1")(i)
    x = L.TimeDistributed(L.BatchNormalization(), name="norm")(x)
    x = L.TimeDistributed(L.MaxPooling2D(2), name="pool")(x)
    y = L.TimeDistributed(L.Conv2D(5, 2, strides=2, activation="tanh"), name="c2")(x)
    x = L.TimeDistributed(L.GlobalAveragePooling2D(), name="mean")(x)
    x = L.Concatenate()([x, L.TimeDistributed(L.Flatten(), name="flat")(y)])
    return keras.Model(i, L.Dense(2, name="head")(L.LSTM(4, name="lstm")(x)))


@judged
def scores():
    """Attention whose weights are an output: heads stay, the rest moves."""
    i = L.Input((4, 6))
    x = L.Dense(8, activation="relu", name="first")(i)
    y, w = L.MultiHeadAttention(2, 4, name="heads")(x, x, return_attention_scores=True)
    return keras.Model(i, [L.Dense(2, name="d2")(L.Dense(5, activation="relu", name="d1")(y)), w])


@judged
def masked():
    """Masks from the embedding, and one that is given."""
    i, m = L.Input((5,), dtype="int32"), L.Input((5, 5), dtype="bool")
    x = L.Embedding(7, 6, mask_zero=True)(i)
    x = L.MultiHeadAttention(2, 3, name="a")(x, x)
    x = L.MultiHeadAttention(3, 2, name="b")(x, x, attention_mask=m)
    x = L.Dense(5, activation="relu", name="d1")(x)
    return keras.Model([i, m], L.Dense(2, name="head")(x))


@judged
def nested():
    """Attention inside a model that is called twice."""
    a = L.Input((4, 6))
    y = L.MultiHeadAttention(3, 2, name="mha")(a, a)
    y = L.Add()([a, L.Dense(6, name="down")(L.Dense(9, activation="gelu", name="up")(y))])
    inner = keras.Model(a, y, name="inner")
    i = L.Input((4, 6))
    x = inner(L.Dense(6, name="first")(i))
    return keras.Model(i, L.Dense(2, name="head")(inner(x)))


@judged
def picture():
    """A vision transformer: patches by a convolution, positions by a layer of their own."""
    i = L.Input((8, 8, 1))
    x = L.Reshape((16, 6))(L.Conv2D(6, 2, strides=2, name="patches")(i))
    for n in range(2):
        y = L.LayerNormalization(epsilon=1e-6)(x)
        x = L.Add()([x, L.MultiHeadAttention(2, 3)(y, y)])
        y = L.LayerNormalization(epsilon=1e-6)(x)
        y = L.Dense(6)(L.Dropout(0.1)(L.Dense(12, activation="gelu")(y)))
        x = L.Add()([x, y])
    x = L.LayerNormalization()(x)
    return keras.Model(i, L.Dense(3, name="head")(L.Flatten()(x)))


@judged
def additive():
    """Attention that is not understood leaves its units in place."""
    s, t = L.Input((5, 3)), L.Input((4, 3))
    a = L.Dense(6, activation="relu", name="a0")(s)
    b = L.Dense(6, activation="relu", name="b0")(t)
    x = L.AdditiveAttention()([b, a])
    return keras.Model([s, t], L.Dense(2)(L.Dense(5, activation="relu", name="d1")(x)))


@judged
def odd_equations():
    """Equations that are no dense layer."""
    i = L.Input((4, 5))
    x = L.Dense(6, activation="relu", name="first")(i)
    x = L.EinsumDense("abc,bcd->abd", (4, 3), name="each")(x)
    x = L.Dense(6, activation="relu", name="d1")(x)
    x = L.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="e", name="half")(x)
    return keras.Model(i, L.Dense(2)(L.Dense(7, activation="relu", name="d2")(L.Flatten()(x))))


@judged
def seen_twice():
    """Queries and values of one dense layer, and attention over two axes."""
    i = L.Input((3, 4, 5))
    x = L.Dense(6, activation="relu", name="first")(i)
    x = L.MultiHeadAttention(2, 3, attention_axes=(2,), name="rows")(x, x)
    return keras.Model(i, L.Dense(2)(L.Dense(7, activation="relu", name="d1")(x)))


@judged
def slopes():
    """A slope for each position, thresholds."""
    i = L.Input((4, 3))
    x = L.PReLU(name="each")(L.Dense(6, name="d1")(i))
    x = L.Dense(5, name="d2")(x)
    x = L.ReLU(max_value=1, negative_slope=0.1, name="bounded")(x)
    x = L.ReLU(max_value=6)(L.Dense(4, name="d3")(x))
    return keras.Model(i, L.Dense(2, name="head")(L.Flatten()(x)))


def randomise(model, rng):
    values = []
    for variable, value in zip(model.weights, model.get_weights()):
        if np.issubdtype(value.dtype, np.floating):
            drawn = rng.normal(size=value.shape) / 2
            value = (abs(drawn) + 0.5 if "variance" in variable.path else drawn).astype(value.dtype)
        values.append(value)
    model.set_weights(values)


def draw(model, rng):
    """Inputs: a few examples of numbers, tokens or truths."""
    result = []
    for x in model.inputs:
        shape = (4, *x.shape[1:])
        kind = str(x.dtype)
        if "int" in kind:
            result.append(rng.integers(0, 5, size=shape).astype("i4"))
        elif "bool" in kind:
            result.append(rng.random(shape) < 0.7)
        else:
            result.append(rng.normal(size=shape).astype("f4"))
    return result


def answer(model, inputs):
    outputs = model(inputs if len(inputs) > 1 else inputs[0])
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    return [np.asarray(x) for x in outputs]


def made(name, index):
    keras.utils.clear_session()
    keras.utils.set_random_seed(index)
    model = NETWORKS[name]()
    randomise(model, np.random.default_rng(index))
    return model


def main():
    with h5py.File(os.path.join(HERE, "attention_io.h5"), "w", libver="earliest") as io:
        for index, name in enumerate(n for n in NETWORKS if n not in JUDGED):
            model = made(name, index)
            model.save(os.path.join(HERE, f"{name}.keras"))
            if name in OLD_FORMAT:
                model.save(os.path.join(HERE, f"{name}.h5"))
            inputs = draw(model, np.random.default_rng(100 + index))
            flat = np.concatenate([x.reshape(4, -1).astype("f4") for x in inputs], axis=1)
            io[f"{name}/input"] = flat if len(inputs) > 1 else inputs[0]
            io[f"{name}/output"] = answer(model, inputs)[0]


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 2):
        raise RuntimeError(f"{' '.join(words)}: {done.returncode}: {done.stderr}")
    return done.stdout


def judge(wsl, wanted):
    failed = 0
    rng = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        for index, name in enumerate(NETWORKS):
            if wanted and name not in wanted:
                continue
            for ending in ("keras", "h5"):
                a, b, out, perm, moved = (
                    os.path.join(folder, f"{name}-{word}.{ending}")
                    for word in ("a", "b", "out", "perm", "moved"))
                made(name, 300 + index).save(a)
                model = made(name, 200 + index)
                model.save(b)
                inputs = draw(model, rng)
                before = answer(model, inputs)
                try:
                    keras.saving.load_model(b)
                except (TypeError, ValueError):
                    print("-----", f"{name}.{ending}: Keras does not load what it saved", flush=True)
                    continue
                size = max(np.abs(x).max() for x in before)

                def difference(path):
                    return max(
                        np.abs(x - y).max()
                        for x, y in zip(before, answer(keras.saving.load_model(path), inputs)))

                try:
                    run(wsl, "match", a, b, "-o", out, "--save-permutation", perm, "--quiet")
                    document = json.load(open(perm))
                    for group in document["groups"]:
                        units = len(group["permutation"])
                        group["permutation"] = [int(x) for x in rng.permutation(units)]
                    json.dump(document, open(perm, "w"))
                    run(wsl, "permute", b, "--with", perm, "-o", moved, "--quiet")
                    found = {g["group"]: len(g["permutation"]) for g in document["groups"]}
                    worst = max(difference(out), difference(moved)) / size
                except RuntimeError as error:
                    found, worst = str(error).replace(folder, "").strip()[:300], np.inf
                failed += worst > 1e-5
                print("ok   " if worst <= 1e-5 else "WRONG", f"{name}.{ending} {worst:.1e} {found}", flush=True)
    sys.exit(failed > 0)


if sys.argv[1:2] == ["judge"]:
    judge(sys.argv[2], sys.argv[3:])
else:
    main()
