package methods

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/ml/model"
)

// The accumulators of an epoch have two rows more than there are buckets: the first holds the samples below FirstBin
// and the last those above LastBin, because only the end of the epoch shows whether they count.

// Collect adds the features of one batch, shape [n, dim], with their label bins, shape [n], to the statistics of the
// epoch. Those with a negative bin, whose label is unknown, are left out. Means and sums of squared deviations are
// merged batch by batch (Chan, Golub, LeVeque 1979), which stays accurate in float32 where sums of squares would
// cancel.
func (f *FDS) Collect(z, bins *Node) {
	g, rows := z.Graph(), f.config.Buckets()+2
	z = StopGradient(z)
	bins = ConvertDType(bins, dtypes.Int32)
	row := AddScalar(bins, 1-f.config.FirstBin)
	row = Min(MaxScalar(row, 0), ConstAs(row, rows-1))
	row = Where(IsNegative(bins), ConstAs(row, rows), row) // beyond the last: no member of any
	member := OneHot(row, rows, z.DType())                 // [n, rows]

	batch := moments{count: InsertAxes(ReduceSum(member, 0), -1)}
	batch.mean = Div(MatMul(Transpose(member, 0, 1), z), MaxScalar(batch.count, 1))
	deviation := Sub(z, MatMul(member, batch.mean))
	batch.squares = MatMul(Transpose(member, 0, 1), Square(deviation))

	f.accumulated(g).merge(batch).store(f)
}

// EndEpoch turns the statistics collected since the last call into the calibration of the next epoch: the running
// statistics so far become the last epoch's, their smoothed form is what Calibrate re-colours with, and the collected
// ones enter the running statistics with the momentum. Calibration therefore lags one epoch behind, as in the released
// code.
func (f *FDS) EndEpoch(g *Graph) {
	before := statistics{f.node(f.runningMean(), g), f.node(f.runningVar(), g)}
	collected := f.accumulated(g).pooled(f.config.PoolEnds)
	after := f.updated(before, collected)

	epoch, start := f.node(f.epoch(), g), Scalar(g, dtypes.Float32, f.config.StartUpdate)
	updates, rolls := GreaterOrEqual(epoch, start), GreaterThan(epoch, start)

	last := before
	if f.config.NewerStatistics {
		last = after
	}
	smoothed := f.smooth(before)
	f.setWhere(f.lastMean(), rolls, last.mean)
	f.setWhere(f.lastVar(), rolls, last.variance)
	f.setWhere(f.smoothedMean(), rolls, smoothed.mean)
	f.setWhere(f.smoothedVar(), rolls, smoothed.variance)
	f.setWhere(f.runningMean(), updates, after.mean)
	f.setWhere(f.runningVar(), updates, after.variance)
	seen := f.node(f.seen(), g)
	f.setWhere(f.lastSeen(), rolls, seen)
	f.setWhere(f.seen(), updates, Max(seen, ConvertDType(IsPositive(collected.count), seen.DType())))

	f.epoch().SetNodeValue(OnePlus(epoch))
	empty := f.accumulated(g)
	moments{ZerosLike(empty.count), ZerosLike(empty.mean), ZerosLike(empty.squares)}.store(f)
}

// statistics are the mean and variance of every bucket, [buckets, dim] each.
type statistics struct{ mean, variance *Node }

// updated returns the running statistics after an epoch. The first epoch's replace the initial values. With EmptySkip
// so do the first ones of a bucket that comes late; a bucket without samples keeps what it has.
func (f *FDS) updated(running statistics, collected moments) statistics {
	g := running.mean.Graph()
	first := Equal(f.node(f.epoch(), g), Scalar(g, dtypes.Float32, f.config.StartUpdate))
	momentum := Where(first, Scalar(g, dtypes.Float32, 0), Scalar(g, dtypes.Float32, f.config.Momentum))
	if f.config.Empty == EmptySkip {
		momentum = Mul(momentum, f.node(f.seen(), g))
	}
	momentum = BroadcastToShape(momentum, collected.count.Shape())

	present := BroadcastToDims(IsPositive(collected.count), running.mean.Shape().Dimensions...)
	blend := func(old, now *Node) *Node {
		next := Where(present, Add(Mul(OneMinus(momentum), now), Mul(momentum, old)), old)
		if f.config.Empty == EmptyFill {
			return fillEmpty(next, present)
		}
		return next
	}
	return statistics{blend(running.mean, collected.mean), blend(running.variance, collected.variance())}
}

