package methods

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"github.com/dirbench/dirbench/methods/kernel"
)

func init() {
	Register(Method{Name: "dist-loss", Fits: samplesHaveLabels,
		Summary: "Dist Loss: the sorted predictions of a batch are near the sorted labels that the training " +
			"distribution expects",
		Paper: "Nie, Tang, Hong, Dist Loss: Enhancing Regression in Few-Shot Region through Distribution Distance " +
			"Constraint, " +
			"ICLR 2025",
		Settings: func(t Traits) any { return &DistLossSettings{Factor: 1, Strength: t.perYear(0.1), Bandwidth: 0.5} },
		Prepare: func(t Training, settings any) (any, error) {
			return newExpectation(t, settings.(*DistLossSettings).Bandwidth)
		},
		Penalty: func(s *Step) *Node {
			own := s.Settings.(*DistLossSettings)
			labels := s.Prepared.(expectation).labels(s.Prediction.Shape().Size())
			dist := DistLoss{Base: s.Base, Strength: own.Strength}
			sorted := DivScalar(dist.Sort(MulScalar(s.Prediction, s.LabelScale)), s.LabelScale)
			expected := DivScalar(constants(s.Prediction, labels), s.LabelScale)
			return MulScalar(dist.mean(sorted, expected, OnesLike(sorted)), own.Factor)
		},
	})
}

// DistLossSettings are the settings of the method dist-loss, whose sorted term is added to the loss; see DistLoss.
// Other than in the published code the weights of the loss are not those of the sorted term, where they would be those
// of other samples; the labels expected of a batch are CumulativeCounts; and the smaller batch at the end of an epoch
// takes part, with labels for its size.
type DistLossSettings struct {
	Factor    float64 `yaml:"factor" json:"factor"`       // of the sorted term
	Strength  float64 `yaml:"strength" json:"strength"`   // of the soft sort of labels in label units; 0: hard
	Bandwidth float64 `yaml:"bandwidth" json:"bandwidth"` // of the label density, in standard deviations of the labels
}

// Validate reports the first thing wrong with the settings.
func (s DistLossSettings) Validate() error {
	if s.Factor < 0 || s.Strength < 0 || !(s.Bandwidth > 0) {
		return fmt.Errorf("factor %g, strength %g, bandwidth %g: expected factor and strength 0 or more, bandwidth "+
			"more than 0",
			s.Factor, s.Strength, s.Bandwidth)
	}
	return nil
}

// expectation is the density of the training labels at the lower ends of the bins, and at the upper end of the last one
// if there are labels above its lower end.
type expectation struct {
	density      []float64
	lowest, step float64
}

func newExpectation(t Training, bandwidth float64) (e expectation, err error) {
	e.lowest, e.step = t.Lowest, t.Width
	highest := t.Lowest + float64(len(t.Centers)-1)*t.Width
	labels := widened(t.Labels)
	if len(labels) > 0 && slices.Max(labels) > highest {
		highest += t.Width
	}
	e.density, err = DistDensity(labels, bandwidth, e.lowest, highest, e.step)
	return e, err
}

// labels returns the labels expected of a batch, in ascending order.
func (e expectation) labels(batch int) []float64 {
	return ExpectedLabels(CumulativeCounts(e.density, batch), batch, e.lowest, e.step)
}

// DistLoss is that of Nie, Tang, Hong: Dist Loss: Enhancing Regression in Few-Shot Region through Distribution
// Distance Constraint (ICLR 2025). Beside its plain loss, a batch pays for the distance between its sorted predictions
// and the labels expected, in order, of a batch that follows the training distribution.
type DistLoss struct {
	// Base is the loss of a prediction and of a sorted prediction. Published: L1.
	Base Loss
	// Strength is that of the soft sort, see SoftSort; published: 0.1. 0 sorts hard.
	Strength float64
}

// Loss returns the two terms of the loss, scalars whose sum is the published one: the means over the batch of w_i
// base(p_i, y_i) and of w_i base(sorted p at position i, expected_i). That the weight of sample i applies to position
// i of the sorted batch, another sample's, is as in the published code. Prediction p, target y, expected labels in
// ascending order and weight w are [n].
func (d DistLoss) Loss(prediction, target, expected, weight *Node) (plain, sorted *Node) {
	return d.mean(prediction, target, weight), d.mean(d.Sort(prediction), expected, weight)
}

func (d DistLoss) mean(prediction, target, weight *Node) *Node {
	if d.Base.Kind == LossL1 { // no gradient where a sorted prediction equals its label
		return ReduceAllMean(Mul(magnitude(Sub(prediction, target)), weight))
	}
	return d.Base.Mean(prediction, target, weight)
}

// Sort returns x [n] in ascending order, softly where Strength is set.
func (d DistLoss) Sort(x *Node) *Node {
	if d.Strength == 0 {
		return HardSort(x)
	}
	return SoftSort(x, d.Strength)
}

// HardSort returns x [n] in ascending order, equal values in theirs. The gradient of a position is that of its sample.
// It compares all pairs, so it works on backends without a sort; memory is n².
func HardSort(x *Node) *Node {
	n := x.Shape().Dim(0)
	rows, columns := pairs(x)
	earlier := LogicalAnd(Equal(rows, columns), ShapedLowerTriangular(x.Graph(), n, n, -1))
	position := ReduceSum(indicator(LogicalOr(LessThan(columns, rows), earlier), x), 1)
	places := Iota(x.Graph(), position.Shape(), 0)
	permutation := indicator(Equal(InsertAxes(places, 1), InsertAxes(position, 0)), x) // [place, sample]
	return Einsum("ij,j->i", permutation, x)
}

