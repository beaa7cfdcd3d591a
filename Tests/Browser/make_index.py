#!/usr/bin/env python3
"""Makes a zoo of many small models, and the index of it: make_index.py WSL FOLDER [--count 10000]

The models are safetensors files of one dense layer each, with labels as their metadata; some names, labels
and tensors are called as if they were markup or scripts. Needs nothing but Python."""
import argparse
import json
import math
import pathlib
import random
import struct
import subprocess

HOSTILE = [
    "<script>document.title='owned'</script>",
    "\"><img src=x onerror=\"document.title='owned'\">",
    "' onmouseover='document.title=1",
    "</title><svg onload=document.title=1>",
    "javascript:document.title=1",
    "&lt;b&gt; &amp; ${7*7} {{7*7}}",
]


def safetensors(tensors, metadata):
    header, body = {"__metadata__": metadata}, b""
    for name, values in tensors.items():
        data = struct.pack(f"<{len(values)}f", *values)
        header[name] = {
            "dtype": "F32", "shape": [len(values)],
            "data_offsets": [len(body), len(body) + len(data)],
        }
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + body


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("wsl")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=10000)
    options = parser.parse_args()
    random.seed(0)
    zoo = options.folder / "zoo"
    for number in range(options.count):
        folder = zoo / f"{number // 500:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        width = random.choice([8, 16, 32, 64])
        rate = 10 ** random.uniform(-4, -1)
        scale = 1 + rate * 5 + random.gauss(0, 0.05)
        accuracy = 1 / (1 + math.exp(-(math.log2(width) - 2 + random.gauss(0, 0.7) - 8 * rate)))
        labels = {
            "width": width, "learning_rate": rate, "seed": number % 10,
            "optimizer": random.choice(["adam", "sgd", "adamw"]),
            "weight_decay": random.choice([0, 0.0001, 0.01]),
            "batch_size": random.choice([32, 64, 128]), "epochs": 20,
            "test_accuracy": accuracy, "test_loss": -math.log(max(accuracy, 1e-6)),
            "train_loss": random.expovariate(5), "name": f"model-{number:05d}",
        }
        if number % 10:
            labels["parent"] = f"model-{number - number % 10:05d}"
        names = ["layer.weight", "layer.bias"]
        if number < len(HOSTILE):
            labels["name"] = labels["note"] = HOSTILE[number]
            names[1] = HOSTILE[number] + ".bias"
        weights = [random.gauss(0, scale) for _ in range(width)]
        data = safetensors({names[0]: weights, names[1]: weights[:4]},
                           {name: str(value) for name, value in labels.items()})
        (folder / f"model-{number:05d}.safetensors").write_bytes(data)
    index = options.folder / "zoo.sqlite"
    subprocess.run([options.wsl, "zoo", "index", zoo, "-o", index], check=True)
    subprocess.run([options.wsl, "zoo", "scan", index, "--metrics", "statistics,norms"], check=True)


if __name__ == "__main__":
    main()
