package methods

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"gonum.org/v1/gonum/floats"

	"github.com/dirbench/dirbench/methods/kernel"
)

func init() {
	Register(Method{Name: "uvote", Summary: "UVOTE: several heads predict a mean and its uncertainty, the most certain " +
		"one is taken",
		Paper:    "Jiang et al., Uncertainty Voting Ensemble for Imbalanced Deep Regression, GCPR 2024",
		Settings: newUVOTESettings, Prepare: uvotePrepare, Loss: uvoteLoss,
		Head: &Head{Layers: uvoteLayers, Predict: uvotePredict, Law: LawLaplace,
			Rule: "prediction = means[argmin(scales)], spread = sqrt(2) exp(min(scales))"}})
}

type uvoteSettings struct {
	Heads int              `yaml:"heads" json:"heads"`
	UVOTE `yaml:",inline"` // in network units
	// Bandwidth is that of [UVOTEDensityWeights], in label units; 0: the weights follow from the counts of bins.
	Bandwidth float64 `yaml:"bandwidth" json:"bandwidth"`
	// ScaleRate is the learning rate of the scales, in units of the recipe's.
	ScaleRate float64 `yaml:"scale_rate" json:"scale_rate"`
}

// newUVOTESettings returns those of the authors' three benchmarks, and of AgeDB-DIR for any other.
func newUVOTESettings(t Traits) any {
	s := &uvoteSettings{Heads: 2, UVOTE: UVOTE{Dynamic: true, Low: -5, High: 5}, ScaleRate: 0.1}
	switch t.Benchmark {
	case "imdb-wiki-dir":
		s.Heads, s.FadeFirst, s.High = 3, true, 10
	case "sts-b-dir":
		s.Heads, s.FadeFirst, s.Bandwidth = 3, true, 0.5
	}
	return s
}

// Validate reports the first thing wrong with the settings.
func (s *uvoteSettings) Validate() error {
	switch {
	case s.Heads < 1 || s.Heads > uvoteMostHeads:
		return fmt.Errorf("heads %d: expected 1 to %d", s.Heads, uvoteMostHeads)
	case s.Low >= s.High:
		return fmt.Errorf("low %g, high %g: expected low < high", s.Low, s.High)
	case s.Bandwidth < 0:
		return fmt.Errorf("bandwidth %g: expected 0 or more", s.Bandwidth)
	case !(s.ScaleRate > 0):
		return fmt.Errorf("scale_rate %g: expected a positive number", s.ScaleRate)
	}
	return nil
}

const uvoteMostHeads = 100

// uvoteInitial is the deviation of the heads' first weights.
const uvoteInitial = 0.01

// uvoteLayers are the means and the logarithms of the scales of all heads.
func uvoteLayers(settings any) []Layer {
	s := settings.(*uvoteSettings)
	return []Layer{{Name: "means", Outputs: s.Heads, Deviation: uvoteInitial, Rate: 1},
		{Name: "scales", Outputs: s.Heads, Deviation: uvoteInitial, Rate: s.ScaleRate}}
}

// uvoteOutputs parts the outputs into means and logarithms of scales, both [n, heads].
func uvoteOutputs(outputs *Node) (mu, logScale *Node) {
	heads := outputs.Shape().Dim(1) / 2
	return Slice(outputs, AxisRange(), AxisRange(0, heads)), Slice(outputs, AxisRange(), AxisRange(heads))
}

func uvotePredict(outputs *Node, _ any) (prediction, deviation *Node) {
	return VoteMostCertain.Predict(uvoteOutputs(outputs))
}

// uvoteWeights are the weights of samples for each head, [heads] in each row of the table.
type uvoteWeights struct {
	table  [][]float32 // by bin, or by label
	labels []float32   // the distinct training labels in network units; nil where the table is by bin
}

func uvotePrepare(t Training, settings any) (any, error) {
	s := settings.(*uvoteSettings)
	if s.Bandwidth > 0 {
		return uvoteByLabel(t, s)
	}
	w := uvoteWeights{table: uvoteTable(len(t.Counts), s.Heads)}
	for m, rate := range UVOTERates(s.Heads) {
		weights, err := UVOTEWeights(t.Counts, rate, nil)
		if err != nil {
			return nil, err
		}
		for bin, weight := range weights {
			w.table[bin][m] = float32(weight)
		}
	}
	return w, nil
}

