//go:build goexperiment.simd

package cpu

import (
	"simd"
	"testing"
)

// TestLanes: package lanes is initialised before package simd.
func TestLanes(t *testing.T) {
	if bits := simd.VectorBitSize(); bits > 128 {
		t.Errorf("vectors of %d bits, want at most 128", bits)
	}
}