// SoftSort returns x [n] in ascending order by the fast soft sort of Blondel, Teboul, Berthet, Djolonga (ICML 2020)
// with the quadratic regulariser. With weights w = (n, n-1, ..., 1) / strength and sorted values x_(i), it is v - w,
// where v is the least-squares fit to w + x_( ) that does not increase. Values closer than 1/strength to their sorted
// neighbours come out as HardSort has them; others are pooled, and share their gradient. Memory is n².
func SoftSort(x *Node, strength float64) *Node {
	n := x.Shape().Dim(0)
	sorted := HardSort(x)
	weights := DivScalar(AddScalar(Neg(Iota(x.Graph(), x.Shape(), 0)), float64(n)), strength)
	fit := decreasingFit(StopGradient(Add(sorted, weights)))
	rounding := 1e-6
	if x.DType() == dtypes.Float64 {
		rounding = 1e-12
	}
	// A block of the fit is where it is constant; there v - w is the block's mean of sorted values and weights, less w.
	rows, columns := pairs(fit)
	pooled := indicator(LessOrEqual(Abs(Sub(rows, columns)), MulScalar(ReduceAllMax(Abs(fit)), rounding)), x)
	pooled = Div(pooled, ReduceAndKeep(pooled, ReduceSum, 1))
	blockMean := func(values *Node) *Node { return Einsum("ij,j->i", pooled, values) }
	return Add(blockMean(sorted), Sub(blockMean(weights), weights))
}

// decreasingFit returns the least-squares fit to x [n] that does not increase, by the min-max formula of isotonic
// regression: v_i is the smallest over a <= i of the largest over b >= i of the mean of x_a ... x_b.
func decreasingFit(x *Node) *Node {
	g, n := x.Graph(), x.Shape().Dim(0)
	upTo := Einsum("ij,j->i", indicator(LowerTriangular(g, n), x), x)
	before, through := InsertAxes(Sub(upTo, x), 1), InsertAxes(upTo, 0)
	places := Iota(g, x.Shape(), 0)
	first, last := pairs(places)
	length := OnePlus(Sub(last, first))
	inOrder := IsPositive(length) // a <= b
	means := Div(Sub(through, before), Where(inOrder, length, OnesLike(length)))
	means = Where(inOrder, means, ConstAs(means, -math.MaxFloat32))
	for step := 1; step < n; step *= 2 { // largest over b' >= b
		means = Max(means, ShiftLeft(means, step, -math.MaxFloat32))
	}
	means = Where(inOrder, means, ConstAs(means, math.MaxFloat32))
	return ReduceMin(means, 0)
}

// DistDensity returns the density of training labels at min, min + step, ..., max, of sum 1: a Gaussian kernel density
// whose bandwidth is factor (published: 0.5) times the standard deviation of the labels. Labels outside min..max are
// left out.
func DistDensity(labels []float64, factor, lowest, highest, step float64) ([]float64, error) {
	if !(step > 0) || !(highest > lowest) || !(factor > 0) {
		return nil, fmt.Errorf("dist loss: labels %g to %g by %g, factor %g: expected a range and positive numbers",
			lowest, highest, step, factor)
	}
	inside := slices.DeleteFunc(slices.Clone(labels), func(y float64) bool { return !(y >= lowest && y <= highest) })
	deviation := stat.StdDev(inside, nil)
	if !(deviation > 0) {
		return nil, fmt.Errorf("dist loss: %d training labels in %g to %g, without spread: expected two different ones",
			len(inside), lowest, highest)
	}
	at := kernel.Density(inside, factor*deviation)
	density := make([]float64, int(math.Round((highest-lowest)/step))+1)
	for i := range density {
		density[i] = at(lowest + float64(i)*step)
	}
	floats.Scale(1/floats.Sum(density), density)
	return density, nil
}

// CumulativeCounts returns counts of a density whose sums up to each point are density × batch rounded: the labels of a
// batch are then the density's quantiles at 1/2, 3/2, ... of their number. Of labels that are rare for a batch some are
// expected, where the largest remainders of density × batch would move them all towards the mode.
func CumulativeCounts(density []float64, batch int) []int {
	counts := make([]int, len(density))
	sum, before := 0.0, 0
	for i, q := range density {
		sum += q
		upTo := int(math.Floor(sum*float64(batch) + 0.5))
		if i == len(density)-1 {
			upTo = batch
		}
		counts[i], before = upTo-before, upTo
	}
	return counts
}

// ExpectedLabels lists the labels of a batch in ascending order by their counts; count i belongs to lowest + i step.
// Labels that the counts lack are 0 at the end, those over are left out, as in the published code. Counts
// below 0, which its rounding can make, stand for no label. [CumulativeCounts] has none of these.
func ExpectedLabels(counts []int, batch int, lowest, step float64) []float64 {
	labels := make([]float64, batch)
	at := 0
	for i, n := range counts {
		for ; n > 0 && at < batch; n-- {
			labels[at] = lowest + float64(i)*step
			at++
		}
	}
	return labels
}
