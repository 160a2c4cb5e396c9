# What ci/speed.sh and ci/gpu.sh have in common.

# torch_python prints the Python with PyTorch: $PYTHON, or the first python3 that has it.
torch_python() {
  local candidate
  for candidate in ${PYTHON:-$(type -ap python3)}; do
    if "$candidate" -c 'import torch' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "no python3 with PyTorch: name one in PYTHON" >&2
  return 1
}

# measured FILE COMMAND... keeps what a command that prints JSON prints, or says why there is nothing.
measured() {
  local file=$1 status=0
  shift
  "$@" >"$file.part" 2>"$file.log" || status=$?
  if [ $status = 0 ]; then
    mv "$file.part" "$file"
    return
  fi
  rm -f "$file.part"
  echo "skipped $(basename "$file"): exit status $status, $(tail -n 1 "$file.log")" >&2
}
