package kernels

// WeightGradient computes the gradients of both weights and of the bias from that of the gates.
//
// They are one product per direction: the gates' gradients, summed over all tokens with the inputs, the hidden state
// before the token and 1. A core takes some of the gates' columns and all tokens, so that each sum has one order.
func (l LSTM) WeightGradient(dInput, dHidden, dBias, dGates, x, states, mask []float32) {
	groups, rows := l.sequences(mask)
	g := lstmWeights{LSTM: l, rows: rows, blocks: blocks(0, 4*l.Hidden, nil)}
	g.tiles = (l.In + l.Hidden + 1 + panelPoints - 1) / panelPoints
	g.factors = borrow(2 * g.tiles * rows * panelPoints)
	defer giveBack(g.factors)
	eachWay(groups, func(group []sequence, d int) { g.pack(group, d, x, states) })
	inParallel(2*len(g.blocks), func(i int) {
		d, b := i%2, g.blocks[i/2]
		sum, h := g.sum(dGates, d, b), 4*l.Hidden
		g.collect(dInput[d*l.In*h:], sum, 0, l.In, b)
		g.collect(dHidden[d*l.Hidden*h:], sum, l.In, l.Hidden, b)
		g.collect(dBias[d*h:], sum, l.In+l.Hidden, 1, b)
	})
}

// lstmWeights holds, for each direction, the columns x, hidden state and 1 in tiles: factors [2, tiles, rows, 8].
type lstmWeights struct {
	LSTM
	rows, tiles int
	blocks      []block // of a direction's gates, without values
	factors     []float32
}

// factor is where a tile's rows from some row on begin.
func (g *lstmWeights) factor(d, tile, row int) []float32 {
	return g.factors[((d*g.tiles+tile)*g.rows+row)*panelPoints:]
}

// pack writes the factors of a group's sequences.
func (g *lstmWeights) pack(group []sequence, d int, x, states []float32) {
	row := make([]float32, g.tiles*panelPoints)
	row[g.In+g.Hidden] = 1
	for _, s := range group {
		hidden := row[g.In:][:g.Hidden]
		clear(hidden)
		for step := range s.length {
			at := s.position(d, step)
			copy(row, x[g.token(s, at, g.In):][:g.In])
			for tile := range g.tiles {
				*(*[panelPoints]float32)(g.factor(d, tile, s.row+at)) = [panelPoints]float32(row[tile*panelPoints:])
			}
			copy(hidden, states[g.token(s, at, 2*g.Hidden)+d*g.Hidden:])
		}
	}
}

// lstmRows is how many rows of a block of gates the first-level cache holds beside the factors.
const lstmRows = 128

// sum returns the products [tiles·8, lanes] of a direction's factors with a block of gates.
func (g *lstmWeights) sum(dGates []float32, d int, b block) []float32 {
	sum, slope := make([]float32, g.tiles*panelPoints*b.lanes), make([]float32, lstmRows*b.lanes)
	for from := 0; from < g.rows; from += lstmRows {
		n := min(lstmRows, g.rows-from)
		for r := range n {
			copy(slope[r*b.lanes:][:b.used], dGates[(from+r)*g.gateRow()+d*4*g.Hidden+b.channel:])
		}
		p := panel{rows: 1, cols: n, xStep: 1, xNext: panelPoints, wNext: b.lanes, yStep: b.lanes, add: 1}
		for tile := range g.tiles {
			p.compute(sum[tile*panelPoints*b.lanes:], g.factor(d, tile, from), slope, panelPoints, b.lanes)
		}
	}
	return sum
}

// collect copies a block of some columns from the sums to dw [columns, 4·Hidden].
func (g *lstmWeights) collect(dw, sum []float32, column, columns int, b block) {
	for c := range columns {
		copy(dw[c*4*g.Hidden+b.channel:], sum[(column+c)*b.lanes:][:b.used])
	}
}
