package kernels

import (
	"slices"
	"testing"
)

func TestMaxOverTime(t *testing.T) {
	x := []float32{
		-1, -2, 5, 6, -3, 0, // the second step is none
		1, 2, 1, 3, 0, 3,
	}
	mask := []float32{1, 0, 1, 1, 1, 1}
	y, dx := noise(4, 1), noise(12, 2) // rubbish
	MaxOverTime(y, x, mask, 2, 3)
	if want := []float32{-1, 0, 1, 3}; !slices.Equal(y, want) {
		t.Errorf("got %v, want %v", y, want)
	}
	MaxOverTimeGradient(dx, []float32{1, 2, 3, 4}, y, x, mask, 2, 3)
	if want := []float32{1, 0, 0, 0, 0, 2, 3, 0, 3, 4, 0, 4}; !slices.Equal(dx, want) {
		t.Errorf("gradient %v, want %v", dx, want)
	}
}
