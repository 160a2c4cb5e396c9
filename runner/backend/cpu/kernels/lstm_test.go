package kernels

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
)

// lstmCase is an LSTM with values of all its inputs: x, weights of inputs and hidden state, bias, and a slope of the
// states.
type lstmCase struct {
	LSTM
	mask   []float32
	inputs [4][]float32
	slope  []float32
}

func newLSTMCase(l LSTM) lstmCase {
	c := lstmCase{LSTM: l, mask: make([]float32, l.Batch*l.Steps), slope: noise(l.Batch*l.Steps*2*l.Hidden, 5)}
	for i, n := range []int{l.Batch * l.Steps * l.In, 2 * l.In * 4 * l.Hidden, 2 * l.Hidden * 4 * l.Hidden,
		2 * 4 * l.Hidden} {
		c.inputs[i] = noise(n, uint64(i+1))
	}
	for n := range l.Batch { // some sequences have no token, some begin late
		length := (n * 5) % (l.Steps + 1)
		for t := range length {
			c.mask[n*l.Steps+(l.Steps-length)/2+t] = 1
		}
	}
	return c
}

// run returns the states, and the gradients of the inputs.
func (c lstmCase) run() (states []float32, gradients [4][]float32) {
	states = noise(len(c.slope), 6)
	gates, cells, dGates := noise(c.Gates(), 7), noise(c.Cells(), 8), noise(c.Gates(), 9)
	for i := range gradients {
		gradients[i] = noise(len(c.inputs[i]), 10)
	}
	x, in, hidden, bias := c.inputs[0], c.inputs[1], c.inputs[2], c.inputs[3]
	c.Forward(states, gates, cells, x, c.mask, in, hidden, bias)
	c.GateGradient(dGates, c.slope, c.mask, gates, cells, hidden)
	c.InputGradient(gradients[0], dGates, c.mask, in)
	c.WeightGradient(gradients[1], gradients[2], gradients[3], dGates, x, states, c.mask)
	return states, gradients
}

// reference returns the states in float64.
func (c lstmCase) reference(inputs [4][]float64) []float64 {
	h := c.Hidden
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	states := make([]float64, len(c.slope))
	for n := range c.Batch {
		for d := range 2 {
			hidden, cell := make([]float64, h), make([]float64, h)
			for step := range c.Steps {
				at := n*c.Steps + step
				if d == 1 {
					at = n*c.Steps + c.Steps - 1 - step
				}
				if c.mask[at] == 0 {
					continue
				}
				z := slices.Clone(inputs[3][d*4*h:][:4*h])
				for k := range z {
					for i := range c.In {
						z[k] += inputs[0][at*c.In+i] * inputs[1][(d*c.In+i)*4*h+k]
					}
					for i := range h {
						z[k] += hidden[i] * inputs[2][(d*h+i)*4*h+k]
					}
				}
				for k := range h {
					cell[k] = sigmoid(z[h+k])*cell[k] + sigmoid(z[k])*math.Tanh(z[2*h+k])
					hidden[k] = sigmoid(z[3*h+k]) * math.Tanh(cell[k])
				}
				copy(states[at*2*h+d*h:], hidden)
			}
		}
	}
	return states
}

func doubles(values []float32) []float64 {
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return wide
}

// loss is the sum of the states times their slopes.
func (c lstmCase) loss(inputs [4][]float64) (total float64) {
	for i, v := range c.reference(inputs) {
		total += v * float64(c.slope[i])
	}
	return total
}

// TestLSTM compares states with float64, and gradients with its central differences.
func TestLSTM(t *testing.T) {
	for _, l := range []LSTM{{7, 5, 3, 2}, {3, 9, 4, 9}, {40, 6, 5, 8}, {1, 1, 1, 1}, {2, 4, 37, 20}} {
		t.Run(fmt.Sprint(l), func(t *testing.T) {
			c := newLSTMCase(l)
			states, gradients := c.run()
			var inputs [4][]float64
			for i, in := range c.inputs {
				inputs[i] = doubles(in)
			}
			compare(t, "states", states, c.reference(inputs))
			for k, name := range []string{"x", "input weight", "hidden weight", "bias"} {
				every := max(1, len(inputs[k])/100)
				var got []float32
				var want []float64
				for i := 0; i < len(inputs[k]); i += every {
					const step = 1e-5
					v := inputs[k][i]
					inputs[k][i] = v + step
					above := c.loss(inputs)
					inputs[k][i] = v - step
					got, want = append(got, gradients[k][i]), append(want, (above-c.loss(inputs))/(2*step))
					inputs[k][i] = v
				}
				compare(t, "gradient of "+name, got, want)
			}
		})
	}
}

