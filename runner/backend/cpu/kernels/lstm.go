package kernels

import (
	"cmp"
	"math"
	"slices"
)

// LSTM is the geometry of a bidirectional LSTM (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al.
// 2000; the gates are those of torch.nn.LSTM) on sequences x [Batch, Steps, In]. mask [Batch, Steps] is not 0 at the
// tokens of a sequence, which are neighbours. The forward direction goes from the first token to the last, the other
// one back, both from a zero state.
//
// Only tokens are computed. They are packed: row r of the arrays with packed rows is the r-th token of the sequences in
// order of falling length. Such an array has room for Batch·Steps rows, and what is behind the tokens is not written.
type LSTM struct{ Batch, Steps, In, Hidden int }

// Gates and Cells are the sizes of arrays with packed rows [2, 4·Hidden] and [2, Hidden], direction by direction.
func (l LSTM) Gates() int { return l.Batch * l.Steps * l.gateRow() }

// Cells is described at Gates.
func (l LSTM) Cells() int { return l.Batch * l.Steps * 2 * l.Hidden }

func (l LSTM) gateRow() int { return 8 * l.Hidden }

// lstmGroup is how many sequences one core takes through time together: enough for the weights to be read from the
// second-level cache seldom. Sums do not depend on it.
const lstmGroup = 16

// sequence is a sequence with tokens: its place in the batch, its first token, their number, and the packed row of the
// first.
type sequence struct{ batch, first, length, row int }

// sequences lists the sequences with tokens, longest first, in groups of neighbours.
func (l LSTM) sequences(mask []float32) (groups [][]sequence, rows int) {
	var all []sequence
	for i := range l.Batch {
		row := mask[i*l.Steps:][:l.Steps]
		first := slices.IndexFunc(row, func(v float32) bool { return v != 0 })
		if first < 0 {
			continue
		}
		length := slices.Index(row[first:], 0)
		if length < 0 {
			length = l.Steps - first
		}
		all = append(all, sequence{i, first, length, 0})
	}
	slices.SortStableFunc(all, func(a, b sequence) int { return cmp.Compare(b.length, a.length) })
	for i := range all {
		all[i].row = rows
		rows += all[i].length
	}
	for group := range slices.Chunk(all, lstmGroup) {
		groups = append(groups, group)
	}
	return groups, rows
}

// rowsOf returns the number of packed rows of a group.
func rowsOf(group []sequence) int {
	last := group[len(group)-1]
	return last.row + last.length - group[0].row
}

// active returns how many sequences of a group have a step, which are its first ones.
func active(group []sequence, step int) int {
	n := len(group)
	for n > 0 && group[n-1].length <= step {
		n--
	}
	return n
}

// position is the position among the tokens that a direction visits at a step.
func (s sequence) position(direction, step int) int {
	if direction == 0 {
		return step
	}
	return s.length - 1 - step
}

// token is where the values of a position begin in an array [Batch, Steps, width].
func (l LSTM) token(s sequence, position, width int) int {
	return (s.batch*l.Steps + s.first + position) * width
}

// eachWay calls f on all cores for each group in both directions, long sequences first.
func eachWay(groups [][]sequence, f func(group []sequence, direction int)) {
	inParallel(2*len(groups), func(i int) { f(groups[i/2], i%2) })
}

// multiply computes y [rows, channels] = x [rows, taps] · w, rows being yStep and xStep values apart.
func multiply(y []float32, yStep int, x []float32, xStep, rows, taps int, w []block) {
	p := panel{rows: 1, cols: taps, xNext: 1, xStep: xStep, yStep: yStep}
	for _, b := range w {
		p.wNext = b.lanes
		tiles(rows, func(r, points int) { p.part(y[r*yStep+b.channel:], x[r*xStep:], b, points) })
	}
}

// straight packs a matrix [rows, columns] as weights, transposed its transpose.
func straight(w []float32, rows, columns int) []block {
	return blocks(rows, columns, func(into []float32, tap, out int) { copy(into, w[tap*columns+out:]) })
}

func transposed(w []float32, rows, columns int) []block {
	return blocks(columns, rows, func(into []float32, tap, out int) {
		for i := range into {
			into[i] = w[(out+i)*columns+tap]
		}
	})
}

