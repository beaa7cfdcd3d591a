#!/usr/bin/env python3
"""Times PyTorch's forward pass and training step on the processor.

    python3 pytorch_training.py [threads]

The networks are those of Tests/NetworksTests/SpeedTests.swift: batch 128, SGD with momentum.
Prints the best of several runs, in milliseconds.
"""

import os
import sys
import time

# Debian's PyTorch multiplies matrices with OpenBLAS, whose threads torch.set_num_threads does not
# reach: without this, "one thread" has a helper whose time is not counted.
THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 2
os.environ["OPENBLAS_NUM_THREADS"] = str(THREADS)
os.environ["OMP_NUM_THREADS"] = str(THREADS)

import torch
from torch import nn


def perceptron():
    layers, width = [], 784
    for _ in range(3):
        layers += [nn.Linear(width, 512), nn.ReLU()]
        width = 512
    return nn.Sequential(*layers, nn.Linear(512, 10)), (784,)


def vgg():
    layers, channels = [], 3
    for stage, width in enumerate((32, 64, 128)):
        for _ in range(2):
            layers += [
                nn.Conv2d(channels, width, 3, padding=1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            ]
            channels = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * 16, 10)), (3, 32, 32)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.side = None
        if inputs != outputs:
            self.side = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = torch.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return torch.relu(y + (x if self.side is None else self.side(x)))


def resnet20():
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    channels = 16
    for stage, width in enumerate((16, 32, 64)):
        for block in range(3):
            layers.append(Block(channels, width, 2 if stage > 0 and block == 0 else 1))
            channels = width
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    return nn.Sequential(*layers), (3, 32, 32)


def best(work, rounds):
    # One thread's own time is steady on a machine that is shared.
    clock = time.thread_time if torch.get_num_threads() == 1 else time.perf_counter
    work()
    work()
    times = []
    for _ in range(rounds):
        start = clock()
        work()
        times.append(clock() - start)
    return 1000 * min(times)


def main():
    threads = THREADS
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    print(f"PyTorch {torch.__version__}, {threads} threads, batch 128")
    for name, (network, shape), rounds in (
        ("mlp", perceptron(), 100),
        ("vgg", vgg(), 8),
        ("resnet20", resnet20(), 8),
    ):
        inputs = torch.randn(128, *shape)
        labels = torch.randint(0, 10, (128,))
        optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
        loss = nn.CrossEntropyLoss()

        def step():
            optimizer.zero_grad()
            loss(network(inputs), labels).backward()
            optimizer.step()

        def forward():
            with torch.no_grad():
                network(inputs)

        network.train()
        trained = best(step, rounds)
        network.eval()
        print(f"{name}: forward {best(forward, rounds):.2f} ms, training step {trained:.2f} ms")


if __name__ == "__main__":
    main()
