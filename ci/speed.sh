#!/usr/bin/env bash
# Measures dirbench against PyTorch on the CPU and prints one table of ratios: training steps, data pipeline, FDS, overhead. Both
# sides use the same number of threads and take turns, and the medians of the turns are compared. Leave the machine alone meanwhile.
#
#   ci/speed.sh BINARY [DATA]
#
# DATA holds faces/faces.csv (columns age, path, split) with the JPEGs that it names, stsb/glue_data/STS-B and glove/*.txt.gz
# (100-d); what is not there is left out with a line. PLUGIN names a PJRT plugin of XLA for the CPU; without one
# the lines of XLA are left out. PYTHON is the Python with PyTorch (default: the first python3 that has it), THREADS the threads
# (all cores), ROUNDS the turns (3), STEPS the steps timed in one (10), TWIN the samples of a twin (1000), RESNET_BATCH the batch
# of ResNet-50 (8), IMAGES the number of JPEGs (all), PARTS what is measured (tiny small pairs resnet50 pipeline), WORK a folder that keeps
# all figures. About half an hour on two cores.
set -euo pipefail
shopt -s nullglob

binary=$(realpath "${1:?usage: ci/speed.sh BINARY [DATA]}")
data=${2:+$(realpath "$2")}
scripts=$(realpath "$(dirname "$0")")/torch
work=${WORK:-}
[ -n "$work" ] || { work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; }
mkdir -p "$work"
rounds=${ROUNDS:-3} steps=${STEPS:-10} twin=${TWIN:-1000}
threads=${THREADS:-$(nproc)}
# shellcheck source=ci/torch/common.sh
. "$scripts/common.sh"
python=$(torch_python) || exit 1
export GOMAXPROCS=$threads OMP_NUM_THREADS=$threads NPROC=$threads GOMLX_NO_AUTO_INSTALL=1

# ours FILE ARGS... and theirs FILE SCRIPT ARGS... write one measurement as JSON.
ours() { measured "$1" "$binary" bench "${@:2}" --json; }
theirs() { measured "$1" "$python" "$scripts/$2" "${@:3}"; }

# network NAME ARGS... measures a network's step and FDS.
network() {
  local at=$work/$1 net=$1 i
  shift
  for ((i = 1; i <= rounds; i++)); do
    echo "$net, turn $i of $rounds" >&2
    ours "$at.go.$i.json" "$@" --backend go --steps "$steps" --twin-size "$twin"
    theirs "$at.torch.$i.json" step.py "$net" --threads "$threads" --steps "$steps"
    theirs "$at.fds.$i.json" fds.py "$net" --threads "$threads" --steps "$steps"
    case $net in age-*) theirs "$at.last.$i.json" step.py "$net" --threads "$threads" --steps "$steps" --channels-last ;; esac
    [ "$net/${PLUGIN:+xla}" != age-tiny/xla ] || xla "$at.xla.$i.json" "$@" --steps "$steps" --twin-size "$twin"
  done
}

xla() { ours "$@" --backend "xla:$PLUGIN"; }

resnet50() {
  local batch=${RESNET_BATCH:-8} at=$work/resnet50 i
  [ -n "${PLUGIN:-}" ] || { echo "skipped XLA: PLUGIN names no PJRT plugin" >&2; return; }
  for ((i = 1; i <= rounds; i++)); do
    echo "resnet50, turn $i of $rounds" >&2
    xla "$at.xla.$i.json" agedb-dir --scale full --data "$work/none" --batch "$batch" --steps "$steps" --twin-size 200
    theirs "$at.torch.$i.json" step.py resnet50 --batch "$batch" --threads "$threads" --steps "$steps"
    theirs "$at.last.$i.json" step.py resnet50 --batch "$batch" --threads "$threads" --steps "$steps" --channels-last
  done
}

pipeline() {
  local i
  [ -f "$data/faces/faces.csv" ] || { echo "skipped the data pipeline: no faces/faces.csv in DATA" >&2; return; }
  # Under the benchmark's own name, so that bench takes it.
  "$binary" data convert agedb "$data/faces/faces.csv" --out "$work/faces" --force >/dev/null 2>"$work/faces.log"
  for ((i = 1; i <= rounds; i++)); do
    echo "data pipeline, turn $i of $rounds" >&2
    ours "$work/pipeline.go.$i.json" agedb-dir --scale full --data "$work/faces" --batch 64 --data-only
    theirs "$work/pipeline.torch.$i.json" pipeline.py "$data/faces" --workers "$threads" ${IMAGES:+--images "$IMAGES"}
  done
}

pairs() {
  local vectors=("$data"/glove/*.txt.gz)
  [ -d "$data/stsb/glue_data/STS-B" ] && [ -n "${vectors[0]:-}" ] ||
    { echo "skipped STS-B: no stsb/glue_data/STS-B and glove/*.txt.gz in DATA" >&2; return; }
  "$binary" data convert stsb "$data/stsb/glue_data/STS-B" --out "$work/stsb" --force >/dev/null 2>"$work/stsb.log"
  network sts-b-small sts-b-dir --scale small --data "$work/stsb" --embeddings "${vectors[0]}"
}

for part in ${PARTS:-tiny small pairs resnet50 pipeline}; do
  case $part in
    tiny | small) network "age-$part" agedb-dir --scale "$part" --data "$work/none" ;;
    pairs | resnet50 | pipeline) $part ;;
    *) echo "PARTS: $part: expected tiny, small, pairs, resnet50 or pipeline" >&2; exit 2 ;;
  esac
done
"$scripts/speed_table.sh" "$work" "$python"
