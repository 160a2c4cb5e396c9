package methods

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
)

// The losses.
const (
	LossL1       = "l1"
	LossMSE      = "mse"
	LossHuber    = "huber"
	LossFocalL1  = "focal_l1"
	LossFocalMSE = "focal_mse"
)

func init() {
	Register(Method{Name: "focal-r", Focal: true, Paper: yang2021, Summary: "Focal-R: loss scaled by a function " +
		"of the error"})
}

// Loss is a regression loss on the error e = prediction - target.
//
// Huber is 0.5 e²/Beta below |e| = Beta and |e| - 0.5 Beta above. Focal-R (Yang et al. 2021, as released) is the base
// loss times g(|e|)^Gamma, where g = 2 sigmoid(Beta |e|) - 1 for activation "sigmoid" and tanh(Beta |e|) for "tanh".
type Loss struct {
	Kind       string  `yaml:"kind" json:"kind"`
	Beta       float64 `yaml:"beta,omitempty" json:"beta,omitempty"`
	Gamma      float64 `yaml:"gamma,omitempty" json:"gamma,omitempty"`
	Activation string  `yaml:"activation,omitempty" json:"activation,omitempty"`
}

// Validate reports the first thing wrong with the loss.
func (l Loss) Validate() error {
	switch l.Kind {
	case LossL1, LossMSE:
		return nil
	case LossHuber:
		if !(l.Beta > 0) {
			return fmt.Errorf("loss huber: beta %g: expected a positive number", l.Beta)
		}
		return nil
	case LossFocalL1, LossFocalMSE:
		if l.Activation != "sigmoid" && l.Activation != "tanh" {
			return fmt.Errorf("loss %s: activation %q: expected sigmoid or tanh", l.Kind, l.Activation)
		}
		if !(l.Beta > 0) || !(l.Gamma > 0) {
			return fmt.Errorf("loss %s: beta %g, gamma %g: expected positive numbers", l.Kind, l.Beta, l.Gamma)
		}
		return nil
	}
	return fmt.Errorf("loss %q: expected l1, mse, huber, focal_l1 or focal_mse", l.Kind)
}

// PerSample returns the loss of each sample; prediction and target have the same shape, which the result has too.
func (l Loss) PerSample(prediction, target *Node) *Node {
	e := Sub(prediction, target)
	switch l.Kind {
	case LossMSE:
		return Square(e)
	case LossHuber:
		return l.huber(Abs(e))
	case LossFocalL1:
		return Mul(Abs(e), l.modulation(Abs(e)))
	case LossFocalMSE:
		return Mul(Square(e), l.modulation(Abs(e)))
	}
	return Abs(e)
}

func (l Loss) huber(absolute *Node) *Node {
	quadratic := MulScalar(Square(absolute), 0.5/l.Beta)
	linear := AddScalar(absolute, -0.5*l.Beta)
	return Where(LessThan(absolute, ConstAs(absolute, l.Beta)), quadratic, linear)
}

// modulation is g(|e|)^gamma. Since 2 sigmoid(x) - 1 = tanh(x/2), one function serves both activations.
func (l Loss) modulation(absolute *Node) *Node {
	beta := l.Beta
	if l.Activation == "sigmoid" {
		beta /= 2
	}
	g := Tanh(MulScalar(absolute, beta))
	if l.Gamma == 1 {
		return g
	}
	return PowScalar(g, l.Gamma)
}

// Mean returns the scalar mean over the batch of weight times loss; the weights are not normalised again.
func (l Loss) Mean(prediction, target, weight *Node) *Node {
	return ReduceAllMean(Mul(l.PerSample(prediction, target), weight))
}
