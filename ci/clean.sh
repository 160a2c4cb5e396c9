#!/usr/bin/env bash
# Shows how often the regression gate fails without a reason: trains a part of the ci suite again and again with other
# seeds, from the same tree, and checks each time. At most one check in a hundred should fail (dirbench check --alpha).
#
#   ci/clean.sh [N] [CELLS]      # default: 20 times 'sts-b-dir/vanilla,sts-b-dir/lds'
#
# First each repetition is checked with the baseline file, then each with every other one as its baseline. CELLS are globs
# over BENCHMARK/METHOD, separated by commas. BASELINE and RUN_FLAGS are as in ci/breaks.sh. The runs stay in $WORK, if
# set, and are not trained again.
set -euo pipefail
cd "$(dirname "$0")/.."

repeat=${1:-20}
cells=${2:-sts-b-dir/vanilla,sts-b-dir/lds}
baseline=${BASELINE:-ci/baseline.json}
work=${WORK:-}
[ -n "$work" ] || { work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; }
mkdir -p "$work"
export GOEXPERIMENT=simd GOMLX_NO_AUTO_INSTALL=1
go build -o "$work/dirbench" ./cmd/dirbench

# verdict STORE BASELINE prints passed, or the exit code, and the number of alerts.
verdict() {
  local code=0
  "$work/dirbench" check "$1" --baseline "$2" --only "$cells" >"$work/check.md" 2>&1 || code=$?
  case $code in 0 | 4) ;; *) cat "$work/check.md" >&2; exit 1 ;; esac
  # Other seeds than the baseline's are one alert for each cell by themselves; what counts are those of metrics.
  printf '%d %d\n' "$code" "$(grep -v '| runs ' "$work/check.md" | grep -c ' alert *|$' || true)"
}

failures=0 alerts=0
for ((i = 1; i <= repeat; i++)); do
  first=$((1000 * i))
  # shellcheck disable=SC2086 # RUN_FLAGS are several words
  "$work/dirbench" run --suite ci --backend go --only "${cells//,//*,}/*" --seeds "$first,$((first + 1)),$((first + 2)),$((first + 3))" \
    --out "$work/$i" --data "$work/data" ${RUN_FLAGS:-} >/dev/null 2>"$work/run.log" || { tail -5 "$work/run.log"; exit 1; }
  result=$(verdict "$work/$i" "$baseline")
  read -r code n <<<"$result"
  echo "seeds $first to $((first + 3)): exit code $code, $n alerts"
  [ "$code" = 0 ] || { failures=$((failures + 1)); cat "$work/check.md"; }
  alerts=$((alerts + n))
done
echo "with $baseline: $failures of $repeat clean checks failed, $alerts alerts of metrics"

pairs=0 failures=0 alerts=0
for ((i = 1; i <= repeat; i++)); do
  "$work/dirbench" check "$work/$i" --baseline "$work/$i.json" --update 2>/dev/null
  for ((j = 1; j <= repeat; j++)); do
    [ "$i" != "$j" ] || continue
    result=$(verdict "$work/$j" "$work/$i.json")
    read -r code n <<<"$result"
    pairs=$((pairs + 1)) alerts=$((alerts + n))
    [ "$code" = 0 ] || failures=$((failures + 1))
  done
done
echo "with each other as the baseline: $failures of $pairs clean checks failed, $alerts alerts of metrics"
