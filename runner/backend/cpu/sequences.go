package cpu

import (
	"fmt"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/runner/backend/cpu/kernels"
)

// LSTM makes states [N, T, 2H], gates [N·T, 2, 4H] and cells [N·T, 2, H] the results of [kernels.LSTM.Forward],
// computed from x [N, T, D], mask [N, T], weights [2, D, 4H] and [2, H, 4H] and bias [2, 4H]. All are float32.
func (b *Backend) LSTM(states, gates, cells, x, mask, inputWeight, hiddenWeight, bias compute.Value) error {
	l, err := lstmOf(x, hiddenWeight)
	if err != nil {
		return err
	}
	return replace([]compute.Value{states, gates, cells}, l.operations(l.In+l.Hidden), func(out, in [][]float32) {
		l.Forward(out[0], out[1], out[2], in[0], in[1], in[2], in[3], in[4])
	}, x, mask, inputWeight, hiddenWeight, bias)
}

// LSTMGateGradient makes dGates, shaped as gates, the result of [kernels.LSTM.GateGradient] for a gradient of the
// states.
func (b *Backend) LSTMGateGradient(dGates, dStates, mask, gates, cells, hiddenWeight compute.Value) error {
	l, err := lstmOf(dStates, hiddenWeight)
	if err != nil {
		return err
	}
	return replace([]compute.Value{dGates}, l.operations(l.Hidden), func(out, in [][]float32) {
		l.GateGradient(out[0], in[0], in[1], in[2], in[3], in[4])
	}, dStates, mask, gates, cells, hiddenWeight)
}

// LSTMGradient makes dx, dInputWeight, dHiddenWeight and dBias the gradients that follow from dGates.
func (b *Backend) LSTMGradient(dx, dInputWeight, dHiddenWeight, dBias, dGates, x, states, mask,
	inputWeight compute.Value) error {
	l, err := lstmOf(x, dHiddenWeight)
	if err != nil {
		return err
	}
	err = replace([]compute.Value{dx}, l.operations(l.In), func(out, in [][]float32) {
		l.InputGradient(out[0], in[0], in[1], in[2])
	}, dGates, mask, inputWeight)
	if err != nil {
		return err
	}
	return replace([]compute.Value{dInputWeight, dHiddenWeight, dBias}, l.operations(l.In+l.Hidden),
		func(out, in [][]float32) {
			l.WeightGradient(out[0], out[1], out[2], in[0], in[1], in[2], in[3])
		}, dGates, x, states, mask)
}

// MaxOverTime makes y [N, C] the result of [kernels.MaxOverTime] for x [N, T, C] and mask [N, T].
func (b *Backend) MaxOverTime(y, x, mask compute.Value) error {
	d := mask.(*value).shape.Dimensions
	return replace([]compute.Value{y}, 0, func(out, in [][]float32) {
		kernels.MaxOverTime(out[0], in[0], in[1], d[0], d[1])
	}, x, mask)
}

// MaxOverTimeGradient makes dx the result of [kernels.MaxOverTimeGradient].
func (b *Backend) MaxOverTimeGradient(dx, dy, y, x, mask compute.Value) error {
	d := mask.(*value).shape.Dimensions
	return replace([]compute.Value{dx}, 0, func(out, in [][]float32) {
		kernels.MaxOverTimeGradient(out[0], in[0], in[1], in[2], in[3], d[0], d[1])
	}, dy, y, x, mask)
}

// lstm is the geometry for x [N, T, D] and a hidden weight [2, H, 4H].
type lstm struct{ kernels.LSTM }

func lstmOf(x, hiddenWeight compute.Value) (lstm, error) {
	in, w := x.(*value).shape, hiddenWeight.(*value).shape
	if in.Rank() != 3 || w.Rank() != 3 {
		return lstm{}, fmt.Errorf("cpu: an LSTM has inputs [N, T, D] and hidden weights [2, H, 4H], got %s and %s", in, w)
	}
	return lstm{kernels.LSTM{Batch: in.Dimensions[0], Steps: in.Dimensions[1], In: in.Dimensions[2],
		Hidden: w.Dimensions[1]}}, nil
}

// operations counts those of a product of all steps with weights of so many rows, as if all sequences were whole.
func (l lstm) operations(rows int) float64 {
	return 2 * float64(l.Batch*l.Steps) * float64(8*l.Hidden) * float64(rows)
}
