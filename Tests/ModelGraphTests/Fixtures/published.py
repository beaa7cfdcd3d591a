"""Small networks whose state dicts have the names of torchvision's, block for block.

Written from the shapes and names that published files have, at tiny widths and few blocks. Every
class is a plain nn.Module, so that torch.fx can trace what it computes.
"""

import torch
import torch.nn.functional as F
from torch import nn


def conv_norm(i, o, k=3, s=1, groups=1, act=nn.ReLU):
    """Conv2dNormActivation: .0 is the convolution, .1 the norm."""
    parts = [nn.Conv2d(i, o, k, s, k // 2, groups=groups, bias=False), nn.BatchNorm2d(o)]
    return nn.Sequential(*parts, *([act()] if act else []))


class Squeeze(nn.Module):
    """Squeeze and excitation by convolutions of one pixel, fc1 and fc2."""

    def __init__(self, c, r):
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1, self.fc2 = nn.Conv2d(c, r, 1), nn.Conv2d(r, c, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(F.relu(self.fc1(self.avgpool(x)))))


class InvertedV2(nn.Module):
    def __init__(self, i, o, s, expand):
        super().__init__()
        h, parts = i * expand, []
        if expand != 1:
            parts.append(conv_norm(i, h, 1, act=nn.ReLU6))
        parts.append(conv_norm(h, h, 3, s, h, nn.ReLU6))
        parts += [nn.Conv2d(h, o, 1, bias=False), nn.BatchNorm2d(o)]
        self.conv, self.adds = nn.Sequential(*parts), s == 1 and i == o

    def forward(self, x):
        return x + self.conv(x) if self.adds else self.conv(x)


class MobileNetV2(nn.Module):
    def __init__(self):
        super().__init__()
        parts, i = [conv_norm(3, 4, 3, 2, act=nn.ReLU6)], 4
        for expand, o, s in [(1, 4, 1), (3, 6, 2), (3, 6, 1), (2, 6, 1), (3, 8, 1), (3, 8, 1)]:
            parts.append(InvertedV2(i, o, s, expand))
            i = o
        parts.append(conv_norm(i, 10, 1, act=nn.ReLU6))
        self.features = nn.Sequential(*parts)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(10, 5))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class Inverted(nn.Module):
    """The inverted residual of MobileNetV3 and EfficientNet (MBConv), both with `block`."""

    def __init__(self, i, h, o, s, r, act=nn.Hardswish):
        super().__init__()
        parts = [conv_norm(i, h, 1, act=act)] if h != i else []
        parts.append(conv_norm(h, h, 3, s, h, act))
        parts += [Squeeze(h, r)] if r else []
        parts.append(conv_norm(h, o, 1, act=None))
        self.block, self.adds = nn.Sequential(*parts), s == 1 and i == o

    def forward(self, x):
        return x + self.block(x) if self.adds else self.block(x)


class MobileNetV3(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            conv_norm(3, 4, 3, 2, act=nn.Hardswish),
            Inverted(4, 4, 4, 1, 2, nn.ReLU),
            Inverted(4, 8, 6, 2, 0, nn.ReLU),
            Inverted(6, 9, 6, 1, 0, nn.ReLU),
            Inverted(6, 12, 8, 1, 4),
            Inverted(8, 16, 8, 1, 8),
            conv_norm(8, 12, 1, act=nn.Hardswish),
        )
        self.classifier = nn.Sequential(
            nn.Linear(12, 14), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(14, 5)
        )

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class EfficientNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            conv_norm(3, 4, 3, 2, act=nn.SiLU),
            nn.Sequential(Inverted(4, 4, 4, 1, 1, nn.SiLU)),
            nn.Sequential(Inverted(4, 12, 6, 2, 1, nn.SiLU), Inverted(6, 18, 6, 1, 2, nn.SiLU)),
            nn.Sequential(Inverted(6, 18, 8, 1, 2, nn.SiLU), Inverted(8, 24, 8, 1, 2, nn.SiLU)),
            conv_norm(8, 12, 1, act=nn.SiLU),
        )
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(12, 5))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class DenseLayer(nn.Module):
    def __init__(self, i, growth):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(i), nn.Conv2d(i, 4 * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(4 * growth)
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, 1, 1, bias=False)

    def forward(self, x):
        x = self.conv1(F.relu(self.norm1(x)))
        return self.conv2(F.relu(self.norm2(x)))


