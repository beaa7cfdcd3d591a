"""Makes small networks with the losses that they are trained by, their data, and what Keras measures.

    KERAS_BACKEND=jax python make_losses.py

Needs Keras 3 (3.15 was used) and numpy. Writes `losses/<name>.keras` (never compiled, so without a loss),
`losses/<name>.npz`, and `losses/expected.json`: the loss, and the accuracy where there is one.
"""

import json
import os

import keras
import numpy as np
from keras import layers, losses, metrics

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "losses")
COUNT = 40


def network(shape, *row):
    first = x = keras.Input(shape)
    for layer in row:
        x = layer(x)
    return keras.Model(first, x)


def dense(units, activation=None):
    return layers.Dense(units, activation, bias_initializer="random_normal")


def main():
    keras.utils.set_random_seed(1)
    draw = np.random.default_rng(1)
    x = draw.normal(size=(COUNT, 6)).astype("f4")
    images = draw.random((COUNT, 4, 4, 1)).astype("f4")
    bit = draw.integers(0, 2, COUNT)
    one_hot = np.eye(3, dtype="u1")[draw.integers(0, 3, COUNT)]
    labels = draw.integers(0, 2, (COUNT, 4)).astype("f4")
    numbers = draw.normal(size=(COUNT, 2))
    right = {"binary": metrics.BinaryAccuracy(), "logits": metrics.BinaryAccuracy(threshold=0.0),
             "classes": metrics.CategoricalAccuracy()}
    bits, logits = losses.BinaryCrossentropy(), losses.BinaryCrossentropy(from_logits=True)
    hidden = lambda: dense(5, "relu")
    cases = {
        # name: network, examples, labels in the file, labels for Keras, loss, accuracy
        "sigmoid": (network((6,), hidden(), dense(1, "sigmoid")), x, bit[:, None].astype("u1"),
                    bit[:, None], bits, right["binary"]),
        "logit": (network((6,), hidden(), dense(1)), x, bit.astype("f4"), bit[:, None], logits,
                  right["logits"]),
        "one_hot": (network((6,), hidden(), dense(3, "softmax")), x, one_hot, one_hot,
                    losses.CategoricalCrossentropy(), right["classes"]),
        "several": (network((6,), hidden(), dense(4, "sigmoid")), x, labels, labels, bits,
                    right["binary"]),
        "regression": (network((6,), hidden(), dense(2)), x, numbers, numbers,
                       losses.MeanSquaredError(), None),
        "autoencoder": (network((6,), dense(3, "relu"), dense(6)), x, None, x,
                        losses.MeanSquaredError(), None),
        # Its file has labels for others, and its end changes its shape.
        "images": (network((4, 4, 1), layers.Flatten(), hidden(), dense(16, "sigmoid"),
                           layers.Reshape((4, 4, 1))), images, bit, images,
                   losses.MeanSquaredError(), None),
    }
    expected = {}
    for name, (model, examples, stored, truth, loss, accuracy) in cases.items():
        model.save(os.path.join(HERE, name + ".keras"))
        arrays = {"x": examples} if stored is None else {"x": examples, "y": stored}
        np.savez_compressed(os.path.join(HERE, name + ".npz"), **arrays)
        answers = model.predict(examples, verbose=0)
        expected[name] = {"loss": float(loss(truth, answers))}
        if accuracy is not None:
            accuracy.reset_state()
            accuracy.update_state(truth, answers)
            expected[name]["accuracy"] = float(accuracy.result())
    answers = keras.saving.load_model(os.path.join(HERE, "images.keras")).predict(images, verbose=0)
    expected["images"]["binaryCrossEntropy"] = float(np.mean(bits(images, answers)))
    with open(os.path.join(HERE, "expected.json"), "w") as file:
        json.dump(expected, file, indent=1, sort_keys=True)
        file.write("\n")


main()
