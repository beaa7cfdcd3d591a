"""Names for the layers of a network, as people and libraries give them.

A uniform naming says nothing but the order: nn.Sequential's numbers, fc1 and conv1, layers.N, the
automatic names of Keras. The other namings are words, of which some tell what a layer does and
others nothing, and numbered blocks.
"""

from .library import NORMS

KINDS = {
    "dense": ["fc", "fc", "linear", "lin", "dense", "l", "layer", "hidden"],
    "conv": ["conv", "conv", "c", "layer"],
    "depthwise": ["conv", "dw", "depthwise"],
    "transposed": ["deconv", "convt", "up", "conv_transpose"],
    "batch": ["bn", "bn", "norm"],
    "layer": ["ln", "norm"],
    "group": ["gn", "norm"],
    "instance": ["in", "norm"],
    "rms": ["norm", "rms"],
    "prelu": ["act", "prelu", "relu"],
    "embedding": ["emb", "embed", "embedding"],
    "lstm": ["lstm", "rnn"],
    "gru": ["gru", "rnn"],
    "rnn": ["rnn"],
    "attention": ["attn", "self_attn", "attention"],
    "codes": ["codebook", "emb"],
    "matrix": ["W", "w", "weight"],
    "separable": ["conv", "sep"],
    "bilinear": ["bilinear", "mix"],
    "vector": ["scale", "gamma"],
    "shift": ["shift", "beta"],
}

# Words that tell what a layer does.
ROLES = {
    "stem": ["first", "stem", "input_layer", "inp", "embed_in"],
    "body": ["second", "hidden", "mid", "inner", "trunk"],
    "skip": ["skip", "shortcut", "proj", "residual"],
    "head": ["head", "last", "out", "classifier", "output"],
    "gate": ["gate", "attn_gate", "mask"],
    "norm": ["norm", "post", "stats"],
    "branch": ["branch_a", "path", "side"],
    "left": ["actor", "left", "online", "teacher"],
    "right": ["critic", "right", "target", "student"],
    "head_one": ["mean_head", "box", "pi"],
    "head_two": ["std_head", "cls", "value"],
    "encode": ["encoder", "enc", "down"],
    "decode": ["decoder", "dec", "up"],
    "mu": ["mu", "fc_mu", "mean"],
    "logvar": ["logvar", "fc_var", "log_sigma"],
    "query": ["q", "query", "q_proj"],
    "key": ["k", "key", "k_proj"],
    "value": ["v", "value", "v_proj"],
    "squeeze": ["squeeze", "reduce", "se_reduce"],
    "excite": ["excite", "expand", "se_expand"],
    "tokens": ["token_mix", "mix_tokens"],
    "channels": ["channel_mix", "mix_channels"],
}

# Words that tell nothing.
NEUTRAL = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar "
    "papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu apple birch cedar "
    "ebony fir"
).split()

UNIFORM = {
    "stages",
    "roots, series",
    "sequential",
    "typed",
    "typed, head",
    "layers",
    "automatic",
    "lists",
}
# Of these, rows must be matched: nothing about their order is open.
PLAIN = {"sequential", "typed", "layers", "automatic"}
TORCH_STYLES = ["sequential", "typed", "typed", "typed, head", "layers", "stages", "words", "words"]
TORCH_STYLES += ["neutral", "blocks", "roots"]


def unique(name, taken, start=2):
    """The name, or the name with a number that is free."""
    if name not in taken:
        taken.add(name)
        return name
    number = start
    while f"{name}{number}" in taken:
        number += 1
    taken.add(f"{name}{number}")
    return f"{name}{number}"


def counted(layers, draw):
    """fc1, fc2, conv1, bn1: a word for each kind, and a number."""
    words = {kind: draw.choose(options) for kind, options in KINDS.items()}
    if draw.chance(0.15):
        # Norms keep the usual name where a network takes the norm as an argument.
        for kind in ("layer", "group", "instance", "rms"):
            words[kind] = words["batch"]
    first, join = draw.choose([1, 1, 1, 0]), draw.choose(["", "", "", "_"])
    counts = {}
    names = []
    for layer in layers:
        word = words[layer.kind]
        counts[word] = counts.get(word, first - 1) + 1
        names.append(f"{word}{join}{counts[word]}")
    return names


def with_a_head(layers, draw):
    """fc1, fc2, and a last layer that is called for what it is."""
    names = counted(layers, draw)
    word = names[-1].rstrip("_0123456789")
    names[-1] = unique(draw.choose([word, "out", "fc", "head"]), set(names[:-1]))
    return names


def words_for(layers, draw, neutral=False):
    taken, names = set(), []
    pool = draw.random.sample(NEUTRAL, len(NEUTRAL))
    chosen = {}
    for n, layer in enumerate(layers):
        if neutral:
            names.append(pool[n])
            continue
        role = layer.role if layer.role in ROLES else layer.kind
        options = ROLES.get(role) or [layer.role or layer.kind]
        word = (
            chosen.setdefault(role, draw.choose(options))
            if draw.chance(0.5)
            else draw.choose(options)
        )
        names.append(unique(word, taken))
    return names


def numbered(layers, draw):
    """layers.N, all in one list or the norms in one of their own."""
    word = draw.choose(["layers", "layers", "net", "body.layers", "fcs"])
    own = draw.chance(0.5)
    names, count, norms = [], 0, 0
    for layer in layers:
        if own and layer.kind in ("batch", "layer", "group", "instance", "rms", "prelu"):
            names.append(f"norms.{norms}")
            norms += 1
        else:
            names.append(f"{word}.{count}")
            count += 1
    return names


