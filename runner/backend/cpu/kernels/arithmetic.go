package kernels

import "math"

// Op is an operation of arithmetic on float32 values.
type Op int

// The operations.
const (
	OpAdd Op = iota
	OpSub
	OpMul
	OpDiv
	OpSqrt // of the first operand
)

// Instruction computes register Y value by value from registers A and B. A register of one value stands for that value
// everywhere.
type Instruction struct {
	Op      Op
	Y, A, B int
}

// Arithmetic executes instructions in their order, on one core. It is for the many small operations of an optimiser, each
// of which would take longer to start than to compute.
func Arithmetic(program []Instruction, registers [][]float32) {
	defer endVectors()
	for _, in := range program {
		y := registers[in.Y]
		var aCopies, bCopies [8]float32
		a, aStep := operand(registers[in.A], 0, len(y), &aCopies)
		b, bStep := operand(registers[in.B], 0, len(y), &bCopies)
		arithmetic(in.Op, y, a, b, aStep, bStep)
	}
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
		case OpSqrt:
			y[i] = float32(math.Sqrt(float64(p)))
		}
	}
}
