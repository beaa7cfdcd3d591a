"""Makes filters.h5 and indexes-*.h5 with h5py and hdf5plugin; every data set is `values` again.

    python make_filters.py

`values` stands unfiltered beside the filtered ones, which are bit for bit the same: several chunks,
some beyond the edge, one of them with filters left out where that can be.
"""

import os

import h5py
import hdf5plugin
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(11)


def values(shape, dtype):
    numbers = rng.standard_normal(shape) * 0.05
    return (numbers * 1000).astype(dtype) if np.dtype(dtype).kind == "i" else numbers.astype(dtype)


filters = {
    "zstd": hdf5plugin.Zstd(clevel=3),
    "shuffle_zstd": dict(shuffle=True, **hdf5plugin.Zstd(clevel=1)),
    "lz4": hdf5plugin.LZ4(),
    "lz4_blocks": hdf5plugin.LZ4(nbytes=512),
    "lzf": dict(compression="lzf"),
    "shuffle_lzf": dict(compression="lzf", shuffle=True),
    "bitshuffle": hdf5plugin.Bitshuffle(cname="none"),
    "bitshuffle_lz4": hdf5plugin.Bitshuffle(cname="lz4"),
    "bitshuffle_lz4_blocks": hdf5plugin.Bitshuffle(nelems=64, cname="lz4"),
    "bitshuffle_zstd": hdf5plugin.Bitshuffle(cname="zstd", clevel=2),
    "fletcher_zstd": dict(fletcher32=True, **hdf5plugin.Zstd(clevel=1)),
    "gzip": dict(compression="gzip", compression_opts=6),
}
for name in ("blosclz", "lz4", "lz4hc", "zlib", "zstd"):
    for label, shuffle in (("", hdf5plugin.Blosc.NOSHUFFLE), ("_shuffle", hdf5plugin.Blosc.SHUFFLE),
                           ("_bitshuffle", hdf5plugin.Blosc.BITSHUFFLE)):
        filters[f"blosc_{name}{label}"] = hdf5plugin.Blosc(cname=name, clevel=5, shuffle=shuffle)

with h5py.File(os.path.join(here, "filters.h5"), "w") as file:
    for dtype, shape, chunks in (("<f4", (37, 29), (16, 16)), ("<i2", (501,), (128,)), ("<f8", (90, 7), (40, 7))):
        data = values(shape, dtype)
        group = file.create_group(np.dtype(dtype).name)
        group.create_dataset("values", data=data)
        for name, options in filters.items():
            group.create_dataset(name, data=data, chunks=chunks, **options)
        masked = group.create_dataset("masked_shuffle_zstd", data=data, chunks=chunks, shuffle=True,
                                      **hdf5plugin.Zstd(clevel=1))
        origin = (0,) * data.ndim
        block = data[tuple(slice(0, size) for size in chunks)]
        masked.id.write_direct_chunk(origin, np.ascontiguousarray(block).tobytes(), filter_mask=3)
    group = file.create_group("scaled")
    whole = np.arange(300, dtype="<i4").reshape(20, 15)
    group.create_dataset("values", data=whole)
    group.create_dataset("scaleoffset", data=whole, chunks=(8, 8), scaleoffset=0)
    file.create_group("unknown").create_dataset(
        "zfp", data=values((16, 16), "<f4"), chunks=(8, 8), **hdf5plugin.Zfp(reversible=True))

for version in ("earliest", "v108", "v110", "latest"):
    # Newer than what libhdf5 1.10 reads is not asked for.
    bounds = ("earliest", "v110") if version == "earliest" else (version, "v110")
    bounds = ("v110", "v110") if version == "latest" else bounds
    with h5py.File(os.path.join(here, f"indexes-{version}.h5"), "w", libver=bounds) as file:
        data = values((30, 20), "<f4")
        file.create_dataset("values", data=data)
        for label, options in (("plain", {}), ("gzip", dict(compression="gzip"))):
            for name, chunks, limit in (
                ("single", (30, 20), None), ("fixed", (7, 6), None), ("extensible", (7, 6), (None, 20)),
                ("tree", (7, 6), (None, None)), ("paged", (1, 1), None), ("paged_extensible", (1, 1), (None, 20)),
            ):
                if label == "gzip" and name.startswith("paged"):
                    continue
                file.create_dataset(f"{name}_{label}", data=data, chunks=chunks, maxshape=limit, **options)
        # Allocated at once and without filters: the implicit index.
        space, kind = h5py.h5s.create_simple((30, 20)), h5py.h5t.IEEE_F32LE
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_chunk((7, 6))
        properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        dataset = h5py.h5d.create(file.id, b"implicit_plain", kind, space, properties)
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, data)
