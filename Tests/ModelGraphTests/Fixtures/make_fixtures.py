"""Makes the Keras fixtures of this folder, and what each network answers.

    KERAS_BACKEND=jax python make_fixtures.py

Needs keras (3.15 was used), h5py and numpy. Every model is tiny and has random weights, biases and
batch-norm statistics, so that a wrong axis anywhere changes the answer. `io.h5` holds, for every
model, `<name>/input` (or `input0`, `input1`) and `<name>/output`, as Keras computed them.
The `.h5` files are in the old format, `.keras` and `.weights.h5` in that of Keras 3.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import h5py
import keras
import numpy as np
from keras import layers as L

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = {}


def model(function):
    MODELS[function.__name__] = function
    return function


@model
def mlp():
    return keras.Sequential(
        [L.Input((12,)), L.Dense(8, activation="relu"), L.Dense(6, activation="tanh"),
         L.BatchNormalization(), L.Dense(4, activation="softmax")], name="mlp")


@model
def mlp_other():
    """The same network, functional, under other names."""
    x = inputs = L.Input((12,), name="pixels")
    x = L.Activation("relu", name="act")(L.Dense(8, name="first")(x))
    x = L.Dropout(0.3, name="drop")(x)
    x = L.Dense(6, activation="tanh", name="second")(x)
    x = L.BatchNormalization(name="norm")(x)
    return keras.Model(inputs, L.Dense(4, activation="softmax", name="head")(x))


@model
def vgg():
    block = lambda n: [L.Conv2D(n, 3, padding="same"), L.BatchNormalization(), L.ReLU()]
    return keras.Sequential(
        [L.Input((8, 8, 3)), *block(4), *block(6), L.MaxPooling2D(), *block(8),
         L.AveragePooling2D(3, 2, padding="same"), L.Flatten(), L.Dense(10, activation="elu"),
         L.Dropout(0.5), L.Dense(5)], name="vgg")


@model
def resnet():
    def conv(x, n, size, stride=1):
        x = L.Conv2D(n, size, strides=stride, padding="same", use_bias=False)(x)
        return L.BatchNormalization(epsilon=1e-5)(x)

    def block(x, n, stride):
        y = L.ReLU()(conv(x, n, 3, stride))
        y = conv(y, n, 3)
        if stride != 1 or x.shape[-1] != n:
            x = conv(x, n, 1, stride)
        return L.ReLU()(L.Add()([y, x]))

    inputs = L.Input((9, 9, 3))
    x = L.ZeroPadding2D(((1, 0), (0, 1)))(inputs)
    x = L.Conv2D(4, 3, strides=2, padding="valid", use_bias=False)(x)
    x = L.ReLU()(L.BatchNormalization()(x))
    x = block(x, 4, 1)
    x = block(x, 6, 2)
    x = block(x, 6, 1)
    x = L.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, L.Dense(3)(x), name="resnet")


@model
def tcn():
    """Dilated convolutions along time, several sums into one stream, cropped to a common length."""
    inputs = L.Input((24, 3))
    x = L.Conv1D(5, 1)(inputs)
    for dilation in (1, 2, 4):
        y = L.Conv1D(7, 3, dilation_rate=dilation, activation="relu")(x)
        y = L.Conv1D(5, 1)(y)
        x = L.Add()([L.Cropping1D((dilation, dilation))(x), y])
    y = L.Conv1D(5, 2, padding="causal", activation="gelu")(x)
    z = L.Conv1D(5, 3, padding="same", activation="silu")(x)
    x = L.Add()([x, y, z])
    x = L.Conv1D(6, 3, strides=2, padding="same", activation="selu")(x)
    return keras.Model(inputs, L.Dense(2)(L.GlobalMaxPooling1D()(x)), name="tcn")


@model
def separable():
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 3, strides=2, padding="same", activation="relu6")(inputs)
    x = L.DepthwiseConv2D(3, padding="same", depth_multiplier=2)(x)
    x = L.LeakyReLU(negative_slope=0.1)(L.BatchNormalization()(x))
    x = L.SeparableConv2D(6, 3, padding="same", depth_multiplier=1, activation="relu")(x)
    x = L.Conv2D(6, 3, groups=3, padding="same", activation="softplus")(x)
    x = L.Conv2D(5, 2, padding="valid", dilation_rate=2)(x)
    return keras.Model(inputs, L.Dense(3)(L.Flatten()(x)), name="separable")


@model
def inception():
    """Concatenations, one of which is added to a stream that is cut elsewhere."""
    inputs = L.Input((6, 6, 2))
    stem = L.Conv2D(8, 3, padding="same", activation="relu")(inputs)
    a = L.Conv2D(3, 1)(stem)
    b = L.Conv2D(5, 3, padding="same", activation="relu")(stem)
    x = L.Concatenate()([a, b])
    c = L.Conv2D(4, 1)(x)
    d = L.Conv2D(4, 5, padding="same")(x)
    y = L.Concatenate(axis=3)([c, d])
    x = L.ReLU()(L.Add()([x, y, stem]))
    p = L.MaxPooling2D(3, strides=1, padding="same")(x)
    x = L.Concatenate()([p, L.Conv2D(2, 1)(x)])
    x = L.Conv2D(4, 3, activation="sigmoid")(x)
    return keras.Model(inputs, L.Dense(3)(L.Flatten()(x)), name="inception")


@model
def lstm():
    inputs = L.Input((7,), dtype="int32")
    x = L.Embedding(11, 5, mask_zero=True)(inputs)
    x = L.LSTM(6, return_sequences=True)(x)
    x = L.LSTM(4)(x)
    return keras.Model(inputs, L.Dense(3, activation="softmax")(x), name="lstm")


@model
def gru():
    inputs = L.Input((6, 3))
    x = L.Masking(0.0)(inputs)
    x = L.GRU(5, return_sequences=True)(x)
    x = L.GRU(4, reset_after=False, return_sequences=True, recurrent_activation="hard_sigmoid")(x)
    x = L.SimpleRNN(4, go_backwards=True)(x)
    return keras.Model(inputs, L.Dense(2)(x), name="gru")


@model
def bidirectional():
    inputs = L.Input((5, 4))
    x = L.Bidirectional(L.LSTM(3, return_sequences=True))(inputs)
    x = L.LayerNormalization()(x)
    x = L.Bidirectional(L.GRU(4, return_sequences=True), merge_mode="sum")(x)
    x = L.TimeDistributed(L.Dense(4, activation="relu"))(x)
    x = L.Bidirectional(L.SimpleRNN(3), merge_mode="mul")(x)
    return keras.Model(inputs, L.Dense(2)(x), name="bidirectional")


@model
def nested():
    inner_input = L.Input((6,))
    y = L.Dense(5, activation="relu", name="dense")(inner_input)
    y = L.BatchNormalization(name="norm")(y)
    innermost = keras.Sequential(
        [L.Input((5,)), L.Dense(4, activation="relu", name="dense"),
         L.Dense(6, name="back")], name="innermost")
    inner = keras.Model(inner_input, innermost(y), name="inner")
    trunk = keras.Sequential(
        [L.Dense(7, activation="relu", name="dense"), L.BatchNormalization(name="norm"),
         L.Dense(6, name="last")], name="trunk")
    inputs = L.Input((4,))
    x = trunk(inputs)
    x = L.Add()([x, inner(x)])
    return keras.Model(inputs, L.Dense(2, name="dense")(x), name="nested")


@model
def shared():
    """One layer for two inputs, and one in both halves of a sum."""
    left, right = L.Input((5,)), L.Input((5,))
    tower = L.Dense(6, activation="relu", name="tower")
    mix = L.Dense(6, activation="tanh", name="mix")
    x, y = tower(left), tower(right)
    x, y = mix(x), mix(y)
    z = L.Multiply()([x, y])
    z = L.Concatenate()([z, L.LayerNormalization()(x)])
    return keras.Model([left, right], L.Dense(3, name="head")(z), name="shared")


@model
def squeeze():
    """Squeeze and excite, a reshape that makes channels, layer norm over a map."""
    inputs = L.Input((10,))
    x = L.Dense(3 * 3 * 4, activation="relu")(inputs)
    x = L.Reshape((3, 3, 4))(x)
    x = L.LayerNormalization(axis=[1, 2, 3])(x)
    x = L.Conv2D(6, 3, padding="same", activation="relu")(x)
    s = L.GlobalAveragePooling2D(keepdims=True)(x)
    s = L.Dense(3, activation="relu")(s)
    s = L.Dense(6, activation="sigmoid")(s)
    x = L.Multiply()([x, s])
    x = L.Reshape((9, 6))(x)
    x = L.Conv1D(4, 2, activation="exponential")(x)
    return keras.Model(inputs, L.Dense(2)(L.Flatten()(x)), name="squeeze")


@model
def preprocessed():
    norm = L.Normalization(axis=-1)
    norm.adapt(np.random.default_rng(3).normal(2.0, 3.0, (50, 4, 4, 2)).astype("float32"))
    return keras.Sequential(
        [L.Input((4, 4, 2)), L.Rescaling(1 / 127.5, offset=-1.0), norm,
         L.Conv2D(5, 3, activation="relu"), L.Flatten(), L.Dense(3)], name="preprocessed")


@model
def opaque():
    """A layer that is not understood (PReLU) in the middle."""
    inputs = L.Input((6,))
    x = L.Dense(8, activation="relu", name="before")(inputs)
    x = L.Dense(5, name="into")(x)
    x = L.PReLU(name="strange")(x)
    x = L.Dense(7, activation="relu", name="after")(x)
    return keras.Model(inputs, L.Dense(2, name="head")(x), name="opaque")


# The models that are also saved in the formats of Keras 3.
ALSO_KERAS = {"mlp", "lstm", "bidirectional", "nested", "separable"}
ALSO_WEIGHTS = {"mlp", "bidirectional"}


def randomise(net, rng):
    for variable in net.weights:
        shape = variable.shape
        name = variable.path.split("/")[-1]
        if name in ("moving_variance", "variance"):
            value = rng.uniform(0.5, 2.0, shape)
        elif name == "gamma":
            value = rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape)
        elif name == "count":
            continue
        else:
            fan = max(1, int(np.prod(shape[:-1])))
            value = rng.normal(0, 1.2 / np.sqrt(fan) if len(shape) > 1 else 0.3, shape)
        variable.assign(value.astype("float32"))
    for layer in net.layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def main():
    with h5py.File(os.path.join(HERE, "io.h5"), "w") as io:
        for seed, (name, make) in enumerate(MODELS.items()):
            keras.backend.clear_session()
            keras.utils.set_random_seed(seed)
            rng = np.random.default_rng(seed)
            net = make()
            randomise(net, rng)
            inputs = []
            for tensor in net.inputs:
                shape = (4,) + tuple(tensor.shape[1:])
                if tensor.dtype == "int32":
                    value = rng.integers(0, 11, shape).astype("float32")
                    value[0, 4:] = 0
                else:
                    value = rng.normal(0, 1, shape).astype("float32")
                    if name == "gru":
                        value[1, 3:] = 0
                        value[2, 0] = 0
                    if name == "preprocessed":
                        value = value * 60 + 120
                inputs.append(value)
            output = np.asarray(net(inputs if len(inputs) > 1 else inputs[0], training=False))
            group = io.create_group(name)
            for index, value in enumerate(inputs):
                group["input" if len(inputs) == 1 else f"input{index}"] = value
            group["output"] = output
            if name == "mlp":
                # With the state of an optimiser, as after training.
                net.compile(optimizer="adam", loss="mse")
                net.optimizer.build(net.trainable_variables)
            net.save(os.path.join(HERE, name + ".h5"))
            if name in ALSO_KERAS:
                net.save(os.path.join(HERE, name + ".keras"))
            if name in ALSO_WEIGHTS:
                net.save_weights(os.path.join(HERE, name + ".weights.h5"))
            print(name, net.count_params(), output.shape, float(np.abs(output).max()))


main()
