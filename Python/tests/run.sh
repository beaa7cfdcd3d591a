#!/bin/sh
# The tests of the wheel in clean environments, from another folder: nothing of this one is imported.
set -eu
wheel=$(realpath "$1")
tests=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for packages in "" pandas; do
  python3 -m venv environment
  environment/bin/pip install --quiet --disable-pip-version-check "$wheel" $packages
  echo "with numpy $packages"
  environment/bin/wsl doctor
  PYTHONDONTWRITEBYTECODE=1 environment/bin/python -m unittest discover -s "$tests"
  rm -rf environment
done
