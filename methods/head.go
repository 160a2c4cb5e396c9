package methods

import (
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
)

// Head takes the place of the network's linear layer above the feature z, for methods that have several outputs of a
// sample. Labels must be single numbers.
type Head struct {
	// Layers returns linear layers on z, all trained together.
	Layers func(settings any) []Layer
	// Predict returns predictions and, from a method that knows it, their standard deviations, both [n] in network units,
	// from the outputs of all layers [n, outputs] in their order. Deviation is nil from others.
	Predict func(outputs *Node, settings any) (prediction, deviation *Node)
	// Rule is what Predict does as a formula of the layers' names, for programs in which an exported network runs.
	Rule string
	// Law is the distribution whose standard deviation Predict returns, LawGaussian or LawLaplace; empty without one.
	Law Law
}

// Layer is a linear layer: weights drawn from N(0, Deviation²), biases that begin at 0.
type Layer struct {
	Name      string
	Outputs   int
	Deviation float64
	Rate      float64 // in units of the recipe's learning rate
}

// Law is the form of the distribution that a method predicts for a label.
type Law string

// The laws.
const (
	LawGaussian Law = "gaussian"
	LawLaplace  Law = "laplace"
)

// Head returns the method that brings its own head, false if none does.
func (c Composition) Head() (Part, bool) {
	for _, p := range c {
		if p.Method.Head != nil {
			return p, true
		}
	}
	return Part{}, false
}
