package kernels

import (
	"math"
	"testing"
)

// TestArithmetic compares with one value at a time, in all ways in which operands meet: vectors round as scalars do.
func TestArithmetic(t *testing.T) {
	for _, columns := range []int{1, 7, 8, 19, 64} {
		const rows = 3
		x := noise(rows*columns, 1)
		x[len(x)-1] = 0
		for _, g := range []Grid{
			{Rows: 1, Columns: rows * columns, A: steps(0, 1), B: steps(0, 1)},
			{Rows: 1, Columns: rows * columns, A: steps(0, 1)},
			{Rows: rows, Columns: columns, A: steps(columns, 1), B: steps(0, 1)},
			{Rows: rows, Columns: columns, A: steps(1, 0), B: steps(0, 1)},
		} {
			for op := OpAdd; op <= OpPow; op++ {
				y, a, b := make([]float32, rows*columns), x, noise(rows*columns, 2)
				Arithmetic(op, y, a, b, g)
				for i, got := range y {
					row, column := i/g.Columns, i%g.Columns
					var want [1]float32
					arithmeticFrom(0, op, want[:], a[row*g.A.Row+column*g.A.Column:], b[row*g.B.Row+column*g.B.Column:], 1, 1)
					tolerance := 0.0
					if op >= OpExp && op < OpPow {
						tolerance = 2e-7 * max(0.5, math.Abs(float64(want[0])))
					}
					if !(math.Abs(float64(got)-float64(want[0])) <= tolerance) && !(got != got && want[0] != want[0]) &&
						got != want[0] {
						t.Fatalf("operation %d, %+v, value %d: %g, want %g", op, g, i, got, want[0])
					}
				}
			}
		}
	}
}

func steps(row, column int) (s struct{ Row, Column int }) {
	s.Row, s.Column = row, column
	return s
}

// TestFunctions: functions of any value are those of package math, to rounding.
func TestFunctions(t *testing.T) {
	special := []float32{0, 1, -1, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 1e-42, -1e-42, 1e38,
		100, -100, 5e4, math.Pi}
	for scale := float32(1e-6); scale < 1e8; scale *= 3 {
		for _, v := range noise(64, 7) {
			special = append(special, v*scale)
		}
	}
	g := Grid{Rows: 1, Columns: len(special), A: steps(0, 1), B: steps(0, 1)}
	for op, f := range map[Op]func(float64) float64{OpExp: math.Exp, OpLog: math.Log, OpCos: math.Cos, OpSin: math.Sin} {
		y := make([]float32, len(special))
		Arithmetic(op, y, special, special, g)
		for i, x := range special {
			got, want := float64(y[i]), float64(float32(f(float64(x))))
			if got != want && !(math.Abs(got-want) <= 2e-7*max(math.Abs(want), 0.5)) && !(math.IsNaN(got) && math.IsNaN(want)) {
				t.Errorf("operation %d of %g: %g, want %g", op, x, got, want)
			}
		}
	}
}

// TestArithmeticValues pins each operation.
func TestArithmeticValues(t *testing.T) {
	one := Grid{Rows: 1, Columns: 1, A: steps(1, 1), B: steps(1, 1)}
	for op, want := range map[Op]float32{OpAdd: 4, OpSub: 0, OpMul: 4, OpDiv: 1, OpMax: 2, OpMin: 2, OpSqrt: math.Sqrt2,
		OpNeg: -2, OpAbs: 2,
		OpSign: 1, OpPow: 4, OpExp: float32(math.Exp(2)), OpLog: math.Ln2, OpCos: float32(math.Cos(2)),
		OpSin: float32(math.Sin(2))} {
		var y [1]float32
		if Arithmetic(op, y[:], []float32{2}, []float32{2}, one); y[0] != want {
			t.Errorf("operation %d: %g, want %g", op, y[0], want)
		}
	}
}
