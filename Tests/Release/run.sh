#!/bin/sh
# The archive of a release, and the wheel, on systems that have neither Swift nor a library of ours:
# each in a root that debootstrap makes. Needs root and the network.
#
#     run.sh ARCHIVE WHEEL ROOTS [SUITE…]
#
# ROOTS keeps the roots, so that a second run downloads nothing. A suite is bookworm, trixie, noble …
set -eu
# Mounts are this script's own: none outlives it, however it ends.
[ -n "${WSL_OWN_MOUNTS-}" ] || WSL_OWN_MOUNTS=1 exec unshare --mount "$0" "$@"
here=$(dirname "$(realpath "$0")")
archive=$(realpath "$1")
wheel=$(realpath "$2")
mkdir -p "$3"
roots=$(realpath "$3")
shift 3
[ $# -gt 0 ] || set -- bookworm trixie noble

mirror() {
  case $1 in
    noble | plucky | questing) echo http://archive.ubuntu.com/ubuntu ;;
    *) echo http://deb.debian.org/debian ;;
  esac
}

for suite in "$@"; do
  root=$roots/$suite
  if ! [ -f "$root/complete" ]; then
    rm -rf --one-file-system "$root"
    # A release that is newer than debootstrap's list is made as the others of its family.
    script=/usr/share/debootstrap/scripts/$suite
    [ -e "$script" ] || script=/usr/share/debootstrap/scripts/$(
      case $(mirror "$suite") in *ubuntu*) echo gutsy ;; *) echo sid ;; esac)
    # The keys of the other family's archive may not be here; what is downloaded is tried in its root only.
    debootstrap --variant=minbase --no-check-gpg --include=python3-venv --components=main,universe \
      "$suite" "$root" "$(mirror "$suite")" "$script" >"$root.log" 2>&1 ||
      { tail "$root.log" >&2; exit 1; }
    touch "$root/complete"
  fi
  rm -rf --one-file-system "$root/trial"
  mkdir "$root/trial"
  tar -xzf "$archive" -C "$root/trial" --strip-components=1 --one-top-level=wsl
  cp "$wheel" "$here/inside.sh" "$root/trial"
  cp -R "$here/../../Python/tests" "$root/trial/tests"
  cp "$here/../../zoo-specs/digits-mlp.yaml" "$root/trial"
  # The root has no network of its own: NumPy is fetched for its Python from outside.
  python=$(chroot "$root" python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  python3 -m pip download --quiet --disable-pip-version-check --only-binary :all: --no-deps \
    --python-version "$python" --dest "$root/trial/wheels" numpy
  mount -t proc proc "$root/proc"
  mount --bind /dev "$root/dev"
  chroot "$root" /bin/sh /trial/inside.sh
  umount "$root/dev" "$root/proc"
done