// bothOf packs w [2, rows, columns] by direction.
func bothOf(w []float32, rows, columns int, pack func(w []float32, rows, columns int) []block) (packed [2][]block) {
	inParallel(2, func(d int) { packed[d] = pack(w[d*rows*columns:][:rows*columns], rows, columns) })
	return packed
}

// Forward computes the hidden states [Batch, Steps, 2·Hidden], zeros where there is no token, and what the gradient
// needs: the gates i, f, g, o and the cells, as packed rows [2, 4·Hidden] and [2, Hidden]. The weights are [2, In,
// 4·Hidden] for the inputs and [2, Hidden, 4·Hidden] for the hidden state, the bias is [2, 4·Hidden].
func (l LSTM) Forward(states, gates, cells, x, mask, inputWeight, hiddenWeight, bias []float32) {
	groups, _ := l.sequences(mask)
	input := bothOf(inputWeight, l.In, 4*l.Hidden, straight)
	hidden := bothOf(hiddenWeight, l.Hidden, 4*l.Hidden, straight)
	clearInParallel(states)
	eachWay(groups, func(group []sequence, d int) {
		own := gates[group[0].row*l.gateRow()+d*4*l.Hidden:]
		l.inputGates(own, x, group, input[d])
		l.forward(states, gates, cells, group, d, hidden[d], bias[d*4*l.Hidden:][:4*l.Hidden])
	})
}

// inputGates writes the part of the gates that comes from the inputs.
func (l LSTM) inputGates(gates, x []float32, group []sequence, w []block) {
	rows := rowsOf(group)
	packed := borrow(rows * l.In)
	defer giveBack(packed)
	for _, s := range group {
		copy(packed[(s.row-group[0].row)*l.In:], x[l.token(s, 0, l.In):][:s.length*l.In])
	}
	multiply(gates, l.gateRow(), packed, l.In, rows, l.In, w)
}

// forward takes a group through time in one direction.
func (l LSTM) forward(states, gates, cells []float32, group []sequence, d int, w []block, bias []float32) {
	h := l.Hidden
	hidden, z, zero := make([]float32, len(group)*h), make([]float32, len(group)*4*h), make([]float32, h)
	for step := range group[0].length {
		n := active(group, step)
		if step > 0 {
			multiply(z, 4*h, hidden, h, n, h, w)
		}
		for i, s := range group[:n] {
			at := s.position(d, step)
			before := zero
			if step > 0 {
				before = l.cell(cells, s, d, step-1)
			}
			own := hidden[i*h:][:h]
			cellForward(l.gate(gates, s, d, step), l.cell(cells, s, d, step), own, before, z[i*4*h:][:4*h], bias)
			copy(states[l.token(s, at, 2*h)+d*h:], own)
		}
	}
}

// gate and cell are the values of a sequence and direction at a step.
func (l LSTM) gate(gates []float32, s sequence, d, step int) []float32 {
	return gates[((s.row+s.position(d, step))*2+d)*4*l.Hidden:][:4*l.Hidden]
}

func (l LSTM) cell(cells []float32, s sequence, d, step int) []float32 {
	return cells[((s.row+s.position(d, step))*2+d)*l.Hidden:][:l.Hidden]
}

// GateGradient computes the gradient of what the gates' functions are applied to, packed rows [2, 4·Hidden], for a
// gradient of the hidden states: backpropagation through time.
func (l LSTM) GateGradient(dGates, dStates, mask, gates, cells, hiddenWeight []float32) {
	groups, _ := l.sequences(mask)
	hidden := bothOf(hiddenWeight, l.Hidden, 4*l.Hidden, transposed)
	eachWay(groups, func(group []sequence, d int) { l.backward(dGates, dStates, gates, cells, group, d, hidden[d]) })
}

