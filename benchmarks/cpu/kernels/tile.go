package kernels

// The kernels compute tiles of some pixels times some channels, the lanes of a block.
const (
	tilePixels  = 4
	narrowLanes = 16
	wideLanes   = 32
)

// tile is a product y [pixels, lanes] = Σ x [pixels, rows, run] · w [rows, run, lanes], where pixels of x are xStep apart and its
// rows rowStep, and pixels of y yStep.
type tile struct {
	rows, run, rowStep, xStep, yStep, pixels int
}

// apply computes one tile with a block of weights.
func (t tile) apply(y, x []float32, b block) {
	if b.used == b.lanes {
		t.product(y, x, b.values, b.lanes)
		return
	}
	var whole [tilePixels * wideLanes]float32
	step := t.yStep
	t.yStep = b.lanes
	t.product(whole[:], x, b.values, b.lanes)
	for p := range t.pixels {
		copy(y[p*step:][:b.used], whole[p*b.lanes:])
	}
}

// patch is an accumulated product dw [4, lanes] += Σ x [rows, cols, 4] · dy [rows, cols, lanes] over the pixels of some rows.
type patch struct {
	rows, cols                 int
	xRow, xStep, dyRow, dyStep int
}
