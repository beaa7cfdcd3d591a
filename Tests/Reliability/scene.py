"""What the campaigns of this folder share: small models, and every command that writes.

A `Job` is a command with the files that it writes, below a folder of its own. Inputs are made once, by
the tool itself, and are never in that folder.
"""
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "WeightFilesTests" / "Fixtures"

PLAIN = """\
name: plain
data: {source: digits, fraction: 0.2}
model: {kind: mlp, widths: [96, 96]}
training: {epochs: 1}
seeds: [0, 1, 2]
"""
TREE = """\
name: tree
data: {source: digits, fraction: 0.2}
model: {kind: mlp, widths: [64]}
training: {epochs: 2}
models:
  - name: root
  - {name: standard, parent: root}
  - {name: robust, parent: root, data: {corruption: {type: contrast, severity: 3}}}
"""
BUILT = """\
name: built
data: {source: digits, fraction: 0.1}
model: {kind: mlp, widths: [48]}
training: {epochs: 2, checkpoints: [1]}
seeds: [0, 1]
"""


class Job:
    """A command that writes.

    name: what it is called. arguments: its words, `{out}` being its folder. before: what is put into the
    folder first: file name to a file that is copied. outputs: the names of what it writes. again: further
    words for whoever goes on after an interruption; None where the same words do. kind: `files`, or
    `index` where the output is an SQLite file that is compared by what it says.
    """

    def __init__(self, name, arguments, outputs, before=None, again=None, kind="files"):
        self.name, self.arguments, self.outputs = name, arguments, outputs
        self.before, self.again, self.kind = before or {}, again, kind


