"""Zoos that indexing is timed on, and what other packings of a zoo take.

    python zoos.py make FOLDER COUNT      HDF5 files of small perceptrons, with labels
    python zoos.py grid FOLDER LABELS     2,800 small models, and a table of the measures of their phases
    python zoos.py million SOURCE TARGET  an index of a million tensors, from the tables of another
    python zoos.py pack FOLDER            JSON: bytes of the files, each compressed by zstd -19, and each
                                          with the bytes of its numbers grouped first, as ZipNN does
"""

import ctypes
import json
import os
import random
import shutil
import sqlite3
import sys

import h5py
import numpy as np


def make(folder, count):
    os.makedirs(folder, exist_ok=True)
    numbers = np.random.default_rng(0)
    widths = [784, 32, 32, 10]
    for index in range(count):
        with h5py.File(f"{folder}/m{index:05}.h5", "w") as file:
            file.attrs["name"] = f"m{index:05}"
            file.attrs["width"] = 32
            file.attrs["learning_rate"] = float(10 ** numbers.uniform(-4, -1))
            file.attrs["seed"] = index
            file.attrs["test_accuracy"] = float(numbers.uniform(0.5, 1))
            file.attrs["optimizer"] = ["adam", "sgd"][index % 2]
            for layer, (rows, columns) in enumerate(zip(widths, widths[1:])):
                for name, shape in (("weight", (columns, rows)), ("bias", columns)):
                    data = numbers.standard_normal(shape, dtype=np.float32) * np.float32(0.05)
                    file.create_dataset(f"layers.{layer}.{name}", data=data)


def grid(folder, labels):
    """Twenty widths, fourteen batch sizes and ten starts; measures with the noise of starts."""
    os.makedirs(folder, exist_ok=True)
    numbers = random.Random(0)
    header = b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  '
    with open(labels, "w") as table:
        print("name,width,batch_size,seed,train_loss,test_accuracy,mc,cka,hessian_trace", file=table)
        for index in range(2800):
            width, size, seed = 2 * (index % 20 + 1), 2 ** (index // 20 % 14 + 1), index // 280
            with open(f"{folder}/m{index:04}.safetensors", "wb") as file:
                file.write(len(header).to_bytes(8, "little") + header)
                file.write(np.array([index, seed], dtype="<f4").tobytes())
            noise = lambda scale: numbers.gauss(0, scale)
            loss = (2 if size > 512 else 0.02) * 2 ** noise(0.4) * (8 / width if width < 8 else 1)
            barrier = -abs(noise(0.002)) - (0.1 if width < 16 else 0) * abs(1 + noise(0.3))
            cka = min(1, max(0, (0.85 if size < 64 else 0.5) + noise(0.04)))
            accuracy = 0.95 - 0.1 * min(loss, 3) + barrier + 0.05 * cka + noise(0.003)
            print(
                f"m{index:04},{width},{size},{seed},{loss},{accuracy},{barrier},{cka},{100 / size}",
                file=table,
            )


def million(source, target, models=50_000, tensors=20):
    shutil.copy(source, target)
    database = sqlite3.connect(target)
    for setting in ("foreign_keys=off", "journal_mode=off", "synchronous=off"):
        database.execute(f"pragma {setting}")
    for table in ("tensors", "labels", "models", "units", "names"):
        database.execute(f"delete from {table}")
    numbers = random.Random(0)

    def fill(table, columns, rows):
        marks = ",".join("?" * len(columns.split(",")))
        database.executemany(f"insert into {table}({columns}) values({marks})", rows)

    fill("names", "id,name", ((i, f"layer{i // 2}.{'bias' if i % 2 else 'weight'}") for i in range(tensors)))
    fill(
        "units", "id,path,layout,stamp,modified,is_complete,is_hashed",
        ((i, f"/zoo/run{i}/model.h5", "file", f"1:{i}:2", i, 1, 1) for i in range(models)),
    )
    fill(
        "models",
        "id,unit,member,name,file,format,parameters,tensors,bytes,size,dtype,fingerprint,structure,skipped,parts,is_addressable",
        (
            (i, i, "", f"run{i}", f"/zoo/run{i}/model.h5", "hdf5", 100000, tensors, 400000, 410000, "float32", "abc",
             "def", 0, f"/zoo/run{i}/model.h5", 1)
            for i in range(models)
        ),
    )
    fill(
        "labels", "model,seed,width,learning_rate,test_accuracy,optimizer",
        (
            (i, i, numbers.choice([32, 64, 128]), numbers.random(), numbers.random(), numbers.choice(["adam", "sgd"]))
            for i in range(models)
        ),
    )
    fill(
        "tensors", "model,position,name,shape,dtype,elements,bytes,stored,offset,hash,storage",
        (
            (i, j, j, "100" if j % 2 else "100,100", "float32", numbers.randrange(100, 20000), 40000, 40000,
             2048 + j * 40000, numbers.randbytes(16), b"\x01\x00\x00\x00\x00\x00\x90\x10")
            for i in range(models) for j in range(tensors)
        ),
    )
    database.commit()
    database.execute("analyze")
    database.commit()


zstd = ctypes.CDLL("libzstd.so.1")
zstd.ZSTD_compressBound.restype = zstd.ZSTD_compress.restype = ctypes.c_size_t
zstd.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
zstd.ZSTD_compress.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]


def compressed(data):
    room = zstd.ZSTD_compressBound(len(data))
    return zstd.ZSTD_compress(ctypes.create_string_buffer(room), room, data, len(data), 19)


def grouped(data, width):
    """The first bytes of all numbers, then the second ones, and so on."""
    return np.frombuffer(data, np.uint8).reshape(-1, width).T.tobytes()


def pack(folder):
    sizes = {"files": 0, "zstd": 0, "grouped": 0}
    for path, _, names in os.walk(folder):
        for name in sorted(names):
            if not name.endswith(".h5"):
                continue
            with open(os.path.join(path, name), "rb") as file:
                whole = file.read()
            rest = bytearray(whole)
            own = 0
            with h5py.File(os.path.join(path, name)) as file:
                def take(_, item):
                    nonlocal own
                    if not isinstance(item, h5py.Dataset) or not item.nbytes:
                        return
                    start = item.id.get_offset()
                    runs = [(start, item.nbytes)]
                    if start is None:
                        chunks = [item.id.get_chunk_info(index) for index in range(item.id.get_num_chunks())]
                        runs = [(chunk.byte_offset, chunk.size) for chunk in chunks]
                    for start, size in runs:
                        rest[start : start + size] = bytes(size)
                    own += compressed(grouped(item[()].tobytes(), item.dtype.itemsize))
                file.visititems(take)
            sizes["files"] += len(whole)
            sizes["zstd"] += compressed(whole)
            sizes["grouped"] += own + compressed(bytes(rest))
    print(json.dumps(sizes))


if sys.argv[1] == "make":
    make(sys.argv[2], int(sys.argv[3]))
elif sys.argv[1] == "grid":
    grid(sys.argv[2], sys.argv[3])
elif sys.argv[1] == "million":
    million(sys.argv[2], sys.argv[3])
else:
    pack(sys.argv[2])
