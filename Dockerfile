# The image that `dirbench launch kubernetes --image` names: docs/clusters.md. The program is built with cgo, so that it can load
# an XLA plugin from the volume: -- --backend xla:/store/plugin.so.
FROM golang:1.27-bookworm AS build
ENV GOTOOLCHAIN=auto GOEXPERIMENT=simd CGO_ENABLED=1 GOMLX_NO_AUTO_INSTALL=1
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -trimpath -o /out/dirbench ./cmd/dirbench

# glibc and libstdc++ of the same Debian, which plugins need, and no shell. This image has rolling tags only.
# hadolint ignore=DL3006
FROM gcr.io/distroless/cc-debian12
COPY --from=build /out/dirbench /usr/local/bin/dirbench
ENV GOMLX_NO_AUTO_INSTALL=1
ENTRYPOINT ["dirbench"]
