#!/usr/bin/env python3
"""Writes docs/reference.md from the program's own tables, or checks that it is not stale.

    reference.py WSL            writes docs/reference.md
    reference.py WSL --check    exit code 1, and the first lines that differ, where it is stale

Commands and options come from the argument parser (`wsl --experimental-dump-help`), the keys of JSON from the
recordings of Tests/ContractTests, types of layers, keys of zoo specs and of recipes from the tables in the
sources that read them, columns of an index from one that is made here. What has no description in this file is
an error: a key that is added has to be explained.
"""

import argparse
import difflib
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/reference.md"

SPEC_KEYS = {
    "A spec": {
        "name": "the zoo's name, and how files begin", "description": "one line for people",
        "storage": "how tensors are kept in the files", "models": "variants of the base, each with what differs",
        "layout": "where files go", "random": "a random search over fields", "grid": "a field: its values",
        "seeds": "one network for each", "data": "what networks are trained on", "model": "the architecture",
        "training": "how they are trained", "parent": "of a variant: the variant whose weights it starts from"},
    "`storage`": {"compression": "deflate, or none", "level": "of deflate, 0 to 9"},
    "`random`": {
        "count": "how many networks are drawn", "seed": "of the draws", "fields": "a field: a law, or a list",
        "uniform": "a law: [low, high]", "log-uniform": "a law: [low, high], even by its logarithm",
        "integer": "a law: [low, high]"},
    "`data`": {
        "source": "digits, austen, or a file", "fraction": "the share of the training examples",
        "portion": "one of so many equal parts", "label-noise": "the share of labels that are drawn anew",
        "classes": "only these", "corruption": "what is done to images", "draws": "once, or every epoch",
        "projection": "a random projection of the inputs", "seed": "of what is drawn",
        "window": "of texts: how many tokens an example has"},
    "`corruption`": {
        "type": "its name, as `wsl data list` has it", "severity": "1 to 5", "scale": "of its parameters",
        "strength": "how much of it is mixed in"},
    "`projection`": {"size": "how many numbers an example has after it", "seed": "of the projection"},
    "`model`": {
        "kind": "mlp, vgg, resnet, gpt, llama, vit, lstm", "widths": "mlp: units of each layer",
        "width": "units, channels of the first stage, or of the stream", "depth": "layers", "activation": "its name",
        "layers": "blocks, or convolutions", "blocks": "convolutions of each stage",
        "width-multiplier": "of all channels", "batch-norm": "vgg: whether it has batch normalisation",
        "hidden": "units of hidden dense layers", "block": "resnet: basic or bottleneck",
        "stem": "resnet: the first layers", "shortcut": "resnet: what a shortcut of another shape is",
        "heads": "of queries", "key-value-heads": "of keys and values", "context": "the most positions",
        "tied": "whether the output reads the table of tokens", "patch": "the side of a patch",
        "vocabulary": "how many tokens there are"},
    "`training`": {
        "optimizer": "sgd, adam or adamw", "learning-rate": "at its highest", "momentum": "of sgd",
        "nesterov": "of sgd", "weight-decay": "", "schedule": "constant, or a mapping", "batch-size": "", "epochs": "",
        "initializer": "torch, or one of Keras's", "augmentation": "what is done to training images",
        "label-smoothing": "", "checkpoints": "after which epochs a file is kept", "seed": "of the start"},
    "`schedule`": {
        "kind": "constant, cosine, step or linear", "epochs": "at which the rate changes", "factor": "by which",
        "final": "the share at the end", "rising": "epochs of rise"},
    "`augmentation`": {"shift": "at most so many pixels", "flip": "left and right"},
}

