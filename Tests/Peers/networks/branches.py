"""Layers side by side: branches, heads, gates, concatenations."""

from .draw import Network
from .residuals import stem
from .topologies import TORCH, topology


@topology("parallel branches, added", weight=2)
def added_branches(draw):
    i, d, h, o, act = draw.domain(), draw.width(), draw.width(), draw.outputs(), draw.activation()
    count, flat, begin = draw.between(2, 3), draw.chance(0.5), draw.chance(0.7)

    def forward(L, x):
        x = stem(L, x, d, act) if begin else x
        ys = []
        for _ in range(count):
            with L.block():
                ys.append(L.act(act, L.unit(h, "branch")(x)))
        return L.tail(L.add(*ys), o, flat)

    return Network(i, forward)


@topology("parallel branches, concatenated", weight=2)
def joined_branches(draw):
    i, d, h, g, act = draw.domain(), draw.width(), draw.width(), draw.width(), draw.activation()
    o, flat, begin, after = draw.outputs(), draw.chance(0.5), draw.chance(0.7), draw.chance(0.5)

    def forward(L, x):
        x = stem(L, x, d, act) if begin else x
        ys = []
        for w in (h, g):
            with L.block():
                ys.append(L.act(act, L.unit(w, "branch")(x)))
        x = L.cat(*ys)
        if after:
            x = L.act(act, L.unit(d, "body")(x))
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("parallel branches, multiplied")
def multiplied_branches(draw):
    i, d, h, o = draw.domain(), draw.width(), draw.width(), draw.outputs()
    sigmoid, back = draw.choose(["sigmoid", "tanh", "silu"]), draw.chance(0.4)

    def forward(L, x):
        x = stem(L, x, d)
        with L.block():
            a, b = L.unit(h, "gate"), L.unit(h, "up")
            y = L.multiply(L.act(sigmoid, a(x)), b(x))
            if back:
                y = L.add(x, L.unit(d, "down")(y))
        return L.tail(y, o)

    return Network(i, forward)


@topology("heads side by side", weight=2)
def heads(draw):
    i, d, h, o = draw.domain(), draw.width(), draw.width(), draw.outputs()
    p = draw.choose([d, h, o, draw.width()])
    deep = draw.chance(0.4)

    def forward(L, x):
        x = stem(L, x, d)
        x = L.act("relu", L.unit(h, "body")(x))
        if not L.input.last:
            x = L.mean(x)
        one = L.dense(p, "head_one")
        if deep:
            y = L.act("tanh", one(x))
            z = L.dense(o, "head_one")(y)
            return L.cat(z, L.dense(o, "head_two")(x))
        two = L.dense(o, "head_two")
        return L.cat(one(x), two(x))

    return Network(i, forward)


@topology("mean and logarithm of the variance", weight=2)
def variational(draw):
    n, d, z = draw.widths(3)
    i, mixed = draw.vector(n), draw.chance(0.5)

    def forward(L, x):
        x = L.act("relu", L.dense(d, "encode")(x))
        mu, logvar = L.dense(z, "mu")(x), L.dense(z, "logvar")(x)
        # Noise that is as large as its mean shows both heads in every output.
        code = (
            L.add(mu, L.act("sigmoid", logvar))
            if mixed
            else L.multiply(mu, L.act("sigmoid", logvar))
        )
        x = L.act("relu", L.dense(d, "decode")(code))
        return L.dense(n, "decode")(x)

    return Network(i, forward)


@topology("two networks in one file", weight=2)
def two_networks(draw):
    """Actor and critic, teacher and pupil: the second begins with the input again."""
    n, d, h = draw.widths(3)
    i, o = draw.vector(n), draw.choose([n, draw.outputs()])

    def forward(L, x):
        out = []
        for side in ("left", "right"):
            with L.block():
                y = L.act("relu", L.dense(d, side)(x))
                y = L.act("tanh", L.dense(h, side)(y))
                out.append(L.dense(o, side)(y))
        return L.cat(*out)

    return Network(i, forward)


@topology("value and advantage")
def dueling(draw):
    i, d, h, o = draw.vector(), draw.width(), draw.width(), draw.outputs()

    def forward(L, x):
        x = stem(L, x, d)
        value = L.dense(1, "head_one")(L.act("relu", L.dense(h, "left")(x)))
        advantage = L.dense(o, "head_two")(L.act("relu", L.dense(h, "right")(x)))
        return L.add(value, advantage)

    return Network(i, forward)


