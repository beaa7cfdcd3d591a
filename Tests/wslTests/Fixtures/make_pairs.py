"""Makes the models of pairs/: networks whose names do not say which layer is which.

    KERAS_BACKEND=jax python make_pairs.py keras     counted-*.h5, counted-*.keras, named-*.h5
    python make_pairs.py torch                       heads-*.pt, gaps-*.pt

Keras 3.15 and PyTorch 1.13 were used. In every pair the second network is the first times 1.01, so that a
tensor beside its partner is 1 % away, and beside any other about 150 %.

counted   a row of three dense layers that Keras numbered from 1 and from 2; head5 has five classes
named     layers that somebody called left and right, in the other order: `place` is the first network
          where the layers stand, `name` where their names are
heads     one body with 3 and 5 classes, the hidden units in another order: heads.json
gaps      a row with and without dropout between: 0, 2, 4 and 0, 3, 6; five classes; with a head of two layers
"""

import json
import os
import sys

import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pairs")
GROWTH = 1.01


def path(name):
    return os.path.join(FOLDER, name)


def with_keras():
    import keras

    generator = np.random.default_rng(1)

    def row(names, classes):
        x = inputs = keras.Input((8,))
        for name in names[:-1]:
            x = keras.layers.Dense(8, activation="relu", use_bias=False, name=name)(x)
        outputs = keras.layers.Dense(classes, use_bias=False, name=names[-1])(x)
        return keras.Model(inputs, outputs)

    def random(model):
        model.set_weights([generator.normal(size=w.shape) for w in model.get_weights()])
        return model

    def grown(model, weights):
        model.set_weights([GROWTH * w for w in weights])
        return model

    def save(model, name, endings=("h5",)):
        for ending in endings:
            model.save(path(f"{name}.{ending}"))

    first = random(row(["dense_1", "dense_2", "dense_3"], 3))
    kernels = first.get_weights()
    second = grown(row(["dense_2", "dense_3", "dense_4"], 3), kernels)
    save(first, "counted-a", ("h5", "keras"))
    save(second, "counted-b", ("h5", "keras"))
    other = row(["dense_2", "dense_3", "dense_4"], 5)
    save(grown(other, kernels[:2] + [generator.normal(size=(8, 5))]), "counted-head5")

    first = random(row(["left", "right", "head"], 3))
    one, two, head = first.get_weights()
    save(first, "named-a")
    save(grown(row(["right", "left", "head"], 3), [one, two, head]), "named-place")
    save(grown(row(["right", "left", "head"], 3), [two, one, head]), "named-name")


def with_torch():
    import torch
    from torch import nn

    torch.manual_seed(1)

    def save(tensors, name):
        torch.save({key: value.clone() for key, value in tensors.items()}, path(f"{name}.pt"))

    def row(sizes, classes, step):
        layers = []
        for place, (size, following) in enumerate(zip(sizes, sizes[1:] + [classes])):
            layers += [nn.Linear(size, following), nn.ReLU()] + [nn.Dropout()] * (step == 3)
        return nn.Sequential(*layers[: -2 if step == 3 else -1])

    a, b = row([6, 16, 12], 3, 2).state_dict(), row([6, 16, 12], 5, 2).state_dict()
    orders = [torch.randperm(16), torch.randperm(12)]
    b["0.weight"], b["0.bias"] = a["0.weight"][orders[0]], a["0.bias"][orders[0]]
    b["2.weight"] = a["2.weight"][orders[1]][:, orders[0]]
    b["2.bias"] = a["2.bias"][orders[1]]
    save(a, "heads-a")
    save(b, "heads-b")
    with open(path("heads.json"), "w") as file:
        json.dump([order.tolist() for order in orders], file)

    first = row([8, 8, 8], 3, 2).state_dict()
    save(first, "gaps-a")

    def grown(tensors):
        """The values of the first network under the names of another, as far as shapes fit."""
        result = dict(tensors)
        for (name, there), value in zip(tensors.items(), first.values()):
            if there.shape == value.shape:
                result[name] = GROWTH * value
        return result

    save(grown(row([8, 8, 8], 3, 3).state_dict()), "gaps-b")
    save(grown(row([8, 8, 8], 5, 3).state_dict()), "gaps-head5")
    body = {f"backbone.{key}": GROWTH * value for key, value in list(first.items())[:4]}
    head = nn.Sequential(nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3)).state_dict()
    save(body | {f"fc.{key}": value for key, value in head.items()}, "gaps-longer")


os.makedirs(FOLDER, exist_ok=True)
{"keras": with_keras, "torch": with_torch}[sys.argv[1]]()
