"""Makes small data sets as people keep them, and what the usual libraries read of them.

    python make_data.py

Needs numpy and Pillow (13.0 was used, on libjpeg-turbo). Writes below `data`: `images`, a folder for each
part and class; `expected.npz`, what torchvision's ImageFolder would read of both parts (images converted to
RGB, files in its order); `cifar10` and `cifar100`, batches of three images, pickled by Python 3 and as
Python 2 pickled them, and `cifar.npz`, their contents.
"""

import os
import pickle
import shutil
import struct

import numpy as np
from PIL import Image

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
draw = np.random.default_rng(0)


def picture():
    return (np.kron(draw.random((4, 3, 3)), np.ones((4, 4, 1))) * 255).astype("u1")


def images(part):
    for name in ("dog", "Ant"):
        folder = os.path.join(HERE, "images", part, name, "more")
        os.makedirs(folder)
        pixels = picture()
        path = os.path.dirname(folder) + "/"
        Image.fromarray(pixels).save(path + "colour.png")
        Image.fromarray(pixels).convert("P").save(path + "palette.PNG")
        Image.fromarray(np.dstack([pixels, pixels[:, :, :1]])).save(path + "alpha.png")
        Image.fromarray(pixels[:, :, 0] > 99).save(path + "bits.png")
        Image.fromarray(pixels).save(os.path.join(folder, "photo.jpg"), quality=85)
        Image.fromarray(pixels[:, :, 1]).save(os.path.join(folder, "grey.jpeg"))
    with open(os.path.join(HERE, "images", part, "dog", "notes.txt"), "w") as file:
        file.write("no image\n")


def read(part):
    pixels, labels = [], []
    root = os.path.join(HERE, "images", part)
    for label, name in enumerate(sorted(os.listdir(root))):
        for folder, _, files in sorted(os.walk(os.path.join(root, name))):
            for file in sorted(files):
                if file.lower().endswith((".png", ".jpg", ".jpeg")):
                    image = Image.open(os.path.join(folder, file)).convert("RGB")
                    pixels.append(np.asarray(image))
                    labels.append(label)
    return np.stack(pixels), np.array(labels)


def python2(data, labels):
    """The pickle that cPickle of Python 2 made of such a batch, in protocol 2."""
    def string(value):
        head = b"U" + bytes([len(value)]) if len(value) < 256 else b"T" + struct.pack("<i", len(value))
        return head + value
    array = (b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01"
             + b"K" + bytes([len(data)]) + b"M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
             + b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89" + string(data.tobytes()) + b"tb")
    listed = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    return (b"\x80\x02}(" + string(b"data") + array + string(b"labels") + listed
            + string(b"batch_label") + string(b"testing batch 1 of 1") + b"u.")


def cifar():
    os.makedirs(os.path.join(HERE, "cifar10"))
    os.makedirs(os.path.join(HERE, "cifar100"))
    # Of two colours: small once compressed.
    parts = [(draw.integers(0, 2, (3, 48)).repeat(64, 1) * 255).astype("u1") for _ in range(3)]
    labels = [[9, 0, 3], [1, 8, 2], [4, 4, 7]]
    for number, protocol in ((0, 2), (1, 5)):
        with open(os.path.join(HERE, "cifar10", f"data_batch_{number + 1}"), "wb") as file:
            pickle.dump({b"data": parts[number], b"labels": labels[number],
                         b"filenames": [b"a.png"] * 3}, file, protocol)
    last = python2(parts[2], labels[2])
    found = pickle.loads(last, encoding="bytes")
    assert (found[b"data"] == parts[2]).all() and found[b"labels"] == labels[2]
    with open(os.path.join(HERE, "cifar10", "test_batch"), "wb") as file:
        file.write(last)
    for part in ("train", "test"):
        with open(os.path.join(HERE, "cifar100", part), "wb") as file:
            pickle.dump({"data": parts[0], "fine_labels": [99, 0, 3], "coarse_labels": [1, 2, 3]}, file, 3)
    with open(os.path.join(HERE, "cifar100", "meta"), "wb") as file:
        pickle.dump({"fine_label_names": ["a"]}, file)
    np.savez_compressed(os.path.join(HERE, "cifar.npz"), x_train=np.concatenate(parts[:2]),
                        y_train=labels[0] + labels[1], x_test=parts[2], y_test=labels[2])


def main():
    shutil.rmtree(HERE, ignore_errors=True)
    for part in ("train", "val"):
        images(part)
    (train, train_labels), (test, test_labels) = read("train"), read("val")
    np.savez_compressed(os.path.join(HERE, "expected.npz"), x_train=train, y_train=train_labels,
                        x_test=test, y_test=test_labels)
    cifar()


main()
