#!/usr/bin/env python3
"""Packs a bundle as an archive: `archive.py BUNDLE FOLDER` writes FOLDER/wsl-VERSION-linux-x86_64.tar.gz.

The same bundle gives the same bytes: the members are sorted, and belong to root at the time of
SOURCE_DATE_EPOCH, or of the commit. gzip, because a bare Debian unpacks nothing else.
"""

import argparse
import gzip
import hashlib
import os
import re
import subprocess
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def time_of_release():
    """Seconds since 1970 that all members carry."""
    named = os.environ.get("SOURCE_DATE_EPOCH")
    if named:
        return int(named)
    told = subprocess.run(
        ["git", "-C", str(HERE), "log", "-1", "--format=%ct"], capture_output=True, text=True
    )
    return int(told.stdout or 0)


def archive(bundle, folder):
    """Writes the archive and its checksum; returns the archive's path."""
    said = subprocess.run([str(bundle / "bin/wsl"), "--version"], check=True, capture_output=True, text=True)
    name = f"wsl-{re.search(r'[0-9]+[.][0-9]+[.][0-9]+', said.stdout).group()}-linux-x86_64"
    time = time_of_release()

    def plain(member):
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = time
        member.mode = 0o755 if member.isdir() or member.mode & 0o111 else 0o644
        return member

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.tar.gz"
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=time) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for member in [bundle, *sorted(bundle.rglob("*"))]:
                inside = Path(name) / member.relative_to(bundle)
                tar.add(member, str(inside), recursive=False, filter=plain)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_suffix(path.suffix + ".sha256").write_text(f"{digest}  {path.name}\n")
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    path = archive(given.bundle, given.folder)
    print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
