"""Writes weights that Keras splits into several files (keras_shards/), and what is in them.

    KERAS_BACKEND=jax python make_keras_shards.py

Needs keras 3.10 or newer (3.15 was used). Layers of 16, 32, 24 and 4 units; of `wide` the largest
layer's tensors do not fit into one file.
"""
import json
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import layers as L

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras_shards")


def main():
    expected = {}
    for name, size in (("plain", 4e-6), ("wide", 2.9e-6)):
        folder = os.path.join(HERE, name)
        os.makedirs(folder, exist_ok=True)
        keras.utils.clear_session()
        keras.utils.set_random_seed(5)
        x = i = keras.Input((16,))
        x = L.Dense(32, activation="relu")(x)
        x = L.Dense(24, activation="relu")(x)
        model = keras.Model(i, L.Dense(4)(x))
        model.set_weights([np.round(np.random.default_rng(3).normal(size=w.shape), 3)
                           for w in model.get_weights()])
        model.save_weights(os.path.join(folder, "model.weights.json"), max_shard_size=size)
        model.load_weights(os.path.join(folder, "model.weights.json"))
        expected[name] = {
            f"layers/{layer}/vars/{index}": {
                "shape": list(value.shape), "type": "F32", "hex": value.tobytes().hex()}
            for layer, values in zip(("dense", "dense_1", "dense_2"),
                                     (l.get_weights() for l in model.layers[1:]))
            for index, value in enumerate(values)
        }
    with open(os.path.join(HERE, "expected.json"), "w") as target:
        json.dump(expected, target, indent=0, sort_keys=True)


main()
