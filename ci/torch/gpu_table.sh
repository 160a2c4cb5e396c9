#!/usr/bin/env bash
# Prints the table of the figures that ci/gpu.sh left in a folder.
#
#   ci/torch/gpu_table.sh FOLDER NETWORK [PYTHON]
set -euo pipefail
at=$1 network=$2 python=${3:-python3}
scripts=$(dirname "$0")

row() { [ -z "$(compgen -G "$at/$1" || true)" ] || "$python" "$scripts/compare.py" "${@:2}"; }

echo "| measured | dirbench | PyTorch, or memory | ratio |"
echo "|:---------|---------:|-------------------:|------:|"
for precision in bf16 float32; do
  row "bench.$precision.json" "$network, step, $precision" ms "$at/bench.$precision.json:step_seconds" "$at/torch.$precision"{,.compiled}'.json:ms_median'
  row "bench.$precision.json" "$network, compilation, $precision" s "$at/bench.$precision.json:compile_seconds" "$at/torch.$precision.compiled.json:compile_seconds"
  row "bench.$precision.json" "outside the device, of an epoch, $precision" % "$at/bench.$precision.json:overhead"
done
row pipeline.json 'JPEGs, first epoch' /s "$at/bench.bf16.json:pipeline_first" "$at/pipeline.json:first_epoch"
row pipeline.json 'JPEGs, later epochs' /s "$at/bench.bf16.json:pipeline_float" "$at/pipeline.json:later_epochs"
for events in "$at"/results/faces/agedb-dir/vanilla/seed=0/*/events.jsonl; do
  [ ! -f "$events" ] || [ ! -f "$at/bench.bf16.json" ] ||
    "$python" "$scripts/real_path.py" "$events" "$at/bench.bf16.json" "$(cat "$at/train.rows")" "$(cat "$at/val.rows")"
done
