package methods

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
)

func init() {
	Register(Method{Name: "ordinal-entropy", ShapesFeatures: true, Fits: samplesHaveLabels,
		Summary:  "Ordinal Entropy: features close to their label's centre, centres as far apart as labels",
		Paper:    "Zhang, Yang, Mi, Zheng, Yao, Improving Deep Regression with Ordinal Entropy, ICLR 2023",
		Settings: func(t Traits) any { return &OrdinalEntropySettings{Factor: t.besideLoss(1)} },
		Penalty: func(s *Step) *Node {
			own := s.Settings.(*OrdinalEntropySettings)
			tightness, diversity := OrdinalEntropy(s.Z, s.Target)
			return MulScalar(Sub(tightness, diversity), own.Factor)
		},
	})
}

// OrdinalEntropySettings are the settings of the method ordinal-entropy.
type OrdinalEntropySettings struct {
	Factor float64 `yaml:"factor" json:"factor"` // of the penalty, tightness - diversity; the authors' age code: 1
}

// Validate reports the first thing wrong with the settings.
func (s OrdinalEntropySettings) Validate() error {
	if s.Factor < 0 {
		return fmt.Errorf("factor %g: expected 0 or more", s.Factor)
	}
	return nil
}

// OrdinalEntropy is the regulariser of Zhang, Yang, Mi, Zheng, Yao: Improving Deep Regression with Ordinal Entropy
// (ICLR 2023), in the form of the authors' age estimation. It returns two scalars; the penalty is tightness -
// diversity.
//
// The centre c_u of a distinct label u is the mean of the raw features with that label, then scaled to unit length,
// and z^ is a feature of unit length. Tightness is the mean of |z^_i - c_(y_i)| over the samples whose label occurs
// more than once, 0 if there are none. Diversity is the mean over pairs of distinct labels of |c_u - c_v| (|y_u - y_v|
// - min)/max, with the smallest and largest label distance of the pairs, 0 with fewer than two labels. Published code
// fails in these special cases.
//
// Features z are [n, d], labels y [n].
func OrdinalEntropy(z, y *Node) (tightness, diversity *Node) {
	rows, columns := pairs(y)
	same := Equal(rows, columns)
	sameness := indicator(same, z)
	occurs := ReduceSum(sameness, 1) // [n]
	centres := unitRows(Div(Einsum("ij,jd->id", sameness, z), InsertAxes(occurs, 1)))

	repeated := indicator(GreaterThan(occurs, OnesLike(occurs)), z)
	square := ReduceSum(Square(Sub(unitRows(z), centres)), 1)
	apart := Sqrt(Where(IsZero(square), OnesLike(square), square))
	apart = Where(IsZero(square), ZerosLike(square), apart)
	tightness = safeMean(ReduceAllSum(Mul(apart, repeated)), ReduceAllSum(repeated))
	return tightness, diversityOf(centres, labelDistances(y), labelPairs(same))
}

// labelPairs marks one pair (i, j) [n, n] for each unordered pair of distinct labels: that of their first samples.
func labelPairs(same *Node) *Node {
	n := same.Shape().Dim(0)
	earlier := ShapedLowerTriangular(same.Graph(), n, n, -1) // j before i
	rows, columns := pairs(LogicalNot(LogicalAny(LogicalAnd(same, earlier), 1)))
	return LogicalAnd(LogicalAnd(rows, columns), earlier)
}

func diversityOf(centres, distance, chosen *Node) *Node {
	counted := indicator(chosen, centres)
	smallest := ReduceAllMin(Where(chosen, distance, ConstAs(distance, math.MaxFloat32)))
	largest := ReduceAllMax(Mul(distance, counted))
	weight := Div(Sub(distance, smallest), Where(IsZero(largest), OnesLike(largest), largest))
	spread := Mul(rowDistances(centres), Where(chosen, weight, ZerosLike(weight)))
	return safeMean(ReduceAllSum(spread), ReduceAllSum(counted))
}
