"""Convolutions that are not of every channel with every channel, and blocks of mobile networks."""

from .draw import Network
from .residuals import stem
from .topologies import TORCH, topology


@topology("grouped convolutions", weight=2)
def grouped(draw):
    i, d, e, o = draw.image(), draw.even(), draw.even(), draw.outputs()
    norm, flat, shuffled = draw.chance(0.4), draw.chance(0.5), draw.chance(0.3)
    groups = draw.choose([2, 2, 4])
    d, e = d * groups // 2, e * groups // 2

    def forward(L, x):
        x = stem(L, x, d)
        x = L.conv(e, groups=groups, role="body")(x)
        x = L.act("relu", L.norm("batch")(x) if norm else x)
        if shuffled:
            x = L.shuffle(x, groups)
            x = L.act("relu", L.conv(e, groups=groups, role="body")(x))
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("halves of the channels", weight=2)
def halves(draw):
    """Half of the channels go through a convolution, whose kernel might be one in two groups."""
    i, d, o = draw.image(), draw.even(), draw.outputs()
    how = draw.choose(["gate", "maximum", "cross"])

    def forward(L, x):
        x = L.conv(d, role="stem")(x)
        a, b = L.split(x)
        if how == "cross":
            y = L.cat(a, L.act("relu", L.conv(d // 2, role="body")(b)))
            return L.tail(L.act("relu", y), o)
        y = L.multiply(a, L.act("sigmoid", b)) if how == "gate" else L.largest(a, b)
        return L.tail(L.act("relu", L.conv(d, role="body")(y)), o)

    return Network(i, forward)


@topology("transposed convolutions", weight=2)
def transposed(draw):
    i, n, o = (
        draw.choose([draw.image, draw.image, draw.signal])(),
        draw.between(1, 3),
        draw.outputs(),
    )
    widths, plain = draw.widths(n + 1), draw.chance(0.5)
    kernel, stride = draw.choose([(3, 1), (4, 2), (2, 2), (1, 1)])

    def forward(L, x):
        x = L.act("relu", L.conv(widths[0], role="stem")(x)) if plain else x
        for w in widths[1:]:
            up = L.conv(w, kernel, stride, role="up", transposed=True)
            x = L.act("relu", up(x))
        return L.dense(o, "head")(L.mean(x))

    return Network(i, forward)


@topology("a decoder of transposed convolutions")
def decoder(draw):
    z, c, d, o = draw.width(), draw.width(), draw.width(), draw.choose([1, 3, draw.width()])
    i, norm, square = draw.vector(z), draw.chance(0.5), draw.chance(0.5)
    d = c if square else d

    def forward(L, x):
        x = L.act("relu", L.dense(4 * c, "stem")(x))
        x = L.fold(x, (2, 2), c)
        x = L.conv(d, 4, 2, role="up", transposed=True)(x)
        x = L.act("relu", L.norm("batch")(x) if norm else x)
        x = L.conv(o, 4, 2, role="up", transposed=True)(x)
        return L.flatten(x)

    return Network(i, forward)


@topology("depthwise convolutions", weight=2)
def depthwise(draw):
    i, d, e, o = (
        draw.choose([draw.image, draw.image, draw.signal])(),
        draw.width(),
        draw.width(),
        draw.outputs(),
    )
    multiplier, norm, flat = draw.choose([1, 1, 2]), draw.chance(0.5), draw.chance(0.5)

    def forward(L, x):
        x = stem(L, x, d)
        x = L.depthwise(multiplier, role="depthwise")(x)
        x = L.act("relu", L.norm("batch")(x) if norm else x)
        x = L.act("relu", L.conv(e, 1, role="pointwise")(x))
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("mobile blocks", weight=2)
def mobile(draw):
    i, d, h, o = draw.image(), draw.width(), draw.width(), draw.outputs()
    count, excite = draw.between(1, 2), draw.chance(0.4)
    r = draw.width()

    def forward(L, x):
        x = L.act("relu", L.norm("batch")(L.conv(d, bias=False, role="stem")(x)))
        for _ in range(count):
            with L.block():
                y = L.act("relu", L.norm("batch")(L.conv(h, 1, bias=False, role="expand")(x)))
                y = L.act("relu", L.norm("batch")(L.depthwise(bias=False, role="depthwise")(y)))
                if excite:
                    s = L.act("relu", L.dense(r, "squeeze")(L.mean(y)))
                    y = L.multiply(y, L.act("sigmoid", L.dense(h, "excite")(s)))
                y = L.norm("batch")(L.conv(d, 1, bias=False, role="project")(y))
                x = L.add(x, y)
        return L.tail(x, o, False)

    return Network(i, forward)


@topology("squeeze and excite", weight=2)
def squeeze(draw):
    i, d, r, o = (
        draw.choose([draw.image, draw.image, draw.signal])(),
        draw.width(),
        draw.width(),
        draw.outputs(),
    )
    norm, flat = draw.chance(0.4), draw.chance(0.4)

    def forward(L, x):
        x = L.conv(d, role="stem")(x)
        x = L.act("relu", L.norm("batch")(x) if norm else x)
        with L.block():
            s = L.act("relu", L.dense(r, "squeeze")(L.mean(x)))
            s = L.act("sigmoid", L.dense(d, "excite")(s))
            if d == r:
                L.doubt(L.layers[-2], L.layers[-1])
            x = L.multiply(x, s)
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("attention to channels and places")
def attention_maps(draw):
    """The place's weight is a convolution of what all channels have in common: one or two maps."""
    i, d, o, two = draw.image(), draw.width(), draw.outputs(), draw.chance(0.5)

    def forward(L, x):
        x = stem(L, x, d)
        m = L.cat(L.channel_mean(x), L.channel_max(x)) if two else L.channel_mean(x)
        x = L.multiply(x, L.act("sigmoid", L.conv(1, role="gate")(m)))
        return L.tail(L.act("relu", L.conv(d, role="body")(x)), o)

    return Network(i, forward)


@topology("a map from the mean of the channels")
def from_the_mean(draw):
    i, d, e, o, flat = draw.image(), draw.width(), draw.width(), draw.outputs(), draw.chance(0.5)

    def forward(L, x):
        x = L.channel_mean(stem(L, x, d))
        return L.tail(L.act("relu", L.conv(e, role="body")(x)), o, flat)

    return Network(i, forward)


@topology("pixels made of channels", TORCH)
def pixel_shuffle(draw):
    i, c, d, o = draw.image(), draw.choose([1, 2, 3, 4]), draw.width(), draw.outputs()

    def forward(L, x):
        x = L.pixel_shuffle(L.act("relu", L.conv(4 * c, role="stem")(x)))
        return L.tail(L.act("relu", L.conv(d, role="body")(x)), o, False)

    return Network(i, forward)


@topology("an inception module")
def inception(draw):
    i, c, d, o = draw.image(), draw.width(), draw.width(), draw.outputs()
    flat, equal = draw.chance(0.4), draw.chance(0.5)
    c = d if equal else c

    def forward(L, x):
        x = stem(L, x, c)
        a = L.conv(d, 1, role="branch")(x)
        b = L.conv(d, 3, role="branch")(L.act("relu", L.conv(c, 1, role="branch")(x)))
        e = L.conv(d, 1, role="branch")(x)
        return L.tail(L.act("relu", L.cat(a, b, e)), o, flat)

    return Network(i, forward)


@topology("fire modules")
def fire(draw):
    i, s, e, o = draw.image(), draw.width(), draw.width(), draw.outputs()

    def forward(L, x):
        x = stem(L, x, 2 * e)
        for _ in range(2):
            with L.block():
                x = L.act("relu", L.conv(s, 1, role="squeeze")(x))
                x = L.act(
                    "relu", L.cat(L.conv(e, 1, role="expand")(x), L.conv(e, 3, role="expand")(x))
                )
        return L.tail(L.conv(o, 1, role="head")(x), o, False)

    return Network(i, forward)


@topology("kernels that are not square", TORCH)
def oblong(draw):
    i, d, o = draw.image(), draw.width(), draw.outputs()

    def forward(L, x):
        x = stem(L, x, d)
        x = L.act("relu", L.conv(d, (1, 3), role="body")(x))
        x = L.act("relu", L.conv(d, (3, 1), role="body")(x))
        return L.tail(x, o, False)

    return Network(i, forward)
