package analysis

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// leastSamples is the number of features from which on a bucket's mean and variance are compared: fewer have no
// variance.
const leastSamples = 2

// Buckets are the moments of a network's features in each bin of the label space, and the errors of the predictions
// from them.
type Buckets struct {
	Counts         []int       // features in each bin
	Mean, Variance [][]float64 // [bins][dim]; rows of bins with fewer than two features are not looked at
	Errors         metrics.Scores
}

// FeatureSimilarity compares the features in every bin with those in an anchor bin, as figures 4 and 6 of Yang et al.
// 2021 do: by the cosine similarity of the two means, and of the two variances,
//
//	cos(a, b) = Σ a_i b_i / (√Σ a_i² √Σ b_i²).
//
// Networks trained on imbalanced labels let rare labels inherit the statistics of frequent ones, so that they are
// similar to an anchor far from them; similarity should fall with the distance of labels.
type FeatureSimilarity struct {
	Name     string          `json:"name"`
	Run      string          `json:"run"`      // its folder
	Features string          `json:"features"` // OfEncoder or Calibrated
	Bins     []BinSimilarity `json:"bins"`     // those with training labels
	Mean     SimilarityTrend `json:"mean"`
	Variance SimilarityTrend `json:"variance"`
	// Errors are those of the regressor's predictions from these features, over the training split.
	Errors metrics.Scores `json:"errors"`
	space  datasets.LabelSpace
	anchor int
}

// What the features of a FeatureSimilarity are.
const (
	OfEncoder  = "encoder"    // as the encoder makes them
	Calibrated = "calibrated" // after the calibration layer of feature distribution smoothing
)

// BinSimilarity is how similar a bin's features are to the anchor's; undefined with fewer than two features.
type BinSimilarity struct {
	Bin      int             `json:"bin"`
	Lower    float64         `json:"lower"` // smallest label
	Region   datasets.Region `json:"region"`
	N        int             `json:"n"` // features
	Mean     metrics.Value   `json:"mean"`
	Variance metrics.Value   `json:"variance"`
}

// SimilarityTrend says how similarity changes with the distance of labels |bin - anchor|, over the bins with at least
// two features but the anchor: Pearson's r = cov(s, d) / (std(s) std(d)) of similarities s and distances d, and
// Spearman's ρ, which is Pearson's r of their ranks. -1 is similarity that falls with distance.
type SimilarityTrend struct {
	Pearson     metrics.Value `json:"pearson"`
	Spearman    metrics.Value `json:"spearman"`
	FewSpearman metrics.Value `json:"few_spearman"` // over few-shot bins alone
	FewMean     metrics.Value `json:"few_mean"`     // mean similarity of few-shot bins
}

// Anchor returns the bin that features are compared with: that of a given label or, if it is NaN, of age 30 as in the
// paper, and for other labels the one with most training samples. The error says that a label is out of range.
func Anchor(d store.Dataset, label float64) (int, error) {
	space := d.LabelSpace
	if !math.IsNaN(label) {
		if err := space.Check(float32(label)); err != nil {
			return 0, err
		}
		return space.Bin(float32(label)), nil
	}
	const age = 30
	if space.Unit == "years" && len(d.TrainCounts) > age && d.TrainCounts[space.Bin(age)] >= leastSamples {
		return space.Bin(age), nil
	}
	most := 0
	for bin, n := range d.TrainCounts {
		if n > d.TrainCounts[most] {
			most = bin
		}
	}
	return most, nil
}

// CompareFeatures compares the features in every bin with those in the anchor bin, which must hold at least two.
func CompareFeatures(d store.Dataset, b Buckets, anchor int) (FeatureSimilarity, error) {
	s := FeatureSimilarity{Errors: b.Errors, space: d.LabelSpace, anchor: anchor}
	if len(b.Counts) != d.LabelSpace.Bins || len(d.TrainCounts) != d.LabelSpace.Bins {
		return s, fmt.Errorf("statistics of %d bins: expected %d", len(b.Counts), d.LabelSpace.Bins)
	}
	if n := b.Counts[anchor]; n < leastSamples {
		return s, fmt.Errorf("the anchor bin from label %g has %d training samples: expected one with at least %d",
			d.LabelSpace.Lower(anchor), n, leastSamples)
	}
	regions := d.Shots.Regions(d.TrainCounts)
	for bin, n := range b.Counts {
		if n == 0 {
			continue
		}
		row := BinSimilarity{bin, d.LabelSpace.Lower(bin), regions[bin], n, metrics.Undefined(), metrics.Undefined()}
		if n >= leastSamples {
			row.Mean = metrics.Value(cosine(b.Mean[bin], b.Mean[anchor]))
			row.Variance = metrics.Value(cosine(b.Variance[bin], b.Variance[anchor]))
		}
		s.Bins = append(s.Bins, row)
	}
	s.Mean = s.trend(func(b BinSimilarity) metrics.Value { return b.Mean })
	s.Variance = s.trend(func(b BinSimilarity) metrics.Value { return b.Variance })
	return s, nil
}

