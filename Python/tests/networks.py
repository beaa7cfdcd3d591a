"""Small networks whose right answers are known: no file and no framework is needed."""

import numpy as np

SIZES = (64, 12, 9, 10)


def dense(seed):
    """A row of dense layers, named and laid out as PyTorch does."""
    random = np.random.default_rng(seed)
    state = {}
    for index, (inputs, outputs) in enumerate(zip(SIZES, SIZES[1:]), start=1):
        state[f"fc{index}.weight"] = random.normal(0, 0.4, (outputs, inputs)).astype(np.float32)
        state[f"fc{index}.bias"] = random.normal(0, 0.1, outputs).astype(np.float32)
    return state


def permuted(state, seed):
    """The same network with its hidden units in another order, and the order of each group:
    ``order[i] = j``: unit j of the result goes to place i of the given network."""
    random = np.random.default_rng(seed)
    state, orders = dict(state), {}
    for index in range(1, len(SIZES) - 1):
        there = random.permutation(SIZES[index])
        state[f"fc{index}.weight"] = state[f"fc{index}.weight"][there]
        state[f"fc{index}.bias"] = state[f"fc{index}.bias"][there]
        state[f"fc{index + 1}.weight"] = state[f"fc{index + 1}.weight"][:, there]
        orders[f"fc{index}"] = np.argsort(there)
    return state, orders


def outputs(state, examples):
    """What the network computes, in NumPy: ReLU between layers, nothing at the end."""
    values = examples
    for index in range(1, len(SIZES)):
        values = values @ state[f"fc{index}.weight"].T + state[f"fc{index}.bias"]
        if index < len(SIZES) - 1:
            values = np.maximum(values, 0)
    return values


def cross_entropy(state, examples, labels):
    """The mean loss and the accuracy, in float64."""
    scores = outputs({name: value.astype(np.float64) for name, value in state.items()}, examples)
    scores = scores - scores.max(axis=1, keepdims=True)
    logarithms = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    loss = -logarithms[np.arange(len(labels)), labels].mean()
    return float(loss), float((scores.argmax(axis=1) == labels).mean())


def data(count=40, seed=5):
    """Examples and labels of ten classes."""
    random = np.random.default_rng(seed)
    return random.normal(0, 1, (count, SIZES[0])).astype(np.float32), random.integers(0, 10, count)
