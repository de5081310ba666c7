#!/usr/bin/env bash
# Usage: deploy/install_packages.sh STAGE...     (stages: see deploy/packages.txt)
# Installs the packages of these stages that are missing, with apt-get and without questions.
# Does nothing, and needs no rights, when none is missing. Exit status 1 with one line on stderr
# when something stays missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
    printf 'install_packages: %s\n' "$*" >&2
    exit 1
}

# Prints those of its arguments that are not installed.
missing_of() {
    local package
    for package in "$@"; do
        # shellcheck disable=SC2016  # ${Status} is dpkg's, not the shell's
        case $(dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null || true) in
            *'ok installed'*) ;;
            *) printf '%s\n' "$package" ;;
        esac
    done
}

[ $# -gt 0 ] || fail 'name at least one stage: build, test or runtime'
wanted=()
for stage in "$@"; do
    found=0
    while read -r of package; do
        if [ "$of" = "$stage" ]; then
            wanted+=("$package")
            found=1
        fi
    done < "$here/packages.txt"
    [ $found = 1 ] || fail "there is no stage '$stage' in deploy/packages.txt"
done

command -v dpkg-query >/dev/null || fail "this is not Debian (no dpkg-query): install by hand: ${wanted[*]}"
read -ra missing <<<"$(missing_of "${wanted[@]}" | tr '\n' ' ')"
if [ ${#missing[@]} = 0 ]; then
    printf 'all %d packages are installed\n' "${#wanted[@]}"
    exit 0
fi

as_root=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
        fail "not root and no sudo: as root, run: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
fi
printf 'installing %d of %d packages: %s\n' "${#missing[@]}" "${#wanted[@]}" "${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@"
}
install() {
    apt install -y --no-install-recommends "${missing[@]}"
}
# A list that is too old names files that are gone, so a failed first try refreshes it.
if ! install >"$log" 2>&1; then
    printf 'refreshing the package lists\n'
    if ! { apt update && install; } >"$log" 2>&1; then
        why=$(grep -m1 -E '^(E|W|Err)[: ]' "$log" || tail -n 1 "$log")
        fail "cannot install: $(missing_of "${missing[@]}" | tr '\n' ' ')(apt-get: ${why})"
    fi
fi
still=$(missing_of "${missing[@]}" | tr '\n' ' ')
[ -z "$still" ] || fail "still missing after apt-get: $still"