@topology("two inputs through one layer")
def siamese(draw):
    """Halves of the input go through the same layers and are then concatenated."""
    half, h, d, o = draw.width(), draw.width(), draw.width(), draw.outputs()
    i, how = draw.vector(2 * half), draw.choose(["cat", "add", "multiply"])

    def forward(L, x):
        a, b = L.split(x)
        one, two = L.dense(h, "tower"), L.dense(d, "tower")
        a, b = (two(L.act("relu", one(t))) for t in (a, b))
        y = L.cat(a, b) if how == "cat" else L.add(a, b) if how == "add" else L.multiply(a, b)
        return L.dense(o, "head")(L.act("relu", y))

    return Network(i, forward)


@topology("concatenation with what came before", weight=2)
def dense_connections(draw):
    i, d, g, o, act = draw.domain(), draw.width(), draw.width(), draw.outputs(), draw.activation()
    count, flat, norm, swap = (
        draw.between(1, 3),
        draw.chance(0.5),
        draw.chance(0.3),
        draw.chance(0.5),
    )

    def forward(L, x):
        x = stem(L, x, d, act)
        for _ in range(count):
            with L.block():
                y = L.norm("batch")(x) if norm else x
                y = L.act(act, L.unit(g, "body")(y))
                x = L.cat(y, x) if swap else L.cat(x, y)
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("concatenation with the input")
def with_input(draw):
    i, d, h, o = draw.domain(), draw.width(), draw.width(), draw.outputs()

    def forward(L, x):
        y = L.act("relu", L.unit(d, "stem")(x))
        y = L.act("relu", L.unit(h, "body")(L.cat(y, x)))
        return L.tail(y, o)

    return Network(i, forward)


@topology("mean and maximum, concatenated", weight=2)
def pooled_twice(draw):
    i, d, h, o = (
        draw.choose([draw.image, draw.signal])(),
        draw.width(),
        draw.width(),
        draw.outputs(),
    )
    more, interleaved = draw.chance(0.4), draw.chance(0.3)

    def forward(L, x):
        x = L.act("relu", L.conv(d, role="stem")(x))
        x = L.act("relu", L.conv(h, role="body")(x))
        mean, most = L.mean(x), L.maximum(x)
        # Never four: a flattened map of two by two is as wide, and nothing tells them apart.
        y = L.cat(mean, most, L.multiply(mean, most)) if more else L.cat(mean, most)
        if interleaved:
            return L.dense(o, "head")(L.act("relu", L.dense(h, "body")(y)))
        return L.dense(o, "head")(y)

    return Network(i, forward)


@topology("a U-Net")
def unet(draw):
    i, d, h = draw.choose([draw.image, draw.signal])(), draw.width(), draw.width()
    o, transposed = draw.outputs(), draw.chance(0.5)

    def forward(L, x):
        a = L.act("relu", L.conv(d, role="encode")(x))
        b = L.act("relu", L.conv(h, role="encode")(L.pool(a)))
        up = L.conv(d, 2, 2, role="up", transposed=True)(b) if transposed else L.upsample(b)
        y = L.cat(L.cut(up, a), a)
        y = L.act("relu", L.conv(d, role="decode")(y))
        return L.mean(L.conv(o, 1, role="head")(y))

    return Network(i, forward)


@topology("experts and their gate")
def experts(draw):
    i, d, o, count = draw.vector(), draw.width(), draw.outputs(), draw.between(2, 4)

    def forward(L, x):
        x = stem(L, x, d)
        weights = L.act("softmax", L.dense(count, "gate")(x))
        ys = []
        for part in L.split(weights, count):
            with L.block():
                ys.append(L.multiply(L.act("relu", L.dense(d, "expert")(x)), part))
        return L.dense(o, "head")(L.add(*ys))

    return Network(i, forward)


@topology("a product of two layers", TORCH)
def bilinear(draw):
    i, d, o, one = draw.vector(), draw.width(), draw.outputs(), draw.chance(0.5)

    def forward(L, x):
        a = L.act("relu", L.dense(d, "left")(x))
        b = a if one else L.act("relu", L.dense(d, "right")(x))
        return L.dense(o, "head")(L.act("relu", L.bilinear(d, "body")(a, b)))

    return Network(i, forward)
