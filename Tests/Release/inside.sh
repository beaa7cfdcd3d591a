#!/bin/sh
# What run.sh does in each root: the demo's barrier, a spectrum, a zoo of 100 models, a patch and the way
# back, and the tests of the wheel.
set -eu
fail() { echo "failed: $1" >&2; exit 1; }
. /etc/os-release
echo "== $PRETTY_NAME, $(ldd --version | head -1)"
cd /trial
export PATH=/trial/wsl/bin:$PATH TMPDIR=/trial
command -v swift >/dev/null && fail "there is Swift in this root"
wsl doctor | grep -q "nothing is missing" || fail "wsl doctor"
wsl --version

wsl zoo build digits-mlp.yaml -o demo --quiet >/dev/null
barriers=$(wsl connect demo/digits-mlp-seed0.h5 demo/digits-mlp-seed1.h5 --data digits --match --json |
  sed 's/"barrier":{/\n&/g' | sed -n 's/^"barrier":{"accuracy":[^,]*,"at":[^,]*,"loss":\([^}]*\)}.*/\1/p')
echo "barriers before and after matching:" $barriers
echo "$barriers" | awk 'NR == 1 { naive = $1 } END { exit !(NR == 2 && naive > 0.5 && $1 < naive / 20) }' ||
  fail "matching does not take the barrier away"
wsl spectrum demo/digits-mlp-seed0.h5 --csv | head -2

cat >zoo.yaml <<'Y'
name: hundred
data: digits
model: {kind: mlp, widths: [8], activation: relu}
training: {optimizer: sgd, learning-rate: 0.1, batch-size: 64, epochs: 1}
grid:
  model.widths: [[8], [12]]
  training.learning-rate: [0.02, 0.05, 0.1, 0.2, 0.5]
seeds: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
Y
wsl zoo build zoo.yaml -o zoo --quiet >/dev/null
wsl zoo index zoo -o zoo.sqlite
wsl zoo scan zoo.sqlite --metrics statistics,spectrum --quiet >/dev/null
[ "$(wsl zoo list zoo.sqlite --count --json | sed 's/.*"count":\([0-9]*\).*/\1/')" = 100 ] || fail "not 100 models"

a=demo/digits-mlp-seed0.h5
wsl merge $a demo/digits-mlp-seed1.h5 --weights 0.95,0.05 -o standard.h5 --quiet >/dev/null
wsl merge $a demo/digits-mlp-seed1.h5 --match --weights 0.9,0.1 -o robust.h5 --quiet >/dev/null
wsl signature extract --pretrained $a --standard standard.h5 --robust robust.h5 --name s -o s.rws.h5 --quiet >/dev/null
wsl patch standard.h5 --rws s.rws.h5 -o patched.h5 --quiet >/dev/null
cmp -s standard.h5 patched.h5 && fail "the patch changes nothing"
wsl patch patched.h5 --remove s -o back.h5 --quiet >/dev/null
# The tensors are the same; the file keeps the room of what was taken off.
wsl diff standard.h5 back.h5 --json | grep -q '"identical":true' || fail "the patch was not taken off bit for bit"

python3 -m venv environment
environment/bin/pip install --quiet --disable-pip-version-check --no-index --find-links /trial/wheels /trial/*.whl
PATH=/usr/bin:/bin environment/bin/python -m unittest discover -s tests
echo "== all of it on $PRETTY_NAME"
