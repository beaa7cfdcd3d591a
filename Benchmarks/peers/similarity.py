#!/usr/bin/env python3
"""Times the CKA of the logits of 50 networks in PyTorch, all pairs in one pass.

    python3 similarity.py [threads]

Perceptrons 784-512-512-512-10 on 2,048 examples, the unbiased estimate over batches of 512 (Nguyen, Raghu and
Kornblith 2021): of every batch the matrices of inner products, and their products pair by pair as one product
of matrices. Prints one JSON document: milliseconds by the clock on the wall, the least of three.
"""

import json
import sys
import time

import torch


def network():
    layers = []
    for width in (784, 512, 512):
        layers += [torch.nn.Linear(width, 512), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(512, 10))


def main():
    torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    torch.manual_seed(0)
    networks = [network() for _ in range(50)]
    examples = torch.rand(2048, 784)
    best = float("inf")
    with torch.no_grad():
        for _ in range(3):
            begin = time.perf_counter()
            sums = torch.zeros(50, 50, dtype=torch.float64)
            for batch in examples.split(512):
                n = len(batch)
                grams = []
                for one in networks:
                    logits = one(batch).double()
                    logits -= logits.mean(dim=0)
                    gram = logits @ logits.T
                    gram.fill_diagonal_(0)
                    grams.append(gram)
                grams = torch.stack(grams)
                rows = grams.sum(dim=2)
                totals = rows.sum(dim=1)
                flat = grams.reshape(50, -1)
                products = flat @ flat.T
                crossed = rows @ rows.T
                sums += (
                    products + torch.outer(totals, totals) / ((n - 1) * (n - 2)) - 2 * crossed / (n - 2)
                ) / (n * (n - 3))
            scale = sums.diagonal().sqrt()
            sums / torch.outer(scale, scale)
            best = min(best, time.perf_counter() - begin)
    print(json.dumps({"wall": 1000 * best}))


main()
