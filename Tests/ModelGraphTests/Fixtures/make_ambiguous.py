"""Makes the PyTorch files of the folder `ambiguous`, and says which of their units may move.

    python3 make_ambiguous.py             writes the files and ambiguous/torch.json
    python3 make_ambiguous.py judge WSL   runs `wsl match` on two instances of each: PyTorch judges

Needs torch (1.13 was used). Names and shapes alone do not say what these networks compute, or say
it only to those who know a family of networks: each file fits a reading under which other units
move. torch.json holds for each file
    "groups"    the units that may change places: unit i stands at first + step * i of an axis,
                [tensor, axis, first, step] for every axis
    "kept"      the largest change of the output, relative to it, when all of them are permuted
"""

import gzip
import io
import json
import os
import subprocess
import sys
import tempfile

import torch
import torch.nn.functional as F
from torch import nn

import published
import truth

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ambiguous")


class Net(nn.Module):
    """Layers by name, and what is computed with them."""

    def __init__(self, layers, forward):
        super().__init__()
        for name, layer in layers.items():
            self.add_module(name, layer)
        self.compute = forward

    def forward(self, x):
        return self.compute(self, x)


def convolutional(norm):
    """A convolution with a norm that a row does not tell from layer normalisation, and another."""
    layers = {
        "conv1": nn.Conv2d(3, 6, 3),
        "norm1": norm(6),
        "conv2": nn.Conv2d(6, 5, 3),
        "fc": nn.Linear(80, 4),
    }

    def forward(m, x):
        x = torch.relu(m.norm1(m.conv1(x)))
        return m.fc(torch.flatten(torch.relu(m.conv2(x)), 1))

    return lambda: Net(layers, forward)


def batchless():
    """Batch normalisation without statistics: it uses those of the batch."""
    norm = lambda: nn.BatchNorm1d(7, track_running_stats=False)  # noqa: E731
    layers = {
        "fc1": nn.Linear(6, 7),
        "bn1": norm(),
        "fc2": nn.Linear(7, 7),
        "bn2": norm(),
        "fc3": nn.Linear(7, 4),
    }
    return Net(layers, lambda m, x: m.fc3(torch.relu(m.bn2(m.fc2(torch.relu(m.bn1(m.fc1(x))))))))


class ZeroBlock(nn.Module):
    """A residual block whose shortcut has zeros in the channels that it lacks."""

    def __init__(self, i, o, stride, place):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.stride, self.place = stride, place

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        if self.stride == 2:
            x = F.avg_pool2d(x, 2)
            zeros = torch.zeros_like(x)
            if self.place == "middle":
                halves = torch.chunk(zeros, 2, 1)
                x = torch.cat([halves[0], x, halves[1]], 1)
            else:
                x = torch.cat([x, zeros] if self.place == "end" else [zeros, x], 1)
        return torch.relu(x + y)