// TestLSTMCores: the number of cores changes no bit.
func TestLSTMCores(t *testing.T) {
	c := newLSTMCase(LSTM{50, 9, 12, 10})
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	states, gradients := c.run()
	runtime.GOMAXPROCS(5)
	again, other := c.run()
	if !slices.Equal(states, again) {
		t.Error("states differ")
	}
	for k := range gradients {
		if !slices.Equal(gradients[k], other[k]) {
			t.Errorf("gradient %d differs", k)
		}
	}
}

// BenchmarkLSTM is a layer of STS-B at scale small: a batch of 128 pairs of 12 words.
func BenchmarkLSTM(b *testing.B) {
	c := newLSTMCase(LSTM{256, 16, 200, 100})
	for n := range 256 {
		for t := range 16 {
			c.mask[n*16+t] = float32(min(1, (12+n%5)/(t+1)))
		}
	}
	states, gates, cells, dGates := make([]float32, len(c.slope)), make([]float32, c.Gates()), make([]float32, c.Cells()),
		make([]float32, c.Gates())
	dx, dInput, dHidden, dBias := slices.Clone(c.inputs[0]), slices.Clone(c.inputs[1]), slices.Clone(c.inputs[2]),
		slices.Clone(c.inputs[3])
	for _, part := range []struct {
		name string
		run  func()
		flop int
	}{
		{"forward", func() { c.Forward(states, gates, cells, c.inputs[0], c.mask, c.inputs[1], c.inputs[2], c.inputs[3]) },
			c.In + c.Hidden},
		{"gates", func() { c.GateGradient(dGates, c.slope, c.mask, gates, cells, c.inputs[2]) }, c.Hidden},
		{"inputs", func() { c.InputGradient(dx, dGates, c.mask, c.inputs[1]) }, c.In},
		{"weights", func() { c.WeightGradient(dInput, dHidden, dBias, dGates, c.inputs[0], states, c.mask) },
			c.In + c.Hidden},
	} {
		b.Run(part.name, func(b *testing.B) {
			for b.Loop() {
				part.run()
			}
			_, rows := c.sequences(c.mask)
			b.ReportMetric(float64(2*rows*8*c.Hidden*part.flop*b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

// TestLSTMFunctions: logistic function and hyperbolic tangent are right to a few units in the last place, over the
// whole range, with the limits of both ends. What is not a number stays so, in vectors and in what is left beside them.
func TestLSTMFunctions(t *testing.T) {
	var x []float32
	for i := -4000; i <= 4000; i++ {
		x = append(x, float32(i)/100, float32(i)/4000, float32(i)*1e-6)
	}
	nan := float32(math.NaN())
	x = append(x, 200, -200, 0, float32(math.Inf(1)), float32(math.Inf(-1)), nan, nan, nan, nan, nan, nan, nan, nan, nan,
		nan)
	h := len(x)
	gates, zero := slices.Concat(x, x, x, x), make([]float32, 4*h)
	cellForward(gates, make([]float32, h), make([]float32, h), zero[:h], zero, zero)
	for i, v := range x {
		sigma, tanh := float64(gates[i]), float64(gates[2*h+i])
		wantSigma, wantTanh := 1/(1+math.Exp(-float64(v))), math.Tanh(float64(v))
		if v != v && sigma != sigma && tanh != tanh {
			continue
		}
		if !(math.Abs(sigma-wantSigma) <= 4e-7*wantSigma+1e-37) {
			t.Fatalf("logistic(%g) = %g, want %g", v, sigma, wantSigma)
		}
		if !(math.Abs(tanh-wantTanh) <= 4e-7*math.Abs(wantTanh)) {
			t.Fatalf("tanh(%g) = %g, want %g", v, tanh, wantTanh)
		}
	}
}
