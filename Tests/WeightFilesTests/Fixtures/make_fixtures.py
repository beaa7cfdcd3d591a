"""Makes the HDF5 fixtures, and expected.json: what h5py reads from each.

Run with h5py, numpy, ml_dtypes and keras (any backend) installed:  python make_fixtures.py
The files are small, and the same on every run except for what libhdf5 leaves in unused space.
"""

import json
import os
import struct
import zipfile
import zlib

import h5py
import ml_dtypes
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
EXPECTED = {}
RNG = np.random.default_rng(7)
TYPES = {"f8": "F64", "f4": "F32", "f2": "F16", "i8": "I64", "i4": "I32", "i2": "I16", "i1": "I8",
         "u8": "U64", "u4": "U32", "u2": "U16", "u1": "U8", "b1": "BOOL"}


def path(name):
    return os.path.join(HERE, name)


def values(shape, dtype):
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return RNG.standard_normal(shape).astype(dtype)
    if dtype.kind == "b":
        return RNG.integers(0, 2, shape).astype(bool)
    info = np.iinfo(dtype)
    return RNG.integers(info.min, info.max, shape, dtype=dtype.newbyteorder("="), endpoint=True).astype(dtype)


def record(name):
    """Adds all data sets of a file to the expectations, as little-endian hex."""
    found = {}

    def visit(key, item):
        if not isinstance(item, h5py.Dataset) or key.startswith("skip"):
            return
        if item.dtype.kind == "V" or item.attrs.get("dtype") == "bfloat16":
            # (the element type that the attribute names)
            data, kind = np.asarray(item[()]), "BF16"
        else:
            data = np.asarray(item[()])
            kind = TYPES[data.dtype.kind + str(data.dtype.itemsize)]
            data = data.astype(data.dtype.newbyteorder("<"))
        found[key] = {"shape": list(item.shape), "type": kind, "hex": data.tobytes().hex()}

    with h5py.File(path(name), "r") as file:
        file.visititems(visit)
    EXPECTED[name] = found


def types():
    with h5py.File(path("types.h5"), "w") as file:
        for order in "<>":
            for code in ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1"]:
                name = ("little/" if order == "<" else "big/") + code
                data = values((3, 5), order + code)
                file.create_dataset(name, data=data)
                if code in ["f8", "f2", "i4", "u1"]:
                    file.create_dataset(name + "_chunked", data=data, chunks=(2, 3), shuffle=True,
                                        compression="gzip")
        specials = [0.0, -0.0, np.inf, -np.inf, np.nan, 6e-8, -6e-8, 6.1e-5, 65504.0, 1.0, -2.5]
        file.create_dataset("specials/f2", data=np.array(specials, "f2"))
        file.create_dataset("specials/f4", data=np.array(specials, "f4"))
        file.create_dataset("truth", data=values((4, 4), "b1"))
        brain = np.array(specials, dtype=ml_dtypes.bfloat16)
        file.create_dataset("brain", data=brain).attrs["dtype"] = "bfloat16"
        file.create_dataset("brain_words", data=brain.view("u2")).attrs["dtype"] = "bfloat16"
        file.create_dataset("scalar", data=np.float32(2.5))
        file.create_dataset("none", data=np.zeros((0, 4), "f4"))
        file.create_dataset("none_chunked", shape=(0, 4), maxshape=(None, 4), dtype="f4", chunks=(2, 4))
        file.create_dataset("skip/text", data="words")
        file.create_dataset("skip/texts", data=["one", "two"])
        file.create_dataset("skip/compound", data=np.zeros(2, [("a", "f4"), ("b", "i4")]))
        file.create_dataset("skip/empty", data=h5py.Empty("f4"))
        file.create_dataset("skip/complex", data=np.zeros(2, "c8"))
        file.create_dataset("skip/rows", shape=(2,), dtype=h5py.vlen_dtype("f4"))
        file.create_dataset("skip/references", shape=(2,), dtype=h5py.ref_dtype)
        file.create_dataset("skip/opaque", data=np.zeros(2, "V5"))
        file["skip/type"] = np.dtype("f4")
    record("types.h5")


