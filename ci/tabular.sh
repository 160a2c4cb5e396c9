#!/usr/bin/env bash
# Runs the README's main job, real tables without a download, twice, with two of its seeds unless the README's table is to be
# written: the second call trains nothing and prints the same. Makes
# sure that there are ranks across data sets, with the critical-difference diagram in the HTML page and the README's table among the
# tables but for the errors, which differ by processor and build. Where Python has pandas, all figures are computed anew by it.
#
#   ci/tabular.sh [--update]      --update writes the README's table
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOMLX_NO_AUTO_INSTALL=1

job="$(grep -m1 '^GOTOOLCHAIN=auto GOEXPERIMENT=simd go run' README.md) --out $work/results --data $work/data"
[ "${1-}" = --update ] || job+=" --seeds 0,1"
bash -c "$job" >"$work/first.md"
bash -c "$job" >"$work/second.md" 2>"$work/second.log"
cmp "$work/first.md" "$work/second.md"
grep -q '^## Ranks across 8 datasets' "$work/first.md"

dirbench() { GOTOOLCHAIN=auto GOEXPERIMENT=simd go run ./cmd/dirbench "$@"; }
dirbench report "$work/results/tabular" --html "$work/page.html"
grep -q 'critical difference' "$work/page.html"
dirbench report "$work/results/tabular" --metrics mae --format md >"$work/mae.md"
cat "$work/mae.md"

# The table of concrete, of which the README shows some rows.
awk '/^## / {here = /^## Concrete Compressive Strength$/} here && /^\|/' "$work/mae.md" |
  grep -E '^\| Method|^\|:|^\| (vanilla|sqinv|lds|fds|focal-r|smogn|dense-weight|srl) ' >"$work/table"
sed -n '/^<!-- tabular: /,/^<!-- tabular end/p' README.md | grep '^|' >"$work/readme" || true
if [ "${1-}" = --update ]; then
  {
    sed '/^<!-- tabular: /q' README.md
    printf '\n'
    cat "$work/table"
    printf '\n'
    sed -n '/^<!-- tabular end/,$p' README.md
  } >"$work/README.md"
  cp "$work/README.md" README.md
else
  masked() { sed -E 's/\**-?[0-9]+\.[0-9]+[^|]*/#/g; s/[ :-]+//g; s/\|[0-9]+\|/|n|/' "$1"; }
  diff <(masked "$work/readme") <(masked "$work/table") || { echo "the README's table has other rows: ci/tabular.sh --update"; exit 1; }
fi

if python3 -c 'import pandas, pyarrow' 2>/dev/null; then
  python3 ci/recompute.py "$work/results/tabular" "$work/data"
fi
