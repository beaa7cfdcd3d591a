"""State dicts with the names of well-known networks that compute something else than those.

People change a part of a network and keep its names: another norm, another order of a block's
parts, another shortcut, a branch that is multiplied. Names, shapes and what is left over tell
most of them.
"""

from .draw import Network
from .topologies import TORCH, topology


@topology("names of ResNet", TORCH, weight=4)
def resnet(draw):
    change = draw.choose(
        [
            "none",
            "group",
            "batchless",
            "instance",
            "before",
            "squeeze",
            "scale",
            "grouped",
            "average",
        ]
        + ["zeros middle", "zeros end", "bare shortcut", "no shortcut"]
    )
    d, blocks, o = draw.choose([4, 6, 8]), draw.between(1, 2), draw.outputs()
    widths = [d, draw.choose([d, 2 * d])] if "zeros" not in change else [d, 2 * d]
    norm_kind = {"group": "group", "batchless": "batchless", "instance": "instance"}.get(
        change, "batch"
    )
    small, last_norm = draw.chance(0.5), draw.choose(["bn", "bn1"])

    def forward(L, x):
        def conv(name, *arguments, **options):
            return L.conv(*arguments, bias=False, role="=" + name, **options)

        def norm(name, x):
            return L.norm(norm_kind, role="=" + name)(x)

        x = conv("conv1", d, 3)(x)
        if change != "before":
            x = L.act("relu", norm("bn1", x))
        for k, w in enumerate(widths):
            for n in range(blocks):
                p = f"layer{k + 1}.{n}."
                stride = 2 if k > 0 and n == 0 else 1
                groups = 2 if change == "grouped" else 1
                if change == "before":
                    y = conv(p + "conv1", w, 3, stride)(L.act("relu", norm(p + "bn1", x)))
                    y = conv(p + "conv2", w, 3)(L.act("relu", norm(p + "bn2", y)))
                else:
                    y = L.act("relu", norm(p + "bn1", conv(p + "conv1", w, 3, stride)(x)))
                    y = norm(p + "bn2", conv(p + "conv2", w, 3, groups=groups)(y))
                if change == "squeeze":
                    s = L.act("relu", L.dense(2, f"={p}se.fc1")(L.mean(y)))
                    y = L.multiply(y, L.act("sigmoid", L.dense(w, f"={p}se.fc2")(s)))
                if change == "scale":
                    y = L.vector(f"={p}gamma")(y)
                short = "downsample" if not small else "shortcut"
                if stride == 2 or x.shape[1] != w:
                    if "zeros" in change:
                        lack = w - x.shape[1]
                        before = lack // 2 if change == "zeros middle" else 0
                        x = L.pad(L.shrink(x), before, lack - before)
                    elif change == "no shortcut":
                        x = L.act("minus", y)
                    elif change == "average":
                        x = norm(p + short + ".2", conv(p + short + ".1", w, 1)(L.pool(x)))
                    elif change == "bare shortcut":
                        x = conv(p + short + ".0", w, 1, stride)(x)
                    else:
                        x = norm(p + short + ".1", conv(p + short + ".0", w, 1, stride)(x))
                x = L.add(x, y) if change == "before" else L.act("relu", L.add(x, y))
        if change == "before":
            x = L.act("relu", norm(last_norm, x))
        return L.dense(o, "=linear" if small else "=fc")(L.mean(x))

    i = draw.image(3)
    i.shape = (8, 8, 3)
    return Network(i, forward, note=change, ordered=change == "before" and last_norm == "bn1")


@topology("names of VGG", TORCH, weight=2)
def vgg(draw):
    norm = draw.choose(["", "batch", "batch", "group", "instance", "batchless"])
    widths, o = draw.widths(draw.between(2, 4)), draw.outputs()
    hidden = draw.choose([0, draw.width()])
    i = draw.image(3)

    def forward(L, x):
        n = 0
        for w in widths:
            y = L.conv(w, role=f"=features.{n}")(x)
            n += 1
            if norm:
                y = L.norm(norm, role=f"=features.{n}")(y)
                n += 1
            x = L.act("relu", y)
            n += 1
        x, n = L.flatten(x), 0
        if hidden:
            x = L.act("relu", L.dense(hidden, "=classifier.0")(x))
            n = 3
        return L.dense(o, f"=classifier.{n}")(x)

    return Network(i, forward, note=f"{norm or 'no'} norm")


@topology("names of a vision transformer", TORCH)
def vision_transformer(draw):
    d, h, o, heads = 4 * draw.between(1, 2), draw.width(), draw.outputs(), 2
    after, i = draw.chance(0.3), draw.sequence()

    def forward(L, x):
        x = L.dense(d, "=patch_embed.proj")(x)
        x = L.positions("=pos_embed")(x)
        for n in range(2):
            p = f"=blocks.{n}."
            one, mix = L.norm("layer", p + "norm1"), L.attention(heads, p + "attn")
            x = one(L.add(x, mix(x))) if after else L.add(x, mix(one(x)))
            two, up, down = (
                L.norm("layer", p + "norm2"),
                L.dense(h, p + "mlp.fc1"),
                L.dense(d, p + "mlp.fc2"),
            )
            y = down(L.act("gelu", up(x if after else two(x))))
            x = two(L.add(x, y)) if after else L.add(x, y)
        return L.dense(o, "=head")(L.mean(L.norm("layer", "=norm")(x)))

    return Network(i, forward)
