#!/usr/bin/env bash
# Measures dirbench against PyTorch on the CPU and prints tables: training steps, data pipeline, FDS, overhead. All sides use the same
# number of threads and take turns; the tables have the least and the median of the turns. PyTorch is measured in eager form, with
# channels last (images), and each of these compiled; the best form counts. Leave the machine alone meanwhile.
#
#   ci/speed.sh BINARY [DATA]
#
# DATA holds faces/faces.csv (columns age, path, split) with the JPEGs that it names, stsb/glue_data/STS-B and glove/*.txt.gz
# (100-d); what is not there is left out with a line. Variables: OLD an older dirbench binary that takes part in the turns, PLUGIN
# a PJRT plugin of XLA for the CPU (without one the lines of XLA are left out), PYTHON the Python with PyTorch (the first python3
# that has it), THREADS the threads (all cores), ROUNDS the turns (3), STEPS the steps timed in one (10), PARTS what is measured
# (age-tiny age-small sts-b-small nyud2-tiny shhs-tiny table-small resnet50 fds runs pipeline; fds needs age-tiny, age-small or
# sts-b-small beside it; runs are whole runs of a small table, counted in a minute),
# WORK a folder that keeps all figures and what is compiled. The pipeline needs torchvision and Pillow beside PyTorch.
#
# torch.compile needs gcc and g++, and some minutes for each network in the first turn. An hour and a half on two cores.
set -euo pipefail
shopt -s nullglob

binary=$(realpath "${1:?usage: ci/speed.sh BINARY [DATA]}")
data=${2:+$(realpath "$2")}
scripts=$(realpath "$(dirname "$0")")/torch
work=${WORK:-}
[ -n "$work" ] || { work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; }
mkdir -p "$work"
work=$(realpath "$work")
rounds=${ROUNDS:-3} steps=${STEPS:-10} threads=${THREADS:-$(nproc)}
parts=${PARTS:-age-tiny age-small sts-b-small nyud2-tiny shhs-tiny table-small resnet50 fds runs pipeline}
# shellcheck source=ci/torch/common.sh
. "$scripts/common.sh"
python=$(torch_python) || exit 1
export GOMAXPROCS=$threads OMP_NUM_THREADS=$threads NPROC=$threads GOMLX_NO_AUTO_INSTALL=1 TORCHINDUCTOR_CACHE_DIR=$work/compiled

# bench FILE BINARY ARGS... and torch FILE SCRIPT ARGS... write one measurement as JSON.
bench() { measured "$1" "$2" bench "${@:3}" --json; }
torch() { measured "$1" "$python" "$scripts/$2" "${@:3}" --threads "$threads" --steps "$steps"; }

# form FILE FORM NETWORK ARGS... measures one form of PyTorch's step.
form() {
  local options=()
  case $2 in *channels-last) options+=(--channels-last) ;; esac
  case $2 in compiled*) options+=(--compile) ;; esac
  torch "$1" step.py "${@:3}" "${options[@]}"
}

# network NAME BACKENDS FORMS BATCH ARGS... measures a network's training step on all sides, and what FDS adds if that is a part.
network() {
  local name=$1 backends=$2 forms=$3 batch=$4 at=$work/$1 i side
  shift 4
  set -- "$@" --steps "$steps" ${batch:+--batch "$batch"}
  for ((i = 1; i <= rounds; i++)); do
    echo "$name, turn $i of $rounds" >&2
    for side in $backends; do
      case $side in
        go) bench "$at.go.$i.json" "$binary" "$@" --backend go ;;
        old) [ -z "${OLD:-}" ] || bench "$at.old.$i.json" "$OLD" "$@" --backend go ;;
        xla) [ -z "${PLUGIN:-}" ] || bench "$at.xla.$i.json" "$binary" "$@" --backend "xla:$PLUGIN" ;;
      esac
    done
    for side in $forms; do
      form "$at.$side.$i.json" "$side" "$name" ${batch:+--batch "$batch"}
    done
    case " $parts /$name" in *" fds "*/age-* | *" fds "*/sts-b-small) torch "$at.fds.$i.json" fds.py "$name" ;; esac
  done
}

