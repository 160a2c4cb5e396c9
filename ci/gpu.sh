#!/usr/bin/env bash
# Checks and measures a dirbench binary on an accelerator machine that has no Go, in under nine minutes: conformance, the smoke
# suite, a training that is interrupted and continued, dirbench against PyTorch, and a table of faces with the full recipe's network.
#
#   go build -ldflags='-s -w' -o dirbench ./cmd/dirbench        # on the build machine, with cgo
#   ci/gpu.sh ./dirbench [VECTORS] [FACES]                       # on the accelerator; '' leaves VECTORS out
#
# FACES holds faces.csv (columns age, path, split) and the JPEGs that it names, small enough to carry: under 64 MiB with the binary,
# so some thousand JPEGs of 200×200. PyTorch's DataLoader reads them as they are, and this script prepares them for dirbench:
#
#   dirbench data convert agedb FACES/faces.csv --title "faces (AgeDB-DIR protocol)" --many 50 --few 10
#
# Prints a line per check, then the tables; exits 1 if a check fails. What PyTorch or faces are missing for is left out. Variables:
# BACKEND the backend (default: what `dirbench backend install cuda` installed, else the plugin for CUDA of an installed JAX),
# PYTHON the Python with PyTorch, BATCH the batch (256), METHODS the methods of the faces table, of which as many are trained as
# fit, BUDGET the seconds (520), SKIP checks to leave out, by their names as printed. DRY=1 with BACKEND=xla:cpu is the dry run on
# a CPU: all of it in small, with ten times the time.
set -uo pipefail

binary=$(realpath "${1:?usage: ci/gpu.sh BINARY [VECTORS] [FACES]}")
vectors=${2:+$(realpath "$2")}
faces=${3:+$(realpath "$3")}
scripts=$(realpath "$(dirname "$0")")/torch
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export GOMLX_NO_AUTO_INSTALL=1

network=resnet50 scale=full batch=${BATCH:-256} device=cuda twin=1200 steps=50 epochs=12 smoke=() images=() interrupt=40
slack=1 deadline=${BUDGET:-520}
if [ -n "${DRY:-}" ]; then
  network=age-tiny scale=tiny batch=${BATCH:-16} device=cpu twin=200 steps=5 epochs=3 interrupt=5
  slack=10 deadline=${BUDGET:-3600}
  smoke=(--only '*/vanilla/*') images=(--images 60 --workers 1 --size 32)
fi
# shellcheck source=ci/torch/common.sh
. "$scripts/common.sh"
# shellcheck source=ci/torch/gpu_faces.sh
. "$scripts/gpu_faces.sh"

# installed prints the backend for CUDA, which need not open.
installed() {
  if "$binary" backend list | grep -q '^xla:cuda  *installed'; then
    echo xla:cuda
    return
  fi
  python3 - <<'PY'
import glob, importlib
for name in ("xla_cuda13", "xla_cuda12"):
    try:
        print("xla:" + glob.glob(importlib.import_module("jax_plugins." + name).__path__[0] + "/*.so")[0])
        break
    except ImportError:
        pass
else:
    raise SystemExit("no plugin for CUDA: dirbench backend install cuda, or name a backend in BACKEND")
PY
}
backend=${BACKEND:-$(installed)} || exit 1
failed=0

# check NAME LIMIT COMMAND... runs a command for at most LIMIT seconds and to the deadline, logs it to NAME.log and prints how it ended.
check() {
  local name=$1 limit=$2 start=$SECONDS result=ok left=$((deadline - SECONDS))
  shift 2
  case " ${SKIP:-} " in *" $name "*) return 1 ;; esac
  if [ $left -lt 5 ]; then
    printf '%-24s no time left\n' "$name"
    return 1
  fi
  limit=$((limit * slack < left ? limit * slack : left))
  timeout --kill-after 5 $limit "$@" >"$name.log" 2>"$name.err" || { result=FAILED; failed=1; }
  printf '%-24s %-7s %5d s\n' "$name" "$result" $((SECONDS - start))
  [ "$result" = ok ] || { echo "  limit $limit s; last words:"; tail -n 5 "$name.err"; return 1; }
}

# json NAME ... is a check whose output becomes NAME.json.
json() { check "$@" && mv "$1.log" "$1.json"; }

# suite NAME METHODS EPOCHS SOURCE RECIPE prints a suite; SOURCE and RECIPE are further fields.
suite() {
  cat <<YAML
name: $1
seeds: [0]
methods: [$2]
benchmarks:
  - {benchmark: agedb-dir, scale: $scale$4, recipe: {epochs: $3, retrain_epochs: 2, lr_drops: [$(($3 * 2 / 3)), $(($3 * 5 / 6))], batch_size: $batch$5}}
YAML
}

echo "backend $backend"
[ -z "$vectors" ] || check conformance 60 "$binary" conformance "$vectors" --backend "$backend"
check smoke 150 "$binary" run --suite smoke --backend "$backend" "${smoke[@]}"
suite full 'vanilla, lds+fds' 2 ", twin: {size: $twin, seed: 0}" '' >full.yaml
# Interrupts a training once ($0 seconds), and lets it go on to its end.
resume='timeout --foreground --preserve-status --signal INT "$0" "$@"; status=$?; [ $status = 130 ] || [ $status = 0 ] || exit $status; "$@"'
check interrupted-continued 120 bash -c "$resume" "$interrupt" "$binary" run --suite full.yaml --backend "$backend" --data twins --checkpoint-every 5s
prepare_faces
compare
train_faces
[ ! -s smoke.log ] || grep -h '^|' smoke.log
echo
"$scripts/gpu_table.sh" "$work" "$network" "${python:-python3}"
exit $failed
