package models

import "github.com/gomlx/gomlx/core/graph"

// withGradient computes outputs = forward(inputs) and replaces the automatic gradient of the whole computation by
// backward, which gets the gradients with respect to the outputs and returns those with respect to the inputs.
//
// GoMLX lets a gradient be replaced at one identity node only, so the outputs' identities record what arrives and
// the inputs' identities, which reverse differentiation visits later, hand out what backward makes of it. The automatic
// gradient in between is built but has no use, and compilation drops it. Every output must have a gradient.
func withGradient(forward func([]*Node) []*Node, backward func([]*Node) []*Node, inputs ...*Node) []*Node {
	var grads []*Node
	wrapped := make([]*Node, len(inputs))
	arrived := make([]*Node, 0)
	for i, x := range inputs {
		wrapped[i] = graph.IdentityWithCustomGradient(x, func(_, _ *Node) *Node {
			if grads == nil {
				grads = backward(arrived)
			}
			return grads[i]
		})
	}
	outputs := forward(wrapped)
	arrived = make([]*Node, len(outputs))
	for i, y := range outputs {
		outputs[i] = graph.IdentityWithCustomGradient(y, func(_, v *Node) *Node {
			arrived[i], grads = v, nil
			return v
		})
	}
	return outputs
}
