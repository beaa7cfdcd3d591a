"""Networks as torchvision and timm publish them: `wsl match` refuses them in one line, or is right.

    published_networks.py WSL [--largest 12e6]

Needs torchvision, and timm for its own; where neither is installed there is nothing to judge. Two
random instances of each network of up to `--largest` numbers are saved as a state dict; what `wsl
match A B -o OUT` writes must answer as B does. Of timm the smallest network of each module is taken.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

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
        torch.save({k: v.clone() for k, v in network.state_dict().items()}, path)
    done = subprocess.run(
        [wsl, "match", a, b, "-o", out, "--json"], capture_output=True, text=True, check=False
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
        network.load_state_dict(torch.load(out))
        changed = ((network(x) - before).abs().max() / before.abs().max()).item()
    units = sum(group["size"] for group in json.loads(done.stdout)["groups"])
    return ("right" if changed < 1e-3 else "WRONG"), f"{units} units, differs by {changed:.1e}"


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
