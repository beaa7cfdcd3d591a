"""Runs `wsl-bench` and the peers in turns and prints one table.

    python compare.py WSL WSL_BENCH [--rounds 2] [--sizes 8,64,512,1024,2048,4096]
        [--only assignment,families,matching,resnet50,reading,writing,memory,spectra,merging,patching,zoo,training,hessian,probes]

Every figure is the least of all rounds. A round runs ours and the peer's one after the other, so that
both see the machine in the same state. Rows of memory are in MiB, beside what is allowed; those of
packing in kB. `bar` is the ratio that is asked for, or better; figures of more than one thread are by
the clock on the wall, the others are processor time. Exits with 1 where a bar is missed. --sizes are
those of the families of assignments; real ones are trained for the sizes of the default only.
"""

import argparse
import subprocess
import sys
import tempfile

from comparison import files, matching, numerics, zoos
from comparison.bench import Bench
from comparison.table import Table

# What measures which of the names of --only, in the order of the table.
SUBJECTS = (
    ({"assignment", "matching"}, matching.time_matching),
    ({"resnet50"}, matching.time_resnet50),
    ({"families"}, matching.time_families),
    ({"reading"}, files.time_reading),
    ({"writing"}, files.time_writing),
    ({"memory"}, files.weigh),
    ({"merging"}, files.time_merging),
    ({"spectra"}, numerics.time_spectra),
    ({"training"}, numerics.time_training),
    ({"hessian"}, numerics.time_hessian),
    ({"similarity"}, numerics.time_similarity),
    ({"probes"}, numerics.time_probes),
    ({"patching"}, files.time_patching),
    ({"zoo"}, zoos.time_zoo),
    ({"phases"}, zoos.time_phases),
)


def main():
    """Measures what was chosen; returns the exit code."""
    every = sorted(name for names, _ in SUBJECTS for name in names)
    parser = argparse.ArgumentParser()
    parser.add_argument("wsl")
    parser.add_argument("bench")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", default=",".join(every))
    parser.add_argument("--sizes", default="8,64,512,1024,2048,4096")
    arguments = parser.parse_args()
    bench = Bench(arguments, Table())
    unknown = set(bench.chosen) - set(every)
    if unknown:
        parser.error(f"nothing is called {', '.join(sorted(unknown))}: there is {', '.join(every)}")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="wsl-bench-") as scratch:
        for names, measure in SUBJECTS:
            if not names & set(bench.chosen):
                continue
            try:
                measure(bench, scratch)
            except subprocess.CalledProcessError as error:
                failed += 1
                bench.table.note(f"failed: {' '.join(error.cmd)}")
    return 1 if bench.table.print() + failed else 0


if __name__ == "__main__":
    sys.exit(main())
