"""Second derivatives of small networks by PyTorch's double backward in Float64.

Writes hessians.h5: a group a network with its tensors (Float32), the examples, a direction, the product
with it by running statistics and by the batch's, the largest eigenvalues and the trace of the whole
matrix. Run it with a Python that has torch and h5py.
"""

import pathlib

import h5py
import numpy as np
import torch
from torch import nn
from torch.nn import functional

torch.set_default_dtype(torch.float64)


class Mlp(nn.Module):
    """Two hidden layers of a smooth function and one of ReLU."""

    def __init__(self, function):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(8, 16), nn.Linear(16, 12), nn.Linear(12, 5)
        self.function = function

    def forward(self, x):
        return self.c(torch.relu(self.b(self.function(self.a(x)))))


class Vgg(nn.Module):
    """Convolutions with bias, ReLU and maximum pooling."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 4, 3, padding=1)
        self.b = nn.Conv2d(4, 8, 3, padding=1)
        self.c = nn.Linear(32, 5)

    def forward(self, x):
        x = functional.max_pool2d(torch.relu(self.a(x)), 2)
        x = functional.max_pool2d(torch.relu(self.b(x)), 2)
        return self.c(x.flatten(1))


class ResNet(nn.Module):
    """Two residual blocks with batch normalisation, one with a projection, and average pooling."""

    def __init__(self):
        super().__init__()
        self.a, self.na = nn.Conv2d(3, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.b, self.nb = nn.Conv2d(6, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.c, self.nc = nn.Conv2d(6, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.d, self.nd = nn.Conv2d(6, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8)
        self.e, self.ne = nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)
        self.s, self.ns = nn.Conv2d(6, 8, 1, stride=2, bias=False), nn.BatchNorm2d(8)
        self.h = nn.Linear(8, 5)

    def forward(self, x):
        x = torch.relu(self.na(self.a(x)))
        y = torch.relu(self.nb(self.b(x)))
        x = torch.relu(x + self.nc(self.c(y)))
        y = torch.relu(self.nd(self.d(x)))
        x = torch.relu(self.ns(self.s(x)) + self.ne(self.e(y)))
        return self.h(x.mean((2, 3)))


def rounded(tensor):
    """The values as a Float32 file holds them."""
    return tensor.float().double()


def product(model, x, y, direction):
    parameters = list(model.parameters())
    loss = functional.cross_entropy(model(x), y)
    gradients = torch.autograd.grad(loss, parameters, create_graph=True)
    pairing = sum((g * d).sum() for g, d in zip(gradients, direction))
    found = torch.autograd.grad(pairing, parameters)
    return loss.item(), torch.cat([f.flatten() for f in found])


def split(model, vector):
    parts, start = [], 0
    for parameter in model.parameters():
        parts.append(vector[start : start + parameter.numel()].view_as(parameter))
        start += parameter.numel()
    return parts


def hessian(model, x, y):
    parameters = list(model.parameters())
    loss = functional.cross_entropy(model(x), y)
    gradients = torch.autograd.grad(loss, parameters, create_graph=True)
    flat = torch.cat([g.flatten() for g in gradients])
    rows = []
    for element in flat:
        found = torch.autograd.grad(element, parameters, retain_graph=True)
        rows.append(torch.cat([f.flatten() for f in found]))
    return torch.stack(rows)


def write(file, name, model, shape, count=24):
    generator = torch.Generator().manual_seed(7)
    for parameter in model.parameters():
        parameter.data = rounded(parameter.data)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            size = module.num_features
            module.weight.data = rounded(1 + 0.3 * torch.randn(size, generator=generator))
            module.bias.data = rounded(0.2 * torch.randn(size, generator=generator))
            module.running_mean = rounded(0.2 * torch.randn(size, generator=generator))
            module.running_var = rounded(0.5 + torch.rand(size, generator=generator))
    x = rounded(torch.randn(count, *shape, generator=generator))
    y = torch.randint(0, 5, (count,), generator=generator)
    size = sum(p.numel() for p in model.parameters())
    direction = rounded(torch.randn(size, generator=generator))
    group = file.create_group(name)
    for key, value in model.state_dict().items():
        if "num_batches" not in key:
            group[key] = value.numpy().astype(np.float32)
    group["x"] = x.numpy().astype(np.float32)
    group["y"] = y.numpy().astype(np.float32)
    group["direction"] = direction.numpy().astype(np.float32)
    state = {key: value.clone() for key, value in model.state_dict().items()}
    model.train()
    loss, found = product(model, x, y, split(model, direction))
    group["batch_loss"] = np.float32([loss])
    group["batch_product"] = found.numpy().astype(np.float32)
    model.load_state_dict(state)
    model.eval()
    loss, found = product(model, x, y, split(model, direction))
    group["loss"] = np.float32([loss])
    group["product"] = found.numpy().astype(np.float32)
    matrix = hessian(model, x, y)
    matrix = (matrix + matrix.T) / 2
    values = np.linalg.eigvalsh(matrix.numpy())
    group["largest"] = values[::-1][:8].astype(np.float32)
    group["trace"] = np.float32([matrix.trace().item()])
    print(name, size, loss, values[::-1][:5], matrix.trace().item())


if __name__ == "__main__":
    torch.manual_seed(1)
    with h5py.File(pathlib.Path(__file__).with_name("hessians.h5"), "w") as file:
        for function in ["tanh", "sigmoid", "softplus", "silu", "gelu", "elu", "leaky_relu"]:
            write(file, f"mlp_{function}", Mlp(getattr(functional, function)), (8,))
        write(file, "vgg", Vgg(), (1, 8, 8))
        write(file, "resnet", ResNet(), (3, 8, 8))