// backward takes a group back through time in one direction.
func (l LSTM) backward(dGates, dStates, gates, cells []float32, group []sequence, d int, w []block) {
	h := l.Hidden
	dz, dHidden, dCell := make([]float32, len(group)*4*h), make([]float32, len(group)*h), make([]float32, len(group)*h)
	zero, after := make([]float32, h), 0
	for step := group[0].length - 1; step >= 0; step-- {
		if after > 0 {
			multiply(dHidden, h, dz, 4*h, after, 4*h, w)
		}
		after = active(group, step)
		for i, s := range group[:after] {
			before := zero
			if step > 0 {
				before = l.cell(cells, s, d, step-1)
			}
			own := dz[i*4*h:][:4*h]
			cellBackward(own, dCell[i*h:][:h], dStates[l.token(s, s.position(d, step), 2*h)+d*h:][:h], dHidden[i*h:][:h],
				l.gate(gates, s, d, step), l.cell(cells, s, d, step), before)
			copy(l.gate(dGates, s, d, step), own)
		}
	}
}

// InputGradient computes the gradient of x from that of the gates.
func (l LSTM) InputGradient(dx, dGates, mask, inputWeight []float32) {
	groups, _ := l.sequences(mask)
	// Both directions are one sum over 8·Hidden gates.
	w := blocks(l.gateRow(), l.In, func(into []float32, tap, out int) {
		d, gate := tap/(4*l.Hidden), tap%(4*l.Hidden)
		for i := range into {
			into[i] = inputWeight[(d*l.In+out+i)*4*l.Hidden+gate]
		}
	})
	clearInParallel(dx)
	inParallel(len(groups), func(i int) {
		group, rows := groups[i], rowsOf(groups[i])
		packed := borrow(rows * l.In)
		defer giveBack(packed)
		multiply(packed, l.In, dGates[group[0].row*l.gateRow():], l.gateRow(), rows, l.gateRow(), w)
		for _, s := range group {
			copy(dx[l.token(s, 0, l.In):], packed[(s.row-group[0].row)*l.In:][:s.length*l.In])
		}
	})
}

// clearInParallel zeroes values on all cores.
func clearInParallel(values []float32) {
	eachPart(len(values), 1, func(_, from, to int) { clear(values[from:to]) })
}

// borrow returns memory with any values in it, giveBack ends its use.
func borrow(n int) []float32 {
	if old, ok := frames.Get().(*[]float32); ok && cap(*old) >= n {
		return (*old)[:n]
	}
	return make([]float32, n)
}

func giveBack(values []float32) { frames.Put(&values) }

// cellForwardGeneric is a step of an LSTM for one sequence, from unit first on. gates [4, Hidden] holds the part of the
// inputs and becomes i, f, g, o; z is the part of the hidden state; before is the cell before.
func cellForwardGeneric(gates, cell, hidden, before, z, bias []float32, first int) {
	h := len(cell)
	for k := first; k < h; k++ {
		i := logistic(gates[k] + z[k] + bias[k])
		f := logistic(gates[h+k] + z[h+k] + bias[h+k])
		g := tanh(gates[2*h+k] + z[2*h+k] + bias[2*h+k])
		o := logistic(gates[3*h+k] + z[3*h+k] + bias[3*h+k])
		gates[k], gates[h+k], gates[2*h+k], gates[3*h+k] = i, f, g, o
		cell[k] = i*g + f*before[k]
		hidden[k] = o * tanh(cell[k])
	}
}

// cellBackwardGeneric is the gradient of cellForwardGeneric: dz of what the gates' functions are applied to, and dCell,
// that of the cell, which becomes that of the cell before. The gradient of the hidden state is the sum of dState and
// dHidden.
func cellBackwardGeneric(dz, dCell, dState, dHidden, gates, cell, before []float32, first int) {
	h := len(cell)
	for k := first; k < h; k++ {
		i, f, g, o, t := gates[k], gates[h+k], gates[2*h+k], gates[3*h+k], tanh(cell[k])
		slope := dState[k] + dHidden[k]
		d := dCell[k] + slope*o*(1-t*t)
		dz[k] = d * g * i * (1 - i)
		dz[h+k] = d * before[k] * f * (1 - f)
		dz[2*h+k] = d * i * (1 - g*g)
		dz[3*h+k] = slope * t * o * (1 - o)
		dCell[k] = d * f
	}
}

func logistic(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

func tanh(x float32) float32 { return float32(math.Tanh(float64(x))) }
