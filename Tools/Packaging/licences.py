"""The licences of what a bundle holds."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]

# libhdf5 is linked into the worker from its archive, and is no file of the bundle.
LINKED_IN = ("libhdf5-dev",)


def package_of(file):
    """The Debian package that a file belongs to; None where it is no package's."""
    # A library is registered below /lib or below /usr/lib, which are one folder.
    real = os.path.realpath(file)
    names = dict.fromkeys([str(file), real, real.removeprefix("/usr"), "/usr" + str(file)])
    for name in names:
        found = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    return None


def version_of(package):
    shown = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}\n", package], capture_output=True, text=True
    )
    return shown.stdout.splitlines()[0] if shown.stdout else "?"


def swift_folder():
    """The toolchain's folder, from where its compiler lies."""
    compiler = shutil.which("swiftc")
    return Path(os.path.realpath(compiler)).parents[2] if compiler else None


def write_licences(libraries, folder, checkouts):
    """Writes the licence of each library, of Swift, of the Swift packages, and of the tool itself.

    Ends the program where one is not found: a bundle without it may not be given away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    shutil.copyfile(HERE / "LICENSE", folder / "wsl.txt")
    lines.append(("wsl", "", "wsl.txt"))

    toolchain = swift_folder()
    swift = toolchain / "usr/share/swift/LICENSE.txt" if toolchain else None
    if swift is None or not swift.is_file():
        sys.exit("licences: the licence of Swift is not beside its compiler")
    shutil.copyfile(swift, folder / "swift.txt")
    lines.append(("Swift's runtime and Foundation", "", "swift.txt"))

    for checkout in sorted(checkouts.iterdir()) if checkouts else []:
        texts = sorted(checkout.glob("LICENSE*"))
        if not texts:
            sys.exit(f"licences: {checkout} has no licence")
        target = folder / f"{checkout.name}.txt"
        shutil.copyfile(texts[0], target)
        lines.append((checkout.name, "", target.name))

    packages = {}
    for name, file in libraries.items():
        if toolchain and Path(os.path.realpath(file)).is_relative_to(toolchain):
            continue
        package = package_of(file)
        if package is None:
            sys.exit(f"licences: {file} belongs to no Debian package")
        packages.setdefault(package, []).append(name)
    for package in LINKED_IN:
        packages.setdefault(package, []).append("linked into wsl-catalog")
    for package, names in sorted(packages.items()):
        text = Path("/usr/share/doc") / package / "copyright"
        if not text.is_file():
            sys.exit(f"licences: {text} is missing")
        shutil.copyfile(text, folder / f"{package}.txt")
        lines.append((f"{package} {version_of(package)}", ", ".join(sorted(names)), f"{package}.txt"))

    (folder / "README.txt").write_text(
        "What is in this folder's program, and under which licence.\n\n"
        + "".join(f"{what}\n    {names or 'the program'}: {file}\n" for what, names, file in lines)
    )
