#!/usr/bin/env bash
# Usage: tests/run.sh [--quick]
# Installs what is missing, then builds and runs every test:
#   lint      shellcheck, clang-format, the coroutine lint (needs no build)
#   clang     release build, all test programs, then the end-to-end scripts
#   gcc       release build with the second compiler, all test programs
#   asan      all test programs under AddressSanitizer and UBSan (clang: g++ takes ten times as
#             long for a Beast unit)
#   tsan      the test programs of connectors and daemon, which have all the threads, under
#             ThreadSanitizer
# --quick runs lint and clang only. Logs: build/logs. The last line is the sum, e.g.
# "412 passed, 0 failed, 3 skipped"; the exit status is 1 when anything failed.
#
# What is counted: doctest's test cases; PASS, FAIL and SKIP lines of scripts; one per lint; one
# for a build or a program that ends badly without naming a failed test. A doctest case that
# prints a SKIP line counts as skipped.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

quick=0
case ${1:-} in
    --quick) quick=1 ;;
    '') ;;
    -h | --help)
        sed -n '2,16s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
        exit 0
        ;;
    *)
        printf 'run.sh: unknown argument %s (try --help)\n' "$1" >&2
        exit 64
        ;;
esac

logs=$root/build/logs
mkdir -p "$logs"
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=1
if [ -z "${SPILL_SHARED:-}" ] && [ -d "$root/../shared" ]; then
    SPILL_SHARED=$(cd "$root/../shared" && pwd)
    export SPILL_SHARED
fi

passed=0 failed=0 skipped=0
step=0
steps=$((quick ? 3 : 6))

say() { printf '%s\n' "$*"; }
headline() {
    step=$((step + 1))
    say "[$step/$steps] $* (at ${SECONDS} s)"
}
pass() { passed=$((passed + 1)); }
fail() {
    failed=$((failed + 1))
    say "FAIL $*"
}
# The last line, whatever happened before it.
finish() {
    local sum="$passed passed, $failed failed"
    [ "$skipped" = 0 ] || sum+=", $skipped skipped"
    say "$sum"
    [ "$failed" = 0 ] || exit 1
    exit 0
}

# lint NAME COMMAND...: one check, failed when the command fails.
lint() {
    local name=$1 log=$logs/lint-$1.log
    shift
    if "$@" >"$log" 2>&1; then
        pass
    else
        fail "lint $name ($log)"
        grep -E '^[^ ]+:[0-9]+:|^self-test:' "$log" | cut -c1-160 | head -n 12
    fi
}

# How many compilers fit: a Beast unit takes up to 1.3 GB with g++.
jobs_here() {
    local cores fit
    cores=$(nproc)
    fit=$(awk '/^MemTotal/ {print int($2 / 1400000)}' /proc/meminfo 2>/dev/null)
    fit=${fit:-1}
    if [ "$fit" -lt 1 ]; then fit=1; fi
    printf '%s' $((cores < fit ? cores : fit))
}

# build NAME FOLDER WHAT CMAKE-OPTION...: WHAT is `all`, `product` (the program and all test
# programs, without the header check) or what programs() takes. Status 1 when it
# fails, which counts as one failed test.
build() {
    local name=$1 dir=$2 what=$3 log=$logs/$1.build.log
    shift 3
    local targets=(all)
    if ! cmake -S "$root" -B "$dir" -G Ninja -DSPILL_TESTS=ON "$@" >"$log" 2>&1; then
        fail "$name build: cmake could not configure ($log)"
        grep -A4 'CMake Error' "$log" | head -n 12
        return 1
    fi
    case $what in
        all) ;;
        product) mapfile -t targets <<<"spilloverd"$'\n'"$(programs "$dir" tests)" ;;
        *) mapfile -t targets <<<"$(programs "$dir" "$what")" ;;
    esac
    if ! nice ninja -C "$dir" -j "$(jobs_here)" -k 20 "${targets[@]}" >>"$log" 2>&1; then
        fail "$name build ($log)"
        grep -E 'error:|undefined reference|undefined symbol|Killed|FAILED:' "$log" | head -n 12
        return 1
    fi
}

# programs FOLDER WHICH: the test programs of a build folder, as ninja names them; WHICH is `tests`
# for all of them or `threaded` for those with threads.
programs() {
    local which='[a-z_]*'
    [ "$2" = tests ] || which='\(connector\|daemon\)'
    ninja -C "$1" -t targets all 2>/dev/null |
        sed -n "s/^\(tests\/${which}_tests\): CXX_EXECUTABLE.*/\1/p"
}