class DenseBlock(nn.Module):
    def __init__(self, i, growth, count):
        super().__init__()
        for n in range(count):
            self.add_module(f"denselayer{n + 1}", DenseLayer(i + n * growth, growth))

    def forward(self, x):
        for layer in self.children():
            x = torch.cat([x, layer(x)], 1)
        return x


class DenseNet(nn.Module):
    def __init__(self, growth=2, counts=(2, 3, 2)):
        super().__init__()
        f, c = nn.Sequential(), 4
        f.add_module("conv0", nn.Conv2d(3, c, 7, 2, 3, bias=False))
        f.add_module("norm0", nn.BatchNorm2d(c))
        f.add_module("relu0", nn.ReLU())
        f.add_module("pool0", nn.MaxPool2d(3, 2, 1))
        for k, n in enumerate(counts):
            f.add_module(f"denseblock{k + 1}", DenseBlock(c, growth, n))
            c += n * growth
            if k < len(counts) - 1:
                t = nn.Sequential()
                t.add_module("norm", nn.BatchNorm2d(c))
                t.add_module("relu", nn.ReLU())
                t.add_module("conv", nn.Conv2d(c, c // 2, 1, bias=False))
                t.add_module("pool", nn.AvgPool2d(2, 2))
                f.add_module(f"transition{k + 1}", t)
                c //= 2
        f.add_module("norm5", nn.BatchNorm2d(c))
        self.features, self.classifier = f, nn.Linear(c, 5)

    def forward(self, x):
        return self.classifier(F.relu(self.features(x)).mean((2, 3)))


class Fire(nn.Module):
    def __init__(self, i, s, e):
        super().__init__()
        self.squeeze = nn.Conv2d(i, s, 1)
        self.expand1x1, self.expand3x3 = nn.Conv2d(s, e, 1), nn.Conv2d(s, e, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.expand1x1(x)), F.relu(self.expand3x3(x))], 1)


class SqueezeNet(nn.Module):
    def __init__(self):
        super().__init__()
        pool = lambda: nn.MaxPool2d(3, 2, ceil_mode=True)  # noqa: E731
        self.features = nn.Sequential(
            nn.Conv2d(3, 4, 3, 2), nn.ReLU(), pool(), Fire(4, 2, 4), Fire(8, 2, 4), pool(),
            Fire(8, 4, 4), Fire(8, 4, 4), pool(), Fire(8, 3, 6), Fire(12, 3, 6)
        )  # fmt: skip
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Conv2d(12, 5, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1)
        )

    def forward(self, x):
        return torch.flatten(self.classifier(self.features(x)), 1)


class BasicConv(nn.Module):
    def __init__(self, i, o, k=1, s=1):
        super().__init__()
        self.conv = nn.Conv2d(i, o, k, s, k // 2, bias=False)
        self.bn = nn.BatchNorm2d(o, eps=0.001)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    def __init__(self, i, a, br, b, cr, c, p):
        super().__init__()
        self.branch1 = BasicConv(i, a)
        self.branch2 = nn.Sequential(BasicConv(i, br), BasicConv(br, b, 3))
        self.branch3 = nn.Sequential(BasicConv(i, cr), BasicConv(cr, c, 3))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1), BasicConv(i, p))

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class GoogLeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = (
            BasicConv(3, 4, 7, 2),
            BasicConv(4, 4),
            BasicConv(4, 6, 3),
        )
        self.inception3a = Inception(6, 2, 3, 4, 2, 2, 2)
        self.inception3b = Inception(10, 4, 4, 4, 4, 4, 4)
        self.inception4a = Inception(16, 4, 3, 4, 2, 2, 2)
        self.fc = nn.Linear(12, 5)

    def forward(self, x):
        x = F.max_pool2d(self.conv3(self.conv2(self.conv1(x))), 3, 2, 1)
        return self.fc(self.inception4a(self.inception3b(self.inception3a(x))).mean((2, 3)))