def layouts():
    with h5py.File(path("layouts.h5"), "w") as file:
        data = values((10, 7), "<f4")
        file.create_dataset("contiguous", data=data)
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_layout(h5py.h5d.COMPACT)
        compact = h5py.h5d.create(file.id, b"compact", h5py.h5t.IEEE_F32LE,
                                  h5py.h5s.create_simple((3, 4)), plist)
        compact.write(h5py.h5s.ALL, h5py.h5s.ALL, values((3, 4), "<f4"))
        filters = {
            "bare": {}, "gzip": dict(compression="gzip"),
            "shuffle": dict(shuffle=True), "fletcher": dict(fletcher32=True),
            "gzip_shuffle": dict(compression="gzip", shuffle=True),
            "gzip_fletcher": dict(compression="gzip", fletcher32=True),
            "all": dict(compression="gzip", shuffle=True, fletcher32=True),
            "lzf": dict(compression="lzf", shuffle=True),
            "scaleoffset": dict(scaleoffset=8),
        }
        for name, options in filters.items():
            shapes = [((4, 3), "edges"), ((5, 7), "rows"), ((10, 7), "single")]
            for chunks, label in shapes if name in ["bare", "all"] else shapes[:1]:
                source = data if name != "scaleoffset" else RNG.integers(0, 200, (10, 7)).astype("<i4")
                file.create_dataset(f"{name}/{label}", data=source, chunks=chunks, **options)
        for code in ["f8", "f2", "u1"]:
            file.create_dataset(f"all/{code}", data=values((9, 11, 5), "<" + code), chunks=(4, 11, 2),
                                compression="gzip", shuffle=True, fletcher32=True)
        file.create_dataset("long", data=values((777,), "<f8"), chunks=(100,), compression="gzip", shuffle=True)
        # Odd numbers of bytes, for the checksum's last half word.
        file.create_dataset("odd", data=values((21,), "u1"), chunks=(7,), fletcher32=True)
        # The big chunk is more than the vector kernels' sixteen elements.
        file.create_dataset("wide", data=values((3, 1000), "<i2"), chunks=(2, 300), compression="gzip", shuffle=True)
        holes = file.create_dataset("holes", shape=(8, 6), chunks=(4, 3), dtype="<f4", fillvalue=1.5,
                                    compression="gzip")
        holes[4:8, 0:3] = 2.0
        file.create_dataset("never", shape=(4, 4), dtype="<f4", fillvalue=-3.25)
        file.create_dataset("never_chunked", shape=(4, 4), dtype=">i4", fillvalue=77, chunks=(2, 2))
        file.create_dataset("growing", data=values((5, 6), "<f4"), maxshape=(None, 6), chunks=(8, 6))
        file.create_dataset("growing2", data=values((5, 6), "<f4"), maxshape=(None, None), chunks=(2, 4))
        masked = file.create_dataset("masked", shape=(4, 8), chunks=(2, 8), dtype="<f4", shuffle=True,
                                     compression="gzip")
        rows = values((4, 8), "<f4")
        # Filters: 0 shuffle, 1 deflate. The first block skips both, the second only the shuffle.
        masked.id.write_direct_chunk((0, 0), rows[:2].tobytes(), filter_mask=3)
        masked.id.write_direct_chunk((2, 0), zlib.compress(rows[2:].tobytes()), filter_mask=1)
        lzf = file.create_dataset("masked_lzf", shape=(2, 8), chunks=(2, 8), dtype="<f4", compression="lzf")
        lzf.id.write_direct_chunk((0, 0), rows[:2].tobytes(), filter_mask=1)
    record("layouts.h5")


def latest():
    """The indexes of the newer file format: single chunk, implicit, fixed and extensible array, B-tree 2."""
    with h5py.File(path("latest.h5"), "w", libver=("v110", "v110"), track_order=True) as file:
        data = values((12, 9), "<f4")
        file.create_dataset("zz_first", data=data)
        for name, options in {"bare": {}, "gzip": dict(compression="gzip", shuffle=True)}.items():
            file.create_dataset(f"{name}/single", data=data, chunks=(12, 9), **options)
            file.create_dataset(f"{name}/fixed", data=data, chunks=(4, 4), **options)
            file.create_dataset(f"{name}/extensible", data=data, chunks=(4, 4), maxshape=(None, 9), **options)
            file.create_dataset(f"{name}/btree2", data=data, chunks=(4, 4), maxshape=(None, None), **options)
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((4, 4))
        plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        early = h5py.h5d.create(file.id, b"implicit", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((12, 9)), plist)
        early.write(h5py.h5s.ALL, h5py.h5s.ALL, data)
        for index in range(20):
            file.create_dataset(f"dense/d{index}", data=np.float32(index))
    record("latest.h5")


def links():
    with h5py.File(path("links.h5"), "w") as file:
        file.create_dataset("real/kernel", data=values((2, 3), "<f4"))
        file["skip_hard"] = file["real/kernel"]
        file["skip_soft"] = h5py.SoftLink("/real/kernel")
        file["skip_dangling"] = h5py.SoftLink("/nowhere")
        file["skip_external"] = h5py.ExternalLink("types.h5", "/scalar")
        file["skip_through"] = h5py.SoftLink("/skip_external")
        file["real/loop"] = file["/"]
        file["real/again"] = file["real"]
        layout = h5py.VirtualLayout(shape=(3, 5), dtype="<f4")
        layout[...] = h5py.VirtualSource("types.h5", "little/f4", shape=(3, 5))
        file.create_virtual_dataset("skip_virtual", layout)
        file.create_dataset("skip_outside", shape=(2,), dtype="<f4", external=[("layouts.h5", 0, 8)])
    record("links.h5")


