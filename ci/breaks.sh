#!/usr/bin/env bash
# Shows that the regression gate notices what it is there for: builds dirbench with one deliberate mistake at a time, trains
# the part of the ci suite that it concerns, and expects exit code 4 from dirbench check. Some minutes on two cores.
#
#   ci/breaks.sh [control|lds-window|focal-exponent|bins|learning-rate]...     # default: all
#
# The control is the unbroken tree, which must pass. BASELINE names another baseline file, RUN_FLAGS adds flags of
# dirbench run, such as "--jobs 2".
set -euo pipefail
cd "$(dirname "$0")/.."

baseline=${BASELINE:-ci/baseline.json}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOEXPERIMENT=simd GOMLX_NO_AUTO_INSTALL=1
failed=0

# build NAME [FILE SED] compiles $work/NAME/dirbench, with FILE edited by the script SED if given.
build() {
  local dir=$work/$1 file=${2:-}
  mkdir "$dir"
  [ -n "$file" ] || { go build -o "$dir/dirbench" ./cmd/dirbench; return; }
  sed "$3" "$file" >"$dir/broken.go"
  if cmp -s "$file" "$dir/broken.go"; then
    echo "$1: the edit does not apply to $file any more: adapt ci/breaks.sh" >&2
    exit 1
  fi
  printf '{"Replace": {"%s": "%s"}}\n' "$PWD/$file" "$dir/broken.go" >"$dir/overlay.json"
  go build -overlay "$dir/overlay.json" -o "$dir/dirbench" ./cmd/dirbench
}

# try NAME WANT CELLS trains the cells, globs over BENCHMARK/METHOD, and expects the exit code WANT from check.
try() {
  local dir=$work/$1 want=$2 cells=$3 got=0
  # shellcheck disable=SC2086 # RUN_FLAGS are several words
  "$dir/dirbench" run --suite ci --backend go --only "${cells//,//*,}/*" --out "$dir/results" --data "$dir/data" \
    ${RUN_FLAGS:-} >"$dir/tables.md" 2>"$dir/run.log" || { tail -5 "$dir/run.log"; echo "$1: the runs failed"; failed=1; return; }
  "$dir/dirbench" check "$dir/results" --baseline "$baseline" --only "$cells" >"$dir/check.md" 2>&1 || got=$?
  printf '\n== %s: exit code %d, expected %d\n' "$1" "$got" "$want"
  grep -E '^\|.*\*\*' "$dir/check.md" || true
  grep -E '^(Passed|Failed|Nothing)' "$dir/check.md" || cat "$dir/check.md"
  [ "$got" = "$want" ] || { echo "$1: NOT as expected"; failed=1; }
}

control() {
  build control
  try control 0 'sts-b-dir/lds,agedb-dir/focal-r'
}

# Every density is that of the next bin.
lds-window() {
  build lds-window methods/kernel/smooth.go 's/q\[i\] \* window\[half\]/at(i+1) * window[half]/; s/at(i-d) + at(i+d)/at(i+1-d) + at(i+1+d)/'
  try lds-window 4 'agedb-dir/lds,sts-b-dir/lds,nyud2-dir/lds'
}

focal-exponent() {
  build focal-exponent methods/losses.go 's/^\tif l.Gamma == 1 {/\tif l.Gamma == 0 {/; s/PowScalar(g, l.Gamma)/PowScalar(g, 2*l.Gamma)/'
  try focal-exponent 4 'agedb-dir/focal-r,sts-b-dir/focal-r'
}

bins() {
  build bins datasets/labelspace.go 's/return max(0, min(bin, s.Bins-1))/return max(0, min(bin+1, s.Bins-1))/'
  try bins 4 'sts-b-dir/vanilla,agedb-dir/vanilla'
}

# Training hardly moves, which no fingerprint shows: only the metrics can.
learning-rate() {
  build learning-rate runner/train/optimizer.go 's/SetNodeValue(rate)/SetNodeValue(MulScalar(rate, 0.01))/'
  try learning-rate 4 'agedb-dir/vanilla,sts-b-dir/vanilla'
}

for name in "${@:-control lds-window focal-exponent bins learning-rate}"; do
  for one in $name; do "$one"; done
done
exit $failed
