package cpu

import (
	"slices"
	"sync"

	"github.com/gomlx/compute/dtypes"

	"github.com/dirbench/dirbench/runner/backend/cpu/kernels"
)

// arithmetic are the operations that [plan.fuseEnd] takes.
var arithmetic = map[string]kernels.Op{
	"Add": kernels.OpAdd, "Sub": kernels.OpSub, "Mul": kernels.OpMul, "Div": kernels.OpDiv, "Sqrt": kernels.OpSqrt}

// fuseEnd makes one kernel of the small arithmetic at the end of the computation, on which nothing else depends: that of
// an optimiser. A step of a small network would spend half its time on starting these operations one by one. Each value
// is computed as before.
func (p *plan) fuseEnd() {
	needed, atEnd, used := p.needed(), map[*operation]bool{}, map[*value]bool{} // by operations that are not at the end
	for _, op := range slices.Backward(p.operations) {
		switch {
		case !needed[op]:
		case op.isArithmetic() && !used[op.outputs[0]], op.isAlias() && !used[op.outputs[0]] && !slices.Contains(p.results, op.outputs[0]):
			atEnd[op] = true
		default:
			for _, v := range op.inputs {
				used[v] = true
			}
		}
	}
	if len(atEnd) == 0 {
		return
	}
	fused := program{register: map[*value]int{}}
	p.operations = slices.DeleteFunc(p.operations, func(op *operation) bool {
		if atEnd[op] {
			fused.add(op)
		}
		return atEnd[op]
	})
	p.operations = append(p.operations, fused.operation(p.results))
}

// isArithmetic reports whether the operation is small arithmetic of float32 values. An operand is as large as the result,
// or one value.
func (op *operation) isArithmetic() bool {
	if _, known := arithmetic[op.method]; !known || op.kernel != nil {
		return false
	}
	size := op.outputs[0].shape.Size()
	return op.outputs[0].shape.DType == dtypes.Float32 && size < large && !slices.ContainsFunc(op.inputs, func(v *value) bool {
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

// program collects operations. Their values are in registers.
type program struct {
	instructions []kernels.Instruction
	register     map[*value]int
	registers    [][]float32 // those of constants have their values already
	sizes        []int       // of all registers
	inputs       []*value
	computed     []*value // by instruction
}

func (p *program) add(op *operation) {
	if op.isAlias() {
		p.register[op.outputs[0]] = p.operand(op.inputs[0])
		return
	}
	first, last := p.operand(op.inputs[0]), p.operand(op.inputs[len(op.inputs)-1])
	p.instructions = append(p.instructions, kernels.Instruction{Op: arithmetic[op.method], Y: p.next(op.outputs[0]), A: first, B: last})
	p.computed = append(p.computed, op.outputs[0])
}

// next returns a new register for a value.
func (p *program) next(v *value) int {
	p.register[v] = len(p.sizes)
	p.sizes, p.registers = append(p.sizes, v.shape.Size()), append(p.registers, nil)
	return p.register[v]
}

func (p *program) operand(v *value) int {
	if r, known := p.register[v]; known {
		return r
	}
	r := p.next(v)
	if v.of.method == constant {
		p.registers[r] = v.of.args[0].([]float32)
	} else {
		p.inputs = append(p.inputs, v)
	}
	return r
}

// operation returns the program as a kernel, whose outputs are those of its values that are results.
func (p *program) operation(results []*value) *operation {
	op := &operation{inputs: slices.Clone(p.inputs)}
	for _, v := range p.computed {
		if slices.Contains(results, v) {
			v.of, op.outputs = op, append(op.outputs, v)
		}
	}
	own, size := p.places(op.outputs)
	memory := sync.Pool{New: func() any { own := make([]float32, size); return &own }}
	op.accelerate(func(out, in [][]float32) {
		scratch := memory.Get().(*[]float32)
		defer memory.Put(scratch)
		registers := slices.Clone(p.registers)
		for i, v := range p.inputs {
			registers[p.register[v]] = in[i]
		}
		for i, v := range op.outputs {
			registers[p.register[v]] = out[i]
		}
		for _, r := range own {
			registers[r.register] = (*scratch)[r.from:][:p.sizes[r.register]]
		}
		kernels.Arithmetic(p.instructions, registers)
	})
	return op
}

// place says where in the memory of a program a register begins.
type place struct{ register, from int }

// places returns the places of the values that are no outputs, and how much memory they take. The place of a value that is
// not read any more is used again.
func (p *program) places(outputs []*value) (own []place, size int) {
	last, free, from := map[int]int{}, map[int][]int{}, map[int]int{} // free places by their size
	for i, in := range p.instructions {
		last[in.A], last[in.B] = i, i
	}
	for i, in := range p.instructions {
		for _, r := range []int{in.A, in.B} {
			if at, there := from[r]; there && last[r] == i {
				free[p.sizes[r]] = append(free[p.sizes[r]], at)
				delete(from, r)
			}
		}
		if slices.Contains(outputs, p.computed[i]) {
			continue
		}
		n := p.sizes[in.Y]
		at := size
		if there := free[n]; len(there) > 0 {
			at, free[n] = there[len(there)-1], there[:len(there)-1]
		} else {
			size += n
		}
		from[in.Y] = at
		own = append(own, place{in.Y, at})
	}
	return own, size
}
