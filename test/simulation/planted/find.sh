#!/usr/bin/env bash
# Shows that the simulation finds bugs: builds a copy of the sources with each *.patch of this folder, and plays seeds
# until one breaks a rule. find.sh [NAME...]: only these patches.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
seeds=2000
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
export CCACHE_BASEDIR=$copy CCACHE_NOHASHDIR=1

[ $# -gt 0 ] || set -- $(basename -s .patch "$here"/*.patch)
(cd "$root" && git ls-files -z --cached --others --exclude-standard | tar -c --null -T -) | tar -x -C "$copy"
cd "$copy"
missed=()
for name in "$@"; do
    git apply "$here/$name.patch"
    { [ -d build/release ] || cmake --preset release; cmake --build --preset release --target simulate; } >build.log 2>&1 ||
        { tail -n 40 build.log; exit 1; }
    if said=$(build/release/bin/simulate "$seeds"); then missed+=("$name"); fi
    printf '%s: %s\n' "$name" "$(head -n 1 <<<"$said")"
    git apply -R "$here/$name.patch"
done
[ ${#missed[@]} -eq 0 ] || { printf 'not found: %s\n' "${missed[*]}" >&2; exit 1; }