// uvoteByLabel weights each training label by the density there.
func uvoteByLabel(t Training, s *uvoteSettings) (any, error) {
	labels, rows := widened(t.Labels), map[float32]int{}
	w := uvoteWeights{}
	for _, y := range t.Labels {
		if _, known := rows[y]; !known {
			rows[y] = len(w.labels)
			w.labels = append(w.labels, float32(float64(y)/t.LabelScale))
		}
	}
	w.table = uvoteTable(len(w.labels), s.Heads)
	for m, rate := range UVOTERates(s.Heads) {
		weights, err := UVOTEDensityWeights(labels, s.Bandwidth, rate)
		if err != nil {
			return nil, err
		}
		for i, weight := range weights {
			w.table[rows[t.Labels[i]]][m] = float32(weight)
		}
	}
	return w, nil
}

func uvoteTable(rows, heads int) [][]float32 {
	table := make([][]float32, rows)
	for i := range table {
		table[i] = make([]float32, heads)
	}
	return table
}

// of returns the weights [n, heads] of a batch.
func (w uvoteWeights) of(s *Step) *Node {
	row := s.Bin
	if w.labels != nil {
		row = ArgMin(magnitude(Sub(InsertAxes(s.Target, 1), InsertAxes(Const(s.Target.Graph(), w.labels), 0))), 1)
	}
	return Gather(Const(s.Target.Graph(), w.table), InsertAxes(row, -1))
}

func uvoteLoss(s *Step) *Node {
	own := s.Settings.(*uvoteSettings)
	mu, logScale := uvoteOutputs(s.Outputs)
	return own.Loss(mu, logScale, s.Target, s.Prepared.(uvoteWeights).of(s), s.Progress)
}

// UVOTE is that of Jiang, Sainte Fare Garnot, Schindler, Wegner: Uncertainty Voting Ensemble for Imbalanced Deep
// Regression (GCPR 2024). M heads over one feature each predict a mean mu, in the unit of the targets, and the
// logarithm s of a Laplace scale. Head m is trained with weights n^(-r_m), where n is the training count of a label
// and rates r_m run from 0 to 1; the most certain head predicts.
//
// Published: 2 heads on AgeDB-DIR, 3 on IMDB-WIKI-DIR and STS-B-DIR.
type UVOTE struct {
	// Dynamic fades the heads after the first in with the square of training progress.
	Dynamic bool `yaml:"dynamic" json:"dynamic"`
	// FadeFirst fades the first head out. Published code has it off on AgeDB-DIR, on where Dynamic is on for
	// STS-B-DIR, and always on for IMDB-WIKI-DIR.
	FadeFirst bool `yaml:"fade_first" json:"fade_first"`
	// Low and High bound s in the loss. Published: -5 and 5; -5 and 10 on IMDB-WIKI-DIR.
	Low  float64 `yaml:"low" json:"low"`
	High float64 `yaml:"high" json:"high"`
}

// Factors returns the factors [M] of the heads' losses: 1, or 1 - progress² with FadeFirst, for the first; 1, or
// progress² with Dynamic, for the others. Progress is the scalar epoch / epochs, epochs counted from 0.
func (u UVOTE) Factors(progress *Node, heads int) *Node {
	square, one := Square(progress), OnesLike(progress)
	factors := make([]*Node, heads)
	for m := range factors {
		switch {
		case m == 0 && u.FadeFirst:
			factors[m] = OneMinus(square)
		case m > 0 && u.Dynamic:
			factors[m] = square
		default:
			factors[m] = one
		}
	}
	return Stack(factors, 0)
}

// HeadLosses returns the loss of each head [M]: the mean over samples of w (ln(2 b) + |y - mu| / b) with b = e^s +
// 1e-10. Mu, log scale s and weight w are [n, M], target y is [n]. Beyond the bounds s takes no gradient.
func (u UVOTE) HeadLosses(mu, logScale, target, weight *Node) *Node {
	scale := AddScalar(Exp(ClipScalar(logScale, u.Low, u.High)), 1e-10)
	distance := magnitude(Sub(InsertAxes(target, 1), mu))
	likelihood := Add(Log(MulScalar(scale, 2)), Div(distance, scale))
	return ReduceMean(Mul(weight, likelihood), 0)
}

