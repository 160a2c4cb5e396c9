package kernels

import "math"

// cellForwardGeneric is a step of an LSTM for one sequence, from unit first on. gates [4, Hidden] holds the part of the inputs and becomes
// i, f, g, o; z is the part of the hidden state; before is the cell before.
func cellForwardGeneric(gates, cell, hidden, before, z, bias []float32, first int) {
	h := len(cell)
	for k := first; k < h; k++ {
		i := logistic(gates[k] + z[k] + bias[k])
		f := logistic(gates[h+k] + z[h+k] + bias[h+k])
		g := tanh(gates[2*h+k] + z[2*h+k] + bias[2*h+k])
		o := logistic(gates[3*h+k] + z[3*h+k] + bias[3*h+k])
		gates[k], gates[h+k], gates[2*h+k], gates[3*h+k] = i, f, g, o
		cell[k] = i*g + f*before[k]
		hidden[k] = o * tanh(cell[k])
	}
}

// cellBackwardGeneric is the gradient of cellForwardGeneric: dz of what the gates' functions are applied to, and dCell, that of the
// cell, which becomes that of the cell before. The gradient of the hidden state is the sum of dState and dHidden.
func cellBackwardGeneric(dz, dCell, dState, dHidden, gates, cell, before []float32, first int) {
	h := len(cell)
	for k := first; k < h; k++ {
		i, f, g, o, t := gates[k], gates[h+k], gates[2*h+k], gates[3*h+k], tanh(cell[k])
		slope := dState[k] + dHidden[k]
		d := dCell[k] + slope*o*(1-t*t)
		dz[k] = d * g * i * (1 - i)
		dz[h+k] = d * before[k] * f * (1 - f)
		dz[2*h+k] = d * i * (1 - g*g)
		dz[3*h+k] = slope * t * o * (1 - o)
		dCell[k] = d * f
	}
}

func logistic(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

func tanh(x float32) float32 { return float32(math.Tanh(float64(x))) }
