"""Writes the elements of all data sets, as h5py reads them:  dump.py FILE FOLDER

FOLDER gets names.json (a list) and 0.bin, 1.bin, … in its order, little-endian.
"""

import io
import json
import sys
import zipfile

import h5py
import numpy as np


def main():
    path, folder = sys.argv[1:]
    source = path
    if path.endswith(".keras"):
        with zipfile.ZipFile(path) as archive:
            source = io.BytesIO(archive.read("model.weights.h5"))
    names = []
    with h5py.File(source, "r") as file:

        def visit(name, item):
            if isinstance(item, h5py.Dataset) and item.dtype.kind in "biuf":
                data = np.asarray(item[()])
                data.astype(data.dtype.newbyteorder("<")).tofile(f"{folder}/{len(names)}.bin")
                names.append(name)

        file.visititems(visit)
    with open(f"{folder}/names.json", "w") as out:
        json.dump(names, out)


if __name__ == "__main__":
    main()