SPEC_TABLES = {
    "A spec": ["ZooSpec.swift:zooKeys", "SearchAxis.swift:keys", "ModelRecipe+Spec.swift:keys", "VariantTree.swift:own"],
    "`storage`": ["ZooSpec.swift:storage"],
    "`random`": ["RandomSearch.swift:*"],
    "`data`": ["DataRecipe.swift:source"],
    "`corruption`": ["DataRecipe.swift:type"],
    "`projection`": ["InputProjection.swift:*"],
    "`model`": ["ArchitectureRecipe.swift:*", "PlainRecipe.swift:*", "ResidualRecipe.swift:*", "SequenceRecipe.swift:*"],
    "`training`": ["TrainingRecipe.swift:optimizer"],
    "`schedule`": ["TrainingRecipe.swift:kind"],
    "`augmentation`": ["TrainingRecipe.swift:shift"],
}

INDEX = {
    "settings": "what the index says of itself: its identity, the folder that holds all models",
    "units": "a file or a folder that was read, and when",
    "failures": "what could not be read, with the error",
    "models": "a row a model",
    "names": "the names of tensors, each once",
    "tensors": "a row a tensor: its model, its place, its name, shape and type",
    "labels": "a row a model, a column a label; which columns there are depends on what was indexed",
    "label_columns": "where each column of labels comes from",
    "unread": "what is not read as numbers",
    "texts": "long texts that several files share",
    "measured": "which metric was computed of which model",
    "summaries": "figures of a metric over all tensors of a model",
    "metrics": "the metrics, and the columns of each one's table `metric_NAME`",
    "metric_statistics": "a row a tensor: moments of its elements",
    "metric_norms": "a row a tensor: norms",
    "grdb_migrations": "which versions of this schema it has been through",
}


def literals(text):
    return re.findall(r'"([A-Za-z][\w-]*)"', text)


def spec_tables():
    """The lists of keys in the sources, by `file:first key` or `file:name`."""
    found = {}
    for file in sorted((ROOT / "Sources/ZooSpecs").rglob("*.swift")):
        source = file.read_text()
        for match in re.finditer(
                r"members\(\s*\[([^\]]*)\]|let (\w*[kK]eys|own) = \[([^\]]*)\]|case \.\w+: (\[\"[^\]]*\])"
                r"|\(\s*\[(\"kind\")\]", source):
            keys = literals(match.group(0))
            if not keys:
                continue
            name = match.group(2) or keys[0]
            found.setdefault(f"{file.name}:{name}", []).extend(keys)
            if "compression" in keys:
                found[f"{file.name}:storage"] = keys
            found.setdefault(f"{file.name}:*", []).extend(keys)
    return found


def specs(lines):
    tables = spec_tables()
    used = set()
    lines += ["## Specs of zoos", "",
              "What `wsl zoo build` reads (YAML). Each key may stand where its table says; any other is an error with its line.", ""]
    for title, descriptions in SPEC_KEYS.items():
        keys = []
        for place in SPEC_TABLES[title]:
            if place not in tables:
                sys.exit(f"reference: the table {place} is not in Sources/ZooSpecs any more")
            keys += tables[place]
            used.add(place)
        missing = sorted(set(keys) - set(descriptions))
        spare = sorted(set(descriptions) - set(keys))
        if missing or spare:
            sys.exit(f"reference: {title}: keys without a description {missing}, descriptions without a key {spare}")
        lines += [f"**{title}**", "", "| key | meaning |", "|---|---|"]
        lines += [f"| `{key}` | {text} |" for key, text in descriptions.items()]
        lines.append("")
    for place, keys in tables.items():
        file = place.split(":")[0]
        if place.endswith(":*") or place in used:
            continue
        if not any(keys_known(keys, title) for title in SPEC_KEYS) and f"{file}:*" not in used:
            sys.exit(f"reference: the keys {keys} of {place} are in no table")


def keys_known(keys, title):
    return set(keys) <= set(SPEC_KEYS[title])


