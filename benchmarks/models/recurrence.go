package models

import "github.com/gomlx/gomlx/core/graph"

// recur runs the LSTM recurrence and returns the hidden states [2, T, N, H].
//
// gates [2, T, N, 4H] are the contributions of the inputs to the gates i, f, g, o, w [2, H, 4H] is the hidden weight
// and mask [2, T, N, 1] is 1 at tokens. The loop is unrolled, for a while loop has no gradient, and the gradient is
// backpropagation through time written out: the automatic one takes three times the operations, and one product per
// step for the gradient of w where one product over all steps will do.
func recur(gates, w, mask *Node) *Node {
	var r *recurrence
	forward := func(in []*Node) []*Node {
		r = newRecurrence(in[0], in[1], mask)
		return []*Node{r.states}
	}
	backward := func(grads []*Node) []*Node { return r.backward(grads[0]) }
	return withGradient(forward, backward, gates, w)[0]
}

// recurrence keeps what the gradient needs of every step.
type recurrence struct {
	w, states *Node
	steps     []lstmStep
}

// lstmStep holds the values of one time step, all [2, N, H] but mask [2, N, 1].
type lstmStep struct{ i, f, g, o, cell, tanhCell, hidden, mask *Node }

func newRecurrence(gates, w, mask *Node) *recurrence {
	r := &recurrence{w: w, steps: make([]lstmStep, gates.Shape().Dim(1))}
	hidden := make([]*Node, len(r.steps))
	for t := range r.steps {
		z := atStep(gates, t)
		if t > 0 {
			z = graph.Add(z, matMulDirections(hidden[t-1], w))
		}
		r.steps[t] = newStep(z, atStep(mask, t), r.cellBefore(t))
		hidden[t] = r.steps[t].hidden
	}
	r.states = graph.Stack(hidden, 1)
	return r
}

// newStep applies the gates z [2, N, 4H]. Zeroing the cell where there is no token also zeroes the hidden state: before
// the first token that is the initial state, after the last one nothing reads it.
func newStep(z, mask, cellBefore *Node) lstmStep {
	h := z.Shape().Dim(-1) / 4
	gate := func(k int) *Node { return graph.SliceAxis(z, -1, graph.AxisRange(k*h, (k+1)*h)) }
	s := lstmStep{mask: mask,
		i: graph.Sigmoid(gate(0)), f: graph.Sigmoid(gate(1)), g: graph.Tanh(gate(2)), o: graph.Sigmoid(gate(3))}
	s.cell = graph.Mul(s.i, s.g)
	if cellBefore != nil {
		s.cell = graph.Add(s.cell, graph.Mul(s.f, cellBefore))
	}
	s.cell = graph.Mul(s.cell, mask)
	s.tanhCell = graph.Tanh(s.cell)
	s.hidden = graph.Mul(s.o, s.tanhCell)
	s.hidden, s.cell = separate(s.hidden, s.cell)
	return s
}

func (r *recurrence) cellBefore(t int) *Node {
	if t == 0 {
		return nil
	}
	return r.steps[t-1].cell
}

// backward returns the gradients of the gates and of w.
func (r *recurrence) backward(dStates *Node) []*Node {
	last := len(r.steps) - 1
	dGates := make([]*Node, last+1)
	transposed := graph.TransposeAllAxes(r.w, 0, 2, 1) // once for all steps
	var dCell *Node
	for t := last; t >= 0; t-- {
		dHidden := atStep(dStates, t)
		if t < last {
			dHidden = graph.Add(dHidden, matMulDirections(dGates[t+1], transposed))
		}
		dGates[t], dCell = r.steps[t].backward(dHidden, dCell, r.cellBefore(t))
	}
	all := graph.Stack(dGates, 1)
	return []*Node{all, r.weightGradient(all)}
}

// backward returns the gradients of the step's gates z and of the cell before, given those of its hidden state and
// cell.
func (s lstmStep) backward(dHidden, dCell, cellBefore *Node) (dz, dCellBefore *Node) {
	d := graph.Mul(graph.Mul(dHidden, s.o), graph.OneMinus(graph.Square(s.tanhCell)))
	if dCell != nil {
		d = graph.Add(dCell, d)
	}
	d = graph.Mul(d, s.mask)
	dForget := graph.ZerosLike(s.f)
	if cellBefore != nil {
		dForget = graph.Mul(graph.Mul(d, cellBefore), logisticSlope(s.f))
	}
	dz = graph.Concatenate([]*Node{
		graph.Mul(graph.Mul(d, s.g), logisticSlope(s.i)),
		dForget,
		graph.Mul(graph.Mul(d, s.i), graph.OneMinus(graph.Square(s.g))),
		graph.Mul(graph.Mul(dHidden, s.tanhCell), logisticSlope(s.o)),
	}, -1)
	return separate(dz, graph.Mul(d, s.f))
}

// separate keeps the compiler from merging a step with the next ones: XLA then compiles 40 steps seven times faster,
// and the result runs seven times faster. The Go backend merges nothing.
func separate(a, b *Node) (*Node, *Node) {
	if onGoBackend(a) {
		return a, b
	}
	both := graph.OptimizationBarriers(a, b)
	return both[0], both[1]
}

func logisticSlope(y *Node) *Node { return graph.Mul(y, graph.OneMinus(y)) }

// weightGradient contracts the hidden states with the gate gradients one step later, over time and batch.
func (r *recurrence) weightGradient(dGates *Node) *Node {
	steps := len(r.steps)
	if steps == 1 {
		return graph.ZerosLike(r.w)
	}
	before := graph.ConvertDType(graph.SliceAxis(r.states, 1, graph.AxisRange(0, steps-1)), r.w.DType())
	after := graph.ConvertDType(graph.SliceAxis(dGates, 1, graph.AxisRange(1, steps)), r.w.DType())
	return graph.DotGeneral(before, []int{1, 2}, []int{0}, after, []int{1, 2}, []int{0})
}

// atStep takes step t of x [2, T, ...].
func atStep(x *Node, t int) *Node { return graph.Squeeze(graph.SliceAxis(x, 1, graph.AxisElem(t)), 1) }
