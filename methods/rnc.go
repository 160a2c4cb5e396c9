package methods

import (
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
)

// RankNContrast is the loss of Zha, Cao, Son, Yang, Katabi: Rank-N-Contrast: Learning Continuous Representations for
// Regression (NeurIPS 2023). Features z are [n, d], with both views of a sample as rows, labels y [n] or [n, k].
//
// With l_ij = -|z_i - z_j| / temperature and label distance D_ij, the sum of absolute differences over k, the scalar
// result is the mean over pairs (i, j), j != i, of -ln[ exp(l_ij) / sum over k != i with D_ik >= D_ij of exp(l_ik) ];
// 0 for one row. Published temperature: 2. Memory is n³.
func RankNContrast(z, y *Node, temperature float64) *Node {
	n := z.Shape().Dim(0)
	if y.Rank() == 1 {
		y = InsertAxes(y, 1)
	}
	rows, columns := pairs(y)
	distance := ReduceSum(Abs(Sub(rows, columns)), -1)
	other := indicator(others(z.Graph(), n), z)

	logits := DivScalar(Neg(rowDistances(z)), temperature)
	nearest := Where(others(z.Graph(), n), logits, ConstAs(logits, -1e30))
	logits = Sub(logits, StopGradient(ReduceAndKeep(nearest, ReduceMax, 1)))
	notNearer := LessOrEqual(InsertAxes(distance, 2), InsertAxes(distance, 1)) // [i, j, k]: D_ij <= D_ik
	masses := Mul(Exp(Mul(logits, other)), other)
	total := Einsum("ijk,ik->ij", indicator(notNearer, z), masses)
	total = Add(total, OneMinus(other)) // ln 1 on the diagonal
	losses := Mul(Sub(Log(total), logits), other)
	return DivScalar(ReduceAllSum(losses), float64(max(1, n*(n-1))))
}
