#!/usr/bin/env bash
# Checks what `dirbench launch kubernetes` prints against the schemas of the Kubernetes API, with kubernetes-validate, which
# brings them along. Needs Python 3 with venv, and PyPI or a mirror of it.
#
#   ci/kubernetes.sh ./dirbench
set -euo pipefail

binary=$(realpath "${1:?usage: ci/kubernetes.sh BINARY}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'kubernetes-validate~=1.37.0'
versions='1.29.0 1.33.0 1.37.0'

# valid FILE: whether the file fits every version of the API, fields that it does not know included.
valid() {
  local version
  for version in $versions; do
    venv/bin/kubernetes-validate --strict --quiet --kubernetes-version "$version" "$1" || return 1
  done
}

cat >odd.yaml <<'YAML'
name: Odd_suite.1   # "quotes", $(VARIABLES) and {{ braces }}
seeds: [0]
methods: [vanilla]
benchmarks:
  - {benchmark: sts-b-dir, scale: tiny, twin: {size: 200}}
YAML

"$binary" launch kubernetes --suite ci --tasks 3 --image dirbench:1 --claim store >ci.yaml
"$binary" launch kubernetes --suite paper --tasks 100 --image registry:5000/lab/dirbench:1 --claim store --namespace lab \
  --gpus 0 --share --memory 1.5Gi -- --only '*/l*/seed=0' --embeddings 'glove $(x).txt' >paper.yaml
"$binary" launch kubernetes --suite odd.yaml --tasks 1 --image dirbench:1 --claim store >odd-job.yaml
for manifest in ci.yaml paper.yaml odd-job.yaml; do
  valid $manifest
  echo "valid for Kubernetes ${versions// /, }: $manifest"
done

# Each of these breaks must be found, or the check checks nothing.
breaks=0
broken() {
  sed "$1" ci.yaml >broken.yaml
  if valid broken.yaml >broken.log 2>&1; then
    echo "not found: $1"
    exit 1
  fi
  breaks=$((breaks + 1))
}
broken 's/completions: 3/completions: three/'
broken 's/completionMode/completionMod/'
broken '/operator: In/d'
broken 's/restartPolicy: Never/restartPolicy: [Never]/'
broken '/mountPath: /d'
echo "refused: $breaks broken manifests, the last one so:"
head -n 5 broken.log
