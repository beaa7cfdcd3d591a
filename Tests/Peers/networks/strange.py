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


@topology("matrices that stand on the right", TORCH)
def raw_matrices(draw):
    """x @ W: a state dict whose matrices have their inputs first."""
    widths, act = draw.row(draw.between(1, 3)), draw.activation()
    n, *hidden, o = widths

    def forward(L, x):
        for w in [*hidden, o]:
            x = L.right_matrix(w, "body")(x)
            x = x if w is o else L.act(act, x)
        return x

    return Network(draw.vector(n), forward)


@topology("a layer that is not used")
def unused(draw):
    i, d, o = draw.vector(), draw.width(), draw.outputs()

    def forward(L, x):
        x = stem(L, x, d)
        inner = L.dense(d, "body")
        L.doubt(inner)
        inner(x)
        return L.dense(o, "head")(x)

    return Network(i, forward)


@topology("a convolution along the features", weight=2)
def along_the_features(draw):
    """Units of a dense layer are places of a signal or an image of one channel, in order."""
    side, o = draw.choose([2, 3, 4]), draw.outputs()
    image, flat, equal = draw.chance(0.5), draw.chance(0.6), draw.chance(0.6)
    n = side * side
    c = n * draw.choose([1, 2]) if equal else draw.width()

    def forward(L, x):
        x = L.act("relu", L.dense(n, "stem")(x))
        x = L.fold(x, (side, side) if image else (n,), 1)
        x = L.act("relu", L.conv(c, role="body")(x))
        return L.dense(o, "head")(L.flatten(x) if flat else L.mean(x))

    return Network(draw.vector(), forward)


@topology("a convolution along the channels", TORCH)
def channel_attention(draw):
    """Efficient channel attention: a channel's weight comes from its neighbours."""
    i, d, o, e = draw.image(), draw.width(), draw.outputs(), draw.width()

    def forward(L, x):
        x = stem(L, x, d)
        s = L.flatten(L.conv(1, 3, bias=False, role="gate")(L.fold(L.mean(x), (d,), 1)))
        x = L.multiply(x, L.act("sigmoid", s))
        return L.tail(L.act("relu", L.conv(e, role="body")(x)), o, False)

    return Network(i, forward)


@topology("a decoder with the encoder's matrix", TORCH)
def tied_decoder(draw):
    n, h = draw.widths(2)
    deep = draw.chance(0.4)

    def forward(L, x):
        y = L.act("relu", L.dense(h, "stem")(x)) if deep else x
        one = L.dense(h, "encode")
        code = L.act("tanh", one(y))
        back = L.vector("decoder_bias", shift=True)(L.transposed_matrix(one)(code))
        return L.dense(n, "head")(L.act("relu", back)) if deep else back

    return Network(draw.vector(n), forward)


@topology("a table of codes", TORCH)
def codebook(draw):
    """What a layer gives is replaced by a mixture of the nearest codes."""
    d, o, count = draw.width(), draw.outputs(), draw.width()

    def forward(L, x):
        x = L.dense(d, "stem")(x)
        x = L.codes(count, "codes")(x)
        return L.dense(o, "head")(L.act("tanh", L.dense(d, "body")(x)))

    return Network(draw.vector(), forward)


@topology("scale and shift from a condition")
def conditioned(draw):
    """FiLM: another layer gives a factor and a summand for every channel."""
    i, d, o, side = draw.vector(), draw.width(), draw.outputs(), draw.chance(0.5)

    def forward(L, x):
        y = L.act("relu", L.dense(d, "stem")(x))
        scale, shift = L.split(L.dense(2 * d, "condition")(x if side else y))
        y = L.act("relu", L.add(L.multiply(y, scale), shift))
        return L.dense(o, "head")(y)

    return Network(i, forward)


@topology("a product of few columns beside a layer")
def low_rank(draw):
    i, d, r, o = draw.vector(), draw.width(), draw.between(1, 3), draw.outputs()

    def forward(L, x):
        x = stem(L, x, d)
        with L.block():
            y = L.dense(d, "body")(x)
            z = L.dense(d, "up", bias=False)(L.dense(r, "down", bias=False)(x))
            x = L.act("relu", L.add(y, z))
        return L.dense(o, "head")(x)

    return Network(i, forward)


@topology("norms of other axes", TORCH)
def other_axes(draw):
    """A norm of the places: as many as channels, now and then."""
    i, d, o, square = draw.sequence(), draw.width(), draw.outputs(), draw.chance(0.6)
    d = i.shape[0] if square else d

    def forward(L, x):
        x = L.dense(d, "stem")(x)
        x = L.act("relu", L.norm("places")(x))
        return L.dense(o, "head")(L.flatten(x))

    return Network(i, forward)
