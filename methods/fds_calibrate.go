package methods

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
)

// Calibrate moves the features of a training batch from the statistics of their own bucket to the smoothed ones:
//
//	z <- (z - mean) sqrt(clip(smoothedVar / var)) + smoothedMean
//
// z has shape [n, Dim], bins the label bin of each sample, shape [n], any integer type, negative where the label is unknown. No gradient flows through the
// statistics. Before epoch StartSmooth it returns z; a dimension whose variance is zero stays as it is.
func (f *FDS) Calibrate(z, bins *Node) *Node {
	g := z.Graph()
	bucket := f.assign(bins)
	at := MaxScalar(bucket, 0)
	row := func(table *Node) *Node { return StopGradient(Gather(table, InsertAxes(at, -1))) }

	calibrated := CalibrateFeatures(z,
		row(f.node(f.lastMean(), g)), row(f.node(f.lastVar(), g)),
		row(f.node(f.smoothedMean(), g)), row(f.node(f.smoothedVar(), g)),
		f.config.ClipMin, f.config.ClipMax, f.config.SkipDegenerate)

	started := GreaterOrEqual(f.node(f.epoch(), g), Scalar(g, dtypes.Float32, f.config.StartSmooth))
	active := LogicalAnd(GreaterOrEqual(bucket, ZerosLike(bucket)), started)
	return Where(BroadcastToDims(InsertAxes(active, -1), calibrated.Shape().Dimensions...), calibrated, z)
}

// CalibrateFeatures whitens z with mean m1 and variance v1 and re-colours it with m2 and v2, dimension by dimension:
// (z - m1) sqrt(clip(v2/v1, lo, hi)) + m2. All have shape [n, d]. Dimensions with v1 <= 0 or v2 < 0 stay as they are, and
// so does a sample whose v1 sums to less than 1e-10; with skipDegenerate, a single such dimension keeps its whole sample
// as it is.
func CalibrateFeatures(z, m1, v1, m2, v2 *Node, lo, hi float64, skipDegenerate bool) *Node {
	valid := LogicalAnd(IsPositive(v1), IsNonNegative(v2))
	ratio := ClipScalar(Div(v2, Where(valid, v1, OnesLike(v1))), lo, hi)
	moved := Add(Mul(Sub(z, m1), Sqrt(ratio)), m2)

	total := ReduceAndKeep(v1, ReduceSum, -1)
	sample := GreaterOrEqual(total, ConstAs(total, 1e-10))
	if skipDegenerate {
		sample = LogicalAnd(sample, ReduceAndKeep(valid, ReduceLogicalAnd, -1))
	}
	valid = LogicalAnd(valid, BroadcastToShape(sample, valid.Shape()))
	return Where(valid, moved, z)
}

// assign returns the bucket of each sample as int32, or -1 for a sample that FDS leaves alone: one with a negative bin.
func (f *FDS) assign(bins *Node) *Node {
	bins = ConvertDType(bins, dtypes.Int32)
	return Where(IsNegative(bins), ConstAs(bins, -1), f.bucket(bins))
}

// bucket returns the bucket of each bin, or -1 for a sample that FDS leaves alone: under paper semantics one
// whose bucket has no statistics, under official semantics one beyond an end of the range in a batch without a sample of
// exactly that end's bin.
func (f *FDS) bucket(bins *Node) *Node {
	first, last := ConstAs(bins, f.config.FirstBin), ConstAs(bins, f.config.LastBin)
	bucket := Sub(Min(Max(bins, first), last), first)
	if f.masksUnseen() {
		seen := Squeeze(Gather(f.node(f.lastSeen(), bins.Graph()), InsertAxes(bucket, -1)), -1)
		return Where(IsPositive(seen), bucket, ConstAs(bucket, -1))
	}
	if f.config.Semantics == Paper || f.config.PoolEnds {
		return bucket
	}
	below := LogicalAnd(LessThan(bins, first), LogicalNot(LogicalAny(Equal(bins, first))))
	above := LogicalAnd(GreaterThan(bins, last), LogicalNot(LogicalAny(Equal(bins, last))))
	return Where(LogicalOr(below, above), ConstAs(bucket, -1), bucket)
}
