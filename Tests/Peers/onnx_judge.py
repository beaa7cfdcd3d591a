"""Random ONNX graphs, judged by ONNX Runtime: whatever `wsl match -o` writes answers as its input does.

    onnx_judge.py WSL [--count 90] [--seed 0] [--family NAME] [--folder KEEP] [--verbose]

PyTorch exports two instances of each network (`onnx_graphs/exported.py`): convolutional networks with
branches, padding and shortcuts, U-Nets, recurrent networks in both directions, transformers, mixers,
norms and attention as people write them, with operator sets 9 to 16, with and without folded constants,
and nodes in between that are not understood. Of each pair

* `wsl match A B -o OUT` has to succeed, and OUT to answer as B in ONNX Runtime, to 2e-4 relative;
* `wsl evaluate B`, where it can be run, has to give ONNX Runtime's answers to 1e-5.

The table at the end counts, for every family, the graphs, those matched, those with groups, those that
were run, and the mistakes. A network comes from the seed and its index alone.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime as ort

HERE = os.path.dirname(os.path.abspath(__file__))
# Sums of Float32 in another order.
TOLERANCE = 2e-4


def session(path):
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # As the file says it: no rewriting of the graph.
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def examples(facts, count, seed):
    random = np.random.default_rng(seed)
    if facts["tokens"]:
        return random.integers(0, 11, (count, *facts["shape"]))
    return random.standard_normal((count, *facts["shape"])).astype(np.float32)


def answers(path, facts, data):
    """What ONNX Runtime answers, in as many calls as the number of examples asks for."""
    run = session(path)
    step = facts["count"] or len(data)
    rows = []
    for start in range(0, len(data), step):
        part = data[start : start + step]
        part = part.swapaxes(0, 1) if facts["batch"] == 1 else part
        rows.append(run.run(None, {run.get_inputs()[0].name: part})[0])
    return rows


def wsl(options, *words):
    done = subprocess.run(
        [options.wsl, *words], capture_output=True, text=True, check=False, timeout=600
    )
    return done.returncode, done.stdout, done.stderr


def distance(a, b):
    return max(
        float(np.max(np.abs(x - y)) / (np.max(np.abs(x)) + 1e-6)) for x, y in zip(a, b)
    )


def find_loss(value):
    """The first loss of a result."""
    if isinstance(value, dict):
        if isinstance(value.get("cleanLoss"), float | int):
            return value["cleanLoss"]
        value = list(value.values())
    if isinstance(value, list):
        return next((x for x in map(find_loss, value) if x is not None), None)
    return None


def judge(options, folder, index, facts):
    """What became of a pair: refused, or how many units moved; and what was wrong."""
    a, b, out = (os.path.join(folder, f"{index}{word}.onnx") for word in ("A", "B", "M"))
    result = {"index": index, "family": facts["family"], "wrong": [], "moved": 0, "groups": 0}
    if os.path.exists(out):
        os.remove(out)
    code, text, problem = wsl(options, "match", a, b, "-o", out, "--json", "--quiet")
    result["code"] = code
    if code != 0:
        result["why"] = problem.strip()[:300]
        result["wrong"].append("match refuses it")
    else:
        groups = json.loads(text)["groups"]
        result["groups"] = len(groups)
        result["moved"] = sum(group["moved"] for group in groups)
        data = examples(facts, 12, index)
        error = distance(answers(b, facts, data), answers(out, facts, data))
        if not error < TOLERANCE:
            result["wrong"].append(f"match changes the answers by {error:.2g}")
    code, text, problem = wsl(options, "inspect", b, "--json")
    if code == 0:
        layers = json.loads(text)["architecture"]["layers"]
        result["layers"] = len(layers)
        skipped = json.loads(text).get("skipped", [])
        result["skipped"] = [f"{x['name']}: {x['reason']}" for x in skipped]
    data = examples(facts, 12, index + 1)
    rows = answers(b, facts, data)
    if facts["batch"] == 0:
        targets = np.concatenate(rows)
        path = os.path.join(folder, f"{index}.npz")
        np.savez(path, x_test=data, y_test=targets)
        code, text, problem = wsl(
            options, "evaluate", b, "--data", path, "--loss", "squared-error", "--normalize", "none",
            "--json"
        )
        result["runs"] = code == 0
        if code == 0:
            loss = result["loss"] = find_loss(json.loads(text))
            if loss is None or loss > (1e-5 * max(1, np.max(np.abs(targets)))) ** 2:
                result["wrong"].append(f"evaluate is off: {loss}")
        else:
            result["whyNotRun"] = problem.strip()[-200:]
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wsl")
    parser.add_argument("--count", type=int, default=90)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--family")
    parser.add_argument("--folder")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--torch-python", default="/usr/bin/python3")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as own:
        folder = options.folder or own
        os.makedirs(folder, exist_ok=True)
        maker = os.path.join(HERE, "onnx_graphs", "exported.py")
        words = ["--family", options.family] if options.family else []
        subprocess.run(
            [options.torch_python, maker, folder, "--count", str(options.count), "--first", str(options.first),
             "--seed", str(options.seed), *words], check=True,
        )
        results = []
        for index in range(options.first, options.count):
            with open(os.path.join(folder, f"{index}.json"), encoding="utf-8") as file:
                facts = json.load(file)
            if "problem" in facts:
                print(index, facts)
                continue
            result = judge(options, folder, index, facts)
            results.append(result)
            if options.verbose or result["wrong"]:
                print(json.dumps(result), flush=True)
    counts = collections.defaultdict(lambda: [0, 0, 0, 0, 0])
    for result in results:
        row = counts[result["family"]]
        row[0] += 1
        row[1] += result["code"] == 0
        row[2] += result["groups"] > 0
        row[3] += bool(result.get("runs"))
        row[4] += len(result["wrong"])
    print("family: graphs, matched, with groups, run, wrong")
    for family, row in sorted(counts.items()):
        print(f"  {family}: {', '.join(map(str, row))}")
    return 1 if any(result["wrong"] for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