pairs() {
  local vectors=("$data"/glove/*.txt.gz)
  [ -d "$data/stsb/glue_data/STS-B" ] && [ -n "${vectors[0]:-}" ] ||
    { echo "skipped STS-B: no stsb/glue_data/STS-B and glove/*.txt.gz in DATA" >&2; return; }
  "$binary" data convert stsb "$data/stsb/glue_data/STS-B" --out "$work/stsb" --force >/dev/null 2>"$work/stsb.log"
  network sts-b-small "$all" "eager compiled" "" sts-b-dir --scale small --data "$work/stsb" --embeddings "${vectors[0]}"
}

# a_table NAME DATASET LABEL makes a dataset of a table that is in the program.
a_table() {
  "$binary" data export "$1" --out "$work/$1.csv" --force 2>/dev/null
  "$binary" data convert columns "$work/$1.csv" --name "$2" --label "$3" --features all --cap 3 --bins 30 --out "$work/tables" --force \
    >/dev/null 2>"$work/$1.log"
}

# runs counts what a suite of 40 runs takes, from its start to its tables.
runs() {
  local i side program began
  a_table real-estate prices PricePerUnitArea
  printf 'name: runs\nseeds: [%s]\nmethods: [vanilla, lds]\nbenchmarks: [{benchmark: table, scale: tiny, dataset: prices}]\n' \
    "$(seq -s, 0 19)" >"$work/runs.yaml"
  for ((i = 1; i <= rounds; i++)); do
    echo "runs a minute, turn $i of $rounds" >&2
    for side in old go; do
      program=$binary
      [ "$side" = go ] || program=${OLD:-}
      [ -n "$program" ] || continue
      rm -rf "$work/runs"
      began=$(date +%s%N)
      "$program" run --suite "$work/runs.yaml" --backend go --data "$work/tables" --out "$work/runs" >/dev/null 2>"$work/runs.log"
      echo "{\"a_minute\": $((40 * 60 * 1000000000 / ($(date +%s%N) - began)))}" >"$work/runs.$side.$i.json"
    done
  done
}

pipeline() {
  local i
  [ -f "$data/faces/faces.csv" ] || { echo "skipped the data pipeline: no faces/faces.csv in DATA" >&2; return; }
  # Under the benchmark's own name, so that bench takes it.
  "$binary" data convert agedb "$data/faces/faces.csv" --out "$work/faces" --force >/dev/null 2>"$work/faces.log"
  for ((i = 1; i <= rounds; i++)); do
    echo "data pipeline, turn $i of $rounds" >&2
    bench "$work/pipeline.go.$i.json" "$binary" agedb-dir --scale full --data "$work/faces" --batch 64 --data-only
    measured "$work/pipeline.torch.$i.json" "$python" "$scripts/pipeline.py" "$data/faces" --workers "$threads"
  done
}

# version BINARY prints commit, Go and GoMLX; a binary from before --version has them in its build information.
version() {
  { "$1" --version 2>/dev/null || go version -m "$1" 2>/dev/null | grep -oE 'go1[.0-9]+|gomlx/(gomlx|compute)\W+v[.0-9]+|vcs.revision=.{12}' || echo unknown; } |
    sed 's/^dirbench: //' | tr '\t' ' ' | paste -sd ';' | sed 's/;/; /g'
}

all="old go xla"
images="eager channels-last compiled compiled-channels-last"
{
  echo "- dirbench: $(version "$binary")"
  [ -z "${OLD:-}" ] || echo "- old: $(version "$OLD")"
  echo "- PyTorch $("$python" -c 'import torch; print(torch.__version__)'), Python $("$python" -c 'import platform; print(platform.python_version())')"
  echo "- $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1); threads: $threads, turns: $rounds, steps a turn: $steps"
} >"$work/versions"
for part in $parts; do
  case $part in
    age-*) network "$part" "$all" "$images" "" agedb-dir --scale "${part#age-}" --data "$work/none" ;;
    sts-b-small) pairs ;;
    nyud2-tiny) network nyud2-tiny "$all" "$images" "" nyud2-dir --scale tiny --data "$work/none" --twin-size 400 ;;
    shhs-tiny) network shhs-tiny "$all" "eager compiled" "" shhs-dir --scale tiny --data "$work/none" --twin-size 400 ;;
    table-small)
      a_table concrete table CompressiveStrength
      network table-small "old go" "eager compiled" "" table --scale small --data "$work/tables"
      ;;
    runs) runs ;;
    resnet50) network resnet50 xla "$images" 8 agedb-dir --scale full --data "$work/none" --twin-size 200 ;;
    pipeline) pipeline ;;
    fds) ;;
    *) echo "PARTS: $part: expected age-tiny, age-small, sts-b-small, nyud2-tiny, shhs-tiny, table-small, resnet50, fds, runs or pipeline" >&2; exit 2 ;;
  esac
done
"$python" "$scripts/speed_table.py" "$work"
