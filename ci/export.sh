#!/usr/bin/env bash
# Checks that exported networks predict the same in PyTorch, within 1e-4: official checkpoints, imported and exported, and
# networks trained here on twins. Needs a dirbench binary and, in $PYTHON (python3), what ci/torch/exported.py needs.
#
#   ci/export.sh ./dirbench VECTORS        VECTORS: the folder of conformance vectors, from which checkpoints are made
set -euo pipefail

dirbench=$(realpath "${1:?usage: ci/export.sh BINARY VECTORS}")
vectors=$(realpath "${2:?usage: ci/export.sh BINARY VECTORS}")
ci=$(realpath "$(dirname "$0")")
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# same RUN DATASET [CHECKPOINT] exports a run and compares.
same() {
  local file=${1//\//_}.safetensors
  "$dirbench" export "$1/0" -o "$file" 2>>log
  "$python" "$ci/torch/exported.py" "$file" "data/$2" results/"$1"/seed=0/* ${3+"$3"}
}

# Twelve images of the network's size, and vectors for two words.
"$python" - <<'PYTHON'
import os, random
from PIL import Image

random.seed(1)
os.makedirs("faces")
with open("faces.csv", "w") as csv:
    print("age,path,split", file=csv)
    for i in range(12):
        Image.frombytes("RGB", (224, 224), random.randbytes(224 * 224 * 3)).save(f"faces/{i}.png")
        print(20 + 5 * i, f"faces/{i}.png", ["train", "train", "val", "test"][i % 4], sep=",", file=csv)
with open("vectors.txt", "w") as vectors:
    for word in "the", "a":
        print(word, *[f"{random.gauss(0, 0.3):.3f}" for _ in range(100)], file=vectors)
PYTHON
"$python" "$ci/make_torch_checkpoints.py" "$vectors" checkpoints
"$dirbench" data convert agedb faces.csv --name faces --size 224 2>>log
"$dirbench" import checkpoints/resnet50.pth --benchmark agedb-dir --dataset faces --backend go >>log 2>&1
same imported/agedb-dir/vanilla faces checkpoints/resnet50.pth

cat >trained.yaml <<'YAML'
name: trained
seeds: [0]
methods: [fds]
semantics: official
benchmarks:
  - {benchmark: sts-b-dir, scale: tiny, dataset: sts-b-200, twin: {size: 200}, recipe: {epochs: 2}}
  - {benchmark: shhs-dir, scale: tiny, dataset: shhs-200, twin: {size: 200}, recipe: {epochs: 1, signal: {windows: 2}}}
  - {benchmark: table, scale: tiny, dataset: concrete, recipe: {epochs: 2}}
YAML
cat >small.yaml <<'YAML'
name: small
seeds: [0]
methods: [fds]
semantics: official
benchmarks:
  - {benchmark: sts-b-dir, scale: small, dataset: sts-b-200, twin: {size: 200}, recipe: {epochs: 3, check_every: 1}}
YAML
"$dirbench" run --suite trained.yaml --backend go >>log 2>&1
same trained/sts-b-dir/fds sts-b-200
same trained/shhs-dir/fds shhs-200
same trained/table/fds concrete
"$dirbench" run --suite small.yaml --backend go --embeddings vectors.txt >>log 2>&1
same small/sts-b-dir/fds sts-b-200
