package methods

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
)

func init() {
	Register(Method{Name: "ranksim", ShapesFeatures: true,
		Summary: "RankSim: neighbours in feature space rank like neighbours in label space",
		Paper:   "Gong, Mori, Tung, RankSim: Ranking Similarity Regularization for Deep Imbalanced Regression, ICML 2022",
		Settings: func(t Traits) any {
			if t.Benchmark == "sts-b-dir" || t.Dense {
				return &RankSimSettings{Gamma: 3e-4, Lambda: 2}
			}
			if t.Standardised {
				return &RankSimSettings{Gamma: 0.01, Lambda: 2}
			}
			return &RankSimSettings{Gamma: 100, Lambda: 2}
		},
		Penalty: func(s *Step) *Node {
			own := s.Settings.(*RankSimSettings)
			rows := s.Rows().Means(s.Pixels)
			drawn := s.Scope.RandomUniform(s.Z.Graph(), rows.Target.Shape())
			return MulScalar(RankSim(rows.Z, rows.Target, OnePerLabel(rows.Target, drawn), own.Lambda), own.Gamma)
		},
	})
}

// RankSimSettings are the settings of the method ranksim. It draws one sample for each label of a batch. Where labels
// are dense it compares the means of images; nothing is published for them, so that they have the settings of
// STS-B-DIR, whose loss is a squared error of the same order. For standardised labels gamma is this project's choice,
// by two tables of UCI: 0.1 and less keep the error of vanilla, 1 and more keep a small network from learning.
type RankSimSettings struct {
	Gamma  float64 `yaml:"gamma" json:"gamma"`   // factor of the penalty
	Lambda float64 `yaml:"lambda" json:"lambda"` // step of the black-box gradient
}

// Validate reports the first thing wrong with the settings.
func (s RankSimSettings) Validate() error {
	if s.Gamma < 0 || !(s.Lambda > 0) {
		return fmt.Errorf("gamma %g, lambda %g: expected gamma 0 or more, lambda more than 0", s.Gamma, s.Lambda)
	}
	return nil
}

// RankSim (Gong, Mori, Tung: RankSim: Ranking Similarity Regularization for Deep Imbalanced Regression, ICML 2022)
// makes the neighbours of a sample in feature space rank like its neighbours in label space.
//
// Over the m samples that keep marks, with distinct labels y, rank a_ij of -|y_i - y_j| among all j and rank b_ij of
// cos(z_i, z_j) run from 1/m for the most similar to 1. The result is the scalar sum over i of mean_j (b_ij - a_ij)²,
// before the published factor gamma: 100 on ages, 3e-4 on STS-B. Of equal similarities the larger label ranks first,
// or the later sample where keep marks all.
//
// Ranks are piecewise constant. As in the paper their gradient is that of a black box (Vlastelica et al., ICLR 2020):
// with g the gradient with respect to the ranks of s, it is -(rank(s) - rank(s + lambda g)) / (lambda + 1e-8).
// Published lambda: 2.
//
// Features z are [n, d], target and keep [n]; keep is boolean, see OnePerLabel. Comparisons take memory n³ where
// the backend has no kernel for them.
func RankSim(z, target, keep *Node, lambda float64) *Node {
	// Published code keeps a batch without repeated labels in its order and sorts any other by label.
	order := Where(LogicalAll(keep), Iota(z.Graph(), target.Shape(), 0), target)
	rank := func(similarity *Node) *Node { return ranks(similarity, order, keep) }
	unit := unitRows(z)
	wanted := rank(Neg(labelDistances(target)))
	got := blackBox(Einsum("id,jd->ij", unit, unit), rank, lambda)
	rows, columns := pairs(keep)
	squares := Where(LogicalAnd(rows, columns), Square(Sub(got, wanted)), ZerosLike(got))
	return safeMean(ReduceAllSum(squares), ReduceAllSum(indicator(keep, z)))
}

// OnePerLabel marks one sample for each distinct label of a batch: of those with an equal label the one with the
// smallest order, and of equal orders the first. Target and order are [n], the result is boolean [n]. Random orders
// draw at random.
func OnePerLabel(target, order *Node) *Node {
	labels, otherLabels := pairs(target)
	orders, otherOrders := pairs(order)
	n := target.Shape().Dim(0)
	before := LogicalAnd(Equal(orders, otherOrders), ShapedLowerTriangular(target.Graph(), n, n, -1))
	beaten := LogicalAnd(Equal(labels, otherLabels), LogicalOr(GreaterThan(orders, otherOrders), before))
	return LogicalNot(LogicalAny(beaten, 1))
}

// ranks returns the descending ranks 1/m ... 1 in each row of s [n, n] among the m kept columns, and 0 in the others.
// Of entries that are equal, or less than 1e-30 apart, that of the larger order [n] ranks first.
func ranks(s, order, keep *Node) *Node {
	kept := indicator(keep, s)
	return safeMean(Mul(positions(s, order, kept), InsertAxes(kept, 0)), ReduceAllSum(kept))
}

// positionKernel is a backend that counts positions as a whole: y becomes those of s by order [n] and kept [n].
type positionKernel interface {
	Positions(y, s, order, kept compute.Value) error
}

// positions returns the positions from 1 in each row of s [n, n] among the columns where kept is 1; those of other
// columns mean nothing. They have no gradient.
func positions(s, order, kept *Node) *Node {
	if backend, ok := s.Graph().Backend().(positionKernel); ok && s.DType() == dtypes.Float32 &&
		order.DType() == dtypes.Float32 {
		y := BroadcastToDims(ReduceAllSum(s), s.Shape().Dimensions...) // stands for the result
		value := func(x *Node) compute.Value { return InternalBackendOutputs(x)[0] }
		if err := backend.Positions(value(y), value(s), value(order), value(kept)); err != nil {
			panic(err)
		}
		return y
	}
	this, other := InsertAxes(s, 2), InsertAxes(s, 1) // [i, j, 1] and [i, 1, k]
	orders, otherOrders := pairs(order)
	ties := InsertAxes(MulScalar(Sign(Sub(otherOrders, orders)), 1e-30), 0) // decide where entries are equal
	ahead := Sign(Add(Sub(other, this), ties))                              // -1, 1, and 0 for the entry itself
	// As many of m are ahead as half of m and the sum of these signs.
	return MulScalar(OnePlus(Add(Einsum("ijk,k->ij", ahead, kept), ReduceAllSum(kept))), 0.5)
}

// blackBox returns rank(s) with the gradient of a black box.
func blackBox(s *Node, rank func(*Node) *Node, lambda float64) *Node {
	value := StopGradient(rank(s))
	through := IdentityWithCustomGradient(s, func(s, gradient *Node) *Node {
		moved := rank(Add(s, MulScalar(gradient, lambda)))
		return DivScalar(Sub(moved, value), lambda+1e-8)
	})
	return Add(value, Sub(through, StopGradient(through)))
}
