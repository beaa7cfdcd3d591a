"""Networks as torchvision and timm publish them: `wsl match` refuses them in one line, or is right.

    published_networks.py WSL [--largest 12e6]

Needs torchvision, and timm for its own; where neither is installed there is nothing to judge. Two
random instances of each network of up to `--largest` numbers are saved as a state dict; what `wsl
match A B -o OUT` writes must answer as B does, and so must B with every group permuted at random. Where
`wsl evaluate` runs the network its loss must be that of the library. Of timm the smallest network of each
module is taken.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy
import torch


def torchvision_networks(largest):
    try:
        from torchvision import models
    except ImportError:
        return
    for name in models.list_models(module=models):
        if models.get_model_weights(name).DEFAULT.meta["num_params"] <= largest:
            yield name, lambda name=name: models.get_model(name, weights=None)


def timm_networks(largest):
    try:
        import timm
    except ImportError:
        return
    for module in timm.list_modules():
        sizes = {}
        for name in timm.list_models(module=module)[:40]:
            try:
                with torch.device("meta"):
                    sizes[name] = size(timm.create_model(name))
            except (RuntimeError, NotImplementedError, ValueError, TypeError):
                continue  # It needs weights, or numbers, to be made at all.
        if sizes and min(sizes.values()) <= largest:
            name = min(sizes, key=sizes.get)
            yield f"{module} {name}", lambda name=name: timm.create_model(name)


def size(network):
    return sum(p.numel() for p in network.parameters())


def randomise(network, generator):
    """Random weights; scales and variances near one, so that the answer depends on every layer."""
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if not value.is_floating_point():
                continue
            if value.dim() > 1:
                noise = torch.randn(value.shape, generator=generator)
                value.copy_(noise * (2 / max(1, value[0].numel())) ** 0.5)
            elif name.endswith(("weight", "var")):
                value.copy_(torch.rand(value.shape, generator=generator) + 0.5)
            else:
                value.copy_(torch.randn(value.shape, generator=generator) * 0.1)


def outcome(wsl, network, folder):
    """What came of a network: a word, and a line that says more."""
    generator = torch.Generator().manual_seed(0)
    a, b, out = (os.path.join(folder, f"{word}.pt") for word in ("a", "b", "out"))
    for path in (a, b):
        randomise(network, generator)
        # With its metadata: MNASNet wants the version that they say.
        state = network.state_dict()
        state.update({name: value.clone() for name, value in state.items()})
        torch.save(state, path)
    done = subprocess.run(
        [wsl, "match", a, b, "-o", out, "--json", "--save-permutation",
         os.path.join(folder, "perm.json")], capture_output=True, text=True, check=False
    )
    errors = done.stderr.strip().splitlines()
    if done.returncode == 65 and not os.path.exists(out):
        return ("refused" if len(errors) == 1 else "WRONG"), errors[-1].replace(folder, "")
    if done.returncode != 0:
        return "WRONG", f"exit code {done.returncode}: {errors[-1:]}"
    shape = getattr(network, "default_cfg", {}).get("input_size", (3, 299, 299))
    x = torch.rand(2, *shape, generator=generator)
    with torch.no_grad():
        before = network(x)
    ran = loss_differs(wsl, b, x, before, folder)
    moved = permuted(wsl, b, os.path.join(folder, "perm.json"), folder)
    changed = max(difference(network, path, x, before) for path in (out, moved))
    units = sum(group["size"] for group in json.loads(done.stdout)["groups"])
    word = "right" if changed < 1e-3 and (ran is None or ran < 1e-3) else "WRONG"
    running = "not run" if ran is None else f"loss differs by {ran:.1e}"
    return word, f"{units} units, differs by {changed:.1e}, {running}"


def difference(network, path, x, before):
    """How far a file's answers are from those before, against the largest."""
    with torch.no_grad():
        network.load_state_dict(torch.load(path))
        return ((network(x) - before).abs().max() / before.abs().max()).item()


def permuted(wsl, path, permutation, folder):
    """The file with every group in a random order."""
    with open(permutation) as file:
        document = json.load(file)
    draw = numpy.random.default_rng(0)
    for group in document["groups"]:
        group["permutation"] = [int(x) for x in draw.permutation(len(group["permutation"]))]
    with open(permutation, "w") as file:
        json.dump(document, file)
    moved = os.path.join(folder, "moved.pt")
    subprocess.run(
        [wsl, "permute", path, "--with", permutation, "-o", moved, "--quiet"], check=True,
        stdout=subprocess.DEVNULL)
    return moved


def loss_differs(wsl, path, x, answer, folder):
    """How far the loss by `wsl evaluate` is from the library's; None where the network is not run."""
    labels = numpy.arange(len(x)) * 3 % answer.shape[1]
    wanted = torch.nn.functional.cross_entropy(answer.double(), torch.tensor(labels)).item()
    data = os.path.join(folder, "data.npz")
    # Networks with dense layers between convolutions want the channels last.
    for images in (x.numpy(), x.numpy().transpose(0, 2, 3, 1).copy()):
        numpy.savez(data, x=images, y=labels)
        done = subprocess.run(
            [wsl, "evaluate", path, "--data", data, "--normalize", "none", "--loss", "cross-entropy",
             "--json"], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            loss = json.loads(done.stdout)["models"][0]["cleanLoss"]
            return abs(loss - wanted) / max(1, abs(wanted))
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wsl")
    parser.add_argument("--largest", type=float, default=12e6)
    options = parser.parse_args()
    torch.set_num_threads(1)
    wrong = count = 0
    for source in (torchvision_networks, timm_networks):
        for name, make in source(options.largest):
            network = make().eval()
            with tempfile.TemporaryDirectory() as folder:
                word, line = outcome(os.path.abspath(options.wsl), network, folder)
            print(f"{word:8} {name}: {line}", flush=True)
            wrong += word == "WRONG"
            count += 1
    print(f"{count} published networks: {wrong} wrong")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
