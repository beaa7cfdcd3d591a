"""Which units of a PyTorch network may change places, found from what it computes.

The network is traced by torch.fx, and every channel is followed through it: layers make new
units, sums make two units one, concatenations put them side by side. What is left is a list of
groups, each with the places of its units in tensors. It is an answer of its own to what `wsl`
derives from files.
"""

import operator

import numpy
import torch
import torch.nn.functional as F
from torch import fx, nn


class Units:
    """Classes of units that move as one, joined as the network joins them."""

    def __init__(self):
        self.parents, self.fixed = [], []

    def fresh(self, count):
        first = len(self.parents)
        self.parents += range(first, first + count)
        self.fixed += [False] * count
        return numpy.arange(first, first + count)

    def find(self, unit):
        while self.parents[unit] != unit:
            self.parents[unit] = self.parents[self.parents[unit]]
            unit = self.parents[unit]
        return unit

    def join(self, xs, ys):
        for x, y in zip(xs, ys, strict=True):
            x, y = self.find(x), self.find(y)
            self.parents[max(x, y)] = min(x, y)
            self.fixed[min(x, y)] |= self.fixed[max(x, y)]
        return xs

    def fix(self, xs):
        """Units that no other may replace."""
        for x in xs:
            self.fixed[self.find(x)] = True


class Tracer(fx.Tracer):
    """Stops at the modules that `Follower` knows."""

    def is_leaf_module(self, module, name):
        return super().is_leaf_module(module, name) or isinstance(module, nn.LayerNorm)


SAME = {
    F.relu, F.gelu, F.adaptive_avg_pool2d, torch.sigmoid, torch.tanh, torch.relu, F.max_pool2d,
    F.avg_pool2d, F.dropout, "relu", "mean", "sigmoid", "flatten", torch.flatten, "permute",
    "contiguous", "tanh",
}  # fmt: skip


