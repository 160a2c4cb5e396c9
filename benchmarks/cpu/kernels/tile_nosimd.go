//go:build !amd64 || !goexperiment.simd

package kernels

func (t tile) product(y, x, w []float32, lanes int) { t.productGeneric(y, x, w, lanes) }

func (p patch) accumulate(dw, x, dy []float32, lanes int) { p.accumulateGeneric(dw, x, dy, lanes) }

func endVectors() {}

// Instructions names the vector instructions in use.
func Instructions() string { return "none" }
