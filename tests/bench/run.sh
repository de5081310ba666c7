#!/usr/bin/env bash
# Usage: tests/bench/run.sh
# Prints what the engine costs: times as measured, instructions exact. Exit 1 when an instruction
# count is above its bound. Builds into build/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly max_per_trade=900

ninja -C build engine_bench >/dev/null
bench=build/tests/engine_bench
mkdir -p build/bench
"$bench" time | tee build/bench/engine.json

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" "$@" 2>&1 |
        awk '/Collected/ { print $NF }'
}
per_item() {
    local mode=$1 few=$2 many=$3 a b
    a=$(instructions "$mode" "$few")
    b=$(instructions "$mode" "$many")
    echo $(((b - a) / (many - few)))
}
trade=$(($(per_item work 20000 60000) - $(per_item make 20000 60000)))
minute=$(per_item minutes 20 120)
printf '{"instructions_per_trade":%d,"bound":%d,"instructions_per_minute_close":%d}\n' \
    "$trade" "$max_per_trade" "$minute" | tee build/bench/instructions.json
[ "$trade" -le "$max_per_trade" ]
