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

// transposed swaps the axes of a matrix.
func (p TorchTensor) transposed() TorchTensor {
	rows, columns := p.Shape[0], p.Shape[1]
	out := make([]float32, len(p.Values))
	for r := range rows {
		for c := range columns {
			out[c*rows+r] = p.Values[r*columns+c]
		}
	}
	return TorchTensor{Shape: []int{columns, rows}, Values: out}
}

// kernel turns [out, in, height, width] into [height, width, in, out].
func (p TorchTensor) kernel() TorchTensor {
	out, in, height, width := p.Shape[0], p.Shape[1], p.Shape[2], p.Shape[3]
	taps := TorchTensor{Shape: []int{out * in, height * width}, Values: p.Values}.transposed()
	values := make([]float32, 0, len(p.Values))
	for tap := range height * width {
		plane := TorchTensor{Shape: []int{out, in}, Values: taps.Values[tap*out*in : (tap+1)*out*in]}
		values = append(values, plane.transposed().Values...)
	}
	return TorchTensor{Shape: []int{height, width, in, out}, Values: values}
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

// torchLayout says how values are laid out in PyTorch, and what becomes of them.
type torchLayout struct {
	rank    int
	convert func(TorchTensor) TorchTensor
	both    bool // stacked with the parameter of the reverse direction
}

var (
	torchVector = torchLayout{rank: 1, convert: func(p TorchTensor) TorchTensor { return p }}
	torchMatrix = torchLayout{rank: 2, convert: TorchTensor.transposed}
	torchKernel = torchLayout{rank: 4, convert: TorchTensor.kernel}
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
	return strings.HasSuffix(name, "num_batches_tracked") || strings.HasPrefix(name, "FDS.") || strings.Contains(name, ".FDS.")
}

// assemble converts the parameters of one variable; its shape is nil if one is missing.
func (l torchLayout) assemble(params map[string]TorchTensor, names []string) (TorchTensor, error) {
	var out TorchTensor
	for _, name := range names {
		p, ok := params[name]
		if !ok {
			return TorchTensor{}, nil
		}
		if err := p.check(name, l.rank); err != nil {
			return TorchTensor{}, err
		}
		p = l.convert(p)
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

// BiLSTMNames are the parameters of a bidirectional torch.nn.LSTM (weight_ih_l0, weight_ih_l0_reverse, bias_hh_l1,
// ...), for the scope of [BiLSTM].
func BiLSTMNames(layers int) TorchNames {
	n := TorchNames{}
	for layer := range layers {
		for _, p := range []struct {
			torch, name string
			layout      torchLayout
		}{
			{"weight_ih", "input_weight", torchMatrix}, {"weight_hh", "hidden_weight", torchMatrix},
			{"bias_ih", "input_bias", torchVector}, {"bias_hh", "hidden_bias", torchVector},
		} {
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
