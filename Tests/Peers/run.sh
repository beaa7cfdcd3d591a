#!/bin/sh
# Runs every judge in this folder: run.sh PYTHON WSL
set -eu
here=$(cd "$(dirname "$0")" && pwd)
for judge in "$here"/*_judge.py; do
  echo "== $(basename "$judge")"
  KERAS_BACKEND=jax JAX_PLATFORMS=cpu "$1" "$judge" "$2"
done
echo "== random_networks.py"
"$1" "$here/random_networks.py" "$2"