def sequential(layers, draw):
    """The numbers of nn.Sequential, in which layers without tensors are counted."""
    prefix = draw.choose(["", "", "net.", "model.", "layers.", "features/classifier"])
    first, last = "features", "classifier"
    if prefix == "features/classifier" and not layers[0].library.network.row:
        first, last = "conv_layers", "fc_layers"  # The names of VGG say that it is one.
    if prefix != "features/classifier":
        return [f"{prefix}{layer.slot}" for layer in layers]
    dense = [layer for layer in layers if layer.kind == "dense"]
    if len(dense) == len(layers) or layers[-len(dense) :] != dense:
        return [f"net.{layer.slot}" for layer in layers]
    offset = dense[0].slot
    return [
        f"{last}.{layer.slot - offset}" if layer in dense else f"{first}.{layer.slot}"
        for layer in layers
    ]


def stages(layers, draw):
    """layer1.0, layer1.1, layer2.0: each layer in a sequence with its norm."""
    word = draw.choose(["layer", "block", "stage", "conv", "l"])
    names, stage, place = [], 0, 0
    for layer in layers:
        if layer.kind not in NORMS or not names:
            stage, place = stage + 1, 0
        names.append(f"{word}{stage}.{place}")
        place += 1
    if layers[-1].kind == "dense":
        names[-1] = draw.choose(["fc", "out", "linear", names[-1]])
    return names


def blocks(layers, draw):
    """blocks.N.fc1: numbered blocks, and the layers before and after them by words."""
    word = draw.choose(["blocks", "stages", "stack", "layer"])
    inside, outside = {}, []
    for layer in layers:
        if layer.block is None:
            outside.append(layer)
        else:
            inside.setdefault(layer.block, []).append(layer)
    seed = draw.random.random()
    names = dict(zip(map(id, outside), words_for(outside, draw)))
    for number, block in inside.items():
        again = type(draw)(seed)  # Every block names its layers alike.
        named = counted(block, again) if again.chance(0.6) else words_for(block, again)
        for layer, name in zip(block, named):
            names[id(layer)] = (
                f"{word}{number + 1}.{name}" if word == "layer" else f"{word}.{number}.{name}"
            )
    return [names[id(layer)] for layer in layers]


def roots(layers, draw):
    """Parts of a network with a sequence in each: encoder.0, encoder.2, decoder.0."""
    names, counts = [], {}
    plain = {}
    for layer in layers:
        role = layer.role if layer.role in ROLES else layer.kind
        word = plain.setdefault(role, draw.choose(ROLES.get(role, [layer.kind])))
        number = counts.get(word, 0)
        counts[word] = number + (1 if layer.kind in ("batch", "layer", "group") else 2)
        names.append(f"{word}.{number}")
    return names


STYLES = {
    "sequential": sequential,
    "typed": counted,
    "typed, head": with_a_head,
    "layers": numbered,
    "words": words_for,
    "neutral": lambda layers, draw: words_for(layers, draw, neutral=True),
    "stages": stages,
    "blocks": blocks,
    "roots": roots,
}


def in_a_series(names):
    """Whether all are of one series, but for one name at each end: stem.0, body.0, body.2, head.0."""
    return len({name.split(".")[-2] for name in names[1:-1]}) < 2


def all_say_conv(library, needed=True):
    """Whether the names of square convolutions say that they are no transposed ones."""
    square = [
        n
        for layer in library.layers
        if layer.kind == "conv"
        for n in [layer.names[0]]
        if any(e[0] == e[1] for e in library.shapes(layer))
    ]
    return not needed or all("conv" in name for name in square)


def torch_names(library, draw):
    """Names every layer, and returns the style and the layers in the order of the state dict."""
    layers = library.in_order
    if layers[0].role.startswith("="):
        for layer in layers:
            layer.names = [layer.role[1:]]
        return "famous", layers
    usable = [
        style
        for style in TORCH_STYLES
        if (style != "blocks" or any(layer.block is not None for layer in layers))
        and (
            style != "sequential" or all(layer.kind not in ("vector", "shift") for layer in layers)
        )
    ]
    if library.network.row and draw.chance(0.6):
        usable = [style for style in usable if style in UNIFORM]
    style = draw.choose(usable)
    prefix = draw.choose(["module.", "model."]) if draw.chance(0.1) else ""
    for layer, name in zip(layers, STYLES[style](layers, draw)):
        # What all names of a file begin with may be left out.
        layer.names = [prefix + name, name, *name.split(".", 1)[1:]]
    if style in ("words", "neutral") and draw.chance(0.3):
        layers = draw.random.sample(layers, len(layers))
    elif style == "typed" and draw.chance(0.1):
        # All of one kind first, as in many classes.
        layers = sorted(layers, key=lambda layer: layer.kind)
    if style == "roots" and in_a_series([layer.names[0] for layer in layers]):
        style = "roots, series"
    return style, layers


KERAS_STYLES = ["automatic", "automatic", "words", "neutral", "typed", "typed, head"]
ATTRIBUTE_STYLES = ["typed", "typed, head", "words", "neutral", "lists", "blocks"]


def keras_names(library, draw, attributes):
    """The style and a name for every layer, or no names where Keras gives them itself.

    attributes: whether the names are attributes of a class, of which a file of Keras 3 speaks.
    """
    layers = library.in_order
    styles = ATTRIBUTE_STYLES if attributes else KERAS_STYLES
    if library.network.row and draw.chance(0.6):
        styles = [style for style in styles if style in UNIFORM]
    style = draw.choose(styles)
    if style == "blocks" and all(layer.block is None for layer in layers):
        style = "typed"
    if style == "automatic":
        return style, None
    if style == "lists":
        word = draw.choose(["stack", "blocks", "all_layers"])
        return style, [f"{word}.{n}" for n in range(len(layers))]
    names = STYLES[style](layers, draw)
    return style, names