// cosine is the cosine similarity of two vectors; NaN if one is 0.
func cosine(a, b []float64) float64 {
	return floats.Dot(a, b) / (floats.Norm(a, 2) * floats.Norm(b, 2))
}

func (s FeatureSimilarity) trend(of func(BinSimilarity) metrics.Value) SimilarityTrend {
	var all, few [2][]float64 // distances and similarities
	for _, b := range s.Bins {
		v := of(b)
		if b.Bin == s.anchor || !v.Defined() {
			continue
		}
		distance := math.Abs(float64(b.Bin - s.anchor))
		all[0], all[1] = append(all[0], distance), append(all[1], float64(v))
		if b.Region == datasets.Few {
			few[0], few[1] = append(few[0], distance), append(few[1], float64(v))
		}
	}
	return SimilarityTrend{
		Pearson: pearson(all[0], all[1]), Spearman: pearson(metrics.Ranks(all[0]), metrics.Ranks(all[1])),
		FewSpearman: pearson(metrics.Ranks(few[0]), metrics.Ranks(few[1])), FewMean: metrics.Value(stat.Mean(few[1], nil)),
	}
}

// pearson is Pearson's; undefined for fewer than three pairs, of which any two lie on a line.
func pearson(x, y []float64) metrics.Value {
	if len(x) < 3 {
		return metrics.Undefined()
	}
	return metrics.Value(metrics.Correlation(x, y))
}

// FeatureReport compares the features of several runs on one dataset.
type FeatureReport struct {
	Benchmark string              `json:"benchmark"`
	Title     string              `json:"title"` // of the dataset
	Twin      bool                `json:"twin"`
	Unit      string              `json:"unit,omitempty"`
	Metric    metrics.Metric      `json:"metric"` // of the errors that the sheet shows
	Anchor    int                 `json:"anchor_bin"`
	Lower     float64             `json:"anchor"` // smallest label of the anchor bin
	Series    []FeatureSimilarity `json:"series"`
}

// NewFeatureReport returns a report without series.
func NewFeatureReport(m store.Manifest, anchor int) FeatureReport {
	d := m.Dataset
	return FeatureReport{Benchmark: m.Benchmark, Title: reports.Title(m), Twin: d.Twin, Unit: d.LabelSpace.Unit,
		Metric: m.Metrics[0], Anchor: anchor, Lower: d.LabelSpace.Lower(anchor), Series: []FeatureSimilarity{}}
}

// AnchorLabel is the anchor with its unit.
func (r FeatureReport) AnchorLabel() string {
	label := strconv.FormatFloat(r.Lower, 'g', 4, 64)
	if r.Unit != "" {
		label += " " + r.Unit
	}
	return label
}

// Sheet lays the trends out, a row for each series.
func (r FeatureReport) Sheet() reports.Sheet {
	s := reports.Sheet{
		Title: r.Title + ": features by label",
		Caption: []string{
			"Cosine similarity of each label bin's feature mean, and feature variance, to those of the anchor bin, " +
				r.AnchorLabel() +
				", on the training split in evaluation mode.",
			"Over the bins with at least two training samples but the anchor, r is Pearson's correlation of similarity with " +
				"the distance " +
				"of labels and ρ Spearman's: -1 where similarity falls with distance, as it should.",
			"Few: of few-shot bins alone, ρ and the mean similarity. Statistics of few samples are noisy, which makes them " +
				"less similar.",
			"A bin with fewer than two samples has no statistics; — stands where too few bins are left.",
			"Training " + r.Metric.Label() + ": of the regressor's predictions from these features, on the same rows in the " +
				"same mode. Test samples " +
				"are never calibrated: where calibrated features err far less, the regressor reads the label's bin out of the " +
				"calibration.",
		},
		Columns: []reports.SheetColumn{{Header: "Features"}, {Header: "Bins", Number: true},
			{Header: "Training " + r.Metric.Label() + " " + r.Metric.Arrow(), Number: true}},
	}
	for _, kind := range []string{"Mean", "Variance"} {
		for _, figure := range []string{"r", "ρ", "Few ρ", "Few"} {
			s.Columns = append(s.Columns, reports.SheetColumn{Header: kind + " " + figure, Number: true})
		}
	}
	for _, series := range r.Series {
		n := series.compared()
		row := []reports.SheetCell{reports.Text(series.Name), reports.Number(strconv.Itoa(n), float64(n)),
			r.trainingError(series)}
		for _, t := range []SimilarityTrend{series.Mean, series.Variance} {
			row = append(row, coefficient(t.Pearson), coefficient(t.Spearman), coefficient(t.FewSpearman),
				coefficient(t.FewMean))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

func (r FeatureReport) trainingError(s FeatureSimilarity) reports.SheetCell {
	return summary([]metrics.Value{s.Errors.Values[r.Metric]}, max(2, r.Metric.Decimals(s.space)))
}

// compared is the number of bins that the trends are taken over.
func (s FeatureSimilarity) compared() int {
	n := 0
	for _, b := range s.Bins {
		if b.N >= leastSamples && b.Bin != s.anchor {
			n++
		}
	}
	return n
}

func coefficient(v metrics.Value) reports.SheetCell { return summary([]metrics.Value{v}, 3) }
