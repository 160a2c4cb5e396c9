package conformance

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"gonum.org/v1/gonum/floats"

	"github.com/dirbench/dirbench/methods"
)

func checkDistLoss(c *comparison, content []byte) error {
	return c.byKind(content, map[string]kindCheck{
		"density":         (*comparison).checkDistDensity,
		"expected_labels": (*comparison).checkExpectedLabels,
		"loss":            (*comparison).checkDistLossValue,
	})
}

func (c *comparison) checkDistDensity(name string, content []byte) error {
	var v struct {
		Labels  []float64
		Factor  float64 `json:"bandwidth_factor"`
		Low     float64 `json:"min_label"`
		High    float64 `json:"max_label"`
		Step    float64
		Density []float64
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	density, err := methods.DistDensity(v.Labels, v.Factor, v.Low, v.High, v.Step)
	if v.Density == nil {
		return c.refused(name, err)
	}
	if err != nil {
		return err
	}
	return c.addResults(name, [][]float64{density}, expected{"density", v.Density})
}

func (c *comparison) checkExpectedLabels(name string, content []byte) error {
	var v struct {
		Density      []float64
		Batch        int     `json:"batch_size"`
		Low          float64 `json:"min_label"`
		Step         float64
		Counts       []float64
		Labels       []float64
		MendedCounts []float64 `json:"mended_counts"`
		MendedLabels []float64 `json:"mended_labels"`
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	var released []int
	if v.Counts != nil || v.Labels != nil { // the published code takes no batch of one
		var err error
		if released, err = releasedCounts(v.Density, v.Batch); err != nil {
			return err
		}
	}
	mended := largestRemainders(v.Density, v.Batch)
	wide := func(counts []int) []float64 {
		out := make([]float64, len(counts))
		for i, n := range counts {
			out[i] = float64(n)
		}
		return out
	}
	labels := func(counts []int) []float64 { return methods.ExpectedLabels(counts, v.Batch, v.Low, v.Step) }
	return c.addResults(name, [][]float64{wide(released), labels(released), wide(mended), labels(mended)},
		expected{"counts", v.Counts}, expected{"labels", v.Labels},
		expected{"mended counts", v.MendedCounts}, expected{"mended labels", v.MendedLabels})
}

func (c *comparison) checkDistLossValue(name string, content []byte) error {
	var v struct {
		Base, Sort                      string
		Weight                          float64 `json:"dist_weight"`
		Strength                        float64
		Pred, Target, Expected, Weights []float64
		Sorted                          []float64 `json:"sorted_pred"`
		Value                           float64
		DistValue                       float64   `json:"dist_value"`
		PlainValue                      float64   `json:"plain_value"`
		Grad                            []float64 `json:"grad_pred"`
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	if v.Sort != "hard" && v.Sort != "soft-l2" {
		return fmt.Errorf("sort %q: expected hard or soft-l2", v.Sort)
	}
	loss := methods.DistLoss{Base: methods.Loss{Kind: v.Base}, Strength: v.Strength}
	switch v.Base {
	case methods.LossHuber:
		loss.Base.Beta = 1
	case methods.LossFocalL1:
		loss.Base.Beta, loss.Base.Gamma, loss.Base.Activation = 0.2, 1, "sigmoid"
	}
	if err := loss.Base.Validate(); err != nil {
		return err
	}
	if v.Weights == nil {
		v.Weights = ones(len(v.Pred))
	}
	got, err := c.call(func(in []*Node) []*Node {
		plain, sorted := loss.Loss(in[0], in[1], in[2], in[3])
		value := Add(plain, MulScalar(sorted, v.Weight))
		return []*Node{value, sorted, plain, loss.Sort(in[0]), Gradient(value, in[0])[0]}
	}, v.Pred, v.Target, v.Expected, v.Weights)
	if err != nil {
		return err
	}
	return c.addResults(name, got, expected{"value", []float64{v.Value}}, expected{"sorted term", []float64{v.DistValue}},
		expected{"plain term", []float64{v.PlainValue}}, expected{"sorted predictions", v.Sorted},
		expected{"gradient", v.Grad})
}

// largestRemainders returns how many labels of a batch are expected at each point of a density: density × batch
// rounded down, what is left going to the largest fractions, of equal ones to the lower label.
func largestRemainders(density []float64, batch int) []int {
	counts, order := make([]int, len(density)), make([]int, len(density))
	left := batch
	for i, q := range density {
		counts[i], order[i] = int(q*float64(batch)), i
		left -= counts[i]
	}
	fraction := func(i int) float64 { return density[i]*float64(batch) - float64(counts[i]) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(fraction(b), fraction(a)) })
	for _, i := range order[:max(0, min(left, len(order)))] {
		counts[i]++
	}
	return counts
}

// releasedCounts returns the expected counts of the published code. It collects each tail at the point where its
// expected count reaches 1, rounds between them, and lets the points around the mode make up for rounding. That moves
// labels by up to 51 years at the published settings, and the sum can miss the batch size. It refuses a batch of less
// than 2.
func releasedCounts(density []float64, batch int) ([]int, error) {
	if batch < 2 {
		return nil, fmt.Errorf("dist loss: batch of %d: expected at least 2", batch)
	}
	n := len(density)
	expected := slices.Clone(density)
	floats.Scale(float64(batch), expected)
	counts := make([]int, n)
	first, below := tail(n, func(i int) float64 { return expected[i] })
	fromTop, above := tail(n, func(i int) float64 { return expected[n-1-i] })
	last := n - 1 - fromTop
	counts[first] = below
	for i := first + 1; i < last; i++ {
		counts[i] = int(math.RoundToEven(expected[i]))
	}
	counts[last] = above
	makeUp(counts, batch)
	return counts, nil
}

// tail returns the first point by which a count of 1 is expected, and the expected count up to there, rounded.
func tail(n int, expected func(int) float64) (at, count int) {
	sum := 0.0
	for i := range n {
		if sum += expected(i); sum >= 1 {
			return i, int(math.RoundToEven(sum))
		}
	}
	return n - 1, int(math.RoundToEven(sum))
}

// makeUp adds what the counts lack of the batch to points around the mode, at most half of all points.
func makeUp(counts []int, batch int) {
	missing := batch
	mode := 0
	for i, c := range counts {
		missing -= c
		if c > counts[mode] {
			mode = i
		}
	}
	sign, amount, reach := 1, missing, len(counts)/2
	if missing < 0 {
		sign, amount = -1, -missing
	}
	if amount <= reach {
		addAround(counts, mode-amount/2, amount, sign)
		return
	}
	rounds := int(math.Floor(float64(missing) / float64(reach)))
	addAround(counts, mode-reach/2, reach, rounds*sign)
	counts[mode] += missing - rounds*reach
}

// addAround adds to a run of counts. A run that would begin before the first point counts from the end and so is cut
// or empty.
func addAround(counts []int, from, length, add int) {
	to := from + length
	if from < 0 {
		from += len(counts)
	}
	if to < 0 {
		to += len(counts)
	}
	for i := from; i < min(to, len(counts)); i++ {
		counts[i] += add
	}
}
