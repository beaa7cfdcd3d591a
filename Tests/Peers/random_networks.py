"""Whatever `wsl match -o` writes computes what its input computes: random networks as judges.

    random_networks.py WSL [--count 400] [--seed 0] [--torch-python /usr/bin/python3]
    random_networks.py WSL --trained

Small networks of many kinds are made in PyTorch (state dicts), Keras 3 (`.weights.h5`) and in the
older form of Keras (weights-only `.h5`), two random instances of each, and `wsl match A B -o OUT`
is run without further flags. A file that it refuses is fine. What it writes must answer as B
does, to 1e-4 relative, in the real library. The one exception is a shortcut around square layers,
or a square layer that is used twice, in a uniformly named row: there the file is that of a row,
and a warning must name these layers. And plain rows with uniform names must be matched in full,
so that refusing is no way out.

Each network comes from the seed and its index alone; a failure prints the command that repeats it.
With --trained, networks of the exception are trained on digits, and must be right with `--data`.
"""

import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

FAMILIES = ("torch", "keras3", "legacy")


def worker(options):
    """Runs the trials of one family here, and prints a line of JSON for each."""
    if options.family == "trained":
        from networks.trained import trials

        for result in trials(options.wsl, options.keep):
            print(json.dumps(result), flush=True)
        return
    from networks.trial import trial

    for index in range(options.first, options.count, options.step):
        arguments = options.wsl, options.family, options.seed, index, options.keep, options.topology
        try:
            print(json.dumps(trial(*arguments)), flush=True)
        except Exception as problem:
            place = f"{options.family} {index} of seed {options.seed}"
            raise RuntimeError(place) from problem


def run_family(options, family, count, first=0, step=1):
    """The results of a family's trials, made in a process of the Python that has its library."""
    command = [options.torch_python if family in ("torch", "trained") else sys.executable]
    command += [os.path.abspath(__file__), options.wsl, "--family", family, "--count", str(count)]
    command += ["--first", str(first), "--step", str(step), "--seed", str(options.seed)]
    command += ["--keep", options.keep]
    command += ["--topology", options.topology] if options.topology else []
    # Keras on NumPy: the networks are small, and compiling them would take longest.
    own = {"KERAS_BACKEND": "numpy", "JAX_PLATFORMS": "cpu", "OMP_NUM_THREADS": "1"}
    environment = {**os.environ, **own}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{family}: {done.stderr[-3000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def run_all(options):
    """The results of all families: half of the networks in PyTorch, a quarter in each of Keras."""
    quarter = options.count // 4
    counts = {"torch": options.count - 2 * quarter, "keras3": quarter, "legacy": quarter}
    # Every family in two halves: the three do not take equally long.
    jobs = [(family, count, half, 2) for family, count in counts.items() for half in (0, 1)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = list(pool.map(lambda job: run_family(options, *job), jobs))
    return [result for part in parts for result in part]


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("wsl")
    add("--count", type=int, default=400, help="how many networks; half of them in PyTorch")
    add("--seed", type=int, default=0)
    add("--torch-python", default="/usr/bin/python3", help="the Python that has PyTorch")
    add("--topology", help="only topologies with this in their name")
    add("--trained", action="store_true", help="train networks on digits; match them with --data")
    add("--family", choices=[*FAMILIES, "trained"], help="run this family here, and print JSON")
    add("--first", type=int, default=0, help="the first index of --family")
    add("--step", type=int, default=1)
    add("--keep", help="keep the files in this folder")
    add("--json", help="write all results to this file")
    return parser.parse_args()


def main():
    from networks.report import report, report_trained

    options = arguments()
    options.wsl = os.path.abspath(options.wsl)
    with tempfile.TemporaryDirectory() as folder:
        options.keep = options.keep or folder
        os.makedirs(options.keep, exist_ok=True)
        if options.family:
            return worker(options)
        if options.trained:
            return report_trained(run_family(options, "trained", 0)) > 0
        results = run_all(options)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file)
    return report(results) > 0


if __name__ == "__main__":
    sys.exit(main())
