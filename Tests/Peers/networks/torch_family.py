"""The family of PyTorch state dicts: makes a pair of files, and judges what was written."""

import numpy
import torch

from . import torch_library
from .library import NORMS
from .naming import PLAIN, UNIFORM, all_say_conv, torch_names
from .torch_library import TorchLibrary


class Pair:
    """Two random instances of one network.

    style, uniform: how its layers are named.
    known: whether rows that are named so must be matched in full.
    doubted: the names of the square layers of which a warning must speak, where the naming is
        uniform: for each layer a list of what it may be called.
    suffix: of its files.
    """

    def __init__(self, network, draw, seed, _family):
        self.library = TorchLibrary(network)
        self.generator = torch.Generator().manual_seed(seed)
        self.example = self.library.example(7, self.generator)
        self.library.run(self.example)
        self.style, layers = torch_names(self.library, draw)
        self.uniform = self.style in UNIFORM
        # Only one of the formats keeps the order in which layers were defined.
        self.suffix = ".safetensors" if not network.ordered and draw.chance(0.3) else ".pt"
        # A head without a number leaves the order open where widths are equal; and where a file is
        # sorted by names, norms may stand before the layers of their numbers.
        norms = any(layer.kind in NORMS for layer in self.library.layers)
        self.known = self.style in PLAIN and all_say_conv(self.library)
        self.known &= self.suffix == ".pt" or not norms
        self.doubted = [layer.names for layer in self.library.doubted]
        self.root = torch_library.tree(layers)

    def answer(self):
        """What the network computes, in double precision, so that rounding makes no difference."""
        x = self.example.double() if self.example.is_floating_point() else self.example
        self.root.double()
        with torch.no_grad():
            y = self.library.run(x).numpy().copy()
        self.root.float()
        return y

    def save(self, a, b):
        for path in (a, b):
            torch_library.randomise(self.root, self.generator)
            torch_library.save(self.root.state_dict(), path)
        return self.answer()

    def load(self, path):
        """What the network computes with a file's tensors; tied ones must be equal in it."""
        state = torch_library.load(path)
        places = {}
        for key, value in self.root.state_dict().items():
            places.setdefault((value.data_ptr(), value.shape), []).append(key)
        for first, *others in places.values():
            for other in others:
                if not numpy.array_equal(state[first].numpy(), state[other].numpy()):
                    raise ValueError(f"{first} and {other} are one tensor, and no longer equal")
        self.root.load_state_dict(state)
        return self.answer()