// smooth convolves the statistics with the window over buckets.
func (f *FDS) smooth(s statistics) statistics {
	window := ConstAs(s.mean, f.smoothing)
	if f.config.Empty != EmptySkip {
		return statistics{MatMul(window, s.mean), MatMul(window, s.variance)}
	}
	seen := f.node(f.seen(), s.mean.Graph())
	mass := MatMul(window, seen)
	average := func(x *Node) *Node {
		return Div(MatMul(window, Mul(x, seen)), Where(IsPositive(mass), mass, OnesLike(mass)))
	}
	return statistics{average(s.mean), average(s.variance)}
}

// fillEmpty gives each empty bucket, in increasing order, the mean of its neighbours; an end bucket copies its only
// one.
func fillEmpty(table, present *Node) *Node {
	n := table.Shape().Dim(0)
	rows := Split(table, 0, n)
	has := Split(present, 0, n)
	for i := range rows {
		var filled *Node
		switch i {
		case 0:
			filled = rows[1]
		case n - 1:
			filled = rows[n-2]
		default:
			filled = MulScalar(Add(rows[i-1], rows[i+1]), 0.5)
		}
		rows[i] = Where(has[i], rows[i], filled)
	}
	return Concatenate(rows, 0)
}

// setWhere sets a variable where the scalar condition holds.
func (f *FDS) setWhere(v *model.Variable, condition, value *Node) {
	v.SetNodeValue(Where(condition, value, f.node(v, value.Graph())))
}

// moments are the number of samples [rows, 1], their mean and their sum of squared deviations [rows, dim].
type moments struct{ count, mean, squares *Node }

func (f *FDS) accumulated(g *Graph) moments {
	rows := f.config.Buckets() + 2
	return moments{
		count:   f.node(f.epochCount(), g),
		mean:    f.node(f.state("epoch_mean", rows, 0), g),
		squares: f.node(f.state("epoch_squares", rows, 0), g),
	}
}

func (m moments) store(f *FDS) {
	rows := f.config.Buckets() + 2
	f.epochCount().SetNodeValue(m.count)
	f.state("epoch_mean", rows, 0).SetNodeValue(m.mean)
	f.state("epoch_squares", rows, 0).SetNodeValue(m.squares)
}

func (m moments) merge(o moments) moments {
	count := Add(m.count, o.count)
	total := MaxScalar(count, 1)
	delta := Sub(o.mean, m.mean)
	return moments{
		count:   count,
		mean:    Add(m.mean, Mul(delta, Div(o.count, total))),
		squares: Add(Add(m.squares, o.squares), Mul(Square(delta), Div(Mul(m.count, o.count), total))),
	}
}

// variance is unbiased, and 0 for a single sample, whose spread is unknown.
func (m moments) variance() *Node {
	return Div(m.squares, MaxScalar(AddScalar(m.count, -1), 1))
}

func (m moments) rows(from, to int) moments {
	cut := func(x *Node) *Node { return Slice(x, AxisRange(from, to)) }
	return moments{cut(m.count), cut(m.mean), cut(m.squares)}
}

// pooled merges the rows beyond both ends into the first and last bucket, where these have samples of their own or
// always.
func (m moments) pooled(always bool) moments {
	rows := m.count.Shape().Dim(0)
	first, last := m.rows(1, 2), m.rows(rows-2, rows-1)
	below, above := m.rows(0, 1), m.rows(rows-1, rows)
	if !always {
		below, above = below.onlyBeside(first), above.onlyBeside(last)
	}
	first, last = first.merge(below), last.merge(above)
	if rows == 4 {
		return concatenated(first, last)
	}
	return concatenated(first, m.rows(2, rows-2), last)
}

// onlyBeside empties m unless the edge bucket holds samples.
func (m moments) onlyBeside(edge moments) moments {
	keep := ConvertDType(IsPositive(edge.count), m.count.DType())
	return moments{count: Mul(m.count, keep), mean: m.mean, squares: Mul(m.squares, keep)}
}

func concatenated(parts ...moments) moments {
	join := func(pick func(moments) *Node) *Node {
		nodes := make([]*Node, len(parts))
		for i, p := range parts {
			nodes[i] = pick(p)
		}
		return Concatenate(nodes, 0)
	}
	return moments{
		count:   join(func(m moments) *Node { return m.count }),
		mean:    join(func(m moments) *Node { return m.mean }),
		squares: join(func(m moments) *Node { return m.squares }),
	}
}