# doctest_run NAME PROGRAM ARGUMENT...: adds up what one test program says.
doctest_run() {
    local name=$1 log=$logs/$1.log status=0 good=0 bad=0 skips
    shift
    timeout --kill-after=10 900 "$@" -nc=1 >"$log" 2>&1 || status=$?
    # "[doctest] test cases:  12 |  12 passed | 0 failed | 3 skipped"; the last one counts.
    read -r good bad <<<"$(awk '/^\[doctest\] test cases:/ {
            for (i = 1; i <= NF; ++i) {
                if ($i == "passed") good = $(i - 1)
                if ($i == "failed") bad = $(i - 1)
            }
        } END {print good + 0, bad + 0}' "$log")"
    skips=$(grep -c '^SKIP ' "$log")
    passed=$((passed + good - skips))
    skipped=$((skipped + skips))
    if [ "$bad" != 0 ]; then
        failed=$((failed + bad))
        say "FAIL $name: $bad test case(s) ($log)"
        grep -E '^TEST CASE:|^TEST SUITE:|ERROR:|SUMMARY: |^  +(CHECK|REQUIRE)|^  values:' "$log" |
            head -n 40
    elif [ "$status" != 0 ]; then
        fail "$name: $(ended "$status") ($log)"
        grep -E 'SUMMARY: |runtime error:|ERROR: |terminate called' "$log" | head -n 8
    elif [ $((good + bad)) = 0 ]; then
        fail "$name: it ran no test case ($log)"
    fi
}

ended() {
    case $1 in
        124 | 137) printf 'it did not end in time' ;;
        *) if [ "$1" -gt 128 ]; then
            printf 'killed by signal %d' $(($1 - 128))
        else
            printf 'exit status %d' "$1"
        fi ;;
    esac
}

# script_run FILE: an end-to-end script that prints PASS, FAIL and SKIP lines.
script_run() {
    local file=$1 log status=0 bad command=("$1")
    log=$logs/$(basename "$file").log
    # Debian's Python: the one that has the installed packages.
    case $file in
        *.py) command=(/usr/bin/python3 "$file") ;;
        *) [ -x "$file" ] || command=(bash "$file") ;;
    esac
    SPILLOVERD=$root/build/spilloverd timeout --kill-after=10 600 "${command[@]}" >"$log" 2>&1 ||
        status=$?
    bad=$(grep -c '^FAIL ' "$log")
    passed=$((passed + $(grep -c '^PASS ' "$log")))
    skipped=$((skipped + $(grep -c '^SKIP ' "$log")))
    failed=$((failed + bad))
    grep '^FAIL ' "$log"
    if [ "$bad" = 0 ] && [ "$status" != 0 ]; then
        fail "$file: $(ended "$status") ($log)"
        tail -n 5 "$log"
    elif [ "$status" = 0 ] && ! grep -qE '^(PASS|FAIL|SKIP) ' "$log"; then
        fail "$file: it reported nothing ($log)"
    fi
}

run_programs() {
    local name=$1 dir=$2 program list
    list=$(programs "$dir" "${3:-tests}")
    [ -n "$list" ] || fail "$name: there is no test program in $dir"
    for program in $list; do
        # After a build that failed (and was counted), run what can be run all the same.
        ninja -C "$dir" "$program" >/dev/null 2>&1 || continue
        doctest_run "$name-$(basename "$program")" "$dir/$program"
    done
}

headline 'packages'
if ! deploy/install_packages.sh build test; then
    fail 'packages: see the line above'
    finish
fi

headline 'lint'
mapfile -t shell_files <<<"$(find deploy tests .ci -name '*.sh' -o -path .ci/run)"
mapfile -t cpp_files <<<"$(find core connectors daemon tests -name '*.[ch]pp' | sort)"
lint shellcheck shellcheck -f gcc -x "${shell_files[@]}"
lint clang-format clang-format-19 --dry-run -Werror "${cpp_files[@]}"
lint coroutine-self-test python3 tests/support/coroutine_lint.py --self-test
lint coroutines python3 tests/support/coroutine_lint.py "${cpp_files[@]}"

headline 'clang 19: release build, unit tests, end-to-end tests'
build clang build all -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_BUILD_TYPE=Release
run_programs clang build
if ninja -C build spilloverd >/dev/null 2>&1; then
    for file in tests/daemon/*_test.py tests/e2e/*; do
        case $file in
            */\** | *.md | *.hpp | */lib_*) continue ;;
        esac
        [ -f "$file" ] && script_run "$file"
    done
fi
[ $quick = 0 ] || finish

headline 'g++ 12: release build, unit tests'
# -O1: half the time of -O2, and the code is the same.
build gcc build/gcc product -DCMAKE_CXX_COMPILER=g++ -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_FLAGS_RELEASE='-O1 -DNDEBUG'
run_programs gcc build/gcc

headline 'AddressSanitizer and UBSan (clang 19)'
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
build asan build/asan tests -DCMAKE_CXX_COMPILER=clang++-19 \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS_RELWITHDEBINFO='-O1 -g1 -DNDEBUG' \
    -DSPILL_SANITIZE=address,undefined
run_programs asan build/asan

headline 'ThreadSanitizer (clang 19): connectors and daemon'
export TSAN_OPTIONS=suppressions=$root/tests/tsan.supp:halt_on_error=1:second_deadlock_stack=1
build tsan build/tsan threaded -DCMAKE_CXX_COMPILER=clang++-19 \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS_RELWITHDEBINFO='-O1 -g1 -DNDEBUG' \
    -DSPILL_SANITIZE=thread
run_programs tsan build/tsan threaded
finish
