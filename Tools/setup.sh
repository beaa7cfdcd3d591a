#!/bin/sh
# Installs the Debian packages that the build needs and that are missing. Silent and instant when
# nothing is. Further packages may be named as arguments.
set -eu

fail() { echo "setup: $1" >&2; exit 1; }

command -v swift >/dev/null 2>&1 ||
  fail "no Swift on this machine; install Swift 6.2 or newer from https://swift.org/install and run this again"

packages="libhdf5-dev liblapack-dev liblapacke-dev libopenblas-dev libzstd-dev libdeflate-dev \
libdnnl-dev libsqlite3-dev libssl-dev liblz4-dev libblosc-dev libxxhash-dev zlib1g-dev libpng-dev \
libturbojpeg0-dev libjpeg-dev pkg-config $*"

command -v dpkg-query >/dev/null 2>&1 ||
  fail "this system has no apt; install by hand what Debian calls: $packages"

missing=""
for package in $packages; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null 2>&1 ||
  fail "this system has no apt-get; install by hand:$missing"
root=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || fail "neither root nor sudo; have an administrator install:$missing"
  root=sudo
fi

echo "setup: installing$missing"
$root apt-get update -qq || fail "apt-get update failed; check the network and run this again"
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
  fail "apt-get could not install$missing"
