#!/bin/sh
# Runs every judge in this folder: run.sh PYTHON WSL
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export KERAS_BACKEND=jax JAX_PLATFORMS=cpu
for judge in "$here"/*_judge.py; do
  echo "== $(basename "$judge")"
  "$1" "$judge" "$2"
done
