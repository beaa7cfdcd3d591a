"""Writes `empty-stored.npz` and `empty-deflated.npz`: archives of two arrays with a member of no bytes
between them, as a program leaves it that was stopped while it wrote.

    python make_empty_member.py      # numpy
"""

import io
import os
import zipfile

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))


def packed(array):
    data = io.BytesIO()
    np.save(data, array)
    return data.getvalue()


for name, method in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
    with zipfile.ZipFile(os.path.join(here, f"empty-{name}.npz"), "w", method) as archive:
        for member, data in (
            ("w1.npy", packed(np.arange(6, dtype=np.float32).reshape(2, 3))),
            ("nothing.npy", b""),
            ("w2.npy", packed(np.array([1.5, -2.5], np.float64))),
        ):
            archive.writestr(zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0)), data, method)
