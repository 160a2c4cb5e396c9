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
