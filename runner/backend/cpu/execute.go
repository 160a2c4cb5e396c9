package cpu

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

func (e *executable) Finalize() {
	for _, s := range e.steps {
		if s.segment != nil {
			s.segment.Finalize()
		}
	}
	e.steps = nil
}

func (e *executable) Inputs() ([]string, []shapes.Shape) { return e.names, e.inputs }

func (e *executable) Outputs() []shapes.Shape { return e.outputs }

// markLast finds the last step that reads each slot, unless it is a result.
func (e *executable) markLast() {
	read := map[int]bool{}
	for _, slot := range e.results {
		read[slot] = true
	}
	for i := len(e.steps) - 1; i >= 0; i-- {
		s := &e.steps[i]
		s.last = make([]bool, len(s.inputs))
		for k, slot := range s.inputs {
			s.last[k] = !read[slot]
			read[slot] = true
		}
	}
}

// needs returns how many outputs of kernels there are at once, by kind.
func (e *executable) needs() map[kind]int {
	live, most, ours := map[kind]int{}, map[kind]int{}, map[int]bool{}
	for _, s := range e.steps {
		for _, slot := range s.outputs {
			if k := e.kinds[slot]; s.segment == nil {
				ours[slot] = true
				live[k]++
				most[k] = max(most[k], live[k])
			}
		}
		for i, slot := range s.inputs {
			if ours[slot] && s.last[i] {
				live[e.kinds[slot]]--
			}
		}
	}
	return most
}

// values are the buffers of one execution, and what may become of one that nothing reads any more.
type values struct {
	buffers []compute.Buffer
	fate    []fate
}

type fate int

const (
	keep   fate = iota // it is the caller's
	donate             // to the pure Go backend
	reuse              // for the output of a kernel: the pure Go backend would not use its memory again
)

// Execute runs the steps. The memory of buffers is used again as soon as nothing reads them any more.
func (e *executable) Execute(inputs []compute.Buffer, donated []bool, _ compute.DeviceNum) ([]compute.Buffer, error) {
	if len(inputs) != len(e.inputs) {
		return nil, fmt.Errorf("cpu: expected %d inputs, got %d", len(e.inputs), len(inputs))
	}
	all := values{make([]compute.Buffer, len(e.kinds)), make([]fate, len(e.kinds))}
	for i, in := range inputs {
		var err error
		if all.buffers[i], err = unwrap(in); err != nil {
			return nil, err
		}
		if len(donated) > 0 && donated[i] {
			all.fate[i] = donate
		}
	}
	for _, s := range e.steps {
		run := e.runSegment
		if s.segment == nil {
			run = e.runKernel
		}
		if err := run(s, all); err != nil {
			return nil, err
		}
	}
	outputs := make([]compute.Buffer, len(e.results))
	for i, slot := range e.results {
		outputs[i] = e.backend.own(all.buffers[slot])
	}
	return outputs, nil
}

func (e *executable) runSegment(s step, v values) error {
	inputs, donated := make([]compute.Buffer, len(s.inputs)), make([]bool, len(s.inputs))
	for i, slot := range s.inputs {
		inputs[i], donated[i] = v.buffers[slot], s.last[i] && v.fate[slot] == donate
	}
	outputs, err := s.segment.Execute(inputs, donated, 0)
	if err != nil {
		return err
	}
	for i, slot := range s.outputs {
		v.buffers[slot], v.fate[slot] = outputs[i], donate
	}
	return e.recycle(s, v, reuse)
}

func (e *executable) runKernel(s step, v values) error {
	room := make([]any, len(s.inputs)+len(s.outputs))
	inputs, outputs := room[:len(s.inputs)], room[len(s.inputs):]
	var err error
	for i, slot := range s.inputs {
		if inputs[i], err = v.buffers[slot].Data(); err != nil {
			return err
		}
	}
	for i, slot := range s.outputs {
		if v.buffers[slot], err = e.backend.free.take(e.backend.Backend, e.kinds[slot], s.shapes[i]); err != nil {
			return err
		}
		if outputs[i], err = v.buffers[slot].Data(); err != nil {
			return err
		}
		v.fate[slot] = reuse
	}
	s.kernel(outputs, inputs)
	return e.recycle(s, v, donate)
}

// recycle keeps the buffers that s read last for the outputs of kernels, those with a fate of at least the given one.
func (e *executable) recycle(s step, v values, least fate) error {
	for i, slot := range s.inputs {
		if s.last[i] && v.fate[slot] >= least {
			if err := e.backend.free.give(e.kinds[slot], v.buffers[slot]); err != nil {
				return err
			}
		}
	}
	return nil
}
