"""Whatever `wsl match -o` writes computes what its input computes: random networks as judges.

    random_networks.py WSL [--count 400] [--seed 0] [--torch-python /usr/bin/python3]
    random_networks.py WSL --trained

Small networks of many kinds are made in PyTorch (state dicts), Keras 3 (`.weights.h5`) and in the older
form of Keras (weights-only `.h5`), two random instances of each, and `wsl match A B -o OUT` is run
without further flags. A file that it refuses is fine. What it writes must answer as B does, to 1e-4
relative, in the real library. The one exception is a shortcut around square layers, or a square layer
that is used twice, in a uniformly named row: there the file is that of a row, and a warning must name
these layers. And plain rows with uniform names must be matched in full, so that refusing is no way out.

Each network comes from the seed and its index alone; a failure prints the command that repeats it.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

FAMILIES = ("torch", "keras3", "legacy")
OUTCOMES = ("refused", "held", "moved", "warned", "alike", "WRONG")


def worker(options):
    """Runs the trials of one family and prints a line of JSON for each."""
    if options.family == "trained":
        from networks.trained import trials

        for result in trials(options.wsl, options.keep, options.epochs):
            print(json.dumps(result), flush=True)
        return
    from networks.trial import trial

    for index in range(options.first, options.count, options.step):
        try:
            result = trial(
                options.wsl, options.family, options.seed, index, options.keep, options.topology
            )
        except Exception as problem:
            raise RuntimeError(f"{options.family} {index} of seed {options.seed}") from problem
        print(json.dumps(result), flush=True)


def run_family(options, family, count, folder, first=0, step=1):
    """The results of a family's trials, made in a process of the Python that has its library."""
    python = options.torch_python if family in ("torch", "trained") else sys.executable
    arguments = [
        options.wsl,
        "--family",
        family,
        "--count",
        str(count),
        "--seed",
        str(options.seed),
    ]
    arguments += ["--keep", folder, "--first", str(first), "--step", str(step)]
    arguments += ["--epochs", str(options.epochs)]
    arguments += ["--topology", options.topology] if options.topology else []
    environment = {
        **os.environ,
        "KERAS_BACKEND": "numpy",
        "JAX_PLATFORMS": "cpu",
        "OMP_NUM_THREADS": "1",
    }
    command = [python, os.path.abspath(__file__), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{family}: {done.stderr[-3000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def table(results, key):
    """Lines of counts by outcome."""
    rows = collections.defaultdict(collections.Counter)
    for result in results:
        rows[key(result)][result["outcome"]] += 1
    width = max(map(len, rows))
    yield " " * width + "".join(f"{outcome:>9}" for outcome in OUTCOMES)
    for name, counts in sorted(rows.items()):
        yield f"{name:<{width}}" + "".join(f"{counts[o] or '.':>9}" for o in OUTCOMES)


def repeat(options, result):
    return (
        f"{os.path.basename(__file__)} WSL --family {result['family']} --seed {result['seed']} "
        f"--first {result['index']} --count {result['index'] + 1}"
        + (f" --topology '{options.topology}'" if options.topology else "")
        + " --keep DIR"
    )


def report(options, results):
    """Prints the tables and the failures; returns how many there are."""
    print("\n".join(table(results, lambda r: r["topology"])), end="\n\n")
    print("\n".join(table(results, lambda r: f"{r['family']}, {r['naming']}")), end="\n\n")
    rows = [r for r in results if r["expected"]]
    plain = [r for r in rows if not r["hourglass"]]
    full = [r for r in plain if r.get("units") == r["expected"]]
    print(f"plain rows with uniform names: {len(full)} of {len(plain)} matched", end="; ")
    rest = [r for r in rows if r["hourglass"]]
    some = [r for r in rest if r.get("units") == r["expected"]]
    print(
        f"of those whose widths come again, so that a sum around several fits: {len(some)} of {len(rest)}"
    )
    wrong = [r for r in results if r["outcome"] == "WRONG"]
    for result in wrong:
        print(
            f"WRONG {result['family']} {result['index']}: {result['topology']}, names {result['naming']}, ",
            end="",
        )
        print(
            f"{result['why']}; groups {result.get('groups')}\n    repeat: {repeat(options, result)}"
        )
    for result in plain:
        if result not in full:
            print(
                f"NOT MATCHED {result['family']} {result['index']}: {result['topology']}, {result['outcome']}, ",
                end="",
            )
            print(
                f"{result['say']} {result.get('warnings')}\n    repeat: {repeat(options, result)}"
            )
    missing = len(plain) - len(full)
    print(f"\n{len(results)} networks: {len(wrong)} wrong, {missing} plain rows not matched")
    return len(wrong) + missing


def report_trained(results):
    """Prints how trained networks fared; returns 1 where one is wrong."""
    for result in results:
        print(
            f"{'right' if result['right'] else 'WRONG'}  {result['name']}: {result['accuracy']:.1%} of the "
            f"training digits; difference {result['outcome']}, {result.get('units', 0)} units matched "
            f"{result['errors'].splitlines()[-1:]}"
        )
    wrong = sum(not result["right"] for result in results)
    print(f"{len(results)} trained networks: {wrong} wrong")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wsl")
    parser.add_argument(
        "--count", type=int, default=400, help="how many networks; half of them in PyTorch"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--torch-python", default="/usr/bin/python3", help="the Python that has PyTorch"
    )
    parser.add_argument("--topology", help="only topologies with this in their name")
    parser.add_argument(
        "--family", choices=[*FAMILIES, "trained"], help="run this family here, and print JSON"
    )
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--keep", help="keep the files in this folder")
    parser.add_argument(
        "--trained",
        action="store_true",
        help="train networks on digits, and match them with --data",
    )
    parser.add_argument("--epochs", type=int, default=10, help="of --trained")
    parser.add_argument("--json", help="write all results to this file")
    options = parser.parse_args()
    options.wsl = os.path.abspath(options.wsl)
    with tempfile.TemporaryDirectory() as folder:
        options.keep = options.keep or folder
        os.makedirs(options.keep, exist_ok=True)
        if options.family:
            return worker(options)
        if options.trained:
            return report_trained(run_family(options, "trained", 0, options.keep))
        quarter = options.count // 4
        counts = {"torch": options.count - 2 * quarter, "keras3": quarter, "legacy": quarter}
        # Every family in two halves: the three do not take equally long.
        jobs = [
            (family, count, options.keep, half, 2)
            for family, count in counts.items()
            for half in (0, 1)
        ]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            parts = pool.map(lambda job: run_family(options, *job), jobs)
            results = [result for part in parts for result in part]
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file)
    return 1 if report(options, results) else 0


if __name__ == "__main__":
    sys.exit(main())
