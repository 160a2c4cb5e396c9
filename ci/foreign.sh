#!/usr/bin/env bash
# Takes one real table (abalone) and one set of images as pandas, Polars, DuckDB, PyArrow and Hugging Face datasets write
# them, and requires that every file converts to the same dataset, byte for byte, and trains to the same predictions in
# place. Installs the writers into a folder of its own and needs the network for that; some minutes on two cores.
#
#   ci/foreign.sh                       # PYTHON names an interpreter that has the writers
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOEXPERIMENT=simd GOMLX_NO_AUTO_INSTALL=1
if [ -z "${PYTHON-}" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet pandas pyarrow polars duckdb datasets pillow
  PYTHON=$work/venv/bin/python
fi
go build -o "$work/dirbench" ./cmd/dirbench
"$work/dirbench" data export abalone --out "$work/abalone.csv"
"$PYTHON" ci/make_foreign_tables.py "$work/abalone.csv" "$work/tables" >"$work/python.log" 2>&1 || { cat "$work/python.log"; exit 1; }

cat >"$work/abalone.yaml" <<'END'
name: abalone
seeds: [0]
methods: [vanilla]
benchmarks: [{benchmark: table, dataset: abalone, scale: tiny, recipe: {epochs: 1}}]
END
cat >"$work/images.yaml" <<'END'
name: images
seeds: [0]
methods: [vanilla]
benchmarks: [{benchmark: image, dataset: images, scale: tiny, recipe: {epochs: 1, batch_size: 16}}]
END

# convert SET FILE ROOT [FLAG] makes a dataset of a file below ROOT and trains on it, if a flag says that it stays in place.
convert() {
  local columns=(--label Rings --features all)
  [ "$1" = abalone ] || columns=(--label label --image image)
  "$work/dirbench" data convert columns "$2" --name "$1" --split split "${columns[@]}" --out "$3" "${@:4}" >/dev/null 2>"$work/log" ||
    { echo "$2: $(tail -n 1 "$work/log")"; return 1; }
}

# train SET ROOT prints the hash of the predictions of a run.
train() {
  "$work/dirbench" run --suite "$work/$1.yaml" --backend go --data "$2" --out "$2/results" >/dev/null 2>"$work/log" ||
    { tail -n 3 "$work/log" >&2; return 1; }
  find "$2/results" -name predictions.parquet -exec sha256sum {} + | cut -d ' ' -f 1
}

failed=0
for set in abalone images; do
  first=
  for file in "$work/tables/$set"/*; do
    [ "$(basename "$file")" != pictures ] || continue
    root=$work/data/$(basename "$file")
    if [ -z "$first" ]; then
      convert "$set" "$file" "$root"
      first=$root predictions=$(train "$set" "$root")
    elif ! convert "$set" "$file" "$root" || ! diff "$first/$set/dataset.yaml" "$root/$set/dataset.yaml"; then
      echo "$set, $(basename "$file"): another dataset" >&2
      failed=1
      continue
    fi
    convert "$set" "$file" "$root-in-place" --in-place
    if [ "$(train "$set" "$root-in-place")" != "$predictions" ]; then
      echo "$set, $(basename "$file"): other predictions in place" >&2
      failed=1
      continue
    fi
    echo "$set, $(basename "$file"): the same dataset, the same predictions in place"
  done
  rm -rf "$work/data"
done
exit $failed
