#!/usr/bin/env python3
"""Times an epoch of ProbeX in PyTorch, or kernel ridge regression in scikit-learn.

    python3 probes.py epoch MODELS SIDE
    python3 probes.py ridge MODELS SIDE

ProbeX is written from the equations of Horwitz et al., CVPR 2025, with 128 probes, projections and numbers
of the representation, 100 labels, Adam, batches of 128. Kernel ridge takes the vectorised matrices and a
linear kernel. Prints milliseconds by the clock on the wall: of the epoch the best of three.
"""

import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(os.cpu_count())


def epoch(models, side):
    import torch
    from torch import nn

    class ProbeX(nn.Module):
        def __init__(self):
            super().__init__()
            self.probes = nn.Linear(128, side, bias=False)
            self.projection = nn.Linear(side, 128, bias=False)
            self.encoder = nn.Linear(128 * 128, 128)
            self.head = nn.Linear(128, 100)

        def forward(self, x):
            responses = x @ self.probes.weight
            projected = torch.relu(self.projection(responses.transpose(1, 2)))
            return self.head(self.encoder(projected.flatten(1)))

    torch.set_num_threads(os.cpu_count())
    torch.manual_seed(0)
    data = torch.rand(models, side, side)
    labels = (torch.rand(models, 100) > 0.5).float()
    network = ProbeX()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=1e-5)
    loss = nn.BCEWithLogitsLoss()
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        for batch in torch.randperm(models).split(128):
            optimizer.zero_grad()
            loss(network(data[batch]), labels[batch]).backward()
            optimizer.step()
        times.append(time.perf_counter() - begin)
    return min(times)


def ridge(models, side):
    import numpy
    from sklearn.kernel_ridge import KernelRidge

    generator = numpy.random.default_rng(0)
    data = generator.random((models, side * side), dtype=numpy.float32)
    labels = (generator.random((models, 100)) > 0.5).astype(numpy.float32)
    begin = time.perf_counter()
    KernelRidge(alpha=1.0, kernel="linear").fit(data, labels)
    return time.perf_counter() - begin


if __name__ == "__main__":
    models, side = int(sys.argv[2]), int(sys.argv[3])
    work = {"epoch": epoch, "ridge": ridge}[sys.argv[1]]
    print(1000 * work(models, side))
