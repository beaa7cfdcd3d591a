"""Makes the Keras files of the folder `ambiguous`, and says which of their units may move.

    KERAS_BACKEND=jax python make_ambiguous_keras.py            writes them and ambiguous/keras.json
    KERAS_BACKEND=jax python make_ambiguous_keras.py judge WSL  runs `wsl match`: Keras judges

Needs keras (3.15 was used), h5py and numpy. Weights alone: `.weights.h5` of Keras 3, and `.h5` in
the layout of `save_weights` in Keras 2, which Keras 3 loads and no longer writes. keras.json is as
torch.json of `make_ambiguous.py`; the groups are written down here, and proved by permuting them.
"""

import json
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "jax")

import h5py
import keras
import numpy
from keras import layers, ops

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ambiguous")


def shortcut(names=(None, None, None)):
    """A sum that is written as `x + y`."""
    i = keras.Input((6,))
    x = layers.Dense(8, activation="relu", name=names[0])(i)
    y = layers.Dense(8, activation="relu", name=names[1])(x)
    return keras.Model(i, layers.Dense(3, name=names[2])(x + y))


class Shortcut(keras.Model):
    """The same as a class of the user's own: the file has its attributes' names."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = layers.Dense(8, activation="relu"), layers.Dense(8, activation="relu")
        self.fc3 = layers.Dense(3)

    def call(self, x):
        x = self.fc1(x)
        return self.fc3(x + self.fc2(x))


def subclassed():
    model = Shortcut()
    model(numpy.zeros((1, 6), "float32"))
    return model


def concatenated():
    i = keras.Input((6,))
    x = layers.Dense(8, activation="relu", name="first")(i)
    y = layers.Dense(8, activation="relu", name="second")(x)
    return keras.Model(i, layers.Dense(3, name="last")(ops.concatenate([y, x], -1)))


def flipped():
    """Units are added to those that stand opposite."""
    i = keras.Input((6,))
    x = layers.Dense(8, activation="relu", name="first")(i)
    x = layers.Dense(8, activation="relu", name="second")(ops.flip(x, -1))
    return keras.Model(i, layers.Dense(3, name="last")(x))


def grouped():
    """GroupNormalization under a name that does not say so."""
    i = keras.Input((8, 8, 3))
    x = layers.Conv2D(6, 3, name="first")(i)
    x = ops.relu(layers.GroupNormalization(2, name="steady")(x))
    x = layers.Conv2D(5, 3, activation="relu", name="second")(x)
    return keras.Model(
        i, layers.Dense(4, name="last")(layers.GlobalAveragePooling2D(name="pool")(x))
    )


def transposed():
    """A transposed convolution, as many channels in as out; its name does not say so."""
    i = keras.Input((4, 4, 3))
    x = layers.Conv2D(6, 3, activation="relu", name="first", padding="same")(i)
    x = layers.Conv2DTranspose(6, 3, activation="relu", name="larger", padding="same")(x)
    return keras.Model(
        i, layers.Dense(4, name="last")(layers.GlobalAveragePooling2D(name="pool")(x))
    )


# What functions on tensors are called in Keras 2, where they are layers.
OPERATIONS = {
    "add": "tf.__operators__.add",
    "concatenate": "tf.concat",
    "flip": "tf.reverse",
    "relu": "tf.nn.relu",
}


def save_legacy(model, path):
    """The layout of `save_weights("….h5")` in Keras 2."""
    names = []
    with h5py.File(path, "w") as file:
        for part in model._operations:
            own = part.weights if isinstance(part, layers.Layer) else []
            name = (
                "input_1"
                if isinstance(part, layers.InputLayer)
                else OPERATIONS.get(part.name, part.name)
            )
            group, keys = file.create_group(name), []
            for weight in own:
                keys.append(f"{name}/{weight.name}:0")
                group[keys[-1]] = numpy.asarray(weight.value)
            group.attrs["weight_names"] = [key.encode() for key in keys]
            names.append(name)
        file.create_group("top_level_model_weights").attrs["weight_names"] = []
        file.attrs["layer_names"] = [name.encode() for name in names]
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = b"2.15.0"


def dense(n, place):
    """Kernel and bias of a dense layer, as a file of this version of Keras names them."""
    return (
        [f"{n}/vars/0", f"{n}/vars/1"] if place == 3 else [f"{n}/{n}/kernel:0", f"{n}/{n}/bias:0"]
    )


def around(one, two, last, version):
    """The one group of `shortcut`: both layers' units, as they are added."""
    (k1, b1), (k2, b2), (k3, _) = (dense(n, version) for n in (one, two, last))
    axes = [
        [k1, 1, 0, 1],
        [b1, 0, 0, 1],
        [k2, 0, 0, 1],
        [k2, 1, 0, 1],
        [b2, 0, 0, 1],
        [k3, 0, 0, 1],
    ]
    return [{"size": 8, "axes": axes}]


def concatenation():
    (k1, b1), (k2, b2), (k3, _) = (dense(n, 2) for n in ("first", "second", "last"))
    return [
        {"size": 8, "axes": [[k1, 1, 0, 1], [b1, 0, 0, 1], [k2, 0, 0, 1], [k3, 0, 8, 1]]},
        {"size": 8, "axes": [[k2, 1, 0, 1], [b2, 0, 0, 1], [k3, 0, 0, 1]]},
    ]


def reversal():
    (k1, b1), (k2, b2), (k3, _) = (dense(n, 2) for n in ("first", "second", "last"))
    return [
        {"size": 8, "axes": [[k1, 1, 0, 1], [b1, 0, 0, 1], [k2, 0, 7, -1]]},
        {"size": 8, "axes": [[k2, 1, 0, 1], [b2, 0, 0, 1], [k3, 0, 0, 1]]},
    ]


