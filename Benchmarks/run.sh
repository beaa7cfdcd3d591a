#!/bin/sh
# Times our code and the peers' in turns, and prints one table: run.sh PYTHON WSL [--only reading]
# PYTHON has NumPy, SciPy, h5py, hdf5plugin and safetensors. PyTorch is taken from WSL_TORCH_PYTHON or python3 where it has it, mergekit from WSL_MERGEKIT (mergekit-pytorch).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
swift build --package-path "$root" -c release -Xswiftc -enable-testing --product wsl-bench
python=$1 wsl=$2
shift 2
exec "$python" "$here/compare.py" "$wsl" "$(dirname "$wsl")/wsl-bench" "$@"
