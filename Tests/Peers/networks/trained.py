"""Trained networks whose file is that of a row: with data, `wsl match` tells the readings apart.

Small dense networks of PyTorch on the digits of this project: with shortcuts around one and several
square layers, with a square layer used twice, and plain. Untrained weights tell nothing; trained ones
answer far above chance under one reading alone.
"""

import json
import os

import h5py
import torch
from torch import nn
from torch.nn import functional as F

from .trial import TOLERANCE, difference, run

DIGITS = os.path.join(os.path.dirname(__file__), "../../../Sources/Networks/Resources/digits.h5")


class Trained(nn.Module):
    """kind: row, around (each square layer), run (one sum around all), mixed (around the first alone),
    twice (every square layer), input (a shortcut around the layer before the last, from the first)."""

    def __init__(self, kind, width, depth, activation):
        super().__init__()
        self.kind, self.activation = kind, activation
        self.fc1 = nn.Linear(64, width)
        for n in range(depth):
            setattr(self, f"fc{n + 2}", nn.Linear(width, width))
        setattr(self, f"fc{depth + 2}", nn.Linear(width, 10))
        self.depth = depth

    def forward(self, x):
        act = self.activation
        x = act(self.fc1(x))
        squares = [getattr(self, f"fc{n + 2}") for n in range(self.depth)]
        begin = x
        for n, layer in enumerate(squares):
            y = act(layer(x))
            if self.kind == "around" or self.kind == "mixed" and n == 0:
                y = x + y
            if self.kind == "twice":
                y = act(layer(y))
            x = y
        if self.kind == "run":
            x = x + begin
        return getattr(self, f"fc{self.depth + 2}")(x)


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


CASES = [
    (kind, width, depth, activation)
    for kind in ("row", "around", "run", "mixed", "twice")
    for width, depth, activation in [
        (16, 1, F.relu),
        (24, 2, F.relu),
        (32, 2, torch.tanh),
        (16, 3, F.gelu),
    ]
    if kind in ("row", "around", "twice") or depth > 1
]


def trials(wsl, folder, epochs):
    """Trains and matches every case; yields a dictionary for each."""
    images, labels = digits()
    for index, (kind, width, depth, activation) in enumerate(CASES):
        a, b, out = (os.path.join(folder, f"trained-{index}-{n}.pt") for n in ("a", "b", "out"))
        if os.path.exists(out):
            os.remove(out)
        for seed, path in ((2 * index, a), (2 * index + 1, b)):
            network = train(kind, width, depth, activation, seed, epochs, images, labels)
            torch.save(network.state_dict(), path)
        with torch.no_grad():
            answer = network(images[:200]).numpy().copy()
            accuracy = (network(images).argmax(1) == labels).float().mean().item()
        code, output, errors = run(wsl, "match", a, b, "--data", "digits", "-o", out, "--json")
        name = f"{kind}, {depth} of width {width}, {activation.__name__}"
        result = {"name": name, "accuracy": accuracy, "code": code, "errors": errors.strip()}
        if not os.path.exists(out):
            yield {**result, "right": False, "outcome": "refused"}
            continue
        network.load_state_dict(torch.load(out))
        with torch.no_grad():
            changed = difference(answer, network(images[:200]).numpy())
        document = json.loads(output)
        units = sum(group["size"] for group in document["groups"])
        # A row that is confirmed moves in full; the others may hold what they must.
        right = changed <= TOLERANCE and (kind != "row" or units == width * (depth + 1))
        result |= {"units": units, "warnings": document["warnings"], "right": right}
        yield {**result, "outcome": f"{changed:.1e}"}
