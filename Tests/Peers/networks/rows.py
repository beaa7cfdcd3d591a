"""Networks whose layers follow one another. The plain ones must be matched in full."""

from .draw import Network
from .topologies import KERAS, TORCH, topology


@topology("row, dense", weight=4)
def dense_row(draw):
    widths, act = draw.row(draw.between(1, 4)), draw.activation()
    n, *hidden, o = widths

    def forward(L, x):
        for k, w in enumerate(hidden):
            x = L.act(act, L.dense(w, "stem" if k == 0 else "body")(x))
        return L.dense(o, "head")(x)

    return Network(draw.vector(n), forward, True, widths)


@topology("row, dense, batch norm", weight=2)
def normalised_row(draw):
    widths, act = draw.row(draw.between(1, 3)), draw.activation()
    n, *hidden, o = widths

    def forward(L, x):
        for w in hidden:
            x = L.act(act, L.norm("batch")(L.dense(w, "body")(x)))
        return L.dense(o, "head")(x)

    return Network(draw.vector(n), forward, True, widths)


@topology("row, convolutions", weight=3)
def convolution_row(draw):
    i, dense, act = (
        draw.choose([draw.image, draw.image, draw.signal])(),
        draw.between(0, 1),
        draw.activation(),
    )
    widths = draw.row(draw.between(1, 3) + dense, i.shape[-1])
    _, *hidden, o = widths
    norm, flat, kernel, pool = (
        draw.chance(0.4),
        draw.chance(0.7),
        draw.choose([1, 3, 3, 5]),
        draw.chance(0.3),
    )

    def forward(L, x):
        for w in hidden[: len(hidden) - dense]:
            x = L.conv(w, kernel, role="body")(x)
            x = L.act(act, L.norm("batch")(x) if norm else x)
        x = L.pool(x) if pool else x
        for w in hidden[len(hidden) - dense :]:
            return L.dense(o, "head")(L.act(act, L.tail(x, w, flat, "body")))
        return L.tail(x, o, flat)

    # A map that is no square may be something else: what two or three layers gave, side by side.
    size = i.shape[:-1]
    square = not flat or len(size) == 2 and size[0] == size[1]
    return Network(i, forward, square, widths)


@topology("row, other norms", weight=2)
def other_norms(draw):
    i = draw.domain()
    kind = draw.choose(["layer", "group", "group", "instance", "rms", "batchless", "tracked"])
    groups, act = draw.choose([1, 2, 2, 4]), draw.activation()
    widths, o, flat = draw.widths(draw.between(1, 3)), draw.outputs(), draw.chance(0.6)

    def forward(L, x):
        for w in widths:
            x = L.act(act, L.norm(kind, groups=groups)(L.unit(w, "body")(x)))
        return L.tail(x, o, flat)

    return Network(i, forward, note=kind)


@topology("row, PReLU")
def prelu_row(draw):
    i, each = draw.domain(), draw.chance(0.6)
    widths, o, flat = draw.widths(draw.between(1, 3)), draw.outputs(), draw.chance(0.6)

    def forward(L, x):
        for w in widths:
            x = L.prelu(each)(L.unit(w, "body")(x))
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("row, softmax inside")
def softmax_row(draw):
    widths = draw.row(draw.between(1, 3))
    n, *hidden, o = widths
    at = draw.between(0, len(hidden) - 1)

    def forward(L, x):
        for k, w in enumerate(hidden):
            x = L.act("softmax" if k == at else "relu", L.dense(w, "body")(x))
        return L.dense(o, "head")(x)

    return Network(draw.vector(n), forward, True, widths)


@topology("row, weight or spectral norm", TORCH)
def reparametrised(draw):
    i, widths, o = draw.vector(), draw.widths(draw.between(1, 3)), draw.outputs()
    how = draw.choose(["weight", "spectral"])

    def forward(L, x):
        for w in widths:
            x = L.act("relu", L.reparametrised(how, w, "body")(x))
        return L.dense(o, "head")(x)

    return Network(i, forward)


@topology("row, without biases")
def without_biases(draw):
    widths = draw.row(draw.between(1, 3))
    n, *hidden, o = widths

    def forward(L, x):
        for w in hidden:
            x = L.act("relu", L.dense(w, "body", bias=False)(x))
        return L.dense(o, "head", bias=False)(x)

    return Network(draw.vector(n), forward, True, widths)


@topology("autoencoder")
def autoencoder(draw):
    n, d, h = draw.widths(3)
    i, deep = draw.vector(n), draw.chance(0.6)

    def forward(L, x):
        with L.block():
            if deep:
                x = L.act("relu", L.dense(d, "encode")(x))
            x = L.act("relu", L.dense(h, "encode")(x))
        with L.block():
            if deep:
                x = L.act("relu", L.dense(d, "decode")(x))
            return L.dense(n, "decode")(x)

    return Network(i, forward, False, (n, d, h, d, n) if deep else (n, h, n))


@topology("row, gated halves")
def gated_halves(draw):
    """GLU: a layer gives twice as many values, of which one half gates the other."""
    i, h, o = draw.domain(), draw.width(), draw.outputs()
    depth, flat, most = draw.between(1, 2), draw.chance(0.6), draw.chance(0.3)

    def forward(L, x):
        for _ in range(depth):
            a, b = L.split(L.unit(2 * h, "body")(x))
            x = L.largest(a, b) if most else L.multiply(a, L.act("sigmoid", b))
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("row, both signs")
def both_signs(draw):
    """CReLU: what follows reads every unit twice, once with each sign."""
    i, h, o = draw.domain(), draw.width(), draw.outputs()
    # A signal flattened after it may be one of twice the length, with one sign.
    flat = i.kind != "signal" and draw.chance(0.5)

    def forward(L, x):
        x = L.unit(h, "body")(x)
        x = L.act("relu", L.cat(x, L.act("minus", x)))
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("row, deep")
def deep_row(draw):
    """More than ten layers: names that are sorted as text come in another order."""
    n, d, o, depth = draw.width(), draw.width(), draw.outputs(), draw.between(10, 12)
    widths = (n, *[d] * depth, o)

    def forward(L, x):
        for _ in range(depth):
            x = L.act("tanh", L.dense(d, "body")(x))
        return L.dense(o, "head")(x)

    return Network(draw.vector(n), forward, True, widths)


@topology("row, norms before the layers")
def norms_before(draw):
    i, act, kind = draw.domain(), draw.activation(), draw.choose(["batch", "batch", "layer"])
    widths, o, flat = draw.widths(draw.between(1, 3)), draw.outputs(), draw.chance(0.6)

    def forward(L, x):
        for w in widths:
            x = L.act(act, L.unit(w, "body")(L.norm(kind)(x)))
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("row, LayerNorm of whole maps")
def mapped_norms(draw):
    i, widths, o = draw.image(), draw.widths(draw.between(1, 2)), draw.outputs()
    flat = draw.chance(0.6)

    def forward(L, x):
        for w in widths:
            x = L.act("relu", L.norm("mapped")(L.conv(w, role="body")(x)))
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("row, separable convolutions", KERAS)
def separable_row(draw):
    i, widths, o = draw.image(), draw.widths(draw.between(1, 2)), draw.outputs()
    add, flat = draw.chance(0.4), draw.chance(0.5)

    def forward(L, x):
        for w in widths:
            x = L.act("relu", L.separable(w, role="body")(x))
        if add:
            x = L.add(x, L.separable(x.shape[-1], role="body")(x))
        return L.tail(x, o, flat)

    return Network(i, forward)
