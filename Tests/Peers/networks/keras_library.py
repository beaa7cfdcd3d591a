"""Networks in Keras 3, their two forms of weights alone, and what they answer."""

import h5py
import keras
import numpy
from keras import layers, ops

from .library import NORMS, Library

# Keras 2 keeps its own layers for functions that are called on tensors; these are their names.
OPERATIONS = {
    "add": "tf.__operators__.add",
    "subtract": "tf.math.subtract",
    "multiply": "tf.math.multiply",
    "negative": "tf.math.negative",
    "concatenate": "tf.concat",
    "split": "tf.split",
    "maximum": "tf.math.maximum",
    "reshape": "tf.reshape",
    "transpose": "tf.transpose",
    "matmul": "tf.linalg.matmul",
    "flip": "tf.reverse",
    "mean": "tf.math.reduce_mean",
    "max": "tf.math.reduce_max",
    "get_item": "tf.__operators__.getitem",
    "repeat": "tf.repeat",
    "gelu": "tf.nn.gelu",
    "relu": "tf.nn.relu",
    "re_lu": "tf.nn.relu",
    "leaky_relu": "tf.nn.leaky_relu",
    "softmax": "tf.nn.softmax",
    "silu": "tf.nn.silu",
    "sigmoid": "tf.math.sigmoid",
    "tanh": "tf.math.tanh",
    "elu": "tf.nn.elu",
}


class Scale(layers.Layer):
    """A number for every channel, or one for all, multiplied or added."""

    def __init__(self, one=False, shift=False, **options):
        super().__init__(**options)
        self.one, self.shift = one, shift

    def build(self, shape):
        self.scale = self.add_weight(shape=(1 if self.one else shape[-1],), name="scale")

    def call(self, x):
        return x + self.scale if self.shift else x * self.scale


class Positions(layers.Layer):
    """A learned vector for every place, added."""

    def build(self, shape):
        self.positions = self.add_weight(shape=shape[1:], name="embeddings")

    def call(self, x):
        return x + self.positions


