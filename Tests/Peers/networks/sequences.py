"""Embeddings, recurrent layers, attention."""

from .draw import Network
from .topologies import TORCH, topology


@topology("embedding, mean")
def bag(draw):
    i, d, h, o = draw.tokens(), draw.width(), draw.width(), draw.outputs()

    def forward(L, x):
        x = L.mean(L.embedding(i.vocabulary, d)(x))
        x = L.act("relu", L.dense(h, "body")(x))
        return L.dense(o, "head")(x)

    return Network(i, forward)


@topology("embedding, flattened")
def flattened_embedding(draw):
    i, d, h, o = draw.tokens(), draw.width(), draw.width(), draw.outputs()
    places = draw.chance(0.4)

    def forward(L, x):
        x = L.embedding(i.vocabulary, d)(x)
        if places:
            x = L.positions()(x)
        x = L.act("relu", L.dense(h, "body")(L.flatten(x)))
        return L.dense(o, "head")(x)

    return Network(i, forward)


@topology("two embeddings")
def two_embeddings(draw):
    i, d, h, o = draw.tokens(), draw.width(), draw.width(), draw.outputs()
    how = draw.choose(["cat", "add", "multiply"])

    def forward(L, x):
        a, b = (L.mean(L.embedding(i.vocabulary, d)(x)) for _ in range(2))
        x = L.cat(a, b) if how == "cat" else L.add(a, b) if how == "add" else L.multiply(a, b)
        return L.dense(o, "head")(L.act("relu", L.dense(h, "body")(x)))

    return Network(i, forward)


@topology("recurrent", weight=2)
def recurrent(draw):
    tokens = draw.chance(0.4)
    i, d = (draw.tokens() if tokens else draw.sequence()), draw.width()
    h, o, kind = draw.width(), draw.outputs(), draw.choose(["lstm", "gru", "rnn"])
    layers, both = draw.between(1, 2), draw.chance(0.3)
    end = draw.choose(["last", "mean", "flatten"])

    def forward(L, x):
        if tokens:
            x = L.embedding(i.vocabulary, d)(x)
        x = L.recurrent(kind, h, layers, both)(x)
        x = L.last(x) if end == "last" else L.mean(x) if end == "mean" else L.flatten(x)
        return L.dense(o, "head")(x)

    return Network(i, forward)


@topology("recurrent, with sums")
def recurrent_sums(draw):
    d, o, kind = draw.width(), draw.outputs(), draw.choose(["lstm", "gru", "rnn"])
    i, begin = draw.sequence(d), draw.chance(0.5)

    def forward(L, x):
        x = L.dense(d, "stem")(x) if begin else x
        for _ in range(2):
            with L.block():
                x = L.add(x, L.recurrent(kind, d)(x))
        return L.dense(o, "head")(L.last(x))

    return Network(i, forward)


@topology("encoder and decoder, recurrent")
def encoder_decoder(draw):
    d, h, kind = draw.width(), draw.width(), draw.choose(["lstm", "gru"])
    i = draw.sequence(d)

    def forward(L, x):
        x = L.recurrent(kind, h, role="encode")(x)
        y = L.recurrent(kind, h, role="decode")(x)
        return L.dense(d, "head")(L.last(L.add(y, x)))

    return Network(i, forward)


@topology("attention", weight=2)
def attention(draw):
    heads = draw.choose([1, 2])
    d, h, o = draw.even(), draw.width(), draw.outputs()
    i, before, begin = draw.sequence(d), draw.chance(0.5), draw.chance(0.5)

    def forward(L, x):
        x = L.dense(d, "stem")(x) if begin else x
        with L.block():
            one, mix = L.norm("layer"), L.attention(heads)
            x = L.add(x, mix(one(x))) if before else one(L.add(x, mix(x)))
            two, up, down = L.norm("layer"), L.dense(h, "up"), L.dense(d, "down")
            step = lambda t: down(L.act("gelu", up(t)))  # noqa: E731
            x = L.add(x, step(two(x))) if before else two(L.add(x, step(x)))
        return L.dense(o, "head")(L.mean(x))

    return Network(i, forward)


