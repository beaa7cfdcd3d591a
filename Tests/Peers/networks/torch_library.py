"""Networks in PyTorch, their state dicts, and what they answer."""

import json
import struct

import numpy
import torch
from torch import nn
from torch.nn import functional as F

from .library import NORMS, Library


def half(kernel):
    """The padding that keeps a map's size."""
    return kernel // 2 if isinstance(kernel, int) else tuple(k // 2 for k in kernel)


def along(vector, x, axis):
    """The vector in the shape that multiplies x along an axis."""
    return vector.view([-1 if i == axis % x.ndim else 1 for i in range(x.ndim)])


class RMSNorm(nn.Module):
    """Of one axis; torch 1.13 has none."""

    def __init__(self, width, axis):
        super().__init__()
        self.weight, self.axis = nn.Parameter(torch.ones(width)), axis

    def forward(self, x):
        scale = (x.pow(2).mean(self.axis, keepdim=True) + 1e-6).rsqrt()
        return x * scale * along(self.weight, x, self.axis)


class ChannelNorm(nn.LayerNorm):
    """LayerNorm of the channels of a map, as ConvNeXt has it."""

    def forward(self, x):
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class TorchLibrary(Library):
    """Channels stand in axis 1 of maps and signals, and last in sequences."""

    def axis(self, x):
        """The axis of channels."""
        sequence = x.ndim == 3 and self.input.kind in ("sequence", "tokens")
        return -1 if x.ndim == 2 or sequence else 1

    def example(self, batch, generator):
        """Random inputs, (batch, …) with channels where PyTorch wants them."""
        if self.input.kind == "tokens":
            size = (batch, *self.input.shape)
            return torch.randint(self.input.vocabulary, size, generator=generator)
        x = torch.randn((batch, *self.input.shape), generator=generator)
        return x if self.input.last else x.movedim(-1, 1)

    def call(self, layer, *inputs):
        if isinstance(layer.module, nn.Parameter):
            x = inputs[0]
            v = along(layer.module, x, self.axis(x))
            return x + v if layer.kind == "shift" else x * v
        if isinstance(layer.module, (nn.LSTM, nn.GRU, nn.RNN)):
            return layer.module(*inputs)[0]
        return layer.module(*inputs)

    def shapes(self, layer):
        tensors = (
            [layer.module] if isinstance(layer.module, nn.Parameter) else layer.module.parameters()
        )
        tensors = list(tensors)
        if layer.kind in NORMS:
            yield (
                len(tensors[0]),
                layer.kind == "layer"
                or hasattr(layer.module, "running_mean")
                and layer.module.running_mean is not None,
            )
        else:
            bias = any(tensor.ndim == 1 for tensor in tensors)
            for t in tensors:
                if t.ndim > 1:
                    yield t.shape[1], t.shape[0], t.ndim - 2, bias

    # Layers with tensors.

    def dense(self, units, role="", bias=True, tied=None):
        def make(x):
            module = nn.Linear(x.shape[-1], units, bias)
            if tied is not None:
                module.weight = tied.module.weight
            return "dense", module

        return self.layer(make, role, tied)

    def right_matrix(self, units, role=""):
        """x @ W + b, with the parameters under names of their own."""

        class Matrix(nn.Module):
            def __init__(self, reads):
                super().__init__()
                self.weight = nn.Parameter(torch.zeros(reads, units))
                self.bias = nn.Parameter(torch.zeros(units))

            def forward(self, x):
                return x @ self.weight + self.bias

        return self.layer(lambda x: ("matrix", Matrix(x.shape[-1])), role)

    def transposed_matrix(self, layer):
        """A dense layer's matrix the other way; it has no tensor of its own."""
        return lambda x: x @ layer.module.weight

    def codes(self, count, role):
        """A mixture of the rows of a table, the nearest above all."""

        class Codes(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.weight = nn.Parameter(torch.zeros(count, width))

            def forward(self, x):
                distance = (x[:, None] - self.weight).pow(2).sum(-1)
                return torch.softmax(-distance, 1) @ self.weight

        return self.layer(lambda x: ("codes", Codes(x.shape[-1])), role)

    def cell(self, kind, width, role="body"):
        """A recurrent cell, called step by step; gives the last state as a sequence of one."""

        def run(module, x):
            state = None
            for step in range(x.shape[1]):
                state = module(x[:, step], state)
            return (state[0] if kind == "lstm" else state)[:, None]

        def make(x):
            of = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}[kind]
            return kind, of(x.shape[-1], width)

        layer = self.layer(make, role)

        def apply(x):
            if layer.module is None:
                layer.kind, layer.module = layer.make(x)
                layer.slot = self.next_slot()
            return run(layer.module, x)

        return apply

    def as_image(self, x):
        """A sequence as an image of one channel."""
        return x[:, None]

    def conv(
        self, units, kernel=3, stride=1, groups=1, bias=True, role="", transposed=False, pad=True
    ):
        def make(x):
            rank = x.ndim - 2
            if transposed:
                kind = nn.ConvTranspose1d if rank == 1 else nn.ConvTranspose2d
                padding = (kernel - stride) // 2 if kernel > stride else 0
                module = kind(x.shape[1], units, kernel, stride, padding, groups=groups, bias=bias)
                return "transposed", module
            kind = nn.Conv1d if rank == 1 else nn.Conv2d
            module = kind(
                x.shape[1], units, kernel, stride, half(kernel) if pad else 0, 1, groups, bias
            )
            return "depthwise" if groups == x.shape[1] > 1 else "conv", module

        return self.layer(make, role)

    def depthwise(self, multiplier=1, kernel=3, stride=1, bias=True, role=""):
        def make(x):
            c = x.shape[1]
            kind = nn.Conv1d if x.ndim == 3 else nn.Conv2d
            return "depthwise", kind(c, c * multiplier, kernel, stride, kernel // 2, 1, c, bias)

        return self.layer(make, role)

    def norm(self, kind, role="norm", groups=2):
        """kind: batch, batchless (no statistics), places (batch norm of the places of a sequence),
        layer, mapped (LayerNorm of a whole map), group, instance, tracked (the same with
        statistics), rms."""

        def make(x):
            rank = x.ndim - 2
            channels_last, c = self.axis(x) == -1, x.shape[self.axis(x)]
            if kind == "layer":
                return "layer", nn.LayerNorm(c) if channels_last else ChannelNorm(c)
            if kind == "places":
                return "batch", nn.BatchNorm1d(x.shape[1])
            if kind == "mapped":
                return "layer", nn.LayerNorm(x.shape[1:])
            if kind == "rms":
                return "rms", RMSNorm(c, -1 if channels_last else 1)
            if kind == "group":
                return "group", nn.GroupNorm(groups if c % groups == 0 else 1, c)
            if kind in ("instance", "tracked") and rank > 0:
                of = nn.InstanceNorm1d if rank == 1 else nn.InstanceNorm2d
                return "instance", of(c, affine=True, track_running_stats=kind == "tracked")
            of = nn.BatchNorm2d if rank == 2 else nn.BatchNorm1d
            return "batch", of(c, track_running_stats=kind != "batchless")

        return self.layer(make, role)

    def prelu(self, each=True, role="act"):
        def make(x):
            return "prelu", nn.PReLU(x.shape[1] if each else 1)

        return self.layer(make, role)

    def embedding(self, vocabulary, width, role="embed"):
        return self.layer(lambda x: ("embedding", nn.Embedding(vocabulary, width)), role)

    def positions(self, role="positions"):
        """A learned vector for every place of a sequence, added."""

        class Positions(nn.Module):
            def __init__(self, length, width):
                super().__init__()
                self.weight = nn.Parameter(torch.zeros(length, width))

            def forward(self, x):
                return x + self.weight

        return self.layer(lambda x: ("embedding", Positions(*x.shape[1:])), role)

    def recurrent(self, kind, width, layers=1, both=False, role="body"):
        def make(x):
            of = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[kind]
            module = of(x.shape[-1], width, layers, batch_first=True, bidirectional=both)
            return kind, module

        return self.layer(make, role)

    def attention(self, heads, role="attention"):
        class Attention(nn.MultiheadAttention):
            def forward(self, x):
                return super().forward(x, x, x, need_weights=False)[0]

        return self.layer(
            lambda x: ("attention", Attention(x.shape[-1], heads, batch_first=True)), role
        )

    def bilinear(self, units, role=""):
        return self.layer(
            lambda x, y: ("bilinear", nn.Bilinear(x.shape[-1], y.shape[-1], units)), role
        )

    def vector(self, role="scale", one=False, shift=False):
        """A number for each channel (or one for all), multiplied or added."""

        def make(x):
            return "shift" if shift else "vector", nn.Parameter(
                torch.ones(1 if one else x.shape[self.axis(x)])
            )

        return self.layer(make, role)

    def reparametrised(self, how, units, role=""):
        """A dense layer under weight or spectral normalisation."""

        def make(x):
            wrap = {"weight": nn.utils.weight_norm, "spectral": nn.utils.spectral_norm}[how]
            return "dense", wrap(nn.Linear(x.shape[-1], units)).eval()

        return self.layer(make, role)

    # Functions without tensors.

    def act(self, kind, x):
        self.step()
        return {
            "relu": F.relu,
            "tanh": torch.tanh,
            "gelu": F.gelu,
            "leaky": F.leaky_relu,
            "sigmoid": torch.sigmoid,
            "silu": F.silu,
            "elu": F.elu,
            "minus": torch.neg,
            "softmax": lambda t: F.softmax(t, self.axis(t)),
        }[kind](x)

    def add(self, *xs):
        return sum(xs[1:], xs[0])

    def multiply(self, x, y):
        if x.ndim > y.ndim:
            y = y.view(*y.shape, *[1] * (x.ndim - y.ndim))
        return x * y

    def largest(self, x, y):
        return torch.maximum(x, y)

    def cat(self, *xs):
        return torch.cat(xs, self.axis(xs[0]))

    def split(self, x, parts=2):
        return torch.chunk(x, parts, self.axis(x))

    def shuffle(self, x, groups):
        """Channels of the groups in turn, as ShuffleNet has it."""
        y = x.view(x.shape[0], groups, x.shape[1] // groups, *x.shape[2:])
        return y.transpose(1, 2).reshape(x.shape)

    def pixel_shuffle(self, x):
        return F.pixel_shuffle(x, 2)

    def reverse(self, x):
        return x.flip(self.axis(x))

    def flatten(self, x, channels_last=False):
        self.step()
        return (x.movedim(1, -1) if channels_last else x).flatten(1)

    def mean(self, x):
        """Of a map, or of a sequence."""
        self.step()
        return x.mean(1) if self.axis(x) == -1 else x.flatten(2).mean(2)

    def maximum(self, x):
        self.step()
        return x.amax(1) if self.axis(x) == -1 else x.flatten(2).amax(2)

    def last(self, x):
        return x[:, -1]

    def channel_mean(self, x):
        return x.mean(self.axis(x), keepdim=True)

    def channel_max(self, x):
        return x.amax(self.axis(x), keepdim=True)

    def upsample(self, x):
        return (
            x.repeat_interleave(2, 2).repeat_interleave(2, 3)
            if x.ndim == 4
            else x.repeat_interleave(2, 2)
        )

    def pool(self, x):
        """Halves a map that is larger than one."""
        self.step()
        return (
            F.max_pool1d(x, 2, ceil_mode=True)
            if x.ndim == 3
            else F.max_pool2d(x, 2, ceil_mode=True)
        )

    def cut(self, x, y):
        """x as large as y."""
        return x[tuple(slice(0, n) for n in y.shape)]

    def turn(self, x):
        """Exchanges places and channels of a sequence."""
        return x.transpose(1, 2)

    def matrix(self, x, rows):
        """A vector as a sequence of so many places."""
        return x.view(x.shape[0], rows, -1)

    def product(self, x, y):
        return x @ y

    def fold(self, x, size, channels):
        """A vector as a map."""
        self.step()
        return x.view(x.shape[0], channels, *size)

    def pad(self, x, before, after):
        """Channels of zeros before and after those of x."""
        return F.pad(x, (*[0, 0] * (x.ndim - 2), before, after))

    def shrink(self, x):
        """Every second pixel."""
        return x[..., ::2, ::2] if x.ndim == 4 else x[..., ::2]


def tree(layers):
    """A module that holds the layers under their names, so that its state dict is a real one."""
    root = nn.Module()
    for layer in layers:
        *path, leaf = layer.names[0].split(".")
        place = root
        for part in path:
            if part not in place._modules:
                place.add_module(part, nn.Module())
            place = place._modules[part]
        if isinstance(layer.module, nn.Parameter):
            place.register_parameter(leaf, layer.module)
        else:
            place.add_module(leaf, layer.module)
    return root.eval()


def randomise(root, generator):
    """Every tensor of the state dict drawn anew: alive, and with no two units alike."""
    done = set()
    for key, value in root.state_dict().items():
        if not value.is_floating_point() or value.data_ptr() in done:
            continue
        done.add(value.data_ptr())
        if key.endswith("running_var") or key.endswith("weight_g"):
            fresh = torch.rand(value.shape, generator=generator) * 1.5 + 0.5
        elif value.ndim <= 1 and "bias" not in key and "mean" not in key:
            sign = torch.randint(2, value.shape, generator=generator) * 2 - 1
            fresh = (torch.rand(value.shape, generator=generator) + 0.5) * sign
        elif value.ndim <= 1:
            fresh = torch.randn(value.shape, generator=generator) * 0.4
        else:
            fan = max(1, value[0].numel())
            fresh = torch.randn(value.shape, generator=generator) * (1.3 / fan**0.5)
        value.copy_(fresh)


TYPES = {torch.float32: "F32", torch.int64: "I64"}


def save_safetensors(state, path):
    """The layout of the safetensors library: the largest element type first, then by name."""
    order = sorted(state, key=lambda key: (-state[key].element_size(), key))
    header, blobs, offset = {}, [], 0
    for key in order:
        blob = state[key].contiguous().numpy().tobytes()
        header[key] = {
            "dtype": TYPES[state[key].dtype],
            "shape": list(state[key].shape),
            "data_offsets": [offset, offset + len(blob)],
        }
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def load_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    state = {}
    for key, entry in json.loads(data[8 : 8 + length]).items():
        if key != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            kind = {"F32": numpy.float32, "I64": numpy.int64}[entry["dtype"]]
            values = numpy.frombuffer(data[begin:end], kind).reshape(entry["shape"])
            state[key] = torch.tensor(values)
    return state


def save(state, path):
    save_safetensors(state, path) if path.endswith(".safetensors") else torch.save(state, path)


def load(path):
    return load_safetensors(path) if path.endswith(".safetensors") else torch.load(path)
