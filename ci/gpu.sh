#!/usr/bin/env bash
# Checks a dirbench binary on an accelerator machine that has no Go, in minutes: conformance, the smoke suite, and a
# short training of the full AgeDB-DIR recipe on a twin, interrupted and continued. Prints one line per check; exits 1 if one fails.
#
#   go build -o dirbench ./cmd/dirbench        # on the build machine, with cgo
#   ci/gpu.sh ./dirbench [VECTORS]             # on the accelerator
#
# BACKEND names the backend; the default is the CUDA PJRT plugin of an installed JAX. BACKEND=xla:/path/cpu_plugin.so is
# the dry run.
set -uo pipefail

binary=$(realpath "${1:?usage: ci/gpu.sh BINARY [VECTORS]}")
vectors=${2:+$(realpath "$2")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export GOMLX_NO_AUTO_INSTALL=1

jax_plugin() {
  python3 -c 'import glob, jax_plugins.xla_cuda13 as p; print(glob.glob(p.__path__[0] + "/*.so")[0])'
}
backend=${BACKEND:-xla:$(jax_plugin)} || exit 1
failed=0

# check NAME COMMAND... runs a command, logs it to NAME.log and prints its outcome and wall time.
check() {
  local name=$1 start=$SECONDS result=ok
  shift
  "$@" >"$name.log" 2>&1 || { result=FAILED; failed=1; }
  printf '%-24s %-7s %5d s\n' "$name" "$result" $((SECONDS - start))
  [ "$result" = ok ] || tail -n 5 "$name.log"
}

cat >full.yaml <<'YAML'
name: full-agedb-twin
seeds: [0]
methods: [vanilla, lds+fds]
benchmarks:
  - benchmark: agedb-dir
    scale: full
    twin: {size: 1200, seed: 0}
    recipe: {epochs: 2, retrain_epochs: 1, batch_size: 64}
YAML

# interrupted SECONDS COMMAND... is a run that is interrupted once and then goes on to its end.
interrupted() {
  local after=$1 status=0
  shift
  timeout --preserve-status --signal INT "$after" "$@" || status=$?
  [ $status = 130 ] || [ $status = 0 ] || return $status
  "$@"
}

echo "backend $backend"
[ -z "$vectors" ] || check conformance "$binary" conformance "$vectors" --backend "$backend"
check smoke "$binary" run --suite smoke --backend "$backend"
[ -n "${SKIP_FULL:-}" ] || check resnet50-224 interrupted 90 "$binary" run --suite full.yaml --backend "$backend" --checkpoint-every 10s
grep -h '^|' smoke.log
exit $failed
