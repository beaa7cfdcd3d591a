#!/usr/bin/env python3
"""Makes the NumPy archives that NumPyArchiveTests.swift reads: numpy only, fixed values."""

import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    train = np.arange(5 * 2 * 3, dtype=np.uint8).reshape(5, 2, 3) * 5
    test = train[:2, ::-1]
    # As Keras keeps MNIST: compressed, bytes, with the labels beside.
    np.savez_compressed(
        os.path.join(HERE, "keras.npz"),
        x_train=train, y_train=np.array([0, 2, 1, 2, 0], np.uint8),
        x_test=test, y_test=np.array([1, 0], np.uint8),
    )
    # Names in folders, floats, labels of eight bytes, stored.
    np.savez(
        os.path.join(HERE, "folders.npz"),
        **{
            "train/images": train.astype(np.float32) / 10, "train/labels": np.arange(5),
            "test/images": test.astype(np.float32) / 10, "test/labels": np.array([4, 3]),
        },
    )


main()
