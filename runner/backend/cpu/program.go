package cpu

import (
	"reflect"
	"slices"
	"sync"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// fuse chooses the operations that run as one kernel: those of a small computation for which there are kernels, or the
// arithmetic at the end of another one, whose values are those of the pure Go backend. In a small computation products,
// sums and functions such as exp round otherwise.
func (p *plan) fuse() {
	if !p.isSmall() {
		p.fuseEnd()
		return
	}
	needed := p.needed()
	for _, op := range p.operations {
		if needed[op] && op.method != parameter && op.method != constant {
			op.shrink()
		}
	}
}

// fuseEnd takes the small arithmetic at the end of the computation, on which nothing else depends: that of an
// optimiser. A step of a network would spend much time on starting these operations one by one.
func (p *plan) fuseEnd() {
	needed, atEnd, used := p.needed(), map[*operation]bool{}, map[*value]bool{} // by operations that are not at the end
	for _, op := range slices.Backward(p.operations) {
		switch {
		case !needed[op]:
		case op.isArithmetic() && !used[op.outputs[0]], op.isAlias() && !used[op.outputs[0]] && !slices.Contains(p.results,
			op.outputs[0]):
			atEnd[op] = true
		default:
			for _, v := range op.inputs {
				used[v] = true
			}
		}
	}
	var end []*operation
	p.operations = slices.DeleteFunc(p.operations, func(op *operation) bool {
		if atEnd[op] {
			op.shrink()
			op.atEnd = true
			end = append(end, op)
		}
		return atEnd[op]
	})
	p.operations = append(p.operations, end...)
}

// isArithmetic reports whether the operation is small arithmetic of float32 values, as optimisers have it. An operand
// is as large as the result, or one value.
func (op *operation) isArithmetic() bool {
	if !slices.Contains([]string{"Add", "Sub", "Mul", "Div", "Sqrt"}, op.method) || op.kernel != nil {
		return false
	}
	size := op.outputs[0].shape.Size()
	return op.outputs[0].shape.DType == dtypes.Float32 && size < large &&
		!slices.ContainsFunc(op.inputs, func(v *value) bool {
			return v.shape.DType != dtypes.Float32 || v.shape.Size() != 1 && v.shape.Size() != size
		})
}

// isAlias reports whether the operation's float32 values are those of its input, or one value everywhere.
func (op *operation) isAlias() bool {
	switch op.method {
	case reshape:
	case "BroadcastInDim":
		if op.inputs[0].shape.Size() != 1 {
			return false
		}
	default:
		return false
	}
	return op.kernel == nil && op.outputs[0].shape.DType == dtypes.Float32
}

// program is a list of kernels that run one after another. Their values are in registers.
type program struct {
	instructions []instruction
	register     map[*value]int
	constants    []any // by register, nil if it is none
	shapes       []shapes.Shape
	inputs       []*value
	outputs      []*value
}

type instruction struct {
	kernel  kernel
	out, in []int // registers
}

// program makes one step of operations with kernels.
func (p *plan) program(operations []*operation) {
	made := program{register: map[*value]int{}}
	for _, op := range operations {
		made.add(op, p.shared)
	}
	p.kernel(&operation{kernel: made.kernel(), inputs: made.inputs, outputs: made.outputs})
}

// add appends an operation. One of constants is computed here and now, unless another step reads its result.
func (p *program) add(op *operation, shared map[*value]bool) {
	i := instruction{kernel: op.kernel}
	fixed := len(op.inputs) > 0 || op.method == numbered
	for _, v := range op.inputs {
		r := p.operand(v)
		i.in, fixed = append(i.in, r), fixed && p.constants[r] != nil
	}
	for _, v := range op.outputs {
		i.out = append(i.out, p.next(v))
		if shared[v] {
			p.outputs, fixed = append(p.outputs, v), false
		}
	}
	if !fixed {
		p.instructions = append(p.instructions, i)
		return
	}
	for _, r := range i.out {
		p.constants[r] = flatOf(p.shapes[r])
	}
	i.run(p.constants, make([]any, len(i.in)+len(i.out)))
}

// next returns a new register for a value.
func (p *program) next(v *value) int {
	p.register[v] = len(p.shapes)
	p.shapes, p.constants = append(p.shapes, v.shape), append(p.constants, nil)
	return p.register[v]
}

func (p *program) operand(v *value) int {
	if r, known := p.register[v]; known {
		return r
	}
	r := p.next(v)
	if v.of.method == constant {
		p.constants[r] = v.of.args[0]
	} else {
		p.inputs = append(p.inputs, v)
	}
	return r
}

// run calls the kernel with what is in its registers; there is room for all of them.
func (i *instruction) run(registers, room []any) {
	n := len(i.out)
	for k, r := range i.out {
		room[k] = registers[r]
	}
	for k, r := range i.in {
		room[n+k] = registers[r]
	}
	i.kernel(room[:n], room[n:n+len(i.in)])
}

// flatOf returns room for the values of a shape.
func flatOf(shape shapes.Shape) any {
	return reflect.MakeSlice(reflect.SliceOf(shape.DType.GoType()), shape.Size(), shape.Size()).Interface()
}

// memory is that of an execution.
type memory struct{ registers, room []any }

// kernel returns the program as a kernel.
func (p *program) kernel() kernel {
	free := sync.Pool{New: p.memory()}
	inputs, outputs := p.registersOf(p.inputs), p.registersOf(p.outputs)
	return func(out, in []any) {
		m := free.Get().(*memory)
		defer free.Put(m)
		for i, r := range inputs {
			m.registers[r] = in[i]
		}
		for i, r := range outputs {
			m.registers[r] = out[i]
		}
		for i := range p.instructions {
			p.instructions[i].run(m.registers, m.room)
		}
	}
}

func (p *program) registersOf(values []*value) (registers []int) {
	for _, v := range values {
		registers = append(registers, p.register[v])
	}
	return registers
}

// memory returns what makes the memory of an execution. Values that are not read any more leave their place to others.
func (p *program) memory() func() any {
	places, kinds := p.places()
	room := 0
	for _, i := range p.instructions {
		room = max(room, len(i.in)+len(i.out))
	}
	return func() any {
		m := &memory{slices.Clone(p.constants), make([]any, room)}
		made := make([]any, len(kinds))
		for i, shape := range kinds {
			made[i] = flatOf(shape)
		}
		for r, place := range places {
			m.registers[r] = made[place]
		}
		return m
	}
}

// places returns the places of the registers that are neither inputs, outputs nor constants, and the shapes of the
// places.
func (p *program) places() (places map[int]int, kinds []shapes.Shape) {
	type kind struct {
		dtype dtypes.DType
		size  int
	}
	kindOf := func(r int) kind { return kind{p.shapes[r].DType, p.shapes[r].Size()} }
	last, free := map[int]int{}, map[kind][]int{}
	for i, in := range p.instructions {
		for _, r := range slices.Concat(in.out, in.in) {
			last[r] = i
		}
	}
	places = map[int]int{}
	outside := p.registersOf(p.outputs)
	for i, in := range p.instructions {
		for _, r := range in.out {
			if slices.Contains(outside, r) {
				continue
			}
			k := kindOf(r)
			if there := free[k]; len(there) > 0 {
				places[r], free[k] = there[len(there)-1], there[:len(there)-1]
			} else {
				places[r] = len(kinds)
				kinds = append(kinds, p.shapes[r])
			}
		}
		for _, r := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(in.out, in.in)))) {
			if place, ours := places[r]; ours && last[r] == i {
				free[kindOf(r)] = append(free[kindOf(r)], place)
			}
		}
	}
	return places, kinds
}
