package methods

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
)

// This file has what the losses over pairs of a batch share. They work in graphs of any float type and on backends
// without a sort: ranks come from comparing all pairs.

// pairs returns x [n, ...] as rows [n, 1, ...] and columns [1, n, ...], so that an operation on both has entry (i, j)
// for x_i and x_j.
func pairs(x *Node) (rows, columns *Node) { return InsertAxes(x, 1), InsertAxes(x, 0) }

// labelDistances returns |y_i - y_j| [n, n] of labels [n].
func labelDistances(y *Node) *Node {
	rows, columns := pairs(y)
	return Abs(Sub(rows, columns))
}

// indicator returns 1 where the condition holds and 0 elsewhere, in the float type of like.
func indicator(condition, like *Node) *Node { return ConvertDType(condition, like.DType()) }

// others returns a matrix [n, n] that is false on the diagonal and true elsewhere.
func others(g *Graph, n int) *Node { return LogicalNot(Diagonal(g, n)) }

// constants returns values in the float type of like.
func constants(like *Node, values []float64) *Node {
	return ConstAsDType(like.Graph(), like.DType(), values)
}

// magnitude is |x| with gradient 0 at 0.
func magnitude(x *Node) *Node { return Mul(x, Sign(x)) }

// unitRows scales the rows of x [n, d] to length 1. A zero row stays as it is.
func unitRows(x *Node) *Node {
	square := ReduceAndKeep(Square(x), ReduceSum, -1)
	return Div(x, Sqrt(Where(IsZero(square), OnesLike(square), square)))
}

// rowDistances returns the Euclidean distances [n, n] between the rows of x [n, d]. Rows that are equal to rounding
// have distance 0 and no gradient. Distances come from inner products of centred rows, so memory is n² and not n² d.
func rowDistances(x *Node) *Node {
	centred := Sub(x, StopGradient(ReduceAndKeep(x, ReduceMean, 0)))
	rows, columns := pairs(ReduceSum(Square(centred), -1))
	square := Sub(Add(rows, columns), MulScalar(Einsum("id,jd->ij", centred, centred), 2))
	rounding := 1e-6
	if x.DType() == dtypes.Float64 {
		rounding = 1e-13
	}
	equal := LessOrEqual(square, MulScalar(Add(rows, columns), rounding))
	return Where(equal, ZerosLike(square), Sqrt(Where(equal, OnesLike(square), square)))
}

// logSumExp returns ln(sum of e^x) over the last axis, with the largest term taken out.
func logSumExp(x *Node) *Node {
	largest := StopGradient(ReduceAndKeep(x, ReduceMax, -1))
	return Add(Log(ReduceSum(Exp(Sub(x, largest)), -1)), Squeeze(largest, -1))
}

// safeMean returns sum / count, 0 where count is 0.
func safeMean(sum, count *Node) *Node { return Div(sum, MaxScalar(count, 1.0)) }
