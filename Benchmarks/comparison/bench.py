"""How commands are run, timed and weighed."""

import json
import os
import subprocess
import sys
import time

here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
root = os.path.dirname(here)


class Bench:
    """What every comparison needs: the executables, how many rounds, and the table."""

    def __init__(self, arguments, table):
        self.wsl = arguments.wsl
        self.executable = arguments.bench
        self.rounds = arguments.rounds
        self.chosen = arguments.only.split(",")
        self.sizes = arguments.sizes
        self.table = table
        # One thread of OpenBLAS, as `wsl` has it; the peers' may say otherwise.
        self.environment = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="2")

    def output(self, *command):
        """What a command prints."""
        return subprocess.run(
            [str(word) for word in command], env=self.environment, check=True,
            stdout=subprocess.PIPE, text=True,
        ).stdout

    def ours(self, *words):
        """What `wsl-bench` measures."""
        return json.loads(self.output(self.executable, *words))

    def peer(self, path, *words):
        """What a script of a peer prints."""
        return self.output(sys.executable, os.path.join(here, "peers", path), *words)

    def in_turns(self, mine, theirs):
        """The results of both, round by round, so that both see the machine in the same state."""
        found = [(mine(), theirs()) for _ in range(self.rounds)]
        return [pair[0] for pair in found], [pair[1] for pair in found]

    def clock(self, *words):
        """Milliseconds by the clock on the wall of a command of `wsl`."""
        begin = time.perf_counter()
        self.output(self.wsl, *words)
        return 1000 * (time.perf_counter() - begin)

    def weighed(self, *words):
        """What a command of `wsl` used: MiB that it held at most, and milliseconds of processors."""
        command = [self.wsl, *map(str, words)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        message = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            raise subprocess.CalledProcessError(status, command, stderr=message)
        return usage.ru_maxrss / 1024, 1000 * (usage.ru_utime + usage.ru_stime)
