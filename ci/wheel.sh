#!/usr/bin/env bash
# Makes Python wheels of the binaries that ci/release.sh built, in dist/, and checks the one for this machine: in a fresh venv the
# command must be there and run the suite smoke. Needs Python 3 and, for the build with cgo, readelf.
#
#   ci/release.sh 0.1.0 && ci/wheel.sh 0.1.0
#   pip install dist/dirbench-0.1.0-*-manylinux_*_x86_64.whl        # or: uvx --from dist/…whl dirbench
#
# Linux with glibc on x86-64 gets the build with cgo, which loads XLA plugins; its tag names the glibc that the build needs. All
# others get the static build without cgo.
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:?usage: ci/wheel.sh VERSION, after ci/release.sh VERSION}
binary() { echo "dist/dirbench-$version-$1-$2"; }

# glibc BINARY prints the newest version of glibc of which the binary takes a symbol, as the tag has it: 2_34.
glibc() { readelf --version-info "$1" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1 | sed 's/GLIBC_//; s/\./_/'; }

# wheel BINARY TAG
wheel() {
  if [ -e "$1" ]; then
    python3 ci/make_wheel.py "$1" "$version" "$2" dist
  else
    echo "no $1: no wheel for $2" >&2
  fi
}

rm -f dist/*.whl
cgo=$(binary linux-amd64 xla)
if [ -e "$cgo" ]; then
  wheel "$cgo" "manylinux_$(glibc "$cgo")_x86_64"
  wheel "$(binary linux-amd64 go)" musllinux_1_1_x86_64
else
  wheel "$(binary linux-amd64 go)" manylinux2014_x86_64.musllinux_1_1_x86_64
fi
wheel "$(binary linux-arm64 go)" manylinux2014_aarch64.musllinux_1_1_aarch64
wheel "$(binary darwin-arm64 go)" macosx_13_0_arm64
wheel "$(binary windows-amd64 go)" win_amd64

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-index --find-links dist "dirbench==$version"
cd "$work"
for suite in ${SUITES:-smoke}; do
  venv/bin/dirbench run --suite "$suite" --out "$suite" >"$suite.md"
  echo "ok: the wheel runs the suite $suite"
done
