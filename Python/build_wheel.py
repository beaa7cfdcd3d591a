#!/usr/bin/env python3
"""Builds the wheel of Python from a bundle, with nothing but the standard library.

    build_wheel.py BUNDLE FOLDER

BUNDLE is what Tools/Packaging/bundle.py laid out; FOLDER gets `weight_space_lab-VERSION-….whl`: the
Python in weightspace/, the bundle's bin/ and lib/ inside of it, and the licences. Two builds of the
same bundle are the same bytes.
"""

import argparse
import base64
import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAME = "weight_space_lab"
PACKAGE = "weightspace"

METADATA = """\
Metadata-Version: 2.4
Name: weight-space-lab
Version: {version}
Summary: Neural networks through their weights: match, connect, merge, patch, spectra, zoos of models
License-Expression: Apache-2.0
{licences}Requires-Python: >=3.10
Requires-Dist: numpy>=1.22
Provides-Extra: pandas
Requires-Dist: pandas; extra == "pandas"
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Python :: 3
Classifier: Topic :: Scientific/Engineering :: Artificial Intelligence
Classifier: Typing :: Typed
Description-Content-Type: text/markdown

"""


class Wheel:
    """A zip archive with a record of its files."""

    def __init__(self, path):
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9)
        self._record = []

    def add(self, name, data, executable=False):
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = (0o100755 if executable else 0o100644) << 16
        self._zip.writestr(entry, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self._record.append(f"{name},sha256={digest},{len(data)}")

    def add_folder(self, name, folder):
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            if "__pycache__" in file.parts:
                continue
            inside = f"{name}/{file.relative_to(folder).as_posix()}"
            self.add(inside, file.read_bytes(), executable=file.stat().st_mode & 0o111 != 0)

    def close(self, record):
        text = "".join(line + "\n" for line in [*self._record, f"{record},,"])
        self._zip.writestr(zipfile.ZipInfo(record, (1980, 1, 1, 0, 0, 0)), text)
        self._zip.close()


def build(bundle, folder):
    said = subprocess.run(
        [str(bundle / "bin/wsl"), "--version"], check=True, capture_output=True, text=True
    ).stdout
    version = re.search(r"\d+\.\d+\.\d+", said).group()
    glibc = (bundle / "share/doc/wsl/GLIBC").read_text().strip().replace(".", "_")
    tag = f"py3-none-manylinux_{glibc}_x86_64"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{NAME}-{version}-{tag}.whl"
    information = f"{NAME}-{version}.dist-info"
    licences = sorted((bundle / "share/doc/wsl/licences").iterdir())

    wheel = Wheel(path)
    wheel.add_folder(PACKAGE, HERE / PACKAGE)
    for part in ("bin", "lib"):
        wheel.add_folder(f"{PACKAGE}/_wsl/{part}", bundle / part)
    for licence in licences:
        wheel.add(f"{information}/licenses/{licence.name}", licence.read_bytes())
    described = METADATA.format(
        version=version, licences="".join(f"License-File: {each.name}\n" for each in licences)
    )
    described += (HERE.parent / "docs/python.md").read_text()
    wheel.add(f"{information}/METADATA", described.encode())
    wheel.add(
        f"{information}/WHEEL",
        f"Wheel-Version: 1.0\nGenerator: wsl\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    )
    wheel.add(
        f"{information}/entry_points.txt", f"[console_scripts]\nwsl = {PACKAGE}._program:main\n".encode()
    )
    wheel.close(f"{information}/RECORD")
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    if not (given.bundle / "bin/wsl").is_file():
        sys.exit(f"build_wheel: {given.bundle} is no bundle; Tools/Packaging/bundle.py makes one")
    path = build(given.bundle, given.folder)
    print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
