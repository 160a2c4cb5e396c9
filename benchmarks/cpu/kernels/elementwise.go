package kernels

import "math"

// The functions in this file compute each value by itself. A slice of one value stands for that value everywhere.

// Add is y = a + b.
func Add(y, a, b []float32) {
	if len(a) == 1 {
		a, b = b, a
	}
	eachPart(len(y), 1, func(_, from, to int) { addValues(y[from:to], a[from:to], part(b, from, to)) })
}

func addGeneric(y, a, b []float32) {
	scale := step(b)
	for i, v := range a {
		y[i] = v + b[i*scale]
	}
}

// Greater is y = a > b.
func Greater(y []bool, a, b []float32) {
	eachPart(len(y), 1, func(_, from, to int) {
		y, a, aStep := y[from:to], part(a, from, to), step(a)
		b, bStep := part(b, from, to), step(b)
		for i := range y {
			y[i] = a[i*aStep] > b[i*bStep]
		}
	})
}

// Where is y = a where the condition holds and b elsewhere.
func Where(y []float32, condition []bool, a, b []float32) {
	eachPart(len(y), 1, func(_, from, to int) {
		y, condition := y[from:to], condition[from:to]
		a, aStep := part(a, from, to), step(a)
		b, bStep := part(b, from, to), step(b)
		for i, holds := range condition {
			// As integers, so that the compiler selects and does not branch: half of all branches would be mispredicted.
			v, other := math.Float32bits(b[i*bStep]), math.Float32bits(a[i*aStep])
			if holds {
				v = other
			}
			y[i] = math.Float32frombits(v)
		}
	})
}

// Above is y = a where x is above the limit and otherwise elsewhere.
func Above(y, x []float32, limit float32, a []float32, otherwise float32) {
	eachPart(len(y), 1, func(_, from, to int) {
		aboveValues(y[from:to], x[from:to], limit, part(a, from, to), otherwise)
	})
}

func aboveGeneric(y, x []float32, limit float32, a []float32, otherwise float32) {
	scale := step(a)
	for i, v := range x {
		if v > limit {
			y[i] = a[i*scale]
		} else {
			y[i] = otherwise
		}
	}
}

func part(values []float32, from, to int) []float32 {
	if len(values) == 1 {
		return values
	}
	return values[from:to]
}

// step is the distance of two values.
func step(values []float32) int { return min(1, len(values)-1) }