class Follower(fx.Interpreter):
    """Runs the graph on arrays of units, one for every channel (or feature) of a tensor.

    places: (tensor, axis) to the unit at every position, in which `part` tells the segments apart
    between which no unit may move. The functions in SAME leave units where they are; a map is
    flattened where a dense layer reads more than it has channels.
    """

    def __init__(self, model):
        super().__init__(fx.GraphModule(model, Tracer().trace(model)))
        self.units, self.places, self.parts = Units(), {}, {}
        self.names = {}
        for name, value in model.state_dict().items():
            self.names.setdefault(value.data_ptr(), []).append(name)
        self.names = {name: names for names in self.names.values() for name in names}

    def put(self, tensor, axis, units, part=None):
        """One tensor under several names has its units under each."""
        for name in self.names[tensor]:
            self.places.setdefault((name, axis), []).append(units)
            self.parts[name, axis] = numpy.zeros(len(units), int) if part is None else part

    def vector(self, name, module, x):
        """The vectors of a norm: one number for every unit."""
        for key, value in [*module.named_parameters(), *module.named_buffers()]:
            if value.ndim == 1:
                self.put(f"{name}.{key}", 0, x)

    def placeholder(self, target, args, kwargs):
        x = self.units.fresh(super().placeholder(target, args, kwargs))
        self.units.fix(x)
        return x

    def get_attr(self, target, args, kwargs):
        value = super().get_attr(target, args, kwargs)
        y = self.units.fresh(value.shape[0])
        self.put(target, 0, y)
        return y

    def call_module(self, target, args, kwargs):
        module, x = self.fetch_attr(target), args[0]
        if isinstance(module, nn.Linear):
            if len(x) != module.in_features:
                x = numpy.repeat(x, module.in_features // len(x))
            y = self.units.fresh(module.out_features)
            self.put(f"{target}.weight", 1, x)
            return self.made(target, module, y)
        if isinstance(module, nn.Conv2d):
            return self.convolution(target, module, x)
        if isinstance(module, nn.GroupNorm):
            self.units.fix(x)
            self.vector(target, module, x)
        elif isinstance(module, (nn.LayerNorm, nn.modules.batchnorm._NormBase)):
            self.vector(target, module, x)
        elif next(module.parameters(), None) is not None:
            raise NotImplementedError(f"{target}: {type(module).__name__}")
        return x

    def made(self, target, module, y, part=None):
        self.put(f"{target}.weight", 0, y, part)
        if module.bias is not None:
            self.put(f"{target}.bias", 0, y, part)
        return y

    def convolution(self, target, module, x):
        groups, count = module.groups, module.in_channels // module.groups
        if groups > 1 and count == 1:
            # Depthwise: what a channel becomes moves with it.
            y = numpy.repeat(x, module.out_channels // groups)
            return self.made(target, module, y)
        for k in range(1, groups):
            # One axis serves all groups: within each, units move alike.
            self.units.join(x[:count], x[k * count : (k + 1) * count])
        self.put(f"{target}.weight", 1, x[:count])
        y = self.units.fresh(module.out_channels)
        part = numpy.arange(module.out_channels) // (module.out_channels // groups)
        return self.made(target, module, y, part)

    def call_function(self, target, args, kwargs):
        if target in (operator.add, operator.mul, torch.add, torch.mul):
            return self.units.join(args[0], args[1])
        if target is torch.cat:
            return numpy.concatenate(args[0])
        if target is torch.chunk:
            return numpy.split(args[0], args[1])
        if target is torch.channel_shuffle:
            return args[0].reshape(args[1], -1).T.reshape(-1)
        if target is torch.zeros_like:
            x = self.units.fresh(len(args[0]))
            self.units.fix(x)
            return x
        if target is operator.getitem:
            return args[0][args[1]] if isinstance(args[1], int) else args[0]
        if target in SAME:
            return args[0]
        raise NotImplementedError(target)

    def call_method(self, target, args, kwargs):
        if target in SAME:
            return args[0]
        raise NotImplementedError(target)

    def output(self, target, args, kwargs):
        self.units.fix(args[0])
        return args[0]

    def groups(self):
        """Lists of units that may change places: each its places, (tensor, axis, position)."""
        found = {}
        for uses in self.places.values():
            for units in uses[1:]:
                self.units.join(uses[0], units)
        for (tensor, axis), uses in self.places.items():
            for position, unit in enumerate(uses[0]):
                found.setdefault(self.units.find(unit), []).append((tensor, axis, position))
        alike = {}
        for unit, places in found.items():
            if not self.units.fixed[unit]:
                kind = tuple((t, a, int(self.parts[t, a][p])) for t, a, p in places)
                alike.setdefault(kind, []).append(places)
        return [units for units in alike.values() if len(units) > 1]


def groups_of(model, channels):
    """The groups of a network that reads so many channels, as data.

    A group is {"size", "axes": [{"tensor", "axis", "first", "step"}]}: unit i stands at first + i
    * step.
    """
    follower = Follower(model)
    follower.run(channels)
    result = []
    for units in follower.groups():
        axes = []
        for places in zip(*units, strict=True):
            positions = [p for _, _, p in places]
            steps = set(numpy.diff(positions).tolist())
            assert len(steps) == 1, places
            tensor, axis, first = places[0]
            axes.append({"tensor": tensor, "axis": axis, "first": first, "step": steps.pop()})
        result.append({"size": len(units), "axes": axes})
    return result


def permuted(state, groups, generator):
    """The tensors after a random permutation of every group."""
    state = {key: value.clone() for key, value in state.items()}
    for group in groups:
        order = torch.randperm(group["size"], generator=generator)
        for axis in group["axes"]:
            new = axis["first"] + axis["step"] * torch.arange(group["size"])
            old = axis["first"] + axis["step"] * order
            value = state[axis["tensor"]]
            moved = value.index_select(axis["axis"], old)
            value.index_copy_(axis["axis"], new, moved)
    return state
