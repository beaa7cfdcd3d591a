#!/bin/sh
# Fuzzes round by round until so many inputs were tried, and writes down how many: Fuzz/overnight.sh COUNT
#
# Cut short (Ctrl-C, or a time limit), it records what was done, and the next run begins where the corpora
# of .build-fuzz stand. One row a campaign: Fuzz/campaigns.csv.
set -eu
cd "$(dirname "$0")/.."
wanted=$1
seconds=${FUZZ_SECONDS:-60}
begin=$(date +%s)
log=.build-fuzz/overnight.log
mkdir -p .build-fuzz
: >"$log"
tried=0
failed=0

count() {
  tried=$(awk '/^fuzz: .* inputs in / { sum += $3 } END { printf "%d", sum }' "$log")
  failed=$(grep -c ' FAILED; ' "$log" || true)
}

record() {
  trap - INT TERM EXIT
  count
  [ -f Fuzz/campaigns.csv ] || echo "date,commit,inputs,seconds,targets,failures" >Fuzz/campaigns.csv
  echo "$(date +%F),$(git rev-parse --short HEAD),$tried,$(($(date +%s) - begin)),$(ls Fuzz/corpus | wc -l),$failed" \
    >>Fuzz/campaigns.csv
  tail -1 Fuzz/campaigns.csv
  [ "$failed" = 0 ]
}
trap 'record; exit' INT TERM
trap record EXIT

while [ "$tried" -lt "$wanted" ]; do
  Fuzz/run.sh "$seconds" 2>&1 | tee -a "$log" | grep '^fuzz: ' || true
  count
  echo "fuzz: $tried of $wanted inputs, $failed failures"
done
