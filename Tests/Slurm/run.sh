#!/usr/bin/env bash
# Scans a zoo through a real Slurm of two nodes on this host, and compares the results with those of
# one process.
#
#     Tests/Slurm/run.sh WSL
#
# Needs Debian's slurmctld, slurmd, slurm-client and munge, and root; exits with 77 where their daemons
# do not start on this host. Everything runs in a folder of its own, on ports of its own, and is ended
# and removed at the end.
set -euo pipefail

wsl=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
run=$(mktemp -d)
mkdir "$run/state"
pids=()
finish() {
  code=$?
  if [ "$code" -ne 0 ]; then
    for log in "$run"/*.log "$run"/zoo.sqlite.shards/*.log; do
      [ -s "$log" ] && { echo "== $log"; tail -n 15 "$log"; }
    done >&2
  fi
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$run"
  exit "$code"
}
trap finish EXIT

base=$((20000 + $$ % 20000))
sed -e "s|@RUN@|$run|g; s|@HOST@|$(hostname -s)|g" \
  -e "s|@PORT0@|$base|; s|@PORT1@|$((base + 1))|; s|@PORT2@|$((base + 2))|" \
  "$here/slurm.conf.in" >"$run/slurm.conf"
export SLURM_CONF=$run/slurm.conf
chmod 711 "$run"
head -c 1024 /dev/urandom >"$run/munge.key"
chmod 400 "$run/munge.key"
munged --foreground --force --key-file "$run/munge.key" --socket "$run/munge.socket" \
  --pid-file "$run/munge.pid" --log-file "$run/munge.log" --seed-file "$run/munge.seed" \
  >"$run/munged.log" 2>&1 &
pids+=($!)
for _ in $(seq 100); do [ -S "$run/munge.socket" ] && break; sleep 0.1; done
slurmctld -D -c >"$run/slurmctld-out.log" 2>&1 &
pids+=($!)
for node in n1 n2; do
  slurmd -D -N "$node" >"$run/slurmd-$node-out.log" 2>&1 &
  pids+=($!)
done

# A zoo while the daemons find each other.
cat >"$run/zoo.yaml" <<'SPEC'
name: slurm
data: digits
model: {kind: mlp, widths: [8]}
training: {epochs: 1}
grid:
  model.widths: [[8], [16], [24, 8]]
seeds: [0, 1, 2, 3]
SPEC
"$wsl" zoo build "$run/zoo.yaml" -o "$run/zoo" --quiet >/dev/null
"$wsl" zoo index "$run/zoo" -o "$run/zoo.sqlite" --quiet
cp "$run/zoo.sqlite" "$run/alone.sqlite"
"$wsl" zoo scan "$run/alone.sqlite" --quiet

for _ in $(seq 60); do
  [ "$(sinfo -h -o %T -N | grep -c '^idle')" -eq 2 ] && break
  sleep 0.5
done
[ "$(sinfo -h -o %T -N | grep -c '^idle')" -eq 2 ] || {
  echo "the nodes did not come up" >&2
  exit 77
}

cd "$run"
"$wsl" zoo submit zoo.sqlite --engine slurm --shards 6 --jobs 1
for _ in $(seq 240); do
  [ -z "$(squeue -h)" ] && break
  sleep 0.5
done
[ -z "$(squeue -h)" ] || { squeue >&2; echo "the jobs did not end" >&2; exit 1; }
cat "$run"/zoo.sqlite.shards/merge-*.log

# The same numbers, whoever computed them; and both nodes did.
for subject in statistics norms models; do
  for index in alone zoo; do
    "$wsl" zoo export "$index.sqlite" --of "$subject" -o "$index-$subject.csv" --quiet
  done
  cmp "alone-$subject.csv" "zoo-$subject.csv"
done
grep -q 'NodeList=n1 ' "$run/jobcomp.txt"
grep -q 'NodeList=n2 ' "$run/jobcomp.txt"
[ "$(grep -c 'Name=wsl-scan .*JobState=COMPLETED' "$run/jobcomp.txt")" -eq 6 ]
[ "$(grep -c 'Name=wsl-merge .*JobState=COMPLETED' "$run/jobcomp.txt")" -eq 1 ]
echo "Slurm: 6 shards on two nodes, merged: the same results as one process"

# A shard that is queued again while it works: it finishes the model in work, and goes on where it was.
python3 - "$run/slow" <<'MODELS'
import array, json, os, random, struct, sys
os.makedirs(sys.argv[1])
numbers, side = random.Random(0), 800
for index in range(16):
    values = array.array("f", (numbers.uniform(-1, 1) for _ in range(side)))
    # Not of full rank, but quick to make, and slow enough to measure.
    weights = array.array("f")
    for row in range(side):
        weights.extend(values[row:] + values[:row])
    entry = {"dtype": "F32", "shape": [side, side], "data_offsets": [0, 4 * side * side]}
    header = json.dumps({"fc.weight": entry}).encode()
    with open(f"{sys.argv[1]}/m{index:02}.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + weights.tobytes())
MODELS
"$wsl" zoo index "$run/slow" -o "$run/slow.sqlite" --quiet
cp "$run/slow.sqlite" "$run/calm.sqlite"
"$wsl" zoo scan "$run/calm.sqlite" --metrics spectrum --quiet
"$wsl" zoo submit slow.sqlite --engine slurm --shards 1 --jobs 1 --metrics spectrum
partial=$run/slow.sqlite.shards/.shard-0-of-1.sqlite.partial
# Written when it is made, and after each model.
changes=0 last=
for _ in $(seq 3000); do
  now=$(stat -c %y "$partial" 2>/dev/null || true)
  [ "$now" = "$last" ] || { last=$now; changes=$((changes + 1)); }
  [ "$changes" -ge 4 ] && break
  sleep 0.01
done
job=$(squeue -h -n wsl-scan -o %A | head -n 1)
[ -n "$job" ] || { echo "the shard was done before it could be queued again" >&2; exit 1; }
scontrol requeue "$job"
for _ in $(seq 240); do
  [ -z "$(squeue -h)" ] && break
  sleep 0.5
done
[ -z "$(squeue -h)" ] || { squeue >&2; echo "the jobs did not end" >&2; exit 1; }
cat "$run"/slow.sqlite.shards/scan-*.log "$run"/slow.sqlite.shards/merge-*.log
grep -q 'stopped after [0-9]* of 16 models' "$run"/slow.sqlite.shards/scan-*.log
for index in calm slow; do
  "$wsl" zoo export "$index.sqlite" --of spectrum -o "$index-spectrum.csv" --quiet
done
cmp calm-spectrum.csv slow-spectrum.csv
[ "$(wc -l <slow-spectrum.csv)" -eq 17 ]
echo "Slurm: a shard that was queued again went on: the same results"
