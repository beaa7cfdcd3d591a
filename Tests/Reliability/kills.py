#!/usr/bin/env python3
"""Ends commands that write by SIGKILL, at any time, and looks at what is there.

    Tests/Reliability/kills.py WSL [--count 500] [--seed 0]

After each kill every output has to be the old one or the new one, whole; a second file beside it has to
go with it. Then the same command is run to its end: the outputs have to be those of a command that was
never disturbed, and nothing else may be in the folder, hidden or not, nor in TMPDIR. The moments are
drawn from the seed, half of them from the last fifth of the time that the command takes, in which it
gives its outputs their names.
"""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from scene import Scene


def start(words, scratch):
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                            start_new_session=True, env={**os.environ, "TMPDIR": str(scratch)})


def finish(words, scratch):
    begun = time.monotonic()
    process = start(words, scratch)
    _, errors = process.communicate(timeout=300)
    return process.returncode, errors.decode(errors="replace"), time.monotonic() - begun


def kill_after(words, scratch, seconds):
    process = start(words, scratch)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        pass
    ended = process.poll() is not None
    # The whole session: the worker must not outlive it, either.
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    process.stderr.close()
    return ended


class Campaign:
    def __init__(self, wsl, root):
        self.root = Path(root)
        self.scene = Scene(wsl, self.root / "scene")
        self.jobs = self.scene.jobs()
        self.outcomes = Counter()
        self.failures = []
        self.known = {}

    def whole(self, job):
        """What is there before and after an undisturbed run, and how long that takes."""
        if job.name not in self.known:
            out, scratch = self.fresh("whole")
            self.scene.prepare(job, out)
            before = self.scene.contents(job, out)
            times = []
            code, errors, seconds = finish(self.scene.words(job, out), scratch)
            if code not in (0, 3):
                raise SystemExit(f"{job.name}: {code}: {errors}")
            after = self.scene.contents(job, out)
            for _ in range(2):
                shutil.rmtree(out)
                self.scene.prepare(job, out)
                times.append(finish(self.scene.words(job, out), scratch)[2])
            self.known[job.name] = (before, after, min([seconds, *times]))
        return self.known[job.name]

    def fresh(self, name):
        out, scratch = self.root / name, self.root / f"{name}-tmp"
        for path in (out, scratch):
            shutil.rmtree(path, ignore_errors=True)
        scratch.mkdir()
        return out, scratch

    def once(self, job, share):
        before, after, seconds = self.whole(job)
        out, scratch = self.fresh("out")
        self.scene.prepare(job, out)
        ended = kill_after(self.scene.words(job, out), scratch, share * seconds)
        there = self.scene.contents(job, out)
        wrong, states = [], set()
        for name in job.outputs:
            state = self.state(job, name, there.get(name), before, after)
            states.add(state)
            if state == "neither":
                wrong.append(f"{name} is neither the old nor the new one ({there.get(name)})")
        if job.kind == "patched" and not wrong:
            wrong += self.undone(out)
        self.outcomes["ended before" if ended else "+".join(sorted(states)) or "nothing"] += 1
        code, errors, _ = finish(self.scene.words(job, out, again=True), scratch)
        if code not in (0, 3):
            wrong.append(f"the second run ends with {code}: {errors.strip()}")
        elif (last := self.scene.contents(job, out)) != after:
            names = sorted(n for n in {*last, *after} if last.get(n) != after.get(n))
            wrong.append(f"after the second run: {', '.join(names)}")
        if left := sorted(str(p.relative_to(scratch)) for p in scratch.rglob("*")):
            self.outcomes["left in TMPDIR"] += 1
            wrong.append(f"left in TMPDIR: {', '.join(left)}")
        if wrong:
            self.failures.append(f"{job.name}, killed at {share:.3f}: {'; '.join(wrong)}")
            print("FAILED", self.failures[-1], flush=True)

    def state(self, job, name, content, before, after):
        if content == before.get(name):
            return "old" if content is not None else "none"
        if content == after.get(name):
            return "new"
        if job.kind in ("index", "shard") and content and not content.startswith("unreadable"):
            # Whole transactions of a scan that goes on: it can be read, and the next run completes it.
            return "between"
        if job.name.startswith("zoo build") and content is None:
            return "none"
        return "neither"

    def undone(self, out):
        """Whether a patched model goes back to what it was, with whatever is beside it."""
        done = subprocess.run([self.scene.wsl, "patch", out / "o.npz", "--list", "--json"],
                              capture_output=True, text=True)
        if done.returncode != 0:
            return [f"its patches are lost: {done.stderr.strip()}"]
        words = [self.scene.wsl, "patch", out / "o.npz", "-o", self.root / "undone.npz", "--force"]
        for entry in json.loads(done.stdout)["stack"]:
            words += ["--remove", entry["name"]]
        done = subprocess.run(words, capture_output=True, text=True)
        original = Path(self.scene.path("standard.npz")).read_bytes()
        if done.returncode != 0 or (self.root / "undone.npz").read_bytes() != original:
            return [f"its patches do not come off: {done.stderr.strip()}"]
        return []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("wsl")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="the commands whose name contains this")
    options = parser.parse_args()
    draws = random.Random(options.seed)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as root:
        campaign = Campaign(options.wsl, root)
        jobs = [j for j in campaign.jobs if not options.only or options.only in j.name]
        for number in range(options.count):
            job = jobs[number % len(jobs)]
            share = draws.uniform(0.8, 1.05) if draws.random() < 0.5 else draws.uniform(0, 1)
            campaign.once(job, share)
    seen = ", ".join(f"{count} {state}" for state, count in sorted(campaign.outcomes.items()))
    print(f"{options.count} kills of {len(jobs)} commands, seed {options.seed}: "
          f"{len(campaign.failures)} failed ({seen}); {time.monotonic() - begun:.0f} s")
    return 1 if campaign.failures else 0


if __name__ == "__main__":
    sys.exit(main())
