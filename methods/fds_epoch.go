package methods

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/ml/model"
)

// EndEpoch turns the statistics collected since the last call into the calibration of the next epoch: the running
// statistics so far become the last epoch's, their smoothed form is what Calibrate re-colours with, and the collected
// ones enter the running statistics with the momentum. Calibration therefore lags one epoch behind, in the paper and in
// the released code.
func (f *FDS) EndEpoch(g *Graph) {
	before := statistics{f.node(f.runningMean(), g), f.node(f.runningVar(), g)}
	collected := f.accumulated(g).pooled(f.config.PoolEnds)
	after := f.updated(before, collected)

	epoch, start := f.node(f.epoch(), g), Scalar(g, dtypes.Float32, f.config.StartUpdate)
	updates, rolls := GreaterOrEqual(epoch, start), GreaterThan(epoch, start)

	last := before
	if f.config.Semantics == Official && !f.config.Copies {
		// The original's last-epoch buffer is the running buffer itself, so it shows this epoch's update.
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

// statistics are the mean and variance of every bucket, [buckets, Dim] each.
type statistics struct{ mean, variance *Node }

// updated returns the running statistics after an epoch. The first epoch's replace the initial values. Under paper
// semantics so do the first ones of a bucket that comes late; a bucket without samples keeps what it has.
func (f *FDS) updated(running statistics, collected moments) statistics {
	g := running.mean.Graph()
	first := Equal(f.node(f.epoch(), g), Scalar(g, dtypes.Float32, f.config.StartUpdate))
	momentum := Where(first, Scalar(g, dtypes.Float32, 0), Scalar(g, dtypes.Float32, f.config.Momentum))
	if f.masksUnseen() {
		momentum = Mul(momentum, f.node(f.seen(), g))
	}
	momentum = BroadcastToShape(momentum, collected.count.Shape())

	present := BroadcastToDims(IsPositive(collected.count), running.mean.Shape().Dimensions...)
	blend := func(old, now *Node) *Node {
		next := Where(present, Add(Mul(OneMinus(momentum), now), Mul(momentum, old)), old)
		if f.config.FillEmpty {
			return fillEmpty(next, present)
		}
		return next
	}
	return statistics{blend(running.mean, collected.mean), blend(running.variance, collected.variance())}
}

// masksUnseen reports whether buckets that never had a sample are kept out of the smoothing. The original lets their
// initial mean 0 and variance 1 leak into their neighbours, except where it fills them.
func (f *FDS) masksUnseen() bool { return f.config.Semantics == Paper && !f.config.FillEmpty }

// smooth convolves the statistics with the window over buckets.
func (f *FDS) smooth(s statistics) statistics {
	window := ConstAs(s.mean, f.smoothing)
	if !f.masksUnseen() {
		return statistics{MatMul(window, s.mean), MatMul(window, s.variance)}
	}
	seen := f.node(f.seen(), s.mean.Graph())
	mass := MatMul(window, seen)
	average := func(x *Node) *Node {
		return Div(MatMul(window, Mul(x, seen)), Where(IsPositive(mass), mass, OnesLike(mass)))
	}
	return statistics{average(s.mean), average(s.variance)}
}

// fillEmpty gives each empty bucket, in increasing order, the mean of its neighbours; an end bucket copies its only one.
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
