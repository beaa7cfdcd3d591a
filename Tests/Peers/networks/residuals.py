"""Sums around layers, and layers that are used twice."""

from .draw import Network
from .topologies import TORCH, topology


def stem(L, x, d, act="relu"):
    return L.act(act, L.unit(d, "stem")(x))


@topology("sum around a square layer", weight=2)
def around_one(draw):
    i, d, o, act = draw.domain(), draw.width(), draw.outputs(), draw.activation()
    count, flat, norm = draw.between(1, 2), draw.chance(0.5), draw.chance(0.3)
    before = draw.chance(0.3)

    def forward(L, x):
        x = stem(L, x, d, act)
        for _ in range(count):
            with L.block():
                inner = L.unit(d, "body")
                L.doubt(inner)
                y = L.act(act, x) if before else x
                y = inner(y)
                y = L.norm("batch")(y) if norm else y
                x = L.add(x, y) if before else L.add(x, L.act(act, y))
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("sum around square layers", weight=2)
def around_run(draw):
    i, d, o, act = draw.domain(), draw.width(), draw.outputs(), draw.activation()
    run, flat, norm = draw.between(2, 3), draw.chance(0.5), draw.chance(0.4)

    def forward(L, x):
        x = stem(L, x, d, act)
        with L.block():
            y = x
            for n in range(run):
                inner = L.unit(d, "body")
                L.doubt(inner)
                y = inner(y)
                y = L.norm("batch")(y) if norm else y
                y = L.act(act, y) if n < run - 1 else y
            x = L.act(act, L.add(x, y))
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("sum around d-h-d", weight=2)
def around_bottleneck(draw):
    i, d, h, o, act = draw.domain(), draw.width(), draw.width(), draw.outputs(), draw.activation()
    count, flat, norm = (
        draw.between(1, 2),
        draw.chance(0.5),
        draw.choose(["", "", "batch", "layer"]),
    )
    first = draw.chance(0.5)

    def forward(L, x):
        x = stem(L, x, d, act)
        for _ in range(count):
            with L.block():
                y = L.norm(norm)(x) if norm and first else x
                one, two = L.unit(h, "body"), L.unit(d, "body")
                y = two(L.act(act, one(y)))
                if d == h:
                    L.doubt(one, two)
                y = L.norm(norm)(y) if norm and not first else y
                x = L.add(x, y)
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("sum with a projection", weight=2)
def projected(draw):
    i, d, h, o, act = draw.domain(), draw.width(), draw.width(), draw.outputs(), draw.activation()
    skip_first, flat, norm, deep = (draw.chance(0.5) for _ in range(4))

    def forward(L, x):
        x = stem(L, x, d, act)
        with L.block():
            skip = L.unit(h, "skip")(x) if skip_first else None
            y = L.act(act, L.unit(h, "body")(x))
            y = L.norm("batch")(y) if norm else y
            if deep:
                y = L.unit(h, "body")(y)
            if skip is None:
                skip = L.unit(h, "skip")(x)
            x = L.act(act, L.add(skip, y))
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("sum with the input")
def with_the_input(draw):
    """The layers' first width is that of the input, which cannot be permuted."""
    d, h, o = draw.width(), draw.width(), draw.outputs()
    i, square = draw.domain(d), draw.chance(0.5)

    def forward(L, x):
        if square:
            inner = L.unit(d, "body")
            L.doubt(inner)
            x = L.add(x, L.act("relu", inner(x)))
        else:
            one, two = L.unit(h, "body"), L.unit(d, "body")
            x = L.add(x, two(L.act("relu", one(x))))
            if d == h:
                L.doubt(one, two)
        x = L.act("relu", L.unit(h, "body")(x))
        return L.tail(x, o)

    return Network(i, forward)


@topology("sum into the output")
def into_the_output(draw):
    i, d, act = draw.vector(), draw.width(), draw.activation()

    def forward(L, x):
        x = stem(L, x, d, act)
        last = L.dense(d, "head")
        L.doubt(last)
        return L.add(x, last(x))

    return Network(i, forward)


@topology("sums over a distance")
def long_sums(draw):
    """A U-Net without concatenation: the decoder adds what the encoder had."""
    i, d, h, o = draw.domain(), draw.width(), draw.width(), draw.outputs()

    def forward(L, x):
        a = L.act("relu", L.unit(d, "encode")(x))
        b = L.act("relu", L.unit(h, "encode")(a))
        inner = L.unit(h, "body")
        L.doubt(inner)
        c = L.act("relu", inner(b))
        x = L.add(L.act("relu", L.unit(d, "decode")(L.add(b, c))), a)
        return L.tail(x, o)

    return Network(i, forward)