def layer_types(lines):
    source = (ROOT / "Sources/ModelGraph/GraphFiles/GraphFileTypes.swift").read_text()
    start = source.index("[", source.index("static let"))
    types = sorted(set(literals(source[start:source.index("]", start)])), key=str.lower)
    lines += ["## Types of layers", "",
              "What a description of a network (`--graph`) and a family may say as `type`; "
              "[families.md](families.md) has their settings.", "",
              ", ".join(f"`{name}`" for name in types), ""]


def recipes(lines):
    folder = ROOT / "Sources/Merging/Mergekit"
    source = (folder / "MergekitMethod.swift").read_text()
    cases = source[:source.index("struct Parameter")]
    methods = []
    for line in re.findall(r"case ([^\n]*)", cases):
        value = re.search(r'= "(\w+)"', line)
        methods += [value.group(1)] if value else [word.strip() for word in line.split(",")]
    parameters = sorted(set(re.findall(r'name: "(\w+)"', source) + re.findall(r'flag\("(\w+)"', source)))
    parsing = (folder / "MergekitRecipe+Parsing.swift").read_text()
    keys = sorted({key for match in re.findall(r"\[((?:\s*\"\w+\",?)+\s*)\]\)", parsing) for key in literals(match)})
    lines += ["## Recipes of mergekit", "",
              "What `wsl merge --recipe` reads; see [merging.md](merging.md).", "",
              "Methods: " + ", ".join(f"`{name}`" for name in sorted(methods)) + ".", "",
              "Keys: " + ", ".join(f"`{name}`" for name in keys) + "; of a value with a filter `filter` and `value`.", "",
              "Parameters: " + ", ".join(f"`{name}`" for name in parameters) + ".", ""]


def paths(value, prefix, found):
    """The paths of keys, with the kinds of what stands there. Keys that are names of the user's are `NAME`."""
    if isinstance(value, dict):
        own = [key for key in value if re.fullmatch(r"[a-z][A-Za-z0-9]*", key)]
        for key, member in value.items():
            name = key if key in own and len(value) < 60 else "NAME"
            paths(member, f"{prefix}.{name}" if prefix else name, found)
    elif isinstance(value, list):
        for member in value:
            paths(member, prefix + "[]", found)
        if not value:
            found.setdefault(prefix + "[]", set())
    else:
        kind = {bool: "true or false", int: "number", float: "number", str: "text", type(None): "null"}[type(value)]
        found.setdefault(prefix, set()).add(kind)


def json_keys(lines, commands):
    found = {}
    for file in sorted((ROOT / "Tests/ContractTests/Golden").glob("*.txt")):
        text = file.read_text()
        match = re.match(r"\$ wsl (.*)\nexit \d+\n--- output\n(.*?)\n--- errors", text, re.S)
        if not match or "--json" not in match.group(1):
            continue
        words = match.group(1).split()
        name = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in commands), words[0])
        for line in match.group(2).splitlines():
            try:
                value = json.loads(line)
            except ValueError:
                continue
            paths(value, "", found.setdefault("(any, where it fails)" if "error" in value else name, {}))
    lines += ["## JSON", "",
              "What `--json` prints, by command: every key that a recorded run has, and what stands there. Keys may be added, and are "
              "never renamed or removed. `[]` stands for each element of a list, `NAME` for a key that is a name of the user's. A "
              "number that is not finite is null, with an entry in `warnings`.", ""]
    for name in sorted(found):
        lines += [f"**{name}**", "", "| key | what |", "|---|---|"]
        lines += [f"| `{path or '(itself)'}` | {', '.join(sorted(kinds)) or 'list'} |"
                  for path, kinds in sorted(found[name].items())]
        lines.append("")