def group_norm():
    (k, b), (k3, _) = dense("second", 2), dense("last", 2)
    return [{"size": 5, "axes": [[k, 3, 0, 1], [b, 0, 0, 1], [k3, 0, 0, 1]]}]


def transposition():
    """A transposed kernel has what it gives before what it reads."""
    (k1, b1), (k2, b2), (k3, _) = (dense(n, 2) for n in ("first", "larger", "last"))
    return [
        {"size": 6, "axes": [[k1, 3, 0, 1], [b1, 0, 0, 1], [k2, 3, 0, 1]]},
        {"size": 6, "axes": [[k2, 2, 0, 1], [b2, 0, 0, 1], [k3, 0, 0, 1]]},
    ]


WORDS = ("first", "second", "last")
AUTOMATIC = ("layers/dense", "layers/dense_1", "layers/dense_2")
MODELS = {
    "keras3_shortcut.weights.h5": (shortcut, around(*AUTOMATIC, 3)),
    "keras3_named_shortcut.weights.h5": (lambda: shortcut(WORDS), around(*AUTOMATIC, 3)),
    "keras3_subclassed.weights.h5": (subclassed, around("fc1", "fc2", "fc3", 3)),
    "keras2_add.h5": (lambda: shortcut(WORDS), around(*WORDS, 2)),
    "keras2_concat.h5": (concatenated, concatenation()),
    "keras2_reverse.h5": (flipped, reversal()),
    "keras2_group_norm.h5": (grouped, group_norm()),
    "keras2_transposed.h5": (transposed, transposition()),
}


def save(name, model, path):
    save_legacy(model, path) if name.startswith("keras2") else model.save_weights(path)


def randomise(model, seed):
    generator = numpy.random.default_rng(seed)
    for weight in model.weights:
        fan = int(numpy.prod(weight.shape[:-1])) if len(weight.shape) > 1 else 6
        value = generator.normal(0, (2 / fan) ** 0.5, weight.shape)
        weight.assign(value.astype("float32"))


def answer(model, name):
    shape = {"keras2_group_norm.h5": (8, 8, 3), "keras2_transposed.h5": (4, 4, 3)}.get(name, (6,))
    x = numpy.random.default_rng(99).normal(size=(5, *shape)).astype("float32")
    return numpy.asarray(model(x, training=False)).astype("float64")


def change(y, z):
    return float(numpy.abs(y - z).max() / numpy.abs(y).max())


def permute(path, groups):
    """Permutes every group of a file at random, in place."""
    generator = numpy.random.default_rng(1)
    with h5py.File(path, "r+") as file:
        for group in groups:
            order = generator.permutation(group["size"])
            for tensor, axis, first, step in group["axes"]:
                value = file[tensor][()]
                units = numpy.moveaxis(value, axis, 0)
                places = first + step * numpy.arange(group["size"])
                units[places] = units[places[order]]
                file[tensor][...] = value


def main():
    os.makedirs(HERE, exist_ok=True)
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed, (name, (make, groups)) in enumerate(MODELS.items()):
            keras.utils.clear_session()
            model, moved = make(), os.path.join(folder, name)
            randomise(model, seed)
            for path in (os.path.join(HERE, name), moved):
                save(name, model, path)
            y = answer(model, name)
            permute(moved, groups)
            model.load_weights(moved)
            kept = change(y, answer(model, name))
            # Float32 sums in another order.
            assert kept < 2e-6 and change(y, y[:1]) > 1e-2, (name, kept)
            result[name] = {"groups": groups, "kept": kept}
            print(f"{name}: {len(groups)} groups")
    with open(os.path.join(HERE, "keras.json"), "w") as file:
        lines = [
            f"{json.dumps(n)}:{json.dumps(v, separators=(',', ':'))}" for n, v in result.items()
        ]
        file.write("{" + ",\n".join(lines) + "}\n")


def judge(wsl):
    """Matches two instances of each, and compares what was written with what went in.

    Returns how many are wrong.
    """
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, (make, groups) in MODELS.items():
            keras.utils.clear_session()
            model = make()
            a, b, out = (os.path.join(folder, f"{n}-{name}") for n in ("a", "b", "out"))
            for seed, path in ((1, a), (2, b)):
                randomise(model, seed)
                save(name, model, path)
            y = answer(model, name)
            done = subprocess.run(
                [wsl, "match", a, b, "-o", out, "--json"], capture_output=True, text=True
            )
            if not os.path.exists(out):
                say = done.stderr.strip().splitlines()[-1][-200:]
                print(f"{name}: exit code {done.returncode}, {say}")
                continue
            document = json.loads(done.stdout)
            model.load_weights(out)
            changed, moved = (
                change(y, answer(model, name)),
                sum(g["moved"] for g in document["groups"]),
            )
            # This file is that of a row: units move, and a warning must name the square layer.
            said = name == "keras3_shortcut.weights.h5" and "dense_1" in str(document["warnings"])
            verdict = "right" if changed < 1e-4 else "warned" if said else f"WRONG by {changed:.2g}"
            wrong += verdict.startswith("WRONG")
            total = sum(group["size"] for group in groups)
            print(f"{name}: {verdict}, {moved} moved of {total}; warnings {document['warnings']}")
    return wrong


if __name__ == "__main__":
    sys.exit(judge(sys.argv[2]) if sys.argv[1:2] == ["judge"] else main())
