#!/usr/bin/env python3
"""Times PyTorch's gradient and double backward on the processor.

    python3 pytorch_hessian.py [threads]

The networks are those of pytorch_training.py, with batches of 128 and batch normalisation by their statistics.
Prints one JSON document: milliseconds of a gradient and of a product of the second derivatives with a
direction for one batch, and of products for two batches. Of one thread it is the thread's own time.
"""

import json

# It sets the number of threads before PyTorch is loaded.
import pytorch_training as networks
import torch
from torch.nn import functional


def main():
    torch.set_num_threads(networks.THREADS)
    torch.manual_seed(0)
    figures = {}
    for name, (network, shape), rounds in (
        ("mlp", networks.perceptron(), 40),
        ("vgg", networks.vgg(), 4),
        ("resnet20", networks.resnet20(), 4),
    ):
        network.train()
        batches = [(torch.randn(128, *shape), torch.randint(0, 10, (128,))) for _ in range(2)]
        parameters = list(network.parameters())
        direction = [torch.randn_like(parameter) for parameter in parameters]

        def gradient(batch, **options):
            inputs, labels = batch
            loss = functional.cross_entropy(network(inputs), labels)
            return torch.autograd.grad(loss, parameters, **options)

        def product(batch):
            slopes = gradient(batch, create_graph=True)
            pairing = sum((a * b).sum() for a, b in zip(slopes, direction))
            return torch.autograd.grad(pairing, parameters)

        figures[name] = {
            "gradient": networks.best(lambda: gradient(batches[0]), rounds),
            "product": networks.best(lambda: product(batches[0]), rounds),
            "pair": networks.best(lambda: [product(batch) for batch in batches], rounds),
        }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
