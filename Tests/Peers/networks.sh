#!/bin/sh
# Random networks and files whose names leave several readings, judged by Keras and PyTorch: whatever
# `wsl match` writes must compute what its input computes. networks.sh PYTHON WSL
set -u
here=$(cd "$(dirname "$0")" && pwd)
fixtures=$here/../ModelGraphTests/Fixtures
export KERAS_BACKEND=jax JAX_PLATFORMS=cpu
failed=0
run() {
  echo "== $1 $2"
  "$@" || failed=1
}
run /usr/bin/python3 "$fixtures/make_ambiguous.py" judge "$2"
run "$1" "$fixtures/make_ambiguous_keras.py" judge "$2"
run "$1" "$here/random_networks.py" "$2"
run "$1" "$here/random_networks.py" "$2" --trained
# Where torchvision or timm is installed beside PyTorch.
run /usr/bin/python3 "$here/published_networks.py" "$2"
exit $failed
