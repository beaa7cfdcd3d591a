"""Keras networks with attention, in all of Keras's formats, and the eigenvalues of their kernels.

The kernels are taken from the layers themselves, reshaped as the layer multiplies with them (its own
equation, where it has one), and decomposed by NumPy. Needs keras 3 (JAX backend). Run in this folder: writes
attention.keras, attention.h5, attention.weights.h5, attention.json.
"""
import json

import keras
import numpy as np
from keras import layers

WIDTH = 12
x = i = keras.Input((5, WIDTH))
x = layers.MultiHeadAttention(3, 4, name="self")(x, x)
x = layers.MultiHeadAttention(2, 5, value_dim=3, use_bias=False, name="plain")(x, x)
x = layers.GroupQueryAttention(4, 6, 2, name="grouped")(x, x)
# [heads, width, size], as Gemma has them, and back again.
y = layers.EinsumDense("btd,ndh->btnh", (5, 3, 4), name="to_heads")(x)
y = layers.EinsumDense("btnh,nhd->btd", (5, WIDTH), bias_axes="d", name="from_heads")(y)
# A matrix for each position.
y = layers.EinsumDense("btd,tde->bte", (5, 7), name="by_position")(y)
x = layers.GlobalAveragePooling1D()(y)
model = keras.Model(i, layers.Dense(4, name="head")(x))
rng = np.random.default_rng(0)
model.set_weights([rng.normal(size=w.shape) / 4 for w in model.get_weights()])
model.save("attention.keras")
model.save("attention.h5")
model.save_weights("attention.weights.h5")


def values(matrix):
    return sorted(float(v) ** 2 for v in np.linalg.svd(np.asarray(matrix, "f8"), compute_uv=False))


rows = {}
for name in ("self", "plain", "grouped"):
    layer = model.get_layer(name)
    for part in ("query", "key", "value", "output"):
        kernel = np.asarray(getattr(layer, f"_{part}_dense").kernel)
        sides = (-1, kernel.shape[2]) if part == "output" else (kernel.shape[0], -1)
        rows[f"{name}/{part}"] = values(kernel.reshape(sides))
        if name == "self":
            heads = kernel if part == "output" else kernel.transpose(1, 0, 2)
            rows[f"{name}/{part} heads"] = [values(head) for head in heads]
kernel = np.asarray(model.get_layer("to_heads").kernel)
rows["to_heads"] = values(kernel.transpose(1, 0, 2).reshape(WIDTH, -1))
kernel = np.asarray(model.get_layer("from_heads").kernel)
rows["from_heads"] = values(kernel.reshape(-1, WIDTH))
kernel = np.asarray(model.get_layer("by_position").kernel)
rows["by_position"] = sorted(v for matrix in kernel for v in values(matrix))
rows["head"] = values(model.get_layer("head").kernel)
with open("attention.json", "w") as file:
    json.dump(rows, file, indent=1)