class Scene:
    """The inputs, and the commands."""

    def __init__(self, wsl, folder):
        self.wsl = str(Path(wsl).resolve())
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.make()

    def path(self, name):
        return str(self.folder / name)

    def run(self, *words):
        done = subprocess.run([self.wsl, *words], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(words)}: {done.returncode}\n{done.stderr}")
        return done.stdout

    def make(self):
        for name, text in (("plain", PLAIN), ("tree", TREE), ("built", BUILT)):
            (self.folder / f"{name}.yaml").write_text(text)
        self.run("zoo", "build", self.path("plain.yaml"), "-o", self.path("zoo"))
        self.run("zoo", "build", self.path("tree.yaml"), "-o", self.path("tree"))
        for end in ("safetensors", "npz"):
            self.run("convert", self.a, "-o", self.path(f"a.{end}"))
        self.run("convert", self.tree("standard"), "-o", self.path("standard.npz"))
        shutil.copy(FIXTURES / "small.keras", self.path("small.keras"))
        self.run("match", self.a, self.b, "--save-permutation", self.path("permutation.json"))
        self.run("signature", "extract", "--pretrained", self.tree("root"), "--standard",
                 self.tree("standard"), "--robust", self.tree("robust"), "--name", "first",
                 "-o", self.path("first.rws.h5"))
        self.run("signature", "extract", "--pretrained", self.tree("root"), "--standard",
                 self.tree("standard"), "--robust", self.tree("robust"), "--name", "second",
                 "--levels", "4", "-o", self.path("second.rws.h5"))
        self.run("patch", self.path("standard.npz"), "--rws", self.path("first.rws.h5"),
                 "-o", self.path("patched.npz"))
        self.run("patch", self.tree("standard"), "--rws", self.path("first.rws.h5"),
                 "-o", self.path("patched.h5"))
        self.run("zoo", "index", self.path("zoo"), "-o", self.path("index.sqlite"))
        shutil.copy(self.path("index.sqlite"), self.path("scanned.sqlite"))
        self.run("zoo", "scan", self.path("scanned.sqlite"))
        self.run("zoo", "index", self.path("tree"), "-o", self.path("other.sqlite"))
        for part in range(2):
            self.run("zoo", "scan", self.path("index.sqlite"), "--shard", f"{part}/2",
                     "-o", self.path("shards") + "/")
        self.run("zoo", "pack", self.path("zoo"), "-o", self.path("packed.h5"))
        results = self.run("connect", self.a, self.b, "--data", "digits", "--limit", "50",
                           "--points", "3", "--json")
        (self.folder / "result.json").write_text(results)
        (self.folder / "old").write_bytes(b"what was there before\n" * 3000)

    @property
    def a(self):
        return self.path("zoo/plain-seed0.h5")

    @property
    def b(self):
        return self.path("zoo/plain-seed1.h5")

    def tree(self, name):
        return self.path(f"tree/tree-{name}.h5")

    def jobs(self):
        """Every command that writes, most of them over an older file."""
        p = self.path
        jobs = []

        def over(name, words, *outputs, **more):
            before = {output: p("old") for output in outputs}
            jobs.append(Job(name, [*words, "--force"], list(outputs), before, **more))

        for end in ("h5", "safetensors", "npz", "h5.zst", "safetensors.gz"):
            over(f"convert to .{end}", ["convert", p("a.safetensors"), "-o", f"{{out}}/o.{end}"],
                 f"o.{end}")
        over("convert to .h5, compressed",
             ["convert", p("a.npz"), "-o", "{out}/o.h5", "--compression", "zstd"], "o.h5")
        over("convert to .npz, compressed",
             ["convert", p("a.safetensors"), "-o", "{out}/o.npz", "--compression", "gzip"], "o.npz")
        over("convert to .keras", ["convert", p("small.keras"), "-o", "{out}/o.keras"], "o.keras")
        over("match", ["match", self.a, self.b, "-o", "{out}/o.h5"], "o.h5")
        over("match three", ["match", self.a, self.b, p("zoo/plain-seed2.h5"), "-o", "{out}"],
             "plain-seed1.h5", "plain-seed2.h5")
        over("merge", ["merge", self.a, self.b, "-o", "{out}/o.h5"], "o.h5")
        over("permute", ["permute", self.b, "--with", p("permutation.json"), "-o", "{out}/o.h5"],
             "o.h5")
        over("patch", ["patch", self.tree("standard"), "--rws", p("first.rws.h5"), "-o",
                       "{out}/o.h5"], "o.h5")
        jobs.append(Job(
            "patch with its record beside it",
            ["patch", p("patched.npz"), "--rws", p("second.rws.h5"), "-o", "{out}/o.npz", "--force"],
            ["o.npz", "o.npz.rws"],
            {"o.npz": p("patched.npz"), "o.npz.rws": p("patched.npz.rws")}, kind="patched"))
        jobs.append(Job(
            "patch in place", ["patch", "{out}/o.h5", "--scale", "first=0.5", "--in-place"],
            ["o.h5"], {"o.h5": p("patched.h5")}))
        over("signature extract",
             ["signature", "extract", "--pretrained", self.tree("root"), "--standard",
              self.tree("standard"), "--robust", self.tree("robust"), "-o", "{out}/o.rws.h5"],
             "o.rws.h5")
        over("data corrupt", ["data", "corrupt", "digits", "--type", "fog", "--limit", "100", "-o",
                              "{out}/o.h5"], "o.h5")
        built = ["built-seed0.h5", "built-seed0-epoch1.h5", "built-seed1.h5", "built-seed1-epoch1.h5"]
        jobs.append(Job("zoo build", ["zoo", "build", p("built.yaml"), "-o", "{out}"], built,
                        again=["--resume"]))
        jobs.append(Job("zoo index", ["zoo", "index", p("zoo"), "-o", "{out}/o.sqlite"],
                        ["o.sqlite"], kind="index"))
        jobs.append(Job("zoo index --force",
                        ["zoo", "index", p("zoo"), "-o", "{out}/o.sqlite", "--force"],
                        ["o.sqlite"], {"o.sqlite": p("other.sqlite")}, kind="index"))
        jobs.append(Job("zoo scan", ["zoo", "scan", "{out}/o.sqlite"], ["o.sqlite"],
                        {"o.sqlite": p("index.sqlite")}, kind="index"))
        jobs.append(Job("zoo merge", ["zoo", "merge", "{out}/o.sqlite", p("shards")], ["o.sqlite"],
                        {"o.sqlite": p("index.sqlite")}, kind="index"))
        jobs.append(Job("zoo scan --shard",
                        ["zoo", "scan", p("index.sqlite"), "--shard", "0/2", "-o", "{out}/o.sqlite"],
                        ["o.sqlite"], kind="shard"))
        over("zoo export", ["zoo", "export", p("scanned.sqlite"), "--of", "statistics", "-o",
                            "{out}/o.csv"], "o.csv")
        over("zoo pack", ["zoo", "pack", p("zoo"), "-o", "{out}/o.h5"], "o.h5")
        over("zoo unpack", ["zoo", "unpack", p("packed.h5"), "-o", "{out}"], "plain-seed0.h5",
             "plain-seed1.h5", "plain-seed2.h5")
        over("report", ["report", p("scanned.sqlite"), p("result.json"), "-o", "{out}/o.html"],
             "o.html")
        over("connect --plot",
             ["connect", self.a, self.b, "--data", "digits", "--limit", "50", "--points", "3",
              "--no-measures", "--plot", "{out}/o.svg"], "o.svg", "o.csv", "o.vl.json")
        over("spectrum --plot", ["spectrum", self.a, "--plot", "{out}/o.svg"], "o.svg", "o.csv",
             "o.vl.json")
        return jobs

    def words(self, job, out, again=False):
        words = [word.replace("{out}", str(out)) for word in job.arguments]
        return [self.wsl, *words, *(job.again if again and job.again else [])]

    def prepare(self, job, out):
        Path(out).mkdir(parents=True, exist_ok=True)
        for name, source in job.before.items():
            shutil.copyfile(source, Path(out) / name)

    # What is in a folder.

    def content(self, job, path):
        """What a file says: the hash of its bytes; of an index, its tables."""
        if job.kind == "index":
            said = []
            for subject in ("models", "tensors", "statistics", "norms"):
                done = subprocess.run([self.wsl, "zoo", "list", path, "--of", subject, "--csv"],
                                      capture_output=True, text=True)
                if done.returncode not in (0, 64):
                    return f"unreadable: {done.stderr.strip()}"
                # In whatever order the models were read, which their numbers in the index follow.
                lines = done.stdout.splitlines() if done.returncode == 0 else []
                if lines and lines[0].startswith("id,"):
                    lines = [line.split(",", 1)[1] for line in lines]
                said.append("\n".join(sorted(lines)))
            return hashlib.sha256("".join(said).encode()).hexdigest()
        if job.kind == "shard":
            # SQLite writes the time of change into its header; what matters is that it can be merged.
            copy = str(path) + ".index"
            shutil.copyfile(self.path("index.sqlite"), copy)
            done = subprocess.run([self.wsl, "zoo", "merge", copy, path], capture_output=True)
            os.remove(copy)
            return "whole" if done.returncode in (0, 3) else f"unreadable: {done.stderr}"
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()

    def contents(self, job, out):
        """Name to content of all that is in a folder, hidden or not."""
        found = {}
        for path in sorted(Path(out).rglob("*")):
            if path.is_file():
                name = str(path.relative_to(out))
                found[name] = self.content(job, path) if name in job.outputs else "there"
        return found
