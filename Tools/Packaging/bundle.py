#!/usr/bin/env python3
"""Lays out a folder with the program and everything that it needs beside the C library.

    bundle.py BUILD FOLDER [--checkouts DIR]

BUILD holds `wsl`, `wsl-catalog` and the resources. FOLDER becomes

    bin/    wsl, wsl-catalog (stripped), wsl_Datasets.resources
    lib/wsl/                    the shared libraries, found from bin/ by a relative run path
    share/doc/wsl/licences/     the licence of each of them
    share/man/man1, share/bash-completion, share/zsh, share/fish

The folder works wherever it lies. What remains outside is the C library: `GLIBC` in share/doc/wsl says
from which version on. Needs strip (binutils), patchelf, ldd and dpkg-query.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from licences import write_licences
from manual import write_manual

PROGRAMS = ("wsl", "wsl-catalog")
RESOURCES = "wsl_Datasets.resources"
LIBRARIES = Path("lib/wsl")

# The C library belongs to the system: another one than the system's loader expects does not start.
OF_THE_SYSTEM = re.compile(
    r"^(ld-linux-x86-64|linux-vdso|lib(c|m|mvec|dl|rt|pthread|resolv|util|anl|nsl))\.so"
)

COMPLETIONS = {
    "bash": "share/bash-completion/completions/wsl",
    "zsh": "share/zsh/site-functions/_wsl",
    "fish": "share/fish/vendor_completions.d/wsl.fish",
}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def libraries(program):
    """The shared libraries that a program loads: the name that is looked for, and the file it is."""
    found = {}
    for line in run("ldd", str(program)).splitlines():
        words = line.split()
        if OF_THE_SYSTEM.match(os.path.basename(words[0])):
            continue
        if "=>" not in words or words[2] == "not":
            sys.exit(f"bundle: {program}: {words[0]} is not found")
        found[words[0]] = Path(words[2])
    return found


def newest_glibc(files):
    """The newest version of the C library whose symbols any of the files asks for."""
    newest = (2, 0)
    for file in files:
        for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", run("readelf", "-V", str(file))):
            newest = max(newest, (int(major), int(minor)))
    return newest


def bundle(build, folder, checkouts):
    """Makes the folder, anew where there is one of an earlier run."""
    if folder.exists() and any(folder.iterdir()) and not (folder / LIBRARIES).is_dir():
        sys.exit(f"bundle: {folder} is there and no bundle; name another folder")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "bin").mkdir(parents=True)
    (folder / LIBRARIES).mkdir(parents=True)

    needed = {}
    for name in PROGRAMS:
        needed.update(libraries(build / name))
        copy = folder / "bin" / name
        # Stripped first: patchelf moves sections, and strip may not follow it.
        run("strip", "--strip-all", "-o", str(copy), str(build / name))
        # DT_RPATH, not DT_RUNPATH: it holds for the libraries' own libraries too, which so stay
        # byte for byte what the distribution built.
        run("patchelf", "--force-rpath", "--set-rpath", "$ORIGIN/../lib/wsl", str(copy))
        copy.chmod(0o755)
    shutil.copytree(build / RESOURCES, folder / "bin" / RESOURCES)
    for name, file in sorted(needed.items()):
        shutil.copyfile(os.path.realpath(file), folder / LIBRARIES / name)

    program = folder / "bin" / "wsl"
    for shell, place in COMPLETIONS.items():
        file = folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(run(str(program), "--generate-completion-script", shell))
    write_manual(program, folder / "share/man/man1")
    documents = folder / "share/doc/wsl"
    write_licences(needed, documents / "licences", checkouts)
    files = [folder / "bin" / name for name in PROGRAMS]
    files += [folder / LIBRARIES / name for name in needed]
    (documents / "GLIBC").write_text("{}.{}\n".format(*newest_glibc(files)))
    # What `make uninstall` removes.
    written = sorted(each.relative_to(folder) for each in folder.rglob("*") if each.is_file())
    (documents / "FILES").write_text("".join(f"{each}\n" for each in [*written, Path("share/doc/wsl/FILES")]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=Path, help="the folder with wsl and wsl-catalog")
    parser.add_argument("folder", type=Path, help="the folder to make")
    parser.add_argument("--checkouts", type=Path, help="the sources of the Swift packages")
    given = parser.parse_args()
    for tool in ("strip", "readelf", "patchelf", "ldd", "dpkg-query"):
        if not shutil.which(tool):
            sys.exit(f"bundle: {tool} is missing; install it (Tools/setup.sh patchelf binutils)")
    bundle(given.build, given.folder, given.checkouts)


if __name__ == "__main__":
    main()
