#!/bin/sh
# Builds the fuzzers and runs each for a while: Fuzz/run.sh SECONDS [TARGET…]
#
# What a run adds to a corpus stays in .build-fuzz; an input that breaks a parser is put beside the
# seeds as corpus/TARGET/found-…, so that the suite runs it from then on.
set -eu
cd "$(dirname "$0")/.."
seconds=$1
shift

WSL_FUZZ=1 swift build -c release --scratch-path .build-fuzz -Xswiftc -enable-testing \
  --sanitize fuzzer --sanitize address --product wsl-fuzz

[ $# -gt 0 ] || set -- $(ls Fuzz/corpus)
status=0
for target; do
  work=.build-fuzz/corpus/$target
  mkdir -p "$work"
  echo "fuzz: $target, $seconds seconds"
  # Swift's backtraces and ASan's symbols take minutes, or hang; a found input is run again by hand.
  WSL_FUZZ_TARGET=$target SWIFT_BACKTRACE=enable=no \
    ASAN_OPTIONS=symbolize=0:detect_leaks=0:allocator_may_return_null=1 \
    timeout -k 5 $((seconds + 60)) .build-fuzz/release/wsl-fuzz -max_total_time="$seconds" \
    -timeout=20 -rss_limit_mb=2048 -max_len=65536 -detect_leaks=0 -print_final_stats=1 \
    -artifact_prefix="Fuzz/corpus/$target/found-" "$work" "Fuzz/corpus/$target" \
    >"$work.log" 2>&1 || { status=1; echo "fuzz: $target FAILED; see $work.log"; }
  grep -hE "DONE|number_of_executed|ERROR|Fatal error|fuzz:|Test unit" "$work.log" | tail -6
done
exit $status
