"""What a topology may ask of a library: layers with tensors, and functions without.

A topology is a function of a library and an input. The first call makes the layers, in the order in
which they are asked for; a later call is handed the same layers in the same order. So a layer that
is kept in a variable and called twice is a layer that is used twice.
"""

from contextlib import contextmanager

NORMS = ("batch", "layer", "group", "instance", "rms", "prelu", "vector", "shift")


class Layer:
    """A layer with tensors.

    kind: what it is, known once it was called: "dense", "conv", "batch", "lstm", …
    role: what it does in the network, for names that say so: "stem", "skip", "gate", …
    block: which block of the network it stands in, or None.
    slot: its number among all layers, those without tensors counted, as nn.Sequential counts.
    names: what the file may call it. The first is the one that was given.
    tied: the layer whose tensor it shares, or None.
    """

    def __init__(self, library, make, role, block, tied=None):
        self.library, self.make, self.role, self.block = library, make, role, block
        self.kind, self.module, self.slot, self.names, self.tied = "", None, None, [], tied

    def __call__(self, *inputs):
        if self.module is None:
            self.kind, self.module = self.make(*inputs)
            self.slot = self.library.next_slot()
        return self.library.call(self, *inputs)


class Library:
    """The parts that do not depend on the library."""

    def __init__(self, network):
        self.network, self.input = network, network.input
        self.layers, self.doubted = [], []
        self.slots, self.block_number, self.blocks = 0, None, 0
        self.cursor = None

    def next_slot(self):
        self.slots += 1
        return self.slots - 1

    def run(self, x):
        """What the network answers to x; the first call makes its layers."""
        y = self.network.forward(self, x)
        self.cursor = 0
        return y

    @property
    def in_order(self):
        """The layers in the order in which they were first used."""
        return sorted(self.layers, key=lambda layer: layer.slot)

    def layer(self, make, role="", tied=None):
        if self.cursor is not None:
            layer = self.layers[self.cursor % len(self.layers)]
            self.cursor = (self.cursor + 1) % len(self.layers)
            return layer
        layer = Layer(self, make, role, self.block_number, tied)
        self.layers.append(layer)
        return layer

    def step(self):
        """Counts a layer without tensors."""
        if self.cursor is None:
            self.next_slot()

    def doubt(self, *layers):
        """Says that these square layers are not used as in a row, and that no file could tell."""
        if self.cursor is None:
            self.doubted += layers

    @contextmanager
    def block(self):
        """The layers asked for inside belong to one block."""
        self.block_number, self.blocks = self.blocks, self.blocks + 1
        yield
        self.block_number = None

    def chain(self):
        """What a reader of shapes sees of each layer, as `draw.fits_a_row` takes it."""
        return [entry for layer in self.in_order for entry in self.shapes(layer)]

    # Short forms of what most topologies do.

    def unit(self, units, role="", **options):
        """A dense layer on vectors, a convolution on maps."""
        return (
            self.dense(units, role) if self.input.last else self.conv(units, role=role, **options)
        )

    def tail(self, x, units, flat=True, role="head"):
        """The last layer: of a map flattened, or of its mean."""
        if not self.input.last:
            x = self.flatten(x) if flat else self.mean(x)
        return self.dense(units, role)(x)
