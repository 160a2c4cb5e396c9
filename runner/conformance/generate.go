package conformance

import (
	"math"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// The streams of generated numbers that are no parameters.
const (
	inputStream = 1000000
	labelStream = 1000001
)

// network is what the files of networks have in common: the parameters are generated, see the README of the vectors.
type network struct {
	Seed   uint64
	Params []struct {
		Name  string
		Shape []int
		Rule  string
	}
	InputShape []int              `json:"input_shape"` // batch, channels, height, width
	GradNorm   map[string]float64 `json:"grad_l2_norm"`
}

// uniform is splitmix64 over (seed, stream, element), scaled to [0, 1).
func uniform(seed uint64, stream, element int) float64 {
	x := seed*0x100000001B3 + uint64(stream)<<36 + uint64(element) + 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return float64((x^x>>31)>>11) / (1 << 53)
}

// parameters generates the parameters by name.
func (n network) parameters() map[string]models.TorchTensor {
	params := map[string]models.TorchTensor{}
	for stream, p := range n.Params {
		size, fanIn := 1, 1
		for axis, dim := range p.Shape {
			size *= dim
			if axis > 0 {
				fanIn *= dim
			}
		}
		values := make([]float32, size)
		for i := range values {
			values[i] = float32(parameter(p.Rule, fanIn, uniform(n.Seed, stream, i)))
		}
		params[p.Name] = models.TorchTensor{Shape: p.Shape, Values: values}
	}
	return params
}

// parameter turns a uniform number into a parameter by its rule.
func parameter(rule string, fanIn int, u float64) float64 {
	switch rule {
	case "weight":
		return (2*u - 1) * math.Sqrt(3/float64(fanIn))
	case "bias", "running_mean":
		return 0.1 * (2*u - 1)
	}
	return 0.5 + u // scale, running_var
}

// images generates the input, [batch, height, width, channels] here.
func (n network) images() *tensors.Tensor {
	batch, channels, height, width := n.InputShape[0], n.InputShape[1], n.InputShape[2], n.InputShape[3]
	values := make([]float32, 0, batch*channels*height*width)
	for b := range batch {
		for pixel := range height * width {
			for c := range channels {
				u := uniform(n.Seed, inputStream, (b*channels+c)*height*width+pixel)
				values = append(values, float32(2*u-1))
			}
		}
	}
	return tensors.FromFlatDataAndDimensions(values, batch, height, width, channels)
}

// rounded generates the input with an error of one part in 2^22 in each value, up and down in turn.
func (n network) rounded() *tensors.Tensor {
	images := n.images()
	tensors.MustMutableFlatData(images, func(values []float32) {
		for i := range values {
			values[i] *= 1 + float32(1-2*(i%2))/(1<<22)
		}
	})
	return images
}
