"""What is drawn for a network: widths, activations, inputs. Every draw comes from one seed.

Widths are small, and most of them are drawn from a palette of one to three, so that tensors which
belong to different places have equal shapes: a wrong reading of the file must fit.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

# Activations that act on each unit alone. A permutation passes through every one of them.
ELEMENTWISE = ["relu", "relu", "tanh", "gelu", "leaky", "sigmoid", "silu", "elu"]

# Sizes of maps before they are flattened: squares, and others that no square image gives.
MAPS = [(2, 2), (3, 3), (2, 2), (3, 3), (5, 5), (7, 7), (1, 2), (1, 3), (2, 5)]
LENGTHS = [2, 3, 4, 5, 9]


@dataclass
class Input:
    """The shape of an example without the batch: channels last, as in Keras.

    kind: "vector" (n), "signal" (length, n), "image" (height, width, n): the library decides which
    axis is that of channels. "sequence" (length, n) and "tokens" (length) have channels last in
    every library; the tokens are numbers below `vocabulary`.
    """

    kind: str
    shape: tuple
    vocabulary: int = 0

    @property
    def last(self):
        """Whether channels are last in PyTorch, too."""
        return self.kind in ("vector", "sequence", "tokens")


@dataclass
class Network:
    """A network that any library can build.

    forward(library, x): what is computed; called once to make the layers, and again to run them, so
        it draws nothing.
    row: whether the layers simply follow one another.
    widths: of a row, what its layers read and give, from the input to the output.
    ordered: whether only the order of the tensors in the file tells what it is.
    note: what was drawn, where the topology's name does not say it.
    """

    input: Input
    forward: Callable
    row: bool = False
    widths: tuple = ()
    note: str = ""
    ordered: bool = False

    @property
    def hourglass(self):
        """Whether this is a row in which a width comes again after others."""
        return comes_again(self.widths)


def comes_again(widths):
    """Whether a sum around several layers fits a row of these widths, and would hold units.

    A sum of input and output alone holds none.
    """
    return any(
        widths[i] == widths[k] and any(w != widths[i] for w in widths[i:k])
        for i in range(len(widths))
        for k in range(i + 2, len(widths))
        if (i, k) != (0, len(widths) - 1)
    )


def fits_a_row(chain):
    """Whether these could be the layers of a plain row in which no width comes again.

    chain: (reads, gives, axes of its map or 0, whether it has a bias) of layers, (size, whether
    a row may have it: layer or batch normalisation) of norms. A dense layer may read a signal or a square image, flattened, and
    a kernel with one input be a depthwise convolution.
    """
    given, axes, widths, biases = None, 0, [], set()
    for entry in chain:
        if len(entry) == 2:
            if entry != (given, True):
                return False
            continue
        reads, gives, own_axes, bias = entry
        if given is not None and reads != given:
            places = reads / given
            if own_axes:
                if reads != 1 or gives % given != 0:
                    return False
            elif axes == 0 or reads % given != 0 or axes > 1 and int(places**0.5) ** 2 != places:
                return False
        widths += [gives] if widths else [reads, gives]
        given, axes = gives, own_axes
        if own_axes == 0:
            biases.add(bias)
    return not comes_again(widths) and len(biases) < 2


class Draw:
    """Random choices from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        count = self.random.choice([1, 1, 2, 2, 3])
        self.palette = [self.random.choice([2, 3, 4, 4, 5, 6, 8, 8, 12, 16]) for _ in range(count)]

    def chance(self, probability):
        return self.random.random() < probability

    def choose(self, options):
        return self.random.choice(list(options))

    def between(self, low, high):
        return self.random.randint(low, high)

    def width(self):
        """A width of the palette, or now and then any other."""
        return self.choose(self.palette) if self.chance(0.85) else self.between(2, 16)

    def widths(self, count):
        return [self.width() for _ in range(count)]

    def row(self, depth, inputs=None):
        """Widths of a row: of the input, `depth` layers, and the output.

        Most often no width comes again after others, as a sum around several layers needs; equal
        widths may still stand side by side.
        """
        while True:
            widths = [inputs or self.width(), *self.widths(depth), self.outputs()]
            if not comes_again(widths) or self.chance(0.02):
                return tuple(widths)

    def even(self):
        """A width that can be halved, at least 4."""
        return max(4, self.width() // 2 * 2)

    def activation(self):
        return self.choose(ELEMENTWISE)

    def outputs(self):
        """The number of outputs: that of a class, or again a width of the network."""
        return self.width() if self.chance(0.5) else self.between(2, 10)

    def map(self):
        return self.choose(MAPS)

    def vector(self, width=None):
        return Input("vector", (width or self.width(),))

    def image(self, channels=None):
        return Input("image", (*self.map(), channels or self.choose([1, 3, self.width()])))

    def signal(self, channels=None):
        return Input("signal", (self.choose(LENGTHS), channels or self.width()))

    def sequence(self, width=None):
        return Input("sequence", (self.choose(LENGTHS), width or self.width()))

    def tokens(self, vocabulary=None):
        return Input("tokens", (self.choose(LENGTHS),), vocabulary or self.width())

    def domain(self, channels=None):
        """A vector most often, or a map: topologies of `unit` layers work on all of them."""
        return self.choose([self.vector, self.vector, self.image, self.image, self.signal])(
            channels
        )