class KerasLibrary(Library):
    """Channels are last.

    operators: whether sums and the like are written with operators, which leave no layer behind, or
    as layers of their own. attributes: whether layers are attributes of a class of the user's own,
    which then has layers with tensors alone.
    """

    def __init__(self, network, operators, attributes):
        super().__init__(network)
        self.operators, self.attributes = operators or attributes, attributes

    def example(self, batch, generator):
        if self.input.kind == "tokens":
            return generator.integers(0, self.input.vocabulary, (batch, *self.input.shape)).astype(
                "int32"
            )
        return generator.normal(size=(batch, *self.input.shape)).astype("float32")

    def symbol(self):
        kind = "int32" if self.input.kind == "tokens" else "float32"
        return keras.Input(self.input.shape, dtype=kind)

    def call(self, layer, *inputs):
        return layer.module(*inputs)

    def shapes(self, layer):
        shapes = [tuple(weight.shape) for weight in layer.module.weights]
        if layer.kind in NORMS:
            yield shapes[0][-1], layer.kind in ("batch", "layer")
        else:
            bias = any(len(shape) == 1 for shape in shapes)
            for shape in shapes:
                if len(shape) > 1:
                    yield *shape[-2:], len(shape) - 2, bias

    # Layers with tensors.

    def dense(self, units, role="", bias=True, tied=None):
        return self.layer(lambda x: ("dense", layers.Dense(units, use_bias=bias)), role)

    def conv(self, units, kernel=3, stride=1, groups=1, bias=True, role="", transposed=False):
        def make(x):
            options = {"strides": stride, "padding": "same", "use_bias": bias}
            if transposed:
                of = layers.Conv1DTranspose if len(x.shape) == 3 else layers.Conv2DTranspose
                return "transposed", of(units, kernel, **options)
            of = layers.Conv1D if len(x.shape) == 3 else layers.Conv2D
            return "conv", of(units, kernel, groups=groups, **options)

        return self.layer(make, role)

    def depthwise(self, multiplier=1, kernel=3, stride=1, bias=True, role=""):
        def make(x):
            of = layers.DepthwiseConv1D if len(x.shape) == 3 else layers.DepthwiseConv2D
            options = {"depth_multiplier": multiplier, "padding": "same", "use_bias": bias}
            return "depthwise", of(kernel, strides=stride, **options)

        return self.layer(make, role)

    def separable(self, units, kernel=3, role=""):
        def make(x):
            of = layers.SeparableConv1D if len(x.shape) == 3 else layers.SeparableConv2D
            return "separable", of(units, kernel, padding="same")

        return self.layer(make, role)

    def norm(self, kind, role="norm", groups=2):
        def make(x):
            c = x.shape[-1]
            if kind in ("batch", "batchless", "tracked"):
                return "batch", layers.BatchNormalization()
            if kind == "layer":
                return "layer", layers.LayerNormalization()
            if kind == "mapped":
                return "layer", layers.LayerNormalization(axis=list(range(1, len(x.shape))))
            if kind == "rms":
                return "rms", layers.RMSNormalization()
            if kind == "instance":
                return "group", layers.GroupNormalization(-1)
            return "group", layers.GroupNormalization(groups if c % groups == 0 else 1)

        return self.layer(make, role)

    def prelu(self, each=True, role="act"):
        def make(x):
            shared = list(range(1, len(x.shape) - (1 if each else 0)))
            return "prelu", layers.PReLU(shared_axes=shared or None)

        return self.layer(make, role)

    def embedding(self, vocabulary, width, role="embed"):
        return self.layer(lambda x: ("embedding", layers.Embedding(vocabulary, width)), role)

    def positions(self, role="positions"):
        return self.layer(lambda x: ("embedding", Positions()), role)

    def recurrent(self, kind, width, count=1, both=False, role="body"):
        """Several layers, one after another, where count asks for them."""
        of = {"lstm": layers.LSTM, "gru": layers.GRU, "rnn": layers.SimpleRNN}[kind]

        def make(x):
            inner = of(width, return_sequences=True)
            return kind, layers.Bidirectional(inner) if both else inner

        parts = [self.layer(make, role) for _ in range(count)]

        def apply(x):
            for part in parts:
                x = part(x)
            return x

        return apply

    def attention(self, heads, role="attention"):
        part = self.layer(
            lambda x, y: (
                "attention",
                layers.MultiHeadAttention(heads, max(1, x.shape[-1] // heads)),
            ),
            role,
        )
        return lambda x: part(x, x)

    def vector(self, role="scale", one=False, shift=False):
        return self.layer(lambda x: ("shift" if shift else "vector", Scale(one, shift)), role)

    # Functions without tensors: a layer, or an operator.

    def either(self, layer, operation):
        """What a person writes: a layer without tensors, or a function."""
        self.step()
        return operation() if self.operators else layer()

    def act(self, kind, x):
        if kind == "minus":
            return -x
        named = {"leaky": "leaky_relu"}.get(kind, kind)
        function = getattr(keras.activations, named)
        return self.either(lambda: layers.Activation(named)(x), lambda: function(x))

    def add(self, *xs):
        if self.operators or any(x.shape != xs[0].shape for x in xs):
            return sum(xs[1:], xs[0])
        return layers.Add()(list(xs))

    def multiply(self, x, y):
        if len(x.shape) > len(y.shape):
            y = ops.reshape(y, (-1, *[1] * (len(x.shape) - len(y.shape)), y.shape[-1]))
        return x * y if self.operators else layers.Multiply()([x, y])

    def largest(self, x, y):
        return ops.maximum(x, y) if self.operators else layers.Maximum()([x, y])

    def cat(self, *xs):
        return ops.concatenate(list(xs), -1) if self.operators else layers.Concatenate()(list(xs))

    def split(self, x, parts=2):
        return ops.split(x, parts, -1)

    def shuffle(self, x, groups):
        c = x.shape[-1]
        y = ops.reshape(x, (-1, *x.shape[1:-1], groups, c // groups))
        return ops.reshape(ops.swapaxes(y, -1, -2), (-1, *x.shape[1:-1], c))

    def flatten(self, x, channels_last=True):
        if len(x.shape) == 2:
            return x
        size = int(numpy.prod(x.shape[1:]))
        return self.either(lambda: layers.Flatten()(x), lambda: ops.reshape(x, (-1, size)))

    def mean(self, x):
        axes = tuple(range(1, len(x.shape) - 1))
        of = layers.GlobalAveragePooling1D if len(axes) == 1 else layers.GlobalAveragePooling2D
        return self.either(lambda: of()(x), lambda: ops.mean(x, axes))

    def maximum(self, x):
        axes = tuple(range(1, len(x.shape) - 1))
        of = layers.GlobalMaxPooling1D if len(axes) == 1 else layers.GlobalMaxPooling2D
        return self.either(lambda: of()(x), lambda: ops.max(x, axes))

    def last(self, x):
        return x[:, -1]

    def channel_mean(self, x):
        return ops.mean(x, -1, keepdims=True)

    def channel_max(self, x):
        return ops.max(x, -1, keepdims=True)

    def upsample(self, x):
        if self.operators:
            y = ops.repeat(x, 2, 1)
            return ops.repeat(y, 2, 2) if len(x.shape) == 4 else y
        return (layers.UpSampling1D if len(x.shape) == 3 else layers.UpSampling2D)()(x)

    def pool(self, x):
        self.step()
        if self.operators:
            return ops.max_pool(x, 2, 2, "same")
        return (layers.MaxPooling1D if len(x.shape) == 3 else layers.MaxPooling2D)(
            2, padding="same"
        )(x)

    def cut(self, x, y):
        return x[tuple([slice(None)] + [slice(0, n) for n in y.shape[1:]])]

    def fold(self, x, size, channels):
        shape = (*size, channels)
        return self.either(lambda: layers.Reshape(shape)(x), lambda: ops.reshape(x, (-1, *shape)))

    def turn(self, x):
        return self.either(lambda: layers.Permute((2, 1))(x), lambda: ops.swapaxes(x, 1, 2))

    def matrix(self, x, rows):
        return ops.reshape(x, (-1, rows, x.shape[-1] // rows))

    def product(self, x, y):
        return ops.matmul(x, y)


def randomise(variables, generator):
    """Every weight drawn anew: alive, and with no two units alike."""
    for variable in variables:
        shape, name = variable.shape, variable.path.split("/")[-1]
        if name == "moving_variance":
            value = generator.uniform(0.5, 2, shape)
        elif len(shape) == 1 and name in ("gamma", "scale", "alpha"):
            value = generator.uniform(0.5, 1.5, shape) * generator.choice([-1, 1], shape)
        elif len(shape) == 1:
            value = generator.normal(size=shape) * 0.4
        else:
            value = generator.normal(size=shape) * (
                1.3 / max(1, int(numpy.prod(shape[:-1]))) ** 0.5
            )
        variable.assign(value.astype("float32"))


def save_legacy(model, path):
    """The layout of `save_weights("….h5")` in Keras 2, in which no version 3 writes.

    A group a layer, named in the attribute layer_names in the model's order; in each its tensors,
    named in weight_names. Functions on tensors are layers there, too.
    """
    counts, names = {}, []
    with h5py.File(path, "w") as file:
        for part in getattr(model, "_operations", model.layers):
            if isinstance(part, layers.InputLayer):
                name, weights = "input_1", []
            elif isinstance(part, layers.Layer):
                name, weights = part.name, part.trainable_weights + part.non_trainable_weights
            else:
                word = OPERATIONS.get(
                    part.name.rstrip("_0123456789"), "tf." + part.name.rstrip("_0123456789")
                )
                counts[word] = counts.get(word, -1) + 1
                name, weights = f"{word}_{counts[word]}" if counts[word] else word, []
            group = file.create_group(name)
            keys = []
            for weight in weights:
                # The first step of a path is the layer's own name, or the one that it had before.
                key = "/".join([name, *weight.path.split("/")[1:]]) + ":0"
                keys.append(key)
                group[key] = numpy.asarray(weight.value)
            group.attrs["weight_names"] = [key.encode() for key in keys]
            names.append(name)
        file.create_group("top_level_model_weights").attrs["weight_names"] = []
        file.attrs["layer_names"] = [name.encode() for name in names]
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = b"2.15.0"
