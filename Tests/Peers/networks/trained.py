"""Trained networks whose file is that of a row: with data, `wsl match` tells the readings apart.

Small dense networks of PyTorch on the digits of this project: with shortcuts around one and
several square layers, with a square layer used twice, and plain. Untrained weights tell nothing;
trained ones answer far above chance under one reading alone.
"""

import json
import os

import h5py
import torch
from torch import nn
from torch.nn import functional as F

from .trial import TOLERANCE, difference, run

DIGITS = os.path.join(os.path.dirname(__file__), "../../../Sources/Datasets/Resources/digits.h5")


class Trained(nn.Module):
    """Layers fc1, fc2, … of which all but the first and the last are square.

    kind: how the square layers are used, as in `squares`.
    """

    def __init__(self, kind, width, depth, activation):
        super().__init__()
        self.kind, self.act, self.depth = kind, activation, depth
        self.fc1 = nn.Linear(64, width)
        for n in range(depth):
            setattr(self, f"fc{n + 2}", nn.Linear(width, width))
        setattr(self, f"fc{depth + 2}", nn.Linear(width, 10))

    def forward(self, x):
        layers = [getattr(self, f"fc{n + 2}") for n in range(self.depth + 1)]
        return layers[-1](self.squares(self.act(self.fc1(x)), layers[:-1]))

    def squares(self, x, layers):
        act, kind = self.act, self.kind
        begin, seen = x, [x]
        if kind == "parallel":
            return sum(act(layer(x)) for layer in layers)
        if kind == "gate":
            return torch.sigmoid(layers[0](x)) * act(layers[1](x)) + x
        for n, layer in enumerate(layers):
            if kind == "unused" and n == 0:
                continue
            y = (
                layer(act(x))
                if kind == "before"
                else layer(sum(seen))
                if kind == "all"
                else layer(x)
            )
            if kind == "after":
                x = act(x + y)
                continue
            y = y if kind == "before" else act(y)
            if kind in ("around", "before") or kind == "mixed" and n == 0:
                y = x + y
            if kind == "half":
                y = 0.5 * (x + y)
            if kind == "twice":
                y = act(layer(y))
            x = y
            seen.append(x)
        return begin + x if kind == "run" else sum(seen) if kind == "all" else x


def digits():
    with h5py.File(DIGITS) as file:
        images = torch.tensor(file["train/images"][()]).float().flatten(1)
        return images, torch.tensor(file["train/labels"][()]).long()


def train(kind, width, depth, activation, seed, epochs, images, labels):
    torch.manual_seed(seed)
    network = Trained(kind, width, depth, activation)
    optimiser = torch.optim.Adam(network.parameters(), 4e-3)
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(64):
            loss = F.cross_entropy(network(images[batch]), labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return network.eval()


# With data, these are told apart. What is no reading that is tried must hold its units.
KINDS = ["row", "around", "after", "before", "mixed", "run", "twice"]
OTHERS = ["parallel", "gate", "unused", "all", "half"]
SIZES = [(16, 1, F.relu), (24, 2, F.relu), (32, 2, torch.tanh), (16, 3, F.gelu)]
NEED = {"run": 2, "mixed": 2, "parallel": 2, "gate": 2, "all": 2}
CASES = [
    (kind, width, depth, activation, epochs)
    for kind in KINDS + OTHERS
    for width, depth, activation in (SIZES if kind in KINDS else SIZES[1:3])
    for epochs in ((10, 1) if width == 24 else (10,))
    if depth >= NEED.get(kind, 1)
]


def trials(wsl, folder, seed=0):
    """Trains and matches every case; yields a dictionary for each.

    seed: another one trains other networks of the same kinds.
    """
    images, labels = digits()
    for index, (kind, width, depth, activation, epochs) in enumerate(CASES):
        a, b, out = (os.path.join(folder, f"trained-{index}-{n}.pt") for n in ("a", "b", "out"))
        if os.path.exists(out):
            os.remove(out)
        for number, path in ((2 * index, a), (2 * index + 1, b)):
            number += 1000 * seed
            network = train(kind, width, depth, activation, number, epochs, images, labels)
            torch.save(network.state_dict(), path)
        with torch.no_grad():
            answer = network(images[:200]).numpy().copy()
            accuracy = (network(images).argmax(1) == labels).float().mean().item()
        code, output, errors = run(wsl, "match", a, b, "--data", "digits", "-o", out, "--json")
        name = f"{kind}, {depth} of width {width}, {activation.__name__}, {epochs} epochs"
        result = {"name": name, "accuracy": accuracy, "code": code, "errors": errors.strip()}
        if not os.path.exists(out):
            yield {**result, "outcome": "refused", "right": code == 65}
            continue
        network.load_state_dict(torch.load(out))
        with torch.no_grad():
            changed = difference(answer, network(images[:200]).numpy())
        document = json.loads(output)
        units = sum(group["size"] for group in document["groups"])
        # A well trained row moves in full; the others may hold what they must.
        full = units == width * (depth + 1)
        right = changed <= TOLERANCE and (kind != "row" or epochs < 10 or full)
        result |= {"units": units, "warnings": document["warnings"], "right": right}
        yield {**result, "outcome": f"{changed:.1e}"}
