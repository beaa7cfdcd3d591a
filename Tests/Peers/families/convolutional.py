"""Convolutional networks of torchvision, as small as their blocks allow; images with the channels first."""
import numpy
import torch
from cases import Case, case, spread

try:
    from torchvision import models
except ImportError as error:
    raise ModuleNotFoundError("torchvision is missing", name="torchvision") from error


def channels_first(size, seed=4):
    return numpy.random.default_rng(seed).standard_normal((3, size, size)).astype("float32")


def run(model, example):
    with torch.no_grad():
        return model(torch.tensor(example)[None])[0].float().numpy()


def network(model, size=64, runs=True):
    return Case(spread(model), channels_first(size), run, save="torch", runs=runs)


def named(name, size=64, runs=True, **changes):
    return network(models.get_model(name, weights=None, **changes), size, runs)


@case
def densenet():
    return network(models.DenseNet(4, (2, 3, 2), 8, bn_size=2, num_classes=5))


@case
def densenet_whole():
    return network(models.DenseNet(6, (2, 1, 2, 2), 12, bn_size=4, num_classes=7), 96)


@case
def mobilenet_v2():
    return network(models.MobileNetV2(num_classes=5, width_mult=0.25))


@case
def mobilenet_v2_whole():
    return named("mobilenet_v2", num_classes=4)


@case
def mobilenet_v3_small():
    return named("mobilenet_v3_small", num_classes=5, width_mult=0.5)


@case
def mobilenet_v3_large():
    return named("mobilenet_v3_large", num_classes=5, width_mult=0.25)


@case
def efficientnet_b0():
    return named("efficientnet_b0", num_classes=5)


@case
def efficientnet_b5():
    return named("efficientnet_b5", num_classes=5)


@case
def efficientnet_v2_s():
    return named("efficientnet_v2_s", num_classes=5)


@case
def regnet_x():
    return named("regnet_x_400mf", num_classes=5)


@case
def regnet_y():
    return named("regnet_y_400mf", num_classes=5)


@case
def squeezenet_1_0():
    return named("squeezenet1_0", 99, num_classes=5)


@case
def squeezenet_1_1():
    return named("squeezenet1_1", 80, num_classes=5)


@case
def mnasnet():
    return named("mnasnet0_5", num_classes=5)


@case
def googlenet():
    return named("googlenet", 80, num_classes=5, aux_logits=False, init_weights=False)


@case
def googlenet_with_heads():
    return named("googlenet", 80, num_classes=5, init_weights=False)


@case
def inception_v3():
    return named("inception_v3", 107, num_classes=5, aux_logits=False, init_weights=False)


@case
def inception_v3_with_heads():
    return named("inception_v3", 139, num_classes=5, init_weights=False)


@case
def shufflenet_v2():
    return named("shufflenet_v2_x0_5", runs=False, num_classes=5)


@case
def convnext():
    setting = models.convnext.CNBlockConfig
    model = models.ConvNeXt(
        [setting(8, 12, 2), setting(12, 16, 1), setting(16, 20, 2), setting(20, None, 1)],
        num_classes=5)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if name.endswith("layer_scale"):
                value.add_(0.5)
    example = channels_first(64).transpose(1, 2, 0).copy()
    return Case(
        spread(model), example,
        lambda model, x: run(model, numpy.ascontiguousarray(x.transpose(2, 0, 1))), save="torch")


@case
def resnet():
    block = models.resnet.BasicBlock
    return network(models.ResNet(block, [2, 1, 1, 2], num_classes=5))


@case
def resnext():
    block = models.resnet.Bottleneck
    return network(
        models.ResNet(block, [1, 2, 1, 1], num_classes=5, groups=4, width_per_group=16))


@case
def wide_resnet():
    block = models.resnet.Bottleneck
    return network(models.ResNet(block, [1, 1, 1, 1], num_classes=5, width_per_group=96))
