"""Makes a folder of weight files of which 22 cannot be read: 20 damaged, a pipe that hangs who
waits for it, one that declares 10 TB.

    python make_damaged_folder.py FOLDER [COUNT]

COUNT files in all (1000 where it is not given). The sound ones are of several formats.
"""

import io
import json
import os
import pickle
import struct
import sys
import zipfile

import h5py
import numpy as np

folder, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
os.makedirs(folder, exist_ok=True)
random = np.random.default_rng(0)


def arrays(seed):
    r = np.random.default_rng(seed)
    return {
        "dense.weight": r.standard_normal((16, 8)).astype("float32"),
        "dense.bias": r.standard_normal(16).astype("float32"),
        "head.weight": r.standard_normal((4, 16)).astype("float32"),
        "head.bias": r.standard_normal(4).astype("float32"),
    }


def hdf5(path, seed, **options):
    with h5py.File(path, "w") as f:
        for name, value in arrays(seed).items():
            chunked = dict(options, chunks=value.shape) if options else {}
            f.create_dataset(name, data=value, **chunked)
        f.attrs["seed"] = seed


def safetensors(path, seed, mutate=lambda header: None, cut=0):
    header, body = {"__metadata__": {"seed": str(seed)}}, b""
    for name, value in arrays(seed).items():
        data = value.tobytes()
        header[name] = {
            "dtype": "F32", "shape": list(value.shape), "data_offsets": [len(body), len(body) + len(data)]
        }
        body += data
    mutate(header)
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write((struct.pack("<Q", len(text)) + text + body)[: -cut or None])


def npz(path, seed):
    np.savez(path, **arrays(seed))


def place(name):
    return os.path.join(folder, name)


def bytes_of(make, ending, seed=1):
    path = place("scratch" + ending)
    make(path, seed)
    with open(path, "rb") as f:
        data = bytearray(f.read())
    os.remove(path)
    return data


def put(name, data):
    with open(place(name), "wb") as f:
        f.write(bytes(data))


sound = count - 22
for i in range(sound):
    kind = i % 4
    name = f"model{i:04d}"
    if kind == 0:
        hdf5(place(name + ".h5"), i)
    elif kind == 1:
        hdf5(place(name + ".h5"), i, compression="gzip", shuffle=True)
    elif kind == 2:
        safetensors(place(name + ".safetensors"), i)
    else:
        npz(place(name + ".npz"), i)

# The damaged ones.
h5 = bytes_of(hdf5, ".h5")
gz = bytes_of(lambda p, s: hdf5(p, s, compression="gzip", shuffle=True), ".h5")
zipped = bytes_of(npz, ".npz")
put("bad01-empty.h5", b"")
put("bad02-truncated.h5", h5[: len(h5) // 2])
put("bad03-text.h5", b"<html>404 not found</html>\n")
put("bad04-superblock.h5", h5[:9] + b"\xff" * 40 + h5[49:])
with h5py.File(io.BytesIO(bytes(gz)), "r") as f:
    offset = f["dense.weight"].id.get_chunk_info(0).byte_offset
put("bad05-chunk.h5", gz[: offset + 8] + b"\x55" * 24 + gz[offset + 32 :])
heap = h5.index(b"HEAP")
put("bad06-heap.h5", h5[:heap] + b"PAEH" + h5[heap + 4 :])
tree = h5.index(b"TREE")
put("bad07-tree.h5", h5[:tree] + b"EERT" + h5[tree + 4 :])
put("bad08-empty.safetensors", b"")
safetensors(place("bad09-truncated.safetensors"), 1, cut=100)
put("bad10-header.safetensors", struct.pack("<Q", 1 << 40) + b"{}")


def overlap(header):
    header["dense.bias"]["data_offsets"] = [0, 64]


def shape(header):
    header["head.weight"]["shape"] = [4, 17]


def kind(header):
    header["head.weight"]["dtype"] = "F31"


safetensors(place("bad11-overlap.safetensors"), 1, overlap)
safetensors(place("bad12-shape.safetensors"), 1, shape)
put("bad13-json.safetensors", struct.pack("<Q", 8) + b'{"a": [}')
put("bad14-truncated.npz", zipped[: len(zipped) // 2])
flipped = bytearray(zipped)
flipped[200] ^= 0xFF
flipped[-60] ^= 0xFF
put("bad15-directory.npz", flipped[:-22] + b"PK\x05\x06" + b"\xff" * 18)
put("bad16-header.npy", b"\x93NUMPY\x01\x00\x76\x00" + b"{'descr': '<f4', 'shape': (3," + b" " * 90)


class Shell:
    def __reduce__(self):
        return (os.system, ("touch owned",))


put("bad17-code.pt", pickle.dumps(Shell()))
put("bad18-zeros.pt", bytes(4096))
put("bad19-archive.keras", b"PK\x03\x04" + bytes(100))
put("bad20-noise.gguf", b"GGUF" + random.bytes(200))

# What hangs a reader that waits: a pipe that nobody writes to.
os.mkfifo(place("bad21-hangs.h5"))

# 10 TB that were declared and never written.
with h5py.File(place("bad22-vast.h5"), "w") as f:
    f.create_dataset("dense.weight", shape=(1600, 1600, 1000, 1000), dtype="float32", chunks=(1, 1, 1000, 1000))
    f.create_dataset("dense.bias", data=np.zeros(4, "float32"))
print(len(os.listdir(folder)))
