#!/bin/sh
# Runs every judge in this folder, and those beside their fixtures: run.sh PYTHON WSL
set -eu
here=$(cd "$(dirname "$0")" && pwd)
fixtures=$here/../ModelGraphTests/Fixtures
export KERAS_BACKEND=jax JAX_PLATFORMS=cpu
for judge in "$here"/*_judge.py; do
  echo "== $(basename "$judge")"
  "$1" "$judge" "$2"
done
echo "== make_ambiguous.py"
/usr/bin/python3 "$fixtures/make_ambiguous.py" judge "$2"
"$1" "$fixtures/make_ambiguous_keras.py" judge "$2"
echo "== random_networks.py"
"$1" "$here/random_networks.py" "$2"
"$1" "$here/random_networks.py" "$2" --trained