// Loss returns the scalar sum of the heads' losses times their factors; see Factors and HeadLosses.
func (u UVOTE) Loss(mu, logScale, target, weight, progress *Node) *Node {
	heads := mu.Shape().Dim(1)
	return ReduceAllSum(Mul(u.Factors(progress, heads), u.HeadLosses(mu, logScale, target, weight)))
}

// VoteRule says how the heads of UVOTE become one prediction.
type VoteRule string

// The rules: the head of the smallest scale, of equal ones the first (published); the mean of all heads; their mean
// with weights 1/scale.
const (
	VoteMostCertain   VoteRule = "minvar"
	VoteMean          VoteRule = "avg"
	VoteWeightedMeans VoteRule = "avgvar"
)

// Predict returns predictions and their standard deviations [n], both in the unit of the targets, from mu and log scale
// [n, M]: with the rule's weights v_m the sum of v_m mu_m and sqrt(2) exp(sum of v_m s_m). Log scales are not bounded
// here.
func (r VoteRule) Predict(mu, logScale *Node) (prediction, deviation *Node) {
	votes := r.votes(logScale)
	prediction = ReduceSum(Mul(votes, mu), 1)
	deviation = MulScalar(Exp(ReduceSum(Mul(votes, logScale), 1)), math.Sqrt2)
	return prediction, deviation
}

func (r VoteRule) votes(logScale *Node) *Node {
	heads := logScale.Shape().Dim(1)
	switch r {
	case VoteMean:
		return DivScalar(OnesLike(logScale), float64(heads))
	case VoteWeightedMeans:
		return Softmax(Neg(logScale), 1)
	}
	return OneHot(ArgMin(logScale, 1), heads, logScale.DType())
}

// UVOTERates returns the rates of M heads: equally spaced from 0 to 1, and 0 for a single head.
func UVOTERates(heads int) []float64 {
	rates := make([]float64, heads)
	for m := range rates {
		rates[m] = float64(m) / float64(max(1, heads-1))
	}
	return rates
}

// Bounds of the training counts at rate 1.
const (
	uvoteFewest = 5
	uvoteMost   = 1000
)

// UVOTEWeights returns the weight of each bin for a head of a rate: count^(-rate), mean 1 over the training samples, 0
// for a bin without any. At rate 1 counts are first brought into 5..1000. LDS, when set, smooths count^rate after
// that.
func UVOTEWeights(counts []int, rate float64, lds *Kernel) ([]float64, error) {
	if lds != nil {
		if err := lds.Validate(); err != nil {
			return nil, err
		}
	}
	powers := make([]float64, len(counts))
	for i, n := range counts {
		if rate == 1 {
			n = min(max(n, uvoteFewest), uvoteMost)
		}
		powers[i] = math.Pow(float64(n), rate)
	}
	if lds != nil {
		powers = lds.Smooth(powers, ZeroPadding)
	}
	weights := make([]float64, len(counts))
	samples, sum := 0, 0.0
	for i, n := range counts {
		if n > 0 {
			weights[i] = 1 / powers[i]
			samples, sum = samples+n, sum+float64(n)*weights[i]
		}
	}
	if samples == 0 {
		return nil, fmt.Errorf("uvote: no training sample in any of %d bins", len(counts))
	}
	return scaled(weights, float64(samples)/sum), nil
}

// UVOTEDensityWeights returns the weight of each training label for a head of a rate, as published for STS-B-DIR:
// p^(-rate), mean 1, where p is a kernel density with a Gaussian of standard deviation bandwidth in the unit of the
// labels (published: 0.5).
func UVOTEDensityWeights(labels []float64, bandwidth, rate float64) ([]float64, error) {
	if len(labels) == 0 || !(bandwidth > 0) {
		return nil, fmt.Errorf("uvote: %d labels, bandwidth %g: expected some labels and a positive bandwidth",
			len(labels), bandwidth)
	}
	density := kernel.Density(labels, bandwidth)
	known := map[float64]float64{}
	weights := make([]float64, len(labels))
	for i, y := range labels {
		if _, ok := known[y]; !ok {
			known[y] = math.Pow(density(y), -rate)
		}
		weights[i] = known[y]
	}
	return scaled(weights, float64(len(labels))/floats.Sum(weights)), nil
}