class ShuffleUnit(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        h, self.stride = o // 2, s
        self.branch1 = nn.Sequential()
        if s > 1:
            self.branch1 = nn.Sequential(
                nn.Conv2d(i, i, 3, s, 1, groups=i, bias=False), nn.BatchNorm2d(i),
                nn.Conv2d(i, h, 1, bias=False), nn.BatchNorm2d(h), nn.ReLU()
            )  # fmt: skip
        self.branch2 = nn.Sequential(
            nn.Conv2d(i if s > 1 else h, h, 1, bias=False), nn.BatchNorm2d(h), nn.ReLU(),
            nn.Conv2d(h, h, 3, s, 1, groups=h, bias=False), nn.BatchNorm2d(h),
            nn.Conv2d(h, h, 1, bias=False), nn.BatchNorm2d(h), nn.ReLU()
        )  # fmt: skip
        self.width = o

    def forward(self, x):
        if self.stride == 1:
            halves = torch.chunk(x, 2, 1)
            x = torch.cat([halves[0], self.branch2(halves[1])], 1)
        else:
            x = torch.cat([self.branch1(x), self.branch2(x)], 1)
        return torch.channel_shuffle(x, 2)


class ShuffleNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = conv_norm(3, 4, 3, 2)
        self.stage2 = nn.Sequential(
            ShuffleUnit(4, 8, 2), ShuffleUnit(8, 8, 1), ShuffleUnit(8, 8, 1)
        )
        self.stage3 = nn.Sequential(ShuffleUnit(8, 12, 2), ShuffleUnit(12, 12, 1))
        self.conv5, self.fc = conv_norm(12, 10, 1), nn.Linear(10, 5)

    def forward(self, x):
        return self.fc(self.conv5(self.stage3(self.stage2(self.conv1(x)))).mean((2, 3)))


class BottleneckTransform(nn.Module):
    def __init__(self, i, o, s, group, r):
        super().__init__()
        self.a, self.b = conv_norm(i, o, 1), conv_norm(o, o, 3, s, o // group)
        if r:
            self.se = Squeeze(o, r)
        self.c = conv_norm(o, o, 1, act=None)

    def forward(self, x):
        for part in self.children():
            x = part(x)
        return x


class RegNetBlock(nn.Module):
    def __init__(self, i, o, s, group, r):
        super().__init__()
        self.proj = conv_norm(i, o, 1, s, act=None) if s != 1 or i != o else None
        self.f = BottleneckTransform(i, o, s, group, r)

    def forward(self, x):
        return F.relu(self.f(x) + (x if self.proj is None else self.proj(x)))


class RegNet(nn.Module):
    """regnet_y with squeeze and excitation; without (r = 0) regnet_x."""

    def __init__(self, r):
        super().__init__()
        self.stem, i, trunk = conv_norm(3, 4, 3, 2), 4, nn.Sequential()
        for k, (o, count) in enumerate([(4, 1), (8, 2), (12, 2)]):
            blocks = nn.Sequential()
            for n in range(count):
                block = RegNetBlock(i, o, 2 if n == 0 else 1, 4, r and max(1, round(i / 4)))
                blocks.add_module(f"block{k + 1}-{n}", block)
                i = o
            trunk.add_module(f"block{k + 1}", blocks)
        self.trunk_output, self.fc = trunk, nn.Linear(i, 5)

    def forward(self, x):
        return self.fc(self.trunk_output(self.stem(x)).mean((2, 3)))


class LayerNorm2d(nn.LayerNorm):
    """Of the channels of a map."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.layer_scale = nn.Parameter(torch.ones(c, 1, 1))
        self.block = nn.Sequential(
            nn.Conv2d(c, c, 7, padding=3, groups=c), nn.Identity(), nn.LayerNorm(c, eps=1e-6),
            nn.Linear(c, 4 * c), nn.GELU(), nn.Linear(4 * c, c), nn.Identity()
        )  # fmt: skip

    def forward(self, x):
        b = self.block
        y = b[0](x).permute(0, 2, 3, 1)
        return x + self.layer_scale * b[5](b[4](b[3](b[2](y)))).permute(0, 3, 1, 2)


class ConvNeXt(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Sequential(nn.Conv2d(3, 4, 4, 4), LayerNorm2d(4, eps=1e-6)),
            nn.Sequential(ConvNeXtBlock(4), ConvNeXtBlock(4)),
            nn.Sequential(LayerNorm2d(4, eps=1e-6), nn.Conv2d(4, 6, 2, 2)),
            nn.Sequential(ConvNeXtBlock(6)),
        )
        self.classifier = nn.Sequential(LayerNorm2d(6, eps=1e-6), nn.Flatten(1), nn.Linear(6, 5))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3), keepdim=True))


MODELS = {
    "mobilenet_v2": MobileNetV2,
    "mobilenet_v3": MobileNetV3,
    "efficientnet": EfficientNet,
    "densenet": DenseNet,
    "squeezenet": SqueezeNet,
    "googlenet": GoogLeNet,
    "shufflenet_v2": ShuffleNet,
    "regnet_y": lambda: RegNet(True),
    "regnet_x": lambda: RegNet(0),
    "convnext": ConvNeXt,
}
