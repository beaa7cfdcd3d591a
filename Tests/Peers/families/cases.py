"""The families' tiny random models: a registry of functions that make them.

A case gives the model, the input of one example (token ids, or an image or signal with the channels last),
the function that runs the real library on it, and how it is saved.
"""
import dataclasses
import typing

import numpy
import torch

CASES: dict[str, typing.Callable] = {}


@dataclasses.dataclass
class Case:
    model: torch.nn.Module
    # One example as the tool reads it: ids [steps], or [height, width, 3], or [steps, features].
    example: numpy.ndarray
    # From the model and the example, the library's output for it.
    run: typing.Callable
    # pretrained, sharded, bin, safetensors, torch
    save: str = "pretrained"
    # Whether the tool is meant to run it, and its groups to be permuted.
    runs: bool = True
    note: str = ""
    prefix: str = ""
    dtype: torch.dtype = torch.float32
    drop: tuple = ()
    options: tuple = ()
    # Of a model of several inputs, what each is given, from the example; by the tool's names of them.
    inputs: typing.Callable | None = None


def case(function):
    """Registers a function that makes one case, by its name."""
    CASES[function.__name__.replace("_", "-")] = function
    return function


def tokens(vocabulary, steps=9, seed=3, low=3):
    """Random ids that are no special tokens."""
    return numpy.random.default_rng(seed).integers(low, vocabulary, steps)


def image(size, seed=4, channels=3):
    """A random image with the channels last."""
    return numpy.random.default_rng(seed).standard_normal((size, size, channels)).astype("float32")


def spread(model, seed=0):
    """Makes every parameter generic: norms with gains apart from one, biases apart from zero."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not parameter.requires_grad:
                continue  # sines that the library computes
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.ndim <= 1 and "gain" not in name:
                parameter += 0.2 * noise.to(parameter.dtype)
            elif parameter.std() == 0:
                parameter += 0.2 * noise.to(parameter.dtype)
            else:
                # Libraries start small; larger numbers make every part count.
                fan = max(1, parameter[0].numel())
                parameter.copy_((noise * (1.0 / fan) ** 0.5).to(parameter.dtype))
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer += 0.1 * torch.randn(buffer.shape, generator=generator)
            elif name.endswith("final_logits_bias"):
                buffer += torch.randn(buffer.shape, generator=generator)
            elif name.endswith("running_var"):
                buffer += 0.3 * torch.rand(buffer.shape, generator=generator)
    return model.eval()


def ids_run(pick=lambda result: result.logits):
    """Runs a model of Hugging Face on token ids."""
    def run(model, example):
        with torch.no_grad():
            return pick(model(input_ids=torch.tensor(example)[None]))[0].float().numpy()
    return run


def hidden(result):
    return result.last_hidden_state


def pixels_run(pick=lambda result: result.logits):
    """Runs a vision model of Hugging Face on an image with the channels last."""
    def run(model, example):
        x = torch.tensor(example).permute(2, 0, 1)[None]
        with torch.no_grad():
            return pick(model(pixel_values=x))[0].float().numpy()
    return run


def plain_image(model, example):
    """Runs a plain vision model on an image with the channels last."""
    with torch.no_grad():
        return model(torch.tensor(example).permute(2, 0, 1)[None])[0].float().numpy()


def plain_steps(model, example):
    """Runs a plain model on steps of features."""
    with torch.no_grad():
        return model(torch.tensor(example)[None])[0].float().numpy()
