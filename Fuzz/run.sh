#!/bin/sh
# Builds the fuzzers and runs each for a while: Fuzz/run.sh SECONDS [TARGET…]
#
# What a run adds to a corpus stays in .build-fuzz; an input that breaks a parser is put beside the
# seeds as corpus/TARGET/found-…, so that the suite runs it from then on.
set -eu
cd "$(dirname "$0")/.."

# One target: Fuzz/run.sh --one SECONDS TARGET
if [ "$1" = --one ]; then
  seconds=$2 target=$3
  work=.build-fuzz/corpus/$target
  mkdir -p "$work"
  status=0
  # Swift's backtraces and ASan's symbols take minutes, or hang; a found input is run again by hand.
  WSL_FUZZ_TARGET=$target SWIFT_BACKTRACE=enable=no \
    ASAN_OPTIONS=symbolize=0:detect_leaks=0:allocator_may_return_null=1 \
    timeout -k 5 $((seconds + 120)) .build-fuzz/release/wsl-fuzz -max_total_time="$seconds" \
    -timeout=30 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
    -artifact_prefix="Fuzz/corpus/$target/found-" "$work" "Fuzz/corpus/$target" \
    >"$work.log" 2>&1 || status=1
  count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work.log")
  [ $status = 0 ] || echo "fuzz: $target FAILED; see $work.log"
  # libFuzzer counts the edges of the code that inputs reached, and what they did there.
  cover=$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\).*/\1 edges, \2 features/p' "$work.log" | tail -1)
  echo "fuzz: $target, ${count:-?} inputs in $seconds seconds, ${cover:-no coverage}"
  grep -hE "ERROR|Fatal error|^fuzz:|Test unit written" "$work.log" | head -4
  exit $status
fi

seconds=$1
shift
# (Objects of a build without these flags must go: the compiler keeps those whose code before
# instrumentation is the same.)
# Of two sanitizers the compiler heeds the last, in an order that SwiftPM leaves to chance; without the
# coverage, named here again, the fuzzers run blind.
WSL_FUZZ=1 swift build -c release --scratch-path .build-fuzz -Xswiftc -enable-testing \
  --sanitize fuzzer --sanitize address --product wsl-fuzz \
  -Xswiftc -sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp,indirect-calls
[ $# -gt 0 ] || set -- $(ls Fuzz/corpus)
printf '%s\n' "$@" | xargs -P "${FUZZ_JOBS:-$(nproc)}" -I TARGET Fuzz/run.sh --one "$seconds" TARGET
