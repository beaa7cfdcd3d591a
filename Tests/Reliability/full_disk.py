#!/usr/bin/env python3
"""Every command that writes, where nothing can be written: a limit on the size of files, a full disk, a
folder that is read-only. Each has to answer with one line and exit code 74, and to leave its folder
as it was.

    Tests/Reliability/full_disk.py WSL [NAME…]

The last two need a mount of their own, in a namespace; where the host allows none they are left out.
"""
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from scene import Scene

FILE_LIMIT = 2048


def inside_namespace():
    """Runs this again where mounts are its own."""
    if os.environ.get("WSL_NAMESPACE"):
        return True
    words = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    try:
        if subprocess.run([*words, "true"], capture_output=True).returncode != 0:
            return False
    except FileNotFoundError:
        return False
    os.environ["WSL_NAMESPACE"] = "1"
    os.execvp(words[0], [*words, sys.executable, *sys.argv])


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def fill(folder):
    """Leaves no room in a file system."""
    with open(folder / "ballast", "wb", buffering=0) as ballast:
        for size in (1 << 16, 1 << 12):
            try:
                while True:
                    ballast.write(bytes(size))
            except OSError:
                pass


def limited(scene, job, out):
    scene.prepare(job, out)
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))


def full(scene, job, out):
    out.mkdir()
    mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", str(out))
    scene.prepare(job, out)
    fill(out)
    return None


def read_only(scene, job, out):
    scene.prepare(job, out)
    mount("--bind", str(out), str(out))
    mount("-o", "remount,ro,bind", str(out))
    return None


def judge(scene, job, done, before, out):
    """What is wrong; nothing where all is well."""
    lines = done.stderr.strip().splitlines()
    wrong = []
    if done.returncode != 74:
        wrong.append(f"exit code {done.returncode}")
    if len(lines) != 1 or not lines[0].startswith("error: "):
        wrong.append(f"{len(lines)} lines: {' | '.join(lines)[:160]}")
    if done.stdout:
        wrong.append("something on standard output")
    after = scene.contents(job, out)
    if after != before:
        changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        wrong.append(f"changed: {', '.join(changed)}")
    return wrong


def main():
    namespace = inside_namespace()
    ways = {"ulimit -f": limited}
    if namespace:
        ways |= {"full disk": full, "read-only folder": read_only}
    wanted = sys.argv[2:]
    failures = cases = 0
    with tempfile.TemporaryDirectory() as root:
        scene = Scene(sys.argv[1], Path(root) / "scene")
        jobs = [job for job in scene.jobs() if not wanted or job.name in wanted]
        for number, job in enumerate(jobs):
            for way, prepare in ways.items():
                out = Path(root) / f"out-{number}-{way.replace(' ', '-')}"
                limit = prepare(scene, job, out)
                before = scene.contents(job, out)
                done = subprocess.run(scene.words(job, out), capture_output=True, text=True,
                                      preexec_fn=limit, timeout=300)
                wrong = judge(scene, job, done, before, out)
                cases += 1
                failures += bool(wrong)
                print(f"{'FAILED' if wrong else 'ok':6}  {way:16}  {job.name}  {'; '.join(wrong)}",
                      flush=True)
                if way != "ulimit -f":
                    subprocess.run(["umount", str(out)], check=True)
    left_out = "" if namespace else "; full disks and read-only folders were left out: no namespaces here"
    print(f"{cases} cases, {failures} failed{left_out}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
