# Functions of ci/gpu.sh that need faces or PyTorch; they use its variables, check and json.
# shellcheck shell=bash disable=SC2154

# prepare_faces converts the faces, in the dry run a few, under the name that the benchmark looks for.
prepare_faces() {
  [ -n "$faces" ] || { echo "no FACES: twins instead, no table of faces"; return; }
  local rows=${DRY:+400} split
  head -n "${rows:-1000000}" "$faces/faces.csv" >faces.csv
  for split in train val; do grep -c ",$split\$" faces.csv >$split.rows; done
  check prepare-faces 60 "$binary" data convert agedb faces.csv --images "$faces" --title "faces (AgeDB-DIR protocol)" \
    --many 50 --few 10 --out "$work/data" --force || faces=
}

# compare measures the training step of both, in bfloat16 and in float32, and the data pipelines.
compare() {
  local precision
  python=$(torch_python) || python=
  for precision in bf16 float32; do
    json bench.$precision 75 "$binary" bench agedb-dir --scale "$scale" --backend "$backend" --batch "$batch" --steps "$steps" \
      --twin-size "$twin" --data "$work/data" --precision "${precision/bf16/bfloat16}" --json
    [ -n "$python" ] || continue
    # torch.compile came with PyTorch 2; the better of both counts.
    json torch.$precision 60 "$python" "$scripts/step.py" "$network" --batch "$batch" --device "$device" --precision $precision \
      --channels-last --steps "$steps"
    "$python" -c 'import torch; exit(not hasattr(torch, "compile"))' || { echo "torch.$precision.compiled   no torch.compile"; continue; }
    json torch.$precision.compiled 90 "$python" "$scripts/step.py" "$network" --batch "$batch" --device "$device" --precision $precision \
      --channels-last --compile --steps "$steps"
  done
  if [ -z "$python" ] || [ -z "$faces" ]; then
    return
  fi
  "$python" -c 'import torchvision, PIL' 2>/dev/null || { echo "pipeline                 no torchvision and Pillow"; return; }
  json pipeline 45 "$python" "$scripts/pipeline.py" "$faces" --batch "$batch" --workers "$(nproc)" --epochs 2 "${images[@]}"
}

# train_faces trains the methods one by one while there is time for one more that takes as long as the last, and prints their table.
train_faces() {
  [ -n "$faces" ] || return
  local last=0 start method before=$failed
  for method in ${METHODS:-vanilla lds fds lds+fds rrt focal-r}; do
    if [ $((SECONDS + last + 10)) -gt "$deadline" ]; then
      echo "faces-$method: no time left"
      continue
    fi
    start=$SECONDS
    suite faces "$method" "$epochs" "" ', precision: bfloat16' >faces.yaml
    check "faces-$method" 200 "$binary" run --suite faces.yaml --backend "$backend" --data "$work/data" ||
      [ $SECONDS -lt "$deadline" ] || failed=$before # out of time is no failure
    last=$((SECONDS - start))
  done
  "$binary" report results/faces
}
