#!/usr/bin/env bash
# Runs the suite smoke twice: the second call trains nothing and prints the same. Compares the tables with
# docs/gallery/smoke.md in all but the errors and the commit, which differ by processor and build: region sizes, hashes of
# configurations, methods, notes. With --update it writes that page instead.
#
#   ci/smoke.sh [--update]
set -euo pipefail
cd "$(dirname "$0")/.."

golden=docs/gallery/smoke.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOMLX_NO_AUTO_INSTALL=1

job="GOTOOLCHAIN=auto GOEXPERIMENT=simd go run ./cmd/dirbench run --suite smoke --out $work/results --data $work/data"
bash -c "$job" >"$work/first.md"
bash -c "$job" >"$work/second.md" 2>"$work/second.log"
cmp "$work/first.md" "$work/second.md"
[ "$(grep -c 'done before' "$work/second.log")" = 30 ]
cat "$work/first.md"

if [ "${1-}" = --update ]; then
  cp "$work/first.md" "$golden"
  exit
fi

masked() { sed -E '/^Commit /d; /^\|/ { s/\**-?[0-9]+\.[0-9]+\**/#/g; s/[ :-]+//g }' "$1"; }
diff <(masked "$golden") <(masked "$work/first.md") ||
  { echo "the smoke suite no longer prints what $golden says: if that is intended, ci/smoke.sh --update"; exit 1; }
