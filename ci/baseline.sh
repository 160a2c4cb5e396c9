#!/usr/bin/env bash
# Trains the ci suite into a new store and compares it with ci/baseline.json; with --update it writes that file instead, which
# a change of the numbers, of the ci suite or of a twin calls for. Commit first: the baseline names the commit. One to two
# minutes on two cores.
#
#   ci/baseline.sh [--update | other flags of dirbench check]
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOEXPERIMENT=simd GOMLX_NO_AUTO_INSTALL=1

# "go run" finds the commit in a git worktree too, "go build" does not; but it has no exit code of its own for check.
go run ./cmd/dirbench run --suite ci --backend go --out "$work/results" --data "$work/data" >/dev/null
go build -o "$work/dirbench" ./cmd/dirbench
"$work/dirbench" check "$work/results" --baseline ci/baseline.json "$@"
