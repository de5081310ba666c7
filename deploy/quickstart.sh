#!/usr/bin/env bash
# Usage: deploy/quickstart.sh [--no-run] [demo arguments...]
# From a bare Debian 12 to a running demo: installs what is missing, builds build/spilloverd and
# runs `build/spilloverd demo` with the arguments. --no-run stops after the build. No key and,
# once the packages are there, no network is needed. A second run rebuilds only what changed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

run=1
if [ "${1:-}" = --no-run ]; then
    run=0
    shift
fi
case ${1:-} in
    -h | --help)
        sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}"
        exit 0
        ;;
esac

fail() {
    printf 'quickstart: %s\n' "$*" >&2
    exit 1
}

printf '[1/3] Debian packages: '
"$root/deploy/install_packages.sh" build || exit 1

printf '[2/3] Building %s/build/spilloverd (first time: a few minutes)\n' "$root"
for tool in cmake ninja clang++-19; do
    command -v $tool >/dev/null || fail "$tool is missing although its package is installed: check PATH"
done
log=$root/build/logs/quickstart.log
mkdir -p "$root/build/logs"
options=(-G Ninja -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_BUILD_TYPE=Release)
# The tests need more packages; whoever has configured them before keeps them.
[ -f "$root/build/CMakeCache.txt" ] || options+=(-DSPILL_TESTS=OFF)
cmake -S "$root" -B "$root/build" "${options[@]}" >"$log" 2>&1 || {
    grep -m1 -A4 'CMake Error' "$log" >&2 || tail -n 5 "$log" >&2
    fail "cmake could not configure the build; all of it is in $log"
}
NINJA_STATUS='      [%f/%t, %es] ' ninja -C "$root/build" spilloverd 2>&1 | tee -a "$log" |
    { grep -vE 'Entering directory|no work to do|Re-checking globbed' || true; } ||
    fail "the build failed; the first error in $log: $(grep -m1 -E 'error:|FAILED|Killed' "$log" || tail -n 1 "$log")"

if [ $run = 0 ]; then
    printf '[3/3] Built. Start it with: %s/build/spilloverd demo\n' "$root"
    exit 0
fi
printf '[3/3] Starting the demo (stop it with Ctrl-C): build/spilloverd demo %s\n' "$*"
cd "$root"
exec build/spilloverd demo "$@"