@topology("attention of separate layers")
def separate_attention(draw):
    d, o = draw.width(), draw.outputs()
    i, add, begin = draw.sequence(d), draw.chance(0.5), draw.chance(0.6)

    def forward(L, x):
        x = L.dense(d, "stem")(x) if begin else x
        with L.block():
            q, k, v = (L.dense(d, role)(x) for role in ("query", "key", "value"))
            scores = L.act("softmax", L.product(q, L.turn(k)))
            y = L.dense(d, "out")(L.product(scores, v))
            x = L.add(x, y) if add else y
        return L.dense(o, "head")(L.mean(x))

    return Network(i, forward)


@topology("a mixer of places and channels", weight=2)
def mixer(draw):
    """A dense layer works along the places; as many places as channels make every reading fit."""
    d, h, o, square = draw.width(), draw.width(), draw.outputs(), draw.chance(0.6)
    i = draw.sequence(d)
    n = i.shape[0]
    d = n if square else d
    i.shape = (n, d)
    add, norm = draw.chance(0.5), draw.chance(0.5)

    def forward(L, x):
        x = L.dense(d, "stem")(x)
        with L.block():
            y = L.norm("layer")(x) if norm else x
            y = L.turn(L.act("gelu", L.dense(n, "tokens")(L.turn(y))))
            x = L.add(x, y) if add else y
        x = L.act("gelu", L.dense(h, "channels")(x))
        return L.dense(o, "head")(L.mean(x))

    return Network(i, forward)


@topology("dense layers on a sequence", weight=2)
def over_a_sequence(draw):
    i, d, h, o, flat = draw.sequence(), draw.width(), draw.width(), draw.outputs(), draw.chance(0.6)

    def forward(L, x):
        x = L.act("relu", L.dense(d, "stem")(x))
        x = L.act("relu", L.dense(h, "body")(x))
        return L.dense(o, "head")(L.flatten(x) if flat else L.mean(x))

    return Network(i, forward)


@topology("an output that is the embedding", TORCH)
def tied_embedding(draw):
    d, act = draw.width(), draw.chance(0.5)
    i = draw.tokens(d if draw.chance(0.4) else None)

    def forward(L, x):
        embed = L.embedding(i.vocabulary, d)
        x = L.mean(embed(x))
        x = L.act("relu", L.dense(d, "body")(x)) if act else x
        return L.dense(i.vocabulary, "head", bias=False, tied=embed)(x)

    return Network(i, forward)


@topology("convolutions of words", TORCH)
def text_convolutions(draw):
    """TextCNN: kernels as wide as the embedding, of several heights, side by side."""
    i, d, c, o = draw.tokens(), draw.width(), draw.width(), draw.outputs()
    sizes = [1, 2][: draw.between(1, 2)]

    def forward(L, x):
        x = L.embedding(i.vocabulary, d)(x)
        x = L.as_image(x)
        parts = [
            L.maximum(L.act("relu", L.conv(c, (k, d), bias=True, role="branch", pad=False)(x)))
            for k in sizes
        ]
        return L.dense(o, "head")(L.cat(*parts) if len(parts) > 1 else parts[0])

    return Network(i, forward)


@topology("a step of a recurrent cell", TORCH)
def cells(draw):
    d, h, o, kind = draw.width(), draw.width(), draw.outputs(), draw.choose(["lstm", "gru", "rnn"])
    i = draw.sequence(d)

    def forward(L, x):
        return L.dense(o, "head")(L.last(L.cell(kind, h)(x)))

    return Network(i, forward)


@topology("weighted mean of places")
def attention_pooling(draw):
    i, d, h, o = draw.sequence(), draw.width(), draw.width(), draw.outputs()

    def forward(L, x):
        x = L.act("relu", L.dense(d, "stem")(x))
        scores = L.dense(1, "out")(L.act("tanh", L.dense(h, "gate")(x)))
        y = L.product(L.turn(x), L.act("sigmoid", scores))
        return L.dense(o, "head")(L.flatten(y))

    return Network(i, forward)
