#!/usr/bin/env bash
# Prints the table of the figures that ci/speed.sh left in a folder.
#
#   ci/torch/speed_table.sh FOLDER [PYTHON]
set -euo pipefail
cd "$(dirname "$0")"
at=$1 python=${2:-python3}

# row NAME-OF-FILES TITLE UNIT OURS THEIRS... prints a row if dirbench's figure is there.
row() {
  [ -z "$(compgen -G "$at/$1.*.json" || true)" ] || "$python" compare.py "${@:2}"
}

echo "| measured | dirbench | PyTorch | ratio |"
echo "|:---------|---------:|--------:|------:|"
row age-tiny.go 'age tiny, step, go' ms "$at/age-tiny.go.*.json:step_seconds" "$at"/age-tiny.{torch,last}'.*.json:ms_median'
row age-tiny.xla 'age tiny, step, XLA' ms "$at/age-tiny.xla.*.json:step_seconds" "$at"/age-tiny.{torch,last}'.*.json:ms_median'
row age-small.go 'age small, step, go' ms "$at/age-small.go.*.json:step_seconds" "$at"/age-small.{torch,last}'.*.json:ms_median'
row sts-b-small.go 'STS-B small, step, go' ms "$at/sts-b-small.go.*.json:step_seconds" "$at/sts-b-small.torch.*.json:ms_median"
row resnet50.xla 'ResNet-50 at 224, step, XLA' ms "$at/resnet50.xla.*.json:step_seconds" "$at"/resnet50.{torch,last}'.*.json:ms_median'
row pipeline.go 'images of 224, first epoch' /s "$at/pipeline.go.*.json:pipeline_first" "$at/pipeline.torch.*.json:first_epoch"
row pipeline.go 'images of 224, later epochs' /s "$at/pipeline.go.*.json:pipeline_float" "$at/pipeline.torch.*.json:later_epochs"
for network in age-tiny age-small sts-b-small; do
  row $network.go "FDS online, more of an epoch, $network" % "$at/$network.go.*.json:fds_online" "$at/$network.fds.*.json:share"
  row $network.go "FDS second pass, more of an epoch, $network" % "$at/$network.go.*.json:fds_pass" "$at/$network.fds.*.json:share"
  row $network.go "outside the device, of an epoch, $network" % "$at/$network.go.*.json:overhead"
done
