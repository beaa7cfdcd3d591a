#!/usr/bin/env python3
"""Writes digits.h5: the handwritten digits of UCI, as scikit-learn ships them.

    pip install h5py scikit-learn && python3 make_digits.py digits.h5

Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
Learning Repository (1998), https://doi.org/10.24432/C50P49, licensed CC BY 4.0. Changed: pixels
divided by 16, so that they run from 0 to 1; every fifth image is the test set.
"""

import sys

import h5py
import numpy
from sklearn.datasets import load_digits

digits = load_digits()
images = (digits.images / 16).astype("<f4")[..., None]
labels = digits.target.astype("u1")
test = numpy.arange(len(labels)) % 5 == 4

with h5py.File(sys.argv[1], "w") as file:
    file.attrs["source"] = "Optical Recognition of Handwritten Digits, UCI, doi:10.24432/C50P49"
    file.attrs["authors"] = "E. Alpaydin, C. Kaynak"
    file.attrs["license"] = "CC BY 4.0"
    file.attrs["changes"] = "pixels divided by 16; every fifth image is the test set"
    for name, part in (("train", ~test), ("test", test)):
        file.create_dataset(
            f"{name}/images", data=images[part], chunks=(128, 8, 8, 1), compression="gzip",
            compression_opts=9, shuffle=True, track_times=False)
        file.create_dataset(f"{name}/labels", data=labels[part], track_times=False)
