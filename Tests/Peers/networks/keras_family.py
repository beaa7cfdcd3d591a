"""The families of Keras: weights of version 3, and weights-only files as version 2 wrote them."""

import re
from collections import defaultdict

import keras
import numpy
from keras.src.utils.naming import to_snake_case

from . import keras_library
from .keras_library import KerasLibrary
from .library import NORMS
from .naming import PLAIN, UNIFORM, all_say_conv, keras_names


class Block(keras.layers.Layer):
    """A part of a network with layers as attributes. The layers are called without it."""

    def build(self):
        self.built = True


def renumbered(name, counters):
    """An automatic name as it is in a session that has made other layers before."""
    word, number = re.fullmatch(r"(.*?)(?:_(\d+))?", name).groups()
    number = int(number or 0) + counters[word]
    return f"{word}_{number}" if number else word


class Net(keras.Model):
    """A class of the user's own: its attributes are the names in a file of Keras 3."""

    def __init__(self, library, names):
        super().__init__()
        self.answer_of = library.run
        lists = {}
        for layer, name in zip(library.in_order, names):
            word, *path = name.split(".")
            word = f"my_{word}" if hasattr(keras.Model, word) else word
            if not path:
                setattr(self, word, layer.module)
            elif len(path) == 1:
                lists.setdefault(word, []).append(layer.module)
            else:
                parts = lists.setdefault(word, [])
                parts += [Block() for _ in range(int(path[0]) + 1 - len(parts))]
                leaf = f"my_{path[1]}" if hasattr(Block, path[1]) else path[1]
                setattr(parts[int(path[0])], leaf, layer.module)
        for word, parts in lists.items():
            setattr(self, word, parts)

    def call(self, x):
        return self.answer_of(x)


class Pair:
    """Two random instances of one network, as `torch_family.Pair`."""

    def __init__(self, network, draw, seed, family):
        keras.utils.clear_session()
        self.generator = numpy.random.default_rng(seed)
        self.legacy, self.suffix = (
            family == "legacy",
            ".h5" if family == "legacy" else ".weights.h5",
        )
        attributes = draw.chance(0.2 if network.row else 0.4)
        self.library = KerasLibrary(network, draw.chance(0.5), attributes)
        self.example = self.library.example(7, self.generator)
        symbol = self.library.symbol()
        self.model = keras.Model(symbol, self.library.run(symbol))
        style, names = keras_names(self.library, draw, attributes and not self.legacy)
        self.style, self.uniform = style, style in UNIFORM
        if names is None:
            counters = defaultdict(lambda: draw.choose([0, 0, 1, 5, 9, 10]))
            for part in self.model.layers:
                part.name = renumbered(part.name, counters)
            names = [f"part{n}" for n in range(len(self.library.layers))]
        elif self.legacy or not attributes:
            for layer, name in zip(self.library.in_order, names):
                layer.module.name = name
        if attributes:
            self.model = Net(self.library, names)
            self.model(self.example)
        for layer, name in zip(self.library.in_order, names):
            layer.names = [layer.module.name, name, name.split(".")[-1]]
        self.name_by_class(attributes)
        # A file of Keras 3 sorts layers by their names: it does not say which layer a norm follows.
        # Attributes are names of their own, in no order.
        several = {layer.kind for layer in self.library.layers} & set(NORMS)
        self.known = style in PLAIN and (self.legacy or not (attributes or several))
        self.known &= all_say_conv(self.library, self.legacy)
        self.doubted = [layer.names for layer in self.library.doubted]

    def name_by_class(self, attributes):
        """Keras 3 files name layers by their class, with a number, whatever they are called."""
        counts = defaultdict(int)
        by_module = {id(layer.module): layer for layer in self.library.layers}
        for part in self.model.layers:
            word = to_snake_case(type(part).__name__)
            name = f"{word}_{counts[word]}" if counts[word] else word
            counts[word] += 1
            if id(part) in by_module and not attributes:
                by_module[id(part)].names.append(name)

    def answer(self):
        return numpy.asarray(self.model(self.example, training=False))

    def save(self, a, b):
        for path in (a, b):
            keras_library.randomise(self.model.weights, self.generator)
            if self.legacy:
                keras_library.save_legacy(self.model, path)
            else:
                self.model.save_weights(path)
        return self.answer()

    def load(self, path):
        self.model.load_weights(path)
        return self.answer()
