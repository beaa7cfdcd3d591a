"""Makes the PyTorch fixtures of this folder, and what each network answers.

    python3 make_torch_fixtures.py

Needs torch (1.13 was used), h5py and numpy. State dictionaries are written to HDF5 under their own
dotted names, in their own order; `<name>` in `torch_io.h5` holds input and output. The modules are
named as torchvision's ResNet and VGG and the usual CIFAR code name theirs, at tiny widths.
"""

import os

import h5py
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))


def conv(i, o, k=3, s=1):
    return nn.Conv2d(i, o, k, s, k // 2, bias=False)


class Basic(nn.Module):
    """torchvision's basic block; `shortcut` names the projection as CIFAR code does."""

    def __init__(self, i, o, s, shortcut="downsample"):
        super().__init__()
        self.conv1, self.bn1 = conv(i, o, 3, s), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = conv(o, o), nn.BatchNorm2d(o)
        self.name, self.extra = shortcut, None
        if s != 1 or i != o:
            if shortcut == "pad":
                self.extra = o - i
            else:
                setattr(self, shortcut, nn.Sequential(conv(i, o, 1, s), nn.BatchNorm2d(o)))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.extra is not None:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.extra // 2, self.extra - self.extra // 2))
        elif hasattr(self, self.name):
            x = getattr(self, self.name)(x)
        return F.relu(x + y)


class Bottleneck(nn.Module):
    def __init__(self, i, m, s):
        super().__init__()
        o = 4 * m
        self.conv1, self.bn1 = conv(i, m, 1), nn.BatchNorm2d(m)
        self.conv2, self.bn2 = conv(m, m, 3, s), nn.BatchNorm2d(m)
        self.conv3, self.bn3 = conv(m, o, 1), nn.BatchNorm2d(o)
        if s != 1 or i != o:
            self.downsample = nn.Sequential(conv(i, o, 1, s), nn.BatchNorm2d(o))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))


class ResNet(nn.Module):
    def __init__(self, widths, counts, block, imagenet, head="fc", classes=5):
        super().__init__()
        self.imagenet = imagenet
        stem = widths[0]
        self.conv1 = nn.Conv2d(3, stem, 7, 2, 3, bias=False) if imagenet else conv(3, stem)
        self.bn1 = nn.BatchNorm2d(stem)
        i = stem
        for k, (w, n) in enumerate(zip(widths, counts)):
            blocks = []
            for b in range(n):
                blocks.append(block(i, w, 2 if k > 0 and b == 0 else 1))
                i = 4 * w if isinstance(blocks[-1], Bottleneck) else w
            setattr(self, f"layer{k + 1}", nn.Sequential(*blocks))
        self.stages, self.head = len(widths), head
        setattr(self, head, nn.Linear(i, classes))

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if self.imagenet:
            x = F.max_pool2d(x, 3, 2, 1)
        for k in range(self.stages):
            x = getattr(self, f"layer{k + 1}")(x)
        return getattr(self, self.head)(x.mean((2, 3)))


class VGG(nn.Module):
    def __init__(self, plan, norm, hidden, side, cifar=False):
        super().__init__()
        layers, i = [], 3
        for w in plan:
            if w == "M":
                layers.append(nn.MaxPool2d(2, 2))
            else:
                layers.append(nn.Conv2d(i, w, 3, padding=1))
                if norm:
                    layers.append(nn.BatchNorm2d(w))
                layers.append(nn.ReLU())
                i = w
        if cifar:
            layers.append(nn.AvgPool2d(1, 1))
        self.features = nn.Sequential(*layers)
        if cifar:
            self.classifier = nn.Linear(i * side * side, 5)
        else:
            self.classifier = nn.Sequential(
                nn.Linear(i * side * side, hidden), nn.ReLU(), nn.Dropout(),
                nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(), nn.Linear(hidden, 5))

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


VGG16 = [3, 3, "M", 4, 4, "M", 5, 5, 5, "M", 6, 6, 6, "M", 6, 6, 6, "M"]
MODELS = {
    "resnet18": (lambda: ResNet([4, 5, 6, 7], [2, 2, 2, 2], Basic, True), (3, 224, 224)),
    "resnet50": (lambda: ResNet([2, 2, 3, 3], [2, 1, 1, 1], Bottleneck, True), (3, 224, 224)),
    "resnet20": (lambda: ResNet([4, 6, 8], [3, 3, 3],
                                lambda i, o, s: Basic(i, o, s, "pad"), False, "linear"),
                 (3, 32, 32)),
    "resnet20_shortcut": (lambda: ResNet([4, 6, 8], [3, 3, 3],
                                         lambda i, o, s: Basic(i, o, s, "shortcut"), False,
                                         "linear"), (3, 32, 32)),
    "vgg16": (lambda: VGG([3, "M", 4, "M", 5, 5, "M", 6, 6, "M", 6, 6, "M"], False, 8, 7),
              (3, 224, 224)),
    "vgg16_bn": (lambda: VGG(VGG16, True, 0, 1, cifar=True), (3, 32, 32)),
    "mlp_bn": (lambda: nn.Sequential(
        nn.Linear(6, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 7), nn.BatchNorm1d(7),
        nn.ReLU(), nn.Linear(7, 3)), (6,)),
}


def main():
    with h5py.File(os.path.join(HERE, "torch_io.h5"), "w") as io:
        for seed, (name, (make, shape)) in enumerate(MODELS.items()):
            torch.manual_seed(seed)
            net = make().eval()
            with torch.no_grad():
                for key, value in net.state_dict().items():
                    if key.endswith("running_var"):
                        value.uniform_(0.5, 2)
                    elif value.ndim == 1 and key.endswith("weight"):
                        value.uniform_(0.5, 1.5)
                    elif value.ndim == 1:
                        value.normal_(0, 0.3)
            batch = 1 if shape[-1] == 224 else 3
            if len(shape) == 3:
                # Blocks of pixels, in whole numbers: small once compressed.
                side = 16 if shape[-1] == 224 else 2
                x = torch.randint(-3, 4, (batch, 3, shape[1] // side, shape[2] // side)).float()
                x = x.repeat_interleave(side, 2).repeat_interleave(side, 3)
            else:
                x = torch.randn(batch, *shape)
            with torch.no_grad():
                y = net(x)
            with h5py.File(os.path.join(HERE, name + ".torch.h5"), "w", track_order=True,
                           libver="latest") as f:
                for key, value in net.state_dict().items():
                    f[key] = value.numpy()
            group = io.create_group(name)
            group.create_dataset("input", data=x.numpy(), compression="gzip", shuffle=True)
            group["output"] = y.numpy()
            print(name, sum(p.numel() for p in net.parameters()), y.abs().max().item())


main()
