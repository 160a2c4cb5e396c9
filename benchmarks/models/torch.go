package models

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// TorchTensor is a parameter as PyTorch stores it, row-major.
type TorchTensor struct {
	Shape  []int
	Values []float32
	Count  bool // a whole number, int64 in files
}

// check verifies the rank and that there are as many values as the shape says.
func (p TorchTensor) check(name string, rank int) error {
	size := 1
	for _, dim := range p.Shape {
		size *= dim
	}
	if len(p.Shape) != rank || len(p.Values) != size {
		return fmt.Errorf("torch parameter %q has shape %v and %d values, want %d axes and as many values as their product",
			name, p.Shape, len(p.Values), rank)
	}
	return nil
}

func (p TorchTensor) store(scope *model.Scope, path string) error {
	value := tensors.FromFlatDataAndDimensions(p.Values, p.Shape...)
	_, err := scope.Store().CreateVariable(model.JoinPath(scope.Scope(), path), value)
	return err
}

// permuted moves the axes: axis i of the result is axis axes[i] of p.
func (p TorchTensor) permuted(axes []int) TorchTensor {
	strides, stride := make([]int, len(p.Shape)), 1
	for axis := len(p.Shape) - 1; axis >= 0; axis-- {
		strides[axis] = stride
		stride *= p.Shape[axis]
	}
	out := TorchTensor{Shape: make([]int, len(axes)), Values: make([]float32, 0, len(p.Values))}
	steps := make([]int, len(axes))
	for i, axis := range axes {
		out.Shape[i], steps[i] = p.Shape[axis], strides[axis]
	}
	if len(p.Values) > 0 {
		out.Values = appendStrided(out.Values, p.Values, out.Shape, steps)
	}
	return out
}

// appendStrided appends the values of a tensor of the given shape that lie so many steps apart along each axis.
func appendStrided(into, from []float32, shape, steps []int) []float32 {
	if len(shape) == 0 {
		return append(into, from[0])
	}
	for i := range shape[0] {
		if len(shape) == 1 {
			into = append(into, from[i*steps[0]])
		} else {
			into = appendStrided(into, from[i*steps[0]:], shape[1:], steps[1:])
		}
	}
	return into
}

// TorchNames says, for each parameter name of a PyTorch network, which variable holds the parameter here.
// [ResNet50Names] and the like give the names of one network, [TorchNames.In] puts them into a larger one, and
// [JoinTorchNames] joins parts.
type TorchNames map[string]TorchTarget

// TorchTarget is the place of a PyTorch parameter.
type TorchTarget struct {
	Path    string // of the variable, below the scope that Load gets
	layout  torchLayout
	reverse bool // second half of a variable that stacks both directions of a layer
}

// Part is the part of the variable's value, or of its gradient, that belongs to the PyTorch parameter.
func (t TorchTarget) Part(value *Node) *Node {
	if !t.layout.both {
		return value
	}
	direction := 0
	if t.reverse {
		direction = 1
	}
	return graph.Squeeze(graph.Slice(value, graph.AxisElem(direction)), 0)
}

// torchLayout says how values are laid out: axis i of the variable is axis axes[i] of PyTorch's tensor.
type torchLayout struct {
	axes []int
	both bool // stacked with the parameter of the reverse direction
}

var (
	torchVector   = torchLayout{axes: []int{0}}
	torchMatrix   = torchLayout{axes: []int{1, 0}}
	torchTable    = torchLayout{axes: []int{0, 1}}       // of nn.Embedding
	torchKernel1D = torchLayout{axes: []int{2, 1, 0}}    // [taps, in, out] of [out, in, taps]
	torchKernel   = torchLayout{axes: []int{2, 3, 1, 0}} // [height, width, in, out] of [out, in, height, width]
)

// In puts the network under a prefix of PyTorch's names, such as "encoder.", and a path of scopes here, such as
// "encoder".
func (n TorchNames) In(torchPrefix, path string) TorchNames {
	out := TorchNames{}
	for name, target := range n {
		target.Path = strings.TrimPrefix(path+"/"+target.Path, "/")
		out[torchPrefix+name] = target
	}
	return out
}

// JoinTorchNames is the network of all parts.
func JoinTorchNames(parts ...TorchNames) TorchNames {
	out := TorchNames{}
	for _, part := range parts {
		maps.Copy(out, part)
	}
	return out
}

// TorchReport says which names did not match; both lists are sorted.
type TorchReport struct {
	Missing []string // the network has them, the file does not; their variables were not set
	Unknown []string // the file has them, the network does not
}

// Load stores the parameters of a PyTorch network as variables below the scope, before their first use. Names may have
// the prefixes that wrappers put before them. It fails on a tensor that is not of the form its place needs;
// what names do not match is in the report, for the caller to judge.
func (n TorchNames) Load(scope *model.Scope, params map[string]TorchTensor) (TorchReport, error) {
	params, report := n.known(params)
	for _, name := range slices.Sorted(maps.Keys(n)) {
		target := n[name]
		if target.reverse {
			continue // stored with the forward direction
		}
		names := []string{name}
		if target.layout.both {
			names = append(names, name+"_reverse")
		}
		value, err := target.layout.assemble(params, names)
		if err != nil {
			return report, err
		}
		if value.Shape == nil {
			continue
		}
		if err := value.store(scope, target.Path); err != nil {
			return report, fmt.Errorf("torch parameter %q: %w", name, err)
		}
	}
	return report, nil
}

