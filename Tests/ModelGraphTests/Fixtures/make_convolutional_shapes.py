"""Writes the names and shapes of torchvision's convolutional networks, made as small as their blocks allow.

    /usr/bin/python3 make_convolutional_shapes.py

Needs torch and torchvision (1.13 and 0.14 were used). `convolutional.json` holds, for each network, its
tensors as `[name, [shape]]` in the order of the state dict; counters of batches are left out. That the
groups of these networks are symmetries, and that the graph computes what torchvision does, is judged by
`Tests/Peers/families`.
"""

import json
import pathlib

from torchvision import models
from torchvision.models import convnext, efficientnet, mobilenetv3, regnet, resnet

MB, FUSED = efficientnet.MBConvConfig, efficientnet.FusedMBConvConfig
OUT = pathlib.Path(__file__).with_name("convolutional.json")


def v3(last, *rows):
    rows = [mobilenetv3.InvertedResidualConfig(*row, 1, 1) for row in rows]
    return models.MobileNetV3(rows, last, num_classes=5)


def small():
    return v3(16, (8, 3, 8, 8, True, "RE", 2), (8, 3, 16, 8, False, "RE", 2),
              (8, 3, 24, 8, False, "RE", 1),
              *[(8, 5, 16, 8, True, "HS", s) for s in (2, 1, 1, 1, 1, 2, 1, 1)])


def large():
    return v3(16, (8, 3, 8, 8, False, "RE", 1), (8, 3, 16, 8, False, "RE", 2),
              (8, 3, 24, 8, False, "RE", 1),
              *[(8, 5, 16, 8, True, "RE", s) for s in (2, 1, 1)],
              *[(8, 3, 16, 8, n > 9, "HS", 2 if n in (7, 13) else 1) for n in range(7, 16)])


NETWORKS = {
    "densenet": lambda: models.DenseNet(4, (2, 3), 8, bn_size=2, num_classes=5),
    "mobilenet_v2": lambda: models.MobileNetV2(num_classes=5, width_mult=0.1),
    "mobilenet_v3_small": small,
    "mobilenet_v3_large": large,
    "efficientnet": lambda: models.EfficientNet(
        [MB(1 if n == 0 else 2, 3, s, 8, 8 if n < 3 else 16, 1 + n % 2)
         if n != 3 else MB(2, 5, s, 8, 16, 1) for n, s in enumerate((1, 2, 2, 2))]
        + [MB(2, 5, s, 16, 16, 1) for s in (1, 2, 1)], 0.1, num_classes=5),
    "efficientnet_v2": lambda: models.EfficientNet(
        [FUSED(1, 3, 1, 8, 8, 2), FUSED(2, 3, 2, 8, 8, 1), FUSED(2, 3, 2, 8, 16, 2),
         MB(2, 3, 2, 16, 16, 2), MB(2, 3, 1, 16, 16, 1), MB(2, 3, 2, 16, 24, 1)], 0.1,
        num_classes=5, last_channel=32),
    "regnet_x": lambda: models.RegNet(
        regnet.BlockParams([1, 1, 1, 1], [8, 12, 16, 20], [4, 4, 4, 4], [1.0] * 4, [2] * 4),
        num_classes=5, stem_width=6),
    "regnet_y": lambda: models.RegNet(
        regnet.BlockParams([1, 2, 1, 2], [8, 8, 16, 24], [4, 4, 8, 8], [1.0] * 4, [2] * 4, 0.25),
        num_classes=5, stem_width=6),
    "squeezenet_1_0": lambda: models.SqueezeNet("1_0", num_classes=5),
    "squeezenet_1_1": lambda: models.SqueezeNet("1_1", num_classes=5),
    "mnasnet": lambda: models.MNASNet(0.1, num_classes=5),
    "googlenet": lambda: models.GoogLeNet(num_classes=5, init_weights=False),
    "inception_v3": lambda: models.Inception3(num_classes=5, init_weights=False),
    "shufflenet_v2": lambda: models.ShuffleNetV2([2, 2, 2], [8, 12, 24, 48, 64], num_classes=5),
    "convnext": lambda: models.ConvNeXt(
        [convnext.CNBlockConfig(8, 12, 2), convnext.CNBlockConfig(12, 16, 1),
         convnext.CNBlockConfig(16, 20, 2), convnext.CNBlockConfig(20, None, 1)], num_classes=5),
}


if __name__ == "__main__":
    lines = []
    for name, make in NETWORKS.items():
        tensors = [
            [key, list(value.shape)] for key, value in make().state_dict().items()
            if not key.endswith("num_batches_tracked")]
        lines.append(f'"{name}": ' + json.dumps(tensors, separators=(",", ":")))
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")
