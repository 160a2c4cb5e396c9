#!/usr/bin/env bash
# Builds the binaries of a release into dist/, with SHA256SUMS: for each platform one without cgo, which is static and has the backend `go`
# alone, and one with cgo, which loads XLA plugins. A cgo build needs a C compiler for its platform: the native one, or $CC_OS_ARCH,
# such as CC_linux_arm64=aarch64-linux-gnu-gcc. Platforms that have none are left out with a line.
#
#   ci/release.sh VERSION      e.g. 0.1.0; from a clean checkout, so that the binaries name their commit
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:?usage: ci/release.sh VERSION}
platforms=${PLATFORMS:-linux/amd64 linux/arm64 darwin/arm64 windows/amd64}
[ -z "$(git status --porcelain)" ] || { echo "ci/release.sh: commit or remove what git status lists"; exit 1; }

export GOTOOLCHAIN=auto
native=$(go env GOHOSTOS)/$(go env GOHOSTARCH)

# build OS ARCH CGO NAME writes dist/NAME. Vector instructions are written for amd64.
build() {
  local experiment=
  [ "$2" = amd64 ] && experiment=simd
  GOOS=$1 GOARCH=$2 CGO_ENABLED=$3 GOEXPERIMENT=$experiment go build -trimpath -buildvcs=true -ldflags '-s -w' -o "dist/$4" ./cmd/dirbench
  echo "dist/$4"
}

# compiler OS ARCH prints the C compiler for a platform, if there is one.
compiler() {
  local named=CC_$1_$2
  if [ -n "${!named-}" ]; then echo "${!named}"; elif [ "$1/$2" = "$native" ]; then command -v "$(go env CC)"; fi || true
}

rm -rf dist
mkdir dist
for platform in $platforms; do
  os=${platform%/*} arch=${platform#*/}
  build "$os" "$arch" 0 "dirbench-$version-$os-$arch-go"
  cc=$(compiler "$os" "$arch")
  if [ -n "$cc" ]; then
    CC=$cc build "$os" "$arch" 1 "dirbench-$version-$os-$arch-xla"
  else
    echo "no C compiler for $platform (CC_${os}_$arch): no build with cgo"
  fi
done
(cd dist && sha256sum dirbench-* >SHA256SUMS && cat SHA256SUMS)
