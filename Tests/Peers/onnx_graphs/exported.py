"""Random networks as `torch.onnx.export` writes them: two instances of each, A and B.

    exported.py FOLDER [--count 60] [--seed 0] [--family NAME]

Network `i` comes from the seed and `i` alone. Beside the models stands `i.json`: the family, the
shape and the kind of the input.
"""

import argparse
import json
import os
import random
import warnings

import torch
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")

ACTIVATIONS = [
    nn.ReLU, nn.GELU, nn.SiLU, nn.Hardswish, nn.ELU, nn.LeakyReLU, nn.ReLU6, nn.Tanh, nn.Mish,
    nn.Sigmoid, nn.Softplus,
]  # fmt: skip


class Lambda(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def activation(pick, width):
    kind = pick.choice([*ACTIVATIONS, "prelu"])
    return nn.PReLU(pick.choice([1, width])) if kind == "prelu" else kind()


def norm(pick, width):
    kind = pick.choice(["batch", "batch", "group", "instance", "none"])
    if kind == "batch":
        return nn.BatchNorm2d(width)
    if kind == "group":
        return nn.GroupNorm(2 if width % 2 == 0 else 1, width)
    return nn.InstanceNorm2d(width, affine=pick.random() < 0.5) if kind == "instance" else nn.Identity()


def conv(pick, width, out, stride=1):
    size = pick.choice([1, 3, 3, 5])
    dilation = pick.choice([1, 1, 2]) if stride == 1 else 1
    pad = dilation * (size - 1) // 2
    mode = pick.choice(["zeros"] * 4 + ["reflect", "replicate"]) if pad == 1 else "zeros"
    layers = [
        nn.Conv2d(width, out, size, stride, pad, dilation, bias=pick.random() < 0.5, padding_mode=mode)
    ]
    return nn.Sequential(*layers, norm(pick, out), activation(pick, out))


class Squeeze(nn.Module):
    def __init__(self, pick, width):
        super().__init__()
        self.down, self.up = nn.Conv2d(width, 3, 1), nn.Conv2d(3, width, 1)
        self.gate = pick.choice([nn.Sigmoid, nn.Hardsigmoid])()

    def forward(self, x):
        mean = F.adaptive_avg_pool2d(x, 1)
        return x * self.gate(self.up(torch.relu(self.down(mean))))


class Block(nn.Module):
    """One of the branches that convolutional networks have."""

    def __init__(self, pick, width):
        super().__init__()
        self.kind = pick.choice(["residual", "inception", "squeeze", "separable", "dense", "shuffle"])
        self.out = width
        if self.kind == "inception":
            self.a, self.b = conv(pick, width, 3), conv(pick, width, 5)
            self.pool = pick.choice(
                [nn.MaxPool2d(3, 1, 1), nn.AvgPool2d(3, 1, 1), nn.AvgPool2d(3, 1, 1, count_include_pad=False)]
            )
            self.out = 8 + width
        elif self.kind == "dense":
            self.a, self.out = conv(pick, width, 4), width + 4
        elif self.kind == "squeeze":
            self.a = Squeeze(pick, width)
        elif self.kind == "separable":
            self.out = 6
            self.a = nn.Conv2d(width, width, 3, padding=1, groups=width)
            self.b = nn.Conv2d(width, 6, 1)
        else:
            self.a, self.b = conv(pick, width, width), conv(pick, width, width)

    def forward(self, x):
        if self.kind == "inception":
            return torch.cat([self.a(x), self.pool(x), self.b(x)], 1)
        if self.kind == "dense":
            return torch.cat([x, self.a(x)], 1)
        if self.kind == "squeeze":
            return self.a(x)
        if self.kind == "separable":
            return self.b(torch.relu(self.a(x)))
        if self.kind == "shuffle" and self.out % 2 == 0:
            n, c, h, w = x.shape
            y = self.b(self.a(x)).view(n, 2, c // 2, h, w).transpose(1, 2)
            return y.reshape(n, c, h, w)
        return torch.relu(x + self.b(self.a(x)))


class Convolutional(nn.Module):
    def __init__(self, pick):
        super().__init__()
        width = pick.choice([4, 6, 8])
        parts = [conv(pick, 2, width)]
        for _ in range(pick.choice([1, 2, 3])):
            block = Block(pick, width)
            parts += [block]
            width = block.out
            if pick.random() < 0.3:
                parts += [conv(pick, width, 6)]
                width = 6
        if pick.random() < 0.5:
            parts += [nn.MaxPool2d(3, 2, ceil_mode=pick.random() < 0.5)]
        elif pick.random() < 0.5:
            parts += [nn.ZeroPad2d((1, 0, 2, 1)), nn.AvgPool2d(2)]
        self.body = nn.Sequential(*parts)
        self.flat = pick.random() < 0.5
        with torch.no_grad():
            shape = self.eval().body(torch.zeros(1, 2, 9, 9)).shape
        wide = shape[1] * shape[2] * shape[3] if self.flat else width
        self.head = nn.Sequential(nn.Linear(wide, 7), activation(pick, 7), nn.Linear(7, 3))

    def forward(self, x):
        x = self.body(x)
        return self.head(x.flatten(1) if self.flat else x.mean((2, 3)))


class UNet(nn.Module):
    def __init__(self, pick):
        super().__init__()
        a, b = pick.choice([4, 5]), pick.choice([6, 8])
        self.first, self.down = conv(pick, 2, a), nn.MaxPool2d(2)
        self.inner = conv(pick, a, b)
        kind = pick.choice(["transposed", "transposed4", "nearest", "bilinear", "corners", "size"])
        self.up = {
            "transposed": nn.ConvTranspose2d(b, b, 2, stride=2),
            "transposed4": nn.ConvTranspose2d(b, b, 3, stride=2, padding=1, output_padding=1),
            "nearest": nn.Upsample(scale_factor=2),
            "bilinear": nn.Upsample(scale_factor=2, mode="bilinear"),
            "corners": nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
            "size": Lambda(lambda x: F.interpolate(x, size=(8, 8))),
        }[kind]
        self.crop = pick.random() < 0.3
        self.last = nn.Sequential(conv(pick, a + b, 5), nn.Conv2d(5, 2, 1))

    def forward(self, x):
        a = self.first(x)
        b = self.up(self.inner(self.down(a)))
        if self.crop:
            a, b = a[:, :, 1:-1, 1:-1], F.pad(b, (-1, -1, -1, -1))
        return self.last(torch.cat([a, b], 1))


class Recurrent(nn.Module):
    def __init__(self, pick):
        super().__init__()
        kind = pick.choice([nn.LSTM, nn.GRU, nn.RNN])
        self.both = pick.random() < 0.4
        self.first = pick.random() < 0.6
        self.end = pick.choice(["last", "state", "mean", "all"])
        units = pick.choice([4, 5])
        more = {"nonlinearity": "relu"} if kind is nn.RNN and pick.random() < 0.5 else {}
        self.layer = kind(
            3, units, pick.choice([1, 2]), batch_first=self.first, bidirectional=self.both, **more
        )
        width = units * (2 if self.both and self.end != "state" else 1)
        self.head = nn.Sequential(nn.Linear(width, 6), activation(pick, 6), nn.Linear(6, 2))

    def forward(self, x):
        y, state = self.layer(x)
        if self.end == "state":
            state = state[0] if isinstance(state, tuple) else state
            return self.head(state[-1])
        if self.end == "all":
            return self.head(y)
        steps = 1 if self.first else 0
        return self.head(y.mean(steps) if self.end == "mean" else y.select(steps, -1))


class Root(nn.Module):
    """RMS normalisation, as people write it."""

    def __init__(self, width, how):
        super().__init__()
        self.weight, self.how = nn.Parameter(torch.ones(width)), how

    def forward(self, x):
        mean = x.pow(2).mean(-1, keepdim=True) + 1e-6
        y = x * torch.rsqrt(mean) if self.how else x / torch.sqrt(mean)
        return self.weight * y


class Attention(nn.Module):
    """Attention, as people write it."""

    def __init__(self, pick, width, heads):
        super().__init__()
        self.kind = pick.choice(["fused", "apart", "einsum", "mixed"])
        self.heads, self.causal = heads, pick.random() < 0.3
        self.qkv = nn.Linear(width, 3 * width, bias=pick.random() < 0.7)
        self.q, self.k, self.v = (nn.Linear(width, width) for _ in range(3))
        self.out = nn.Linear(width, width)
        self.early = pick.random() < 0.5

    def forward(self, x):
        n, t, c = x.shape
        h, d = self.heads, c // self.heads
        if self.kind == "fused":
            q, k, v = self.qkv(x).reshape(n, t, 3, h, d).permute(2, 0, 3, 1, 4).unbind(0)
        elif self.kind == "mixed":
            q, k, v = self.qkv(x).reshape(n, t, h, 3 * d).transpose(1, 2).chunk(3, -1)
        else:
            parts = [layer(x).view(n, t, h, d) for layer in (self.q, self.k, self.v)]
            if self.kind == "einsum":
                q, k, v = parts
                scores = torch.einsum("bqhd,bkhd->bhqk", q, k) / d**0.5
                y = torch.einsum("bhqk,bkhd->bqhd", scores.softmax(-1), v)
                return self.out(y.reshape(n, t, c))
            q, k, v = (part.transpose(1, 2) for part in parts)
        if self.early:
            scores = (q * d**-0.5) @ k.transpose(-2, -1)
        else:
            scores = q @ k.transpose(-2, -1) / d**0.5
        if self.causal:
            scores = scores + torch.full((t, t), float("-inf")).triu(1)
        y = scores.softmax(-1) @ v
        return self.out(y.transpose(1, 2).reshape(n, t, c))


class Layer(nn.Module):
    def __init__(self, pick, width, heads):
        super().__init__()
        self.attention = Attention(pick, width, heads)
        how = pick.random() < 0.5
        make = pick.choice([nn.LayerNorm, lambda width: Root(width, how)])
        self.a, self.b = make(width), make(width)
        self.gated = pick.random() < 0.4
        self.up, self.gate, self.down = nn.Linear(width, 9), nn.Linear(width, 9), nn.Linear(9, width)
        self.act = pick.choice([nn.GELU, nn.ReLU, nn.SiLU])()
        self.before = pick.random() < 0.6

    def inner(self, x):
        y = self.act(self.up(x))
        return self.down(y * self.gate(x) if self.gated else y)

    def forward(self, x):
        if self.before:
            x = x + self.attention(self.a(x))
            return x + self.inner(self.b(x))
        return self.b(self.a(x + self.attention(x)) * 1.0 + self.inner(x))


class Transformer(nn.Module):
    def __init__(self, pick):
        super().__init__()
        width, heads = 8, pick.choice([1, 2, 4])
        self.tokens = pick.random() < 0.5
        self.start = nn.Embedding(11, width) if self.tokens else nn.Linear(3, width)
        self.positions = nn.Parameter(torch.randn(1, 6, width))
        if pick.random() < 0.5:
            self.body = nn.Sequential(*[Layer(pick, width, heads) for _ in range(pick.choice([1, 2]))])
        else:
            layer = nn.TransformerEncoderLayer(
                width, heads, 9, activation=pick.choice(["relu", "gelu"]), batch_first=True,
                norm_first=pick.random() < 0.5, dropout=0.0,
            )  # fmt: skip
            # Training mode has the layers one by one, where evaluation is one operation of its own.
            self.body = nn.TransformerEncoder(layer, pick.choice([1, 2]))
        self.head = nn.Linear(width, 3)
        self.end = pick.choice(["mean", "first", "all"])

    def forward(self, x):
        x = self.body(self.start(x) + self.positions)
        if self.end == "all":
            return self.head(x)
        return self.head(x.mean(1) if self.end == "mean" else x[:, 0])


class Vision(nn.Module):
    def __init__(self, pick):
        super().__init__()
        self.patch = nn.Conv2d(2, 8, 4, stride=4)
        self.token = nn.Parameter(torch.randn(1, 1, 8)) if pick.random() < 0.7 else None
        self.positions = nn.Parameter(torch.randn(1, 4 + (self.token is not None), 8))
        self.body = nn.Sequential(*[Layer(pick, 8, pick.choice([2, 4])) for _ in range(2)])
        self.norm, self.head = nn.LayerNorm(8), nn.Linear(8, 3)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        if self.token is not None:
            x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1)
        x = self.norm(self.body(x + self.positions))
        return self.head(x[:, 0] if self.token is not None else x.mean(1))


class ChannelsLast(nn.Module):
    """ConvNeXt's blocks, and its normalisation of channels that stand first."""

    def __init__(self, pick):
        super().__init__()
        width = pick.choice([4, 6])
        self.stem = nn.Conv2d(2, width, 2, stride=2)
        self.deep = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.a, self.b = nn.Linear(width, 9), nn.Linear(9, width)
        self.gamma = nn.Parameter(torch.rand(width)) if pick.random() < 0.7 else None
        self.weight, self.bias = nn.Parameter(torch.rand(width)), nn.Parameter(torch.rand(width))
        self.first = pick.random() < 0.6
        self.flat = pick.random() < 0.5
        self.head = nn.Linear(width * (16 if self.flat else 1), 3)

    def forward(self, x):
        x = self.stem(x)
        if self.first:
            mean = x.mean(1, keepdim=True)
            spread = (x - mean).pow(2).mean(1, keepdim=True)
            x = (x - mean) / torch.sqrt(spread + 1e-6)
            x = self.weight[:, None, None] * x + self.bias[:, None, None]
        y = self.norm(self.deep(x).permute(0, 2, 3, 1))
        y = self.b(F.gelu(self.a(y)))
        if self.gamma is not None:
            y = self.gamma * y
        x = x + y.permute(0, 3, 1, 2)
        return self.head(x.flatten(1) if self.flat else x.mean((-2, -1)))


class Mixer(nn.Module):
    def __init__(self, pick):
        super().__init__()
        self.start = nn.Linear(3, 6)
        self.norm = nn.LayerNorm(6)
        self.a, self.b = nn.Linear(5, 7), nn.Linear(7, 5)
        self.c, self.d = nn.Linear(6, 8), nn.Linear(8, 6)
        self.head = nn.Linear(6, 2)

    def forward(self, x):
        x = self.start(x)
        x = x + self.b(F.gelu(self.a(self.norm(x).transpose(1, 2)))).transpose(1, 2)
        x = x + self.d(F.gelu(self.c(x)))
        return self.head(x.mean(1))


class Reader(nn.Module):
    """Convolutions whose columns an LSTM reads."""

    def __init__(self, pick):
        super().__init__()
        self.body = nn.Sequential(conv(pick, 2, 4), nn.MaxPool2d(2), conv(pick, 4, 5))
        self.layer = nn.LSTM(5 * 4, 6, batch_first=True, bidirectional=pick.random() < 0.5)
        self.head = nn.Linear(6 * (2 if self.layer.bidirectional else 1), 3)

    def forward(self, x):
        x = self.body(x).permute(0, 3, 1, 2).flatten(2)
        return self.head(self.layer(x)[0])


class Sound(nn.Module):
    """Convolutions over one axis, with something in the middle that is not understood."""

    def __init__(self, pick):
        super().__init__()
        self.a, self.b = nn.Conv1d(2, 5, 3, padding=2), nn.Conv1d(5, 6, 3, stride=2)
        self.c, self.head = nn.Conv1d(6, 6, 1), nn.Linear(6, 2)
        self.odd = pick.choice(["cumsum", "topk", "none", "gather", "abs", "norm", "glu"])
        self.glu = nn.Conv1d(6, 12, 1)

    def forward(self, x):
        x = torch.relu(self.b(torch.relu(self.a(x))))
        if self.odd == "cumsum":
            x = torch.cumsum(x, 1)
        if self.odd == "topk":
            x = torch.topk(x, 6, 1)[0]
        if self.odd == "gather":
            x = x[:, torch.tensor([0, 2, 1, 3, 5, 4])]
        if self.odd == "abs":
            x = torch.log(torch.abs(x) + 1)
        if self.odd == "norm":
            x = F.normalize(x, dim=1)
        if self.odd == "glu":
            x = F.glu(self.glu(x), 1)
        return self.head(torch.relu(self.c(x)).mean(-1))


FAMILIES = {
    "convolutional": (Convolutional, [2, 9, 9]), "unet": (UNet, [2, 8, 8]),
    "recurrent": (Recurrent, [5, 3]), "transformer": (Transformer, [6, 3]),
    "vision": (Vision, [2, 8, 8]), "channelsLast": (ChannelsLast, [2, 8, 8]),
    "mixer": (Mixer, [5, 3]), "reader": (Reader, [2, 8, 8]), "sound": (Sound, [2, 11]),
}  # fmt: skip


def shake(net):
    """Weights and statistics of which none is zero or one."""
    with torch.no_grad():
        for value in [*net.parameters(), *net.buffers()]:
            if value.is_floating_point() and value.dim() == 1:
                value.add_(0.3 * torch.rand_like(value))
    return net.eval()


def export(folder, index, seed, family=None):
    pick = random.Random(f"{seed} {index}")
    names = list(FAMILIES)
    name = family or names[index % len(names)]
    make, shape = FAMILIES[name]
    draw, opset = pick.random(), pick.choice([9, 11, 12, 13, 14, 15, 16])
    dynamic, single = pick.random() < 0.6, pick.random() < 0.7
    fold = pick.random() < 0.8
    for word, place in (("A", 0), ("B", 1)):
        own = random.Random(draw)
        torch.manual_seed(2 * index + place)
        net = shake(make(own))
        batch_axis = 0
        if name == "recurrent" and not net.first:
            batch_axis = 1
        tokens = getattr(net, "tokens", False)
        own_shape = shape[:1] if tokens else shape
        count = 1 if single else 3
        x = torch.randint(0, 11, (count, *own_shape)) if tokens else torch.randn(count, *own_shape)
        if batch_axis == 1:
            x = x.transpose(0, 1)
        axes = {"x": {batch_axis: "batch" if index % 2 else "n"}} if dynamic else None
        wanted = max(opset, 14) if getattr(net, "positions", None) is not None else opset
        if name in ("transformer", "vision") and not tokens:
            wanted = max(wanted, 12)
        path = os.path.join(folder, f"{index}{word}.onnx")
        try:
            torch.onnx.export(
                net, x, path, opset_version=wanted, input_names=["x"], output_names=["y"],
                dynamic_axes=axes, do_constant_folding=fold,
                training=torch.onnx.TrainingMode.EVAL,
            )  # fmt: skip
        except Exception as problem:
            return {"family": name, "problem": str(problem)[:200]}
    return {
        "family": name, "shape": own_shape, "tokens": tokens, "opset": wanted, "batch": batch_axis,
        "count": None if dynamic else count,
    }  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=72)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--family")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for index in range(options.first, options.count):
        result = export(options.folder, index, options.seed, options.family)
        with open(os.path.join(options.folder, f"{index}.json"), "w", encoding="utf-8") as file:
            json.dump(result, file)


if __name__ == "__main__":
    main()
