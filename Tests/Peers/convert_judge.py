"""The real libraries read what `wsl convert` wrote: h5py with hdf5plugin, safetensors, NumPy, Keras.

    convert_judge.py WSL

Every element is compared bit for bit. A Keras model that went to another format and back is loaded
by Keras and predicts the same.
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile

import h5py
import hdf5plugin
import keras
import ml_dtypes
import numpy
import safetensors
import safetensors.numpy
import zstandard
from keras import layers

DTYPES = ["float64", "float32", "float16", "int64", "int32", "int16", "int8",
          "uint64", "uint32", "uint16", "uint8", "bool"]


def tensors():
    """Every type; scalars, empty tensors, several chunks with a rest, names that are hard to keep."""
    random = numpy.random.default_rng(5)
    found = {}
    for name in DTYPES:
        bits = random.integers(0, 256, (37, 5, 8), dtype=numpy.uint8)
        if name == "bool":
            found[f"types/{name}"] = bits > 100
        else:
            found[f"types/{name}"] = bits.reshape(-1).view(name).reshape(37, -1)
    found["large/kernel"] = random.standard_normal((1031, 517)).astype("float32")
    found["large/deep"] = random.standard_normal((3, 700, 401)).astype("float32")
    found["scalar"] = numpy.float32(2.5)
    found["empty"] = numpy.zeros((0, 4), "float32")
    found["emptyAxis/inner"] = numpy.zeros((3, 0), "float64")
    found["layer.0.weight"] = random.standard_normal((4, 4)).astype("float32")
    found["größe/重み/🧠"] = random.standard_normal(7)
    found["with space/\"quote\"/a:0"] = numpy.arange(5)
    return found


def run(wsl, *arguments):
    done = subprocess.run([wsl, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


def equal(one, two, name):
    one, two = numpy.asarray(one), numpy.asarray(two)
    assert one.dtype == two.dtype and one.shape == two.shape, (name, one.dtype, two.dtype)
    assert one.tobytes() == two.tobytes(), name


def same(read, want):
    assert set(read) == set(want), set(read) ^ set(want)
    for name, value in want.items():
        equal(read[name], value, name)


def from_hdf5(path):
    with h5py.File(path) as file:
        found = {}
        file.visititems(
            lambda name, node: found.__setitem__(name, node[()]) if isinstance(
                node, h5py.Dataset) else None)
        return found


def from_npz(path):
    with numpy.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files if name != "__wsl__.json"}


def judge_containers(wsl, folder):
    want = tensors()
    source = os.path.join(folder, "source.h5")
    with h5py.File(source, "w") as file:
        for name, value in want.items():
            file.create_dataset(name, data=value)
        file.attrs["title"] = "größer"
        file["large"].attrs["names"] = ["a", "b"]
        file["large"].attrs["rate"] = 0.1
    path = lambda name: os.path.join(folder, name)
    for option in ["none", "gzip:1", "gzip:9", "zstd:1", "zstd:7"]:
        run(wsl, "convert", source, "-o", path("x.h5"), "--force", "--compression", option)
        same(from_hdf5(path("x.h5")), want)
        with h5py.File(path("x.h5")) as file:
            kernel = file["large/kernel"]
            assert kernel.shuffle == (option != "none")
            assert ("32015" in kernel._filters) == option.startswith("zstd")
            assert file.attrs["title"] == "größer" and list(file["large"].attrs["names"]) == ["a", "b"]
            assert file["large"].attrs["rate"] == 0.1
    run(wsl, "convert", source, "-o", path("x.safetensors"))
    same(safetensors.numpy.load_file(path("x.safetensors")), want)
    with safetensors.safe_open(path("x.safetensors"), "np") as file:
        assert file.metadata()["title"] == "größer"
    for option in ["none", "gzip:4"]:
        run(wsl, "convert", source, "-o", path("x.npz"), "--force", "--compression", option)
        same(from_npz(path("x.npz")), want)
    run(wsl, "convert", source, "-o", path("x.safetensors.zst"))
    with open(path("x.safetensors.zst"), "rb") as file:
        plain = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read()
    same(safetensors.numpy.load(plain), want)
    run(wsl, "convert", source, "-o", path("x.npz.gz"))
    with gzip.open(path("x.npz.gz")) as file:
        same(from_npz(file), want)
    # One thread and several make the same bytes.
    for name in ["x.h5", "x.safetensors", "x.npz", "x.h5.zst", "x.h5.gz"]:
        for jobs in "13":
            option = ["--compression", "zstd:1"] if name == "x.h5" else []
            run(wsl, "convert", source, "-o", path(jobs + name), "--jobs", jobs, *option)
        with open(path("1" + name), "rb") as one, open(path("3" + name), "rb") as two:
            assert one.read() == two.read(), name
    # There and back.
    for name in ["x.safetensors", "x.npz", "x.safetensors.zst", "x.npz.gz"]:
        run(wsl, "convert", path(name), "-o", path("back.h5"), "--force")
        same(from_hdf5(path("back.h5")), want)
        with h5py.File(path("back.h5")) as file:
            assert dict(file.attrs) == {"title": "größer"}, dict(file.attrs)
            assert file["large"].attrs["rate"] == 0.1
    print(f"{len(want)} tensors went through HDF5, safetensors and NumPy, and back")


def judge_narrow(wsl, folder):
    random = numpy.random.default_rng(6)
    brain = random.standard_normal((300, 300)).astype(ml_dtypes.bfloat16)
    half = random.standard_normal((300, 10)).astype("float16")
    full = random.standard_normal((300, 20)).astype("float32")
    source, out = (os.path.join(folder, name) for name in ("wide.h5", "narrow.safetensors"))
    with h5py.File(source, "w") as file:
        file["brain"], file["half"] = brain.astype("float32"), half.astype("float32")
        file["full"] = full
    told = json.loads(run(wsl, "convert", source, "-o", out, "--json"))
    assert {t["name"]: t["dtype"] for t in told["narrowable"]["tensors"]} == {
        "brain": "BF16", "half": "F16"}, told
    assert told["narrowable"]["savedBytes"] == 2 * (brain.size + half.size)
    equal(safetensors.numpy.load_file(out)["brain"], brain.astype("float32"), "brain")
    run(wsl, "convert", source, "-o", out, "--narrow", "--force")
    same(safetensors.numpy.load_file(out), {"brain": brain, "half": half, "full": full})
    run(wsl, "convert", source, "-o", out[:-11] + "npz", "--narrow")
    with numpy.load(out[:-11] + "npz") as file:
        equal(file["brain"].view(ml_dtypes.bfloat16), brain, "brain")
    print("BF16 and F16 values in Float32 are told, and stored so on demand")


def judge_keras(wsl, folder):
    inputs = keras.Input((12, 12, 3))
    x = layers.Conv2D(8, 3, activation="relu")(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.Flatten()(x)
    model = keras.Model(inputs, layers.Dense(5)(x))
    model.compile("adam", keras.losses.MeanSquaredError())
    data = numpy.random.default_rng(7).standard_normal((32, 12, 12, 3))
    model.fit(data, numpy.zeros((32, 5)), verbose=0)
    source = os.path.join(folder, "keras.h5")
    model.save(source)
    want = model.predict(data, verbose=0)
    for middle in ["k.safetensors", "k.npz", "k.z.h5"]:
        middle, back = os.path.join(folder, middle), os.path.join(folder, "back-keras.h5")
        option = ["--compression", "gzip:4"] if middle.endswith("h5") else []
        run(wsl, "convert", source, "-o", middle, *option)
        run(wsl, "convert", middle, "-o", back, "--force")
        loaded = keras.saving.load_model(back)
        assert numpy.array_equal(loaded.predict(data, verbose=0), want), middle
        told = json.loads(run(wsl, "diff", source, middle, "--json", "--fail-above", "0"))
        assert told["identical"], told
    print(f"Keras {keras.__version__} loads a model that went to safetensors and NumPy and back")


def main(wsl):
    for judge in [judge_containers, judge_narrow, judge_keras]:
        with tempfile.TemporaryDirectory() as folder:
            judge(wsl, folder)


main(os.path.abspath(sys.argv[1]))
