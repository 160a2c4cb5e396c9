package kernels

import "math"

// Op is an operation of arithmetic on float32 values. Those of one operand take the first.
type Op int

// The operations.
const (
	OpAdd Op = iota
	OpSub
	OpMul
	OpDiv
	OpMax
	OpMin
	OpSqrt
	OpNeg
	OpAbs
	OpSign // 1, -1, or 0 also for what is not a number
	OpExp
	OpLog
	OpCos
	OpSin
	OpPow // it has no vector form
)

// Grid says how the values of two operands meet in a result of Rows × Columns values: how far apart they are in each
// operand, which is 0 where one value meets them all.
type Grid struct {
	Rows, Columns int
	A, B          struct{ Row, Column int }
}

// Arithmetic computes y, which shares no memory with a and b, on one core.
func Arithmetic(op Op, y, a, b []float32, g Grid) {
	defer endVectors()
	var aCopies, bCopies [8]float32
	for row := range g.Rows {
		a, b := operandRow(a, row, g.A.Row, g.A.Column, g.Columns, &aCopies),
			operandRow(b, row, g.B.Row, g.B.Column, g.Columns, &bCopies)
		arithmetic(op, y[row*g.Columns:][:g.Columns], a, b, g.A.Column, g.B.Column)
	}
}

// operandRow returns a row of an operand, or eight copies of its only value.
func operandRow(values []float32, row, rowStep, step, columns int, copies *[8]float32) []float32 {
	if step == 1 {
		return values[row*rowStep:][:columns]
	}
	for i := range copies {
		copies[i] = values[row*rowStep]
	}
	return copies[:]
}

// arithmeticFrom computes the values from the nth on.
func arithmeticFrom(n int, op Op, y, a, b []float32, aStep, bStep int) {
	for i := n; i < len(y); i++ {
		p, q := a[i*aStep], b[i*bStep]
		switch op {
		case OpAdd:
			y[i] = p + q
		case OpSub:
			y[i] = p - q
		case OpMul:
			y[i] = p * q
		case OpDiv:
			y[i] = p / q
		case OpMax: // as the instruction: q where either is not a number
			y[i] = q
			if p > q {
				y[i] = p
			}
		case OpMin:
			y[i] = q
			if p < q {
				y[i] = p
			}
		case OpSqrt:
			y[i] = float32(math.Sqrt(float64(p)))
		case OpNeg:
			y[i] = -p
		case OpAbs:
			y[i] = float32(math.Abs(float64(p)))
		case OpSign:
			y[i] = 0
			if p > 0 {
				y[i] = 1
			} else if p < 0 {
				y[i] = -1
			}
		case OpExp:
			y[i] = float32(math.Exp(float64(p)))
		case OpLog:
			y[i] = float32(math.Log(float64(p)))
		case OpCos:
			y[i] = float32(math.Cos(float64(p)))
		case OpSin:
			y[i] = float32(math.Sin(float64(p)))
		case OpPow:
			y[i] = float32(math.Pow(float64(p), float64(q)))
		}
	}
}