// torchWrappers are the prefixes that nn.DataParallel, torch.compile and PyTorch Lightning modules put before names, in
// any order.
var torchWrappers = []string{"module.", "_orig_mod.", "model."}

// unwrapped returns a name without wrappers, as far as the network knows it then.
func (n TorchNames) unwrapped(name string) string {
	for at := 0; at < len(torchWrappers); at++ {
		if _, ok := n[name]; ok {
			return name
		}
		if rest, ok := strings.CutPrefix(name, torchWrappers[at]); ok {
			name, at = rest, -1
		}
	}
	return name
}

// known returns the parameters by names without the prefixes of wrappers, and the names that do not match. Of two that
// are the same without them the first by name counts.
func (n TorchNames) known(params map[string]TorchTensor) (map[string]TorchTensor, TorchReport) {
	var report TorchReport
	out := map[string]TorchTensor{}
	for _, full := range slices.Sorted(maps.Keys(params)) {
		name := n.unwrapped(full)
		if _, ok := n[name]; ok {
			if _, twice := out[name]; twice {
				report.Unknown = append(report.Unknown, full)
				continue
			}
			out[name] = params[full]
		} else if !torchBookkeeping(name) {
			report.Unknown = append(report.Unknown, name)
		}
	}
	for name := range n {
		if _, ok := out[name]; !ok {
			report.Missing = append(report.Missing, name)
		}
	}
	slices.Sort(report.Missing)
	slices.Sort(report.Unknown)
	return out, report
}

// torchBookkeeping tells names that a network has no use for: BatchNorm's step count and the statistics of the official
// FDS module, which is part of the official networks.
func torchBookkeeping(name string) bool {
	return strings.HasSuffix(name, "num_batches_tracked") || strings.HasPrefix(name, "FDS.") ||
		strings.Contains(name, ".FDS.")
}

// assemble converts the parameters of one variable; its shape is nil if one is missing.
func (l torchLayout) assemble(params map[string]TorchTensor, names []string) (TorchTensor, error) {
	var out TorchTensor
	for _, name := range names {
		p, ok := params[name]
		if !ok {
			return TorchTensor{}, nil
		}
		if err := p.check(name, len(l.axes)); err != nil {
			return TorchTensor{}, err
		}
		p = p.permuted(l.axes)
		if !l.both {
			return p, nil
		}
		if out.Shape != nil && !slices.Equal(out.Shape[1:], p.Shape) {
			return TorchTensor{}, fmt.Errorf("torch parameter %q has another shape than its forward direction", name)
		}
		out.Shape = append([]int{2}, p.Shape...)
		out.Values = append(out.Values, p.Values...)
	}
	return out, nil
}

// Save is the inverse of Load: it returns the parameters of the PyTorch network from the values of variables, float32,
// by path below the scope. The counts of batches, which a BatchNorm has beside its running statistics, are 0: nothing
// reads them where it has a momentum.
func (n TorchNames) Save(value func(path string) *tensors.Tensor) (map[string]TorchTensor, error) {
	params := map[string]TorchTensor{}
	for name, target := range n {
		v := value(target.Path)
		if v == nil {
			return nil, fmt.Errorf("%s is missing", target.Path)
		}
		p := TorchTensor{Shape: v.Shape().Dimensions, Values: tensors.MustCopyFlatData[float32](v)}
		params[name] = target.disassemble(p)
		if norm, ok := strings.CutSuffix(name, ".running_var"); ok {
			params[norm+".num_batches_tracked"] = TorchTensor{Values: []float32{0}, Count: true}
		}
	}
	return params, nil
}

// disassemble returns PyTorch's tensor from the value of the variable.
func (t TorchTarget) disassemble(p TorchTensor) TorchTensor {
	if t.layout.both {
		half := len(p.Values) / 2
		p.Shape = p.Shape[1:]
		if t.reverse {
			p.Values = p.Values[half:]
		} else {
			p.Values = p.Values[:half]
		}
	}
	back := make([]int, len(t.layout.axes))
	for i, axis := range t.layout.axes {
		back[axis] = i
	}
	return p.permuted(back)
}

// lstmParts are the parameters of a direction of a layer of torch.nn.LSTM and where they are here.
var lstmParts = []struct {
	torch, name string
	layout      torchLayout
}{
	{"weight_ih", "input_weight", torchMatrix}, {"weight_hh", "hidden_weight", torchMatrix},
	{"bias_ih", "input_bias", torchVector}, {"bias_hh", "hidden_bias", torchVector},
}

// BiLSTMNames are the parameters of a bidirectional torch.nn.LSTM (weight_ih_l0, weight_ih_l0_reverse, bias_hh_l1,
// ...), for the scope of [BiLSTM].
func BiLSTMNames(layers int) TorchNames {
	n := TorchNames{}
	for layer := range layers {
		for _, p := range lstmParts {
			p.layout.both = true
			target := TorchTarget{Path: fmt.Sprintf("layer%d/%s", layer+1, p.name), layout: p.layout}
			name := fmt.Sprintf("%s_l%d", p.torch, layer)
			n[name] = target
			target.reverse = true
			n[name+"_reverse"] = target
		}
	}
	return n
}

// EmbeddingNames are the parameters of a torch.nn.Embedding, whose table is a variable of the given name.
func EmbeddingNames(variable string) TorchNames {
	return TorchNames{"weight": {Path: variable, layout: torchTable}}
}
