"""What units must not be moved through, and no tensor shows: order matters, or units are mixed."""

from .draw import Network
from .residuals import stem
from .topologies import TORCH, topology


@topology("weights that a layer computes")
def hyper(draw):
    """The last layer's units are a matrix that multiplies what another layer gave."""
    i, d, h, o = draw.vector(), draw.width(), draw.width(), draw.choose([2, 3])

    def forward(L, x):
        x = stem(L, x, d)
        matrix = L.matrix(L.dense(o * h, "body")(x), o)
        v = L.act("relu", L.dense(h, "branch")(x))
        return L.flatten(L.product(matrix, L.turn(L.matrix(v, 1))))

    return Network(i, forward)


@topology("a product of two codes")
def two_towers(draw):
    """Matrix factorisation: units of two layers are multiplied and summed, without a head."""
    i, d, h = draw.vector(), draw.width(), draw.width()

    def forward(L, x):
        a = L.dense(h, "left")(L.act("relu", L.dense(d, "left")(x)))
        b = L.dense(h, "right")(L.act("relu", L.dense(d, "right")(x)))
        return L.cat(L.multiply(a, b), L.add(a, b))

    return Network(i, forward)


@topology("a learned vector beside the layers")
def vectors(draw):
    i, d, h, o = draw.domain(), draw.width(), draw.width(), draw.outputs()
    shift, one = draw.chance(0.5), draw.chance(0.2)

    def forward(L, x):
        x = L.unit(d, "stem")(x)
        x = L.act("relu", L.vector("scale", one, shift)(x))
        x = L.act("relu", L.unit(h, "body")(x))
        return L.tail(x, o)

    return Network(i, forward)


@topology("an inner state in reverse", TORCH)
def reversed_sum(draw):
    """A unit is added to the one that stands opposite."""
    i, d, o = draw.vector(), draw.width(), draw.outputs()

    def forward(L, x):
        x = stem(L, x, d)
        inner = L.dense(d, "body")
        L.doubt(inner)
        return L.dense(o, "head")(L.add(L.reverse(x), L.act("relu", inner(x))))

    return Network(i, forward)
