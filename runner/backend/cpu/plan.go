package cpu

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// executable is a compiled computation: steps over values in numbered slots. The first slots are the parameters.
type executable struct {
	backend *Backend
	names   []string
	inputs  []shapes.Shape
	steps   []step
	kinds   []kind // of the slots
	results []int
	outputs []shapes.Shape
}

// step is a segment that the pure Go backend executes, or a kernel.
type step struct {
	segment         compute.Executable
	kernel          kernel
	inputs, outputs []int
	shapes          []shapes.Shape // of a kernel's outputs
	last            []bool         // the inputs that no later step reads
}

// plan cuts the recorded operations into steps.
type plan struct {
	*recorder
	level  map[*operation]int
	slot   map[*value]int
	shared map[*value]bool // values that steps other than their own read
	built  *executable
}

// compile cuts the computation into levels: a level is a segment of all operations that need no kernel but those of the
// levels before, and then the kernels that need nothing else.
func compile(b *builder) (compute.Executable, error) {
	r := b.main.recorder
	p := &plan{recorder: r, level: map[*operation]int{}, slot: map[*value]int{}, shared: map[*value]bool{},
		built: &executable{backend: b.backend, names: r.names}}
	for _, v := range r.parameters {
		p.slotOf(v)
		p.built.inputs = append(p.built.inputs, v.shape)
	}
	p.fuse()
	segments, kernels := p.levels()
	for level := range max(len(segments), len(kernels)) {
		if level < len(segments) && len(segments[level]) > 0 {
			if err := p.segment(fmt.Sprintf("%s/%d", b.name, level), segments[level]); err != nil {
				return nil, err
			}
		}
		if level < len(kernels) {
			p.kernels(kernels[level])
		}
	}
	for _, v := range r.results {
		p.built.results, p.built.outputs = append(p.built.results, p.slotOf(v)), append(p.built.outputs, v.shape)
	}
	p.built.markLast()
	b.backend.free.reserve(p.built.needs())
	if b.backend.Compiled != nil {
		b.backend.Compiled(Computation{b.name, p.floatingPoint()})
	}
	return p.built, nil
}

func (p *plan) slotOf(v *value) int {
	slot, ok := p.slot[v]
	if !ok {
		slot = len(p.slot)
		p.slot[v] = slot
		p.built.kinds = append(p.built.kinds, p.builder.backend.free.kindOf(v.shape))
	}
	return slot
}

// needed returns the operations that the results depend on.
func (p *plan) needed() map[*operation]bool {
	needed := map[*operation]bool{}
	for _, v := range p.results {
		needed[v.of] = true
	}
	for i := len(p.operations) - 1; i >= 0; i-- {
		if op := p.operations[i]; needed[op] {
			for _, v := range op.inputs {
				needed[v.of] = true
			}
		}
	}
	return needed
}

// levels sorts the needed operations, and notes which values cross from one step to another. A constant is made anew in
// each segment; only kernels and results share one.
func (p *plan) levels() (segments, kernels [][]*operation) {
	needed := p.needed()
	for _, op := range p.operations {
		if !needed[op] || op.method == parameter {
			continue
		}
		level := 0
		for _, v := range op.inputs {
			before := p.level[v.of]
			if v.of.kernel != nil && op.kernel == nil {
				before++
			}
			level = max(level, before)
		}
		if op.atEnd { // the others have their levels
			level = max(1, len(segments), len(kernels)) - 1
		}
		p.level[op] = level
		if op.kernel != nil {
			kernels = add(kernels, level, op)
		} else {
			segments = add(segments, level, op)
		}
		for _, v := range op.inputs {
			switch {
			case op.fused && (v.of.method == constant || v.of.fused && p.level[v.of] == level): // within a program
			case op.kernel != nil || v.of.kernel != nil || p.level[v.of] != level && v.of.method != constant:
				p.shared[v] = true
			}
		}
	}
	for _, v := range p.results {
		p.shared[v] = true
	}
	return segments, kernels
}

func add(levels [][]*operation, level int, op *operation) [][]*operation {
	for len(levels) <= level {
		levels = append(levels, nil)
	}
	levels[level] = append(levels[level], op)
	return levels
}

// kernels makes a step of each kernel of a level, and one of those that run in a program.
func (p *plan) kernels(operations []*operation) {
	var fused []*operation
	for _, op := range operations {
		if op.fused {
			fused = append(fused, op)
		} else {
			p.kernel(op)
		}
	}
	if len(fused) > 0 {
		p.program(fused)
	}
}

func (p *plan) kernel(op *operation) {
	s := step{kernel: op.kernel}
	for _, v := range op.inputs {
		s.inputs = append(s.inputs, p.slotOf(v))
	}
	for _, v := range op.outputs {
		s.outputs, s.shapes = append(s.outputs, p.slotOf(v)), append(s.shapes, v.shape)
	}
	p.built.steps = append(p.built.steps, s)
}

// segment compiles the operations of one level.
func (p *plan) segment(name string, operations []*operation) error {
	builder := p.builder.backend.Backend.Builder(name)
	s, f := step{}, builder.Main()
	inside := map[*value]compute.Value{}
	translate := func(v *value) (compute.Value, error) {
		if there, ok := inside[v]; ok {
			return there, nil
		}
		var err error
		if v.of.method == constant {
			var made []compute.Value
			if made, err = v.of.call(f, nil); err == nil {
				inside[v] = made[0]
			}
		} else {
			s.inputs = append(s.inputs, p.slotOf(v))
			inside[v], err = f.Parameter(fmt.Sprintf("p%d", len(s.inputs)), v.shape, nil)
		}
		return inside[v], err
	}
	var results []compute.Value
	for _, op := range operations {
		if op.method == constant && !p.shared[op.outputs[0]] {
			continue
		}
		outputs, err := op.call(f, translate)
		if err != nil {
			return err
		}
		for i, v := range op.outputs {
			inside[v] = outputs[i]
			if p.shared[v] {
				s.outputs, results = append(s.outputs, p.slotOf(v)), append(results, outputs[i])
			}
		}
	}
	if len(results) == 0 {
		return nil
	}
	if err := f.Return(results, nil); err != nil {
		return err
	}
	var err error
	if s.segment, err = builder.Compile(); err == nil {
		p.built.steps = append(p.built.steps, s)
	}
	return err
}
