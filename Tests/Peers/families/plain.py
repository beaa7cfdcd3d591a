"""Plain PyTorch modules."""
import numpy
import torch
from cases import Case, case, plain_steps, spread
from text import add


def steps(count, width, seed=6):
    return numpy.random.default_rng(seed).standard_normal((count, width)).astype("float32")


def encoder(**changes):
    settings = dict(d_model=16, nhead=4, dim_feedforward=24, batch_first=True)
    settings.update(changes)
    return torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(**settings), 2)


UNSAID = dict(save="torch", runs=False, options=("--assume", "heads=4"),
              note="the place of norms is said nowhere")
add("torch_encoder", lambda: Case(spread(encoder()), steps(5, 16), plain_steps, **UNSAID))
add("torch_encoder_norm_first", lambda: Case(
    spread(encoder(norm_first=True, activation="gelu")), steps(5, 16), plain_steps, **UNSAID))
add("torch_transformer", lambda: Case(
    spread(torch.nn.Transformer(d_model=16, nhead=4, num_encoder_layers=2, num_decoder_layers=2,
                                dim_feedforward=24, batch_first=True)), steps(5, 16),
    lambda model, x: model(torch.tensor(x)[None], torch.tensor(x)[None])[0].detach().numpy(),
    **UNSAID))