@topology("every layer adds to all before")
def dense_sums(draw):
    i, d, o = draw.vector(), draw.width(), draw.outputs()

    def forward(L, x):
        x = stem(L, x, d)
        one, two, three = (L.dense(d, "body") for _ in range(3))
        L.doubt(one, two, three)
        a = L.act("relu", one(x))
        b = L.act("relu", two(L.add(x, a)))
        c = L.act("tanh", three(L.add(x, a, b)))
        return L.dense(o, "head")(L.add(x, a, b, c))

    return Network(i, forward)


@topology("highway")
def highway(draw):
    i, d, o = draw.vector(), draw.width(), draw.outputs()

    def forward(L, x):
        x = stem(L, x, d)
        with L.block():
            t = L.act("sigmoid", L.dense(d, "gate")(x))
            y = L.act("relu", L.dense(d, "body")(x))
            x = L.add(L.multiply(t, y), x)
        return L.dense(o, "head")(x)

    return Network(i, forward)


@topology("a scale for every channel of a sum")
def layer_scale(draw):
    i, d, h, o, one = draw.domain(), draw.width(), draw.width(), draw.outputs(), draw.chance(0.3)

    def forward(L, x):
        x = stem(L, x, d)
        for _ in range(2):
            with L.block():
                y = L.unit(d, "body")(L.act("relu", L.unit(h, "body")(x)))
                x = L.add(x, L.vector(one=one)(y))
        return L.tail(x, o)

    return Network(i, forward)


@topology("a layer used twice", weight=2)
def used_twice(draw):
    i, d, o, act = draw.domain(), draw.width(), draw.outputs(), draw.activation()
    times, flat, norm = draw.between(2, 3), draw.chance(0.5), draw.chance(0.3)

    def forward(L, x):
        x = stem(L, x, d, act)
        inner = L.unit(d, "body")
        L.doubt(inner)
        after = L.norm("batch") if norm else None
        for _ in range(times):
            x = inner(x)
            x = L.act(act, after(x) if after else x)
        return L.tail(x, o, flat)

    return Network(i, forward)


@topology("a norm used twice")
def norm_twice(draw):
    i, d, o = draw.domain(), draw.width(), draw.outputs()

    def forward(L, x):
        norm = L.norm("batch")
        x = L.act("relu", norm(L.unit(d, "stem")(x)))
        inner = L.unit(d, "body")
        L.doubt(inner)
        x = L.act("relu", norm(inner(x)))
        return L.tail(x, o)

    return Network(i, forward)


@topology("two layers used in turn twice")
def pair_twice(draw):
    i, d, h, o = draw.vector(), draw.width(), draw.width(), draw.outputs()

    def forward(L, x):
        x = stem(L, x, d)
        one, two = L.dense(h, "body"), L.dense(d, "body")
        if d == h:
            L.doubt(one, two)
        for _ in range(2):
            x = L.act("tanh", two(L.act("relu", one(x))))
        return L.dense(o, "head")(x)

    return Network(i, forward)


@topology("one tensor under two names", TORCH)
def tied(draw):
    i, d, o = draw.vector(), draw.width(), draw.outputs()
    act = draw.activation()

    def forward(L, x):
        x = stem(L, x, d, act)
        one = L.dense(d, "body")
        x = L.act(act, one(x))
        x = L.act(act, L.dense(d, "body", tied=one)(x))
        return L.dense(o, "head")(x)

    return Network(i, forward)


@topology("a residual network before its activations")
def preactivated(draw):
    """Norm and activation stand before the layers; the names and the widths fit the usual order."""
    i, d, o, same = draw.domain(), draw.width(), draw.outputs(), draw.chance(0.6)
    h = d if same else draw.width()

    def forward(L, x):
        x = L.unit(d, "stem")(x)
        for _ in range(2):
            with L.block():
                first, one = L.norm("batch"), L.unit(h, "body")
                second, two = L.norm("batch"), L.unit(d, "body")
                y = one(L.act("relu", first(x)))
                x = L.add(x, two(L.act("relu", second(y))))
        return L.tail(L.act("relu", L.norm("batch")(x)), o)

    return Network(i, forward)


@topology("zeros for the channels that a shortcut lacks", TORCH)
def padded(draw):
    c, d = draw.choose([1, 3]), draw.even()
    i, o, flat = draw.image(c), draw.outputs(), draw.chance(0.3)
    place = draw.choose(["middle", "end", "start"])

    def forward(L, x):
        x = L.act("relu", L.norm("batch")(L.conv(d, bias=False, role="stem")(x)))
        w = d
        for stage in range(2):
            with L.block():
                stride = 1 if stage == 0 else 2
                n = d * (stage + 1)
                y = L.act("relu", L.norm("batch")(L.conv(n, 3, stride, bias=False, role="body")(x)))
                y = L.norm("batch")(L.conv(n, bias=False, role="body")(y))
                before = {"middle": (n - w) // 2, "end": 0, "start": n - w}[place]
                x = L.pad(L.shrink(x) if stride == 2 else x, before, n - w - before)
                x, w = L.act("relu", L.add(x, y)), n
        return L.tail(x, o, flat)

    return Network(i, forward)