class ZeroNet(nn.Module):
    def __init__(self, place):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 4, 3, 1, 1, bias=False), nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(ZeroBlock(4, 4, 1, place))
        self.layer2 = nn.Sequential(ZeroBlock(4, 8, 2, place), ZeroBlock(8, 8, 1, place))
        self.layer3 = nn.Sequential(ZeroBlock(8, 16, 2, place))
        self.linear = nn.Linear(16, 5)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        return self.linear(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


def dense(widths, forward, name="fc"):
    layers = {f"{name}{n + 1}": nn.Linear(i, o) for n, (i, o) in enumerate(zip(widths, widths[1:]))}
    return lambda: Net(layers, forward)


def shortcut(m, x):
    x = torch.relu(m.fc1(x))
    return m.fc3(x + torch.relu(m.fc2(x)))


def bottleneck(m, x):
    x = torch.relu(m.fc1(x))
    return m.fc4(x + m.fc3(torch.relu(m.fc2(x))))


def twice(m, x):
    x = torch.relu(m.fc1(x))
    return m.fc3(torch.relu(m.fc2(torch.relu(m.fc2(x)))))


def parallel(m, x):
    x = torch.relu(m.fc1(x))
    return m.fc4(torch.relu(m.fc2(x)) + torch.relu(m.fc3(x)))


def heads(m, x):
    x = torch.relu(m.fc1(x))
    return torch.cat([m.fc2(x), m.fc3(x)], 1)


def tanh(m, x):
    return m.fc3(torch.tanh(m.fc2(torch.tanh(m.fc1(x)))))


def tied():
    one = nn.Linear(8, 8)
    two = nn.Linear(8, 8)
    two.weight = one.weight
    layers = {"fc1": nn.Linear(6, 8), "fc2": one, "fc3": two, "fc4": nn.Linear(8, 3)}
    return Net(
        layers, lambda m, x: m.fc4(torch.relu(m.fc3(torch.relu(m.fc2(torch.relu(m.fc1(x)))))))
    )


def pooled():
    """The mean and the maximum of a map side by side: as wide as two places flattened."""
    layers = {"conv1": nn.Conv2d(3, 6, 3), "conv2": nn.Conv2d(6, 6, 3), "fc": nn.Linear(12, 4)}

    def forward(m, x):
        x = torch.relu(m.conv2(torch.relu(m.conv1(x))))
        return m.fc(torch.cat([x.mean((2, 3)), torch.flatten(F.max_pool2d(x, 4), 1)], 1))

    return Net(layers, forward)


SMALL = {
    "group_norm": (convolutional(lambda c: nn.GroupNorm(2, c)), (3, 8, 8)),
    "instance_norm": (convolutional(lambda c: nn.InstanceNorm2d(c, affine=True)), (3, 8, 8)),
    "batch_norm_no_statistics": (batchless, (6,)),
    "zeros_end": (lambda: ZeroNet("end"), (3, 8, 8)),
    "zeros_start": (lambda: ZeroNet("start"), (3, 8, 8)),
    "zeros_middle": (lambda: ZeroNet("middle"), (3, 8, 8)),
    "tanh": (dense((6, 8, 8, 4), tanh), (6,)),
    "shortcut": (dense((6, 8, 8, 4), shortcut), (6,)),
    "bottleneck": (dense((6, 8, 5, 8, 4), bottleneck), (6,)),
    "twice": (dense((6, 8, 8, 4), twice), (6,)),
    "parallel": (dense((6, 8, 8, 8, 4), parallel), (6,)),
    "heads": (dense((6, 8, 8, 8), heads), (6,)),
    "tied": (tied, (6,)),
    "mean_and_maximum": (pooled, (3, 8, 8)),
}
# Of these, the file is that of a row: units move, and a warning must name the square layers.
WARNED = {
    "shortcut": ["fc2"],
    "twice": ["fc2"],
    "parallel": ["fc2", "fc3"],
    "heads": ["fc2", "fc3"],
}
MODELS = {**SMALL, **{name: (make, (3, 64, 64)) for name, make in published.MODELS.items()}}


def randomise(net, x, seed):
    """Random weights; norms keep the statistics of what they see, so that signals stay alive."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, value in net.named_parameters():
            if value.ndim > 1:
                value.normal_(0, (2 / value[0].numel()) ** 0.5)
            elif name.endswith("weight"):
                value.uniform_(0.5, 1.5)
            else:
                value.normal_(0, 0.3)
        for module in net.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.momentum = 1.0
        net.train()(x)
        net.eval()
        for value in net.buffers():
            if value.is_floating_point():
                value.mul_(torch.rand(value.shape) + 0.5)


def made(name, seed):
    """A random instance of a model, with an input."""
    make, shape = MODELS[name]
    torch.manual_seed(99)
    x, net = torch.randn(5, *shape), make()
    randomise(net, x, seed)
    return net, x


def answer(net, x, state=None):
    """The output in double precision, with other tensors where they are given."""
    own = {key: value.clone() for key, value in net.state_dict().items()}
    if state is not None:
        net.load_state_dict(state)
    net.double()
    with torch.no_grad():
        y = net(x.double())
    net.float()
    net.load_state_dict(own)
    return y


def change(y, z):
    return ((y - z).abs().max() / y.abs().max()).item()


def main():
    os.makedirs(HERE, exist_ok=True)
    result = {}
    for seed, name in enumerate(MODELS):
        net, x = made(name, seed)
        groups = truth.groups_of(net, x.shape[1])
        y = answer(net, x)
        order = torch.Generator().manual_seed(1)
        kept = change(y, answer(net, x, truth.permuted(net.state_dict(), groups, order)))
        assert kept < 1e-12 and change(y, y[:1]) > 1e-3, (name, kept)
        for group in groups:
            group["axes"] = [[a["tensor"], a["axis"], a["first"], a["step"]] for a in group["axes"]]
        result[name] = {"groups": groups, "kept": kept}
        data = io.BytesIO()
        torch.save(net.state_dict(), data)
        with open(os.path.join(HERE, name + ".pt.gz"), "wb") as file:
            file.write(gzip.compress(data.getvalue(), mtime=0))
        units = sum(group["size"] for group in groups)
        print(f"{name}: {len(net.state_dict())} tensors, {len(groups)} groups, {units} units")
    with open(os.path.join(HERE, "torch.json"), "w") as file:
        lines = [
            f"{json.dumps(name)}:{json.dumps(value, separators=(',', ':'))}"
            for name, value in result.items()
        ]
        file.write("{" + ",\n".join(lines) + "}\n")


def judge(wsl):
    """Matches two instances of each model, and compares what was written with what went in.

    Returns how many are wrong.
    """
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in MODELS:
            a, b, out = (os.path.join(folder, f"{name}-{n}.pt") for n in ("a", "b", "out"))
            for path, seed in ((a, 1), (b, 2)):
                net, x = made(name, seed)
                torch.save(net.state_dict(), path)
            done = subprocess.run(
                [wsl, "match", a, b, "-o", out, "--json"], capture_output=True, text=True
            )
            if not os.path.exists(out):
                say = done.stderr.strip().splitlines()[-1][-200:]
                print(f"{name}: exit code {done.returncode}, {say}")
                continue
            document = json.loads(done.stdout)
            moved = sum(group["moved"] for group in document["groups"])
            changed = change(answer(net, x), answer(net, x, torch.load(out)))
            said = all(layer in str(document["warnings"]) for layer in WARNED.get(name, ["none"]))
            verdict = "right" if changed < 1e-4 else "warned" if said else f"WRONG by {changed:.2g}"
            wrong += verdict.startswith("WRONG")
            total = sum(group["size"] for group in truth.groups_of(net, x.shape[1]))
            print(f"{name}: {verdict}, {moved} moved of {total}; warnings {document['warnings']}")
    return wrong


if __name__ == "__main__":
    sys.exit(judge(sys.argv[2]) if sys.argv[1:2] == ["judge"] else main())
