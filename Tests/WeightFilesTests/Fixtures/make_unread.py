"""Files with data sets that are not read as numbers, and with objects of several names.

    python make_unread.py    writes unread/ and links/

Needs h5py and numpy. unread/expected.json has the bytes that numpy and h5py give for what is not read.
"""
import json
import os

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
PAIR = np.dtype([("scale", "<f4"), ("zero", "<i2")])
EXPECTED = {}


def path(*names):
    return os.path.join(HERE, *names)


def elements(changed: bool):
    """The elements of each data set that is not read; `changed` changes each of them in one place."""
    pairs = np.zeros(8, PAIR)
    pairs["scale"] = np.arange(8) / 4
    pairs["zero"][5] = changed
    return {
        "compound": pairs,
        "compound_chunked": pairs,
        "complex": (np.arange(4) + 1j * changed).astype("<c8"),
        "long_double": np.arange(3).astype(np.longdouble) + changed,
        "opaque": np.array([b"ab", b"yz" if changed else b"cd"], "V2"),
        "text": np.array([b"one", b"two" if changed else b"six"]),
    }


def unread(name: str, changed: bool):
    with h5py.File(path("unread", name), "w") as file:
        file["weight"] = np.arange(6, dtype="<f4").reshape(2, 3)
        for key, value in elements(changed).items():
            if key == "compound_chunked":
                file.create_dataset(key, data=value, chunks=(3,), compression="gzip", shuffle=True)
            else:
                file[key] = value
            data = value.tobytes()
            EXPECTED.setdefault(name, {})[key] = {"shape": list(value.shape), "hex": data.hex()}
        texts = ["hello", "world" if changed else "there"]
        file.create_dataset("varying_text", data=texts, dtype=h5py.string_dtype())
        ragged = file.create_dataset("ragged", (2,), dtype=h5py.vlen_dtype("<i4"))
        ragged[0], ragged[1] = [1, 2], [3]
        file["nothing"] = h5py.Empty("<f4")
        layout = h5py.VirtualLayout((2, 3), "<f4")
        layout[...] = h5py.VirtualSource("elsewhere.h5", "weight", shape=(2, 3))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("outside", (2,), "<f4", external=[("elsewhere.raw", 0, 8)])


def relaid():
    """The elements of unread/a.h5, in other places and through other filters, with other names of fields."""
    with h5py.File(path("unread", "relaid.h5"), "w") as file:
        file["weight"] = np.arange(6, dtype="<f4").reshape(2, 3)
        values = elements(False)
        file.create_dataset(
            "compound", data=values["compound"], chunks=(4,), compression="gzip", fletcher32=True)
        file["compound_chunked"] = values["compound_chunked"]
        file["complex"] = values["complex"].view(np.dtype([("a", "<f4"), ("b", "<f4")]))


def arrays(name: str, changed: bool, save=np.savez):
    record = np.zeros(3, [("p", "<f4")])
    record["p"][1] = changed
    save(
        path("unread", name), weight=np.arange(6, dtype="<f4"), record=record,
        complex=np.full(3, 1 + 1j * changed, "<c16"), text=np.array(["a", "b" if changed else "c"]),
        objects=np.array([int(changed), None], object))


def damaged():
    kernel = np.arange(128, dtype="<f4").reshape(16, 8)
    with h5py.File(path("unread", "damaged.h5"), "w") as file:
        file["bias"] = np.arange(8, dtype="<f4")
        chunked = file.create_dataset(
            "deflated", data=kernel, chunks=(8, 8), compression="gzip", shuffle=True)
        checked = file.create_dataset("checked", data=kernel, chunks=(16, 8), fletcher32=True)
        places = [chunked.id.get_chunk_info(1).byte_offset, checked.id.get_chunk_info(0).byte_offset]
    with open(path("unread", "damaged.h5"), "r+b") as file:
        for place in places:
            file.seek(place + 8)
            file.write(b"\xff\xff\xff\xff")
    np.savez(path("unread", "damaged.npz"), fine=kernel, broken=kernel * 2)
    data = bytearray(open(path("unread", "damaged.npz"), "rb").read())
    data[data.index((kernel * 2).tobytes()) + 9] ^= 1
    open(path("unread", "damaged.npz"), "wb").write(data)


def links():
    random = np.random.default_rng(7)
    first, kernel = random.normal(size=(4, 6)).astype("<f4"), random.normal(size=(6, 6)).astype("<f4")
    last, bias = random.normal(size=(6, 3)).astype("<f4"), random.normal(size=6).astype("<f4")
    # A row in which two layers have one kernel and one bias: hard, soft, and stored twice.
    for name in ("hard", "soft", "chunked", "plain"):
        with h5py.File(path("links", name + ".weights.h5"), "w") as file:
            options = {"chunks": (3, 6), "compression": "gzip"} if name == "chunked" else {}
            layers = file.create_group("layers")
            layers["dense/vars/0"], layers["dense/vars/1"] = first, bias
            layers.create_dataset("dense_1/vars/0", data=kernel, **options)
            layers["dense_1/vars/1"] = bias
            for number in "01":
                place = f"dense_1/vars/{number}"
                if name == "plain":
                    layers["dense_2/vars/" + number] = layers[place][()]
                elif name == "soft":
                    layers["dense_2/vars/" + number] = h5py.SoftLink("/layers/" + place)
                else:
                    layers["dense_2/vars/" + number] = layers[place]
            layers["dense_3/vars/0"] = last
    with h5py.File(path("links", "groups.h5"), "w") as file:
        file["a/w"], file["a/b/bias"] = kernel, bias
        file["a/b/pair"] = np.zeros(2, PAIR)
        file["second"] = file["a"]
        file["third"] = h5py.SoftLink("/a/b")
        file["a/b"].attrs["unit"] = "none"
    with h5py.File(path("links", "cycles.h5"), "w") as file:
        file["a/w"] = kernel
        file["a/self"], file["a/root"] = file["a"], file["/"]
        file.create_group("b")
        file["b/x"], file["a/y"] = file["a"], file["b"]
    with h5py.File(path("links", "bomb.h5"), "w") as file:
        file["g0/w"] = bias
        for number in range(1, 40):
            group, before = file.create_group(f"g{number}"), file[f"g{number - 1}"]
            group["a"], group["b"] = before, before


if __name__ == "__main__":
    for folder in ("unread", "links"):
        os.makedirs(path(folder), exist_ok=True)
    unread("a.h5", False)
    unread("b.h5", True)
    relaid()
    arrays("a.npz", False)
    arrays("b.npz", True)
    arrays("a_deflated.npz", False, np.savez_compressed)
    arrays("b_deflated.npz", True, np.savez_compressed)
    damaged()
    links()
    with open(path("unread", "expected.json"), "w") as out:
        json.dump(EXPECTED, out, indent=0, sort_keys=True)