def attributes():
    with h5py.File(path("attributes.h5"), "w") as file:
        file.attrs["text"] = "words"
        file.attrs["bytes"] = np.bytes_(b"fixed")
        file.attrs["texts"] = ["one", "zwei", "\u4e09"]
        file.attrs["fixed_texts"] = np.array([b"one", b"three"])
        file.attrs["number"] = 3
        file.attrs["numbers"] = np.array([1.5, -2.0, 1e300])
        file.attrs["truth"] = True
        file.attrs["none"] = np.zeros((0,))
        file.attrs["compound"] = np.zeros(1, [("a", "f4")])
        names = [f"layer_{index}".encode() for index in range(7)]
        group = file.create_group("model_weights")
        group.attrs["layer_names0"] = np.array(names[:3])
        group.attrs["layer_names1"] = np.array(names[3:6])
        group.attrs["layer_names2"] = np.array(names[6:])
        file.create_dataset("x", data=np.float32(1)).attrs["unit"] = "none"
    EXPECTED["attributes.h5"] = {"x": {"shape": [], "type": "F32", "hex": np.float32(1).tobytes().hex()}}


def user_block():
    with h5py.File(path("userblock.h5"), "w", userblock_size=512) as file:
        file.create_dataset("contiguous", data=values((3, 4), "<f4"))
        file.create_dataset("chunked", data=values((6, 4), "<f4"), chunks=(2, 4), compression="gzip")
    with open(path("userblock.h5"), "r+b") as file:
        file.write(b"#!/bin/sh\n")
    record("userblock.h5")


def bombs():
    """Files that claim more than they hold. Only the sound data set in each may be read."""
    with h5py.File(path("bomb_shape.h5"), "w") as file:
        file.create_dataset("fine", data=np.arange(4, dtype="<f4"))
        file.create_dataset("skip_bomb", shape=(1 << 20, 1 << 20), chunks=(1, 1 << 20), dtype="<f4",
                            compression="gzip")[0, :] = 0
        file.create_dataset("skip_grid", shape=(1 << 40,), chunks=(1,), dtype="<f4")[0] = 1
    EXPECTED["bomb_shape.h5"] = {"fine": {"shape": [4], "type": "F32",
                                          "hex": np.arange(4, dtype="<f4").tobytes().hex()}}
    with h5py.File(path("bomb_chunk.h5"), "w") as file:
        file.create_dataset("fine", data=np.arange(4, dtype="<f4"))
        bomb = file.create_dataset("inflates", shape=(1 << 10,), chunks=(1 << 10,), dtype="<f4", compression="gzip")
        bomb.id.write_direct_chunk((0,), zlib.compress(bytes(1 << 20)))
        short = file.create_dataset("short", shape=(1 << 10,), chunks=(1 << 10,), dtype="<f4", compression="gzip")
        short.id.write_direct_chunk((0,), zlib.compress(bytes(100)))
        noise = file.create_dataset("noise", shape=(8,), chunks=(8,), dtype="<f4", compression="gzip")
        noise.id.write_direct_chunk((0,), b"not zlib at all")
        cut = file.create_dataset("cut", shape=(8,), chunks=(8,), dtype="<f4", compression="gzip")
        cut.id.write_direct_chunk((0,), bytes(12), filter_mask=1)
        sums = file.create_dataset("checksum", shape=(8,), chunks=(8,), dtype="<f4", fletcher32=True)
        sums.id.write_direct_chunk((0,), bytes(range(32)) + struct.pack("<I", 1))
    EXPECTED["bomb_chunk.h5"] = {"fine": EXPECTED["bomb_shape.h5"]["fine"]}


def keras_files():
    import keras

    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="relu"),
                              keras.layers.BatchNormalization(), keras.layers.Dense(2)])
    model.save(path("small.keras"))
    model.save(path("small.h5"))
    model.save_weights(path("small.weights.h5"))
    with zipfile.ZipFile(path("small.keras")) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with open(path("inner.h5"), "wb") as file:
        file.write(parts["model.weights.h5"])
    record("inner.h5")
    EXPECTED["small.keras"] = EXPECTED.pop("inner.h5")
    os.remove(path("inner.h5"))
    with zipfile.ZipFile(path("deflated.keras"), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    EXPECTED["deflated.keras"] = EXPECTED["small.keras"]
    record("small.h5")
    record("small.weights.h5")
    mixed = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, dtype="bfloat16")])
    mixed.save_weights(path("brain.weights.h5"))
    record("brain.weights.h5")


if __name__ == "__main__":
    for make in [types, layouts, latest, links, attributes, user_block, bombs, keras_files]:
        make()
    with open(path("expected.json"), "w") as out:
        json.dump(EXPECTED, out, indent=0, sort_keys=True)