def index_schema(lines, wsl):
    fixture = ROOT / "Tests/MergingTests/Fixtures/mergekit"
    with tempfile.TemporaryDirectory() as folder:
        index = f"{folder}/index.sqlite"
        for words in (["zoo", "index", str(fixture), "-o", index], ["zoo", "scan", index]):
            subprocess.run([wsl, *words, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        base = sqlite3.connect(index)
        tables = [row[0] for row in base.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
        missing = [name for name in tables if name not in INDEX]
        if missing:
            sys.exit(f"reference: tables of an index without a description: {missing}")
        lines += ["## The index", "",
                  "What `wsl zoo index` and `zoo scan` write is an SQLite file. Tables and columns of this list are kept: further ones "
                  "may be added, none is renamed or removed without a new major version; an older index is brought up to date when it "
                  "is written to. Read it with `?mode=ro`. Labels become columns of `labels`, metrics tables `metric_NAME`.", "",
                  "| table | what | columns |", "|---|---|---|"]
        for name in tables:
            columns = [row[1] for row in base.execute(f'PRAGMA table_info("{name}")')]
            if name == "labels":
                columns = ["model", "…"]
            shown = ", ".join(f"`{column}`" if column != "…" else column for column in columns)
            lines.append(f"| `{name}` | {INDEX[name]} | {shown} |")
        base.close()
        listed = subprocess.run(
            [wsl, "zoo", "list", index, "--show-columns", "--json"], check=True, capture_output=True, text=True).stdout
        own = [row["name"] for row in json.loads(listed)["columns"] if "file" in row["origins"]]
        lines += ["", "Columns that `zoo list` has of every index, whatever its labels: "
                  + ", ".join(f"`{name}`" for name in own) + ".", ""]
        lines.append("")


def one_line(text):
    return " ".join((text or "").split()).replace("|", "\\|")


def command(node, path, lines, names):
    path = path + [node["commandName"]]
    name = " ".join(path[1:])
    if name.split(" ")[0] == "help":
        return
    if name:
        names.append(name)
        lines += [f"### wsl {name}", "", one_line(node.get("abstract")), ""]
        rows = []
        for argument in node.get("arguments", []):
            if not argument.get("shouldDisplay", True) or argument.get("valueName") in ("help", "version"):
                continue
            if argument["kind"] == "positional":
                label = f"<{argument['valueName']}>" + (" …" if argument["isRepeating"] else "")
            else:
                words = [("-" if n["kind"] == "short" else "--") + n["name"] for n in argument["names"]]
                label = ", ".join(words) + ("" if argument["kind"] == "flag" else f" <{argument['valueName']}>")
            text = one_line(argument.get("abstract"))
            if argument.get("defaultValue") and "default" not in text:
                text += f" (default: {argument['defaultValue']})"
            if argument.get("allValues"):
                text += " One of " + ", ".join(f"`{v}`" for v in argument["allValues"]) + "."
            rows.append(f"| `{label}` | {text} |")
        if rows:
            lines += ["| option | what it does |", "|---|---|", *rows, ""]
    for inner in node.get("subcommands", []):
        command(inner, path, lines, names)


def page(wsl):
    dump = subprocess.run([wsl, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    tree = json.loads(dump)["command"]
    commands, names = [], []
    command(tree, [], commands, names)
    lines = ["# Reference", "",
             "Made from the program's own tables by `make reference`; a test fails where it is stale.", "",
             "[Commands](#commands) · [JSON](#json) · [The index](#the-index) · [Specs of zoos](#specs-of-zoos) · "
             "[Types of layers](#types-of-layers) · [Recipes of mergekit](#recipes-of-mergekit)", "",
             "## Commands", "", one_line(tree.get("discussion")), "", *commands]
    json_keys(lines, set(names))
    index_schema(lines, wsl)
    specs(lines)
    layer_types(lines)
    recipes(lines)
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wsl")
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    made = page(given.wsl)
    if not given.check:
        PAGE.write_text(made)
    elif PAGE.read_text() != made:
        difference = difflib.unified_diff(
            PAGE.read_text().splitlines(), made.splitlines(), "docs/reference.md", "the program", lineterm="", n=0)
        print("\n".join(list(difference)[:40]))
        sys.exit("docs/reference.md is stale: run `make reference`, and explain what is new")
