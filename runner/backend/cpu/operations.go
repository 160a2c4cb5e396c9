package cpu

import "github.com/gomlx/compute"

// floatingPoint counts the floating-point operations of the products of what the results depend on.
func (p *plan) floatingPoint() float64 {
	needed, total := p.needed(), 0.0
	for _, op := range p.operations {
		if !needed[op] {
			continue
		}
		total += op.operations
		switch op.method {
		case "DotGeneral":
			total += op.dot()
		case "ConvGeneral":
			total += op.convolution()
		}
	}
	return total
}

// dot is two operations for each value of the result and each position that is summed over.
func (op *operation) dot() float64 {
	left, summed := op.args[0].(*value).shape, op.args[1].([]int)
	operations := 2 * float64(op.outputs[0].shape.Size())
	for _, axis := range summed {
		operations *= float64(left.Dimensions[axis])
	}
	return operations
}

// convolution is two operations for each value of the result and each weight that leads to it. Between dilated inputs,
// of which there are several, is nothing to multiply.
func (op *operation) convolution() float64 {
	input, weights, axes := op.args[0].(*value).shape, op.args[1].(*value).shape, op.args[2].(compute.ConvolveAxesConfig)
	operations := 2 * float64(op.outputs[0].shape.Size()) *
		float64(weights.Size()/weights.Dimensions[axes.KernelOutputChannels])
	for i, dilation := range op.args[5].([]int) {
		if input.Dimensions[axes.InputSpatial[i]] > 1 {
			operations /= float64(dilation)
		}
	}
	return operations
}
