package analysis

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s (%v)", name, got, want, err)
	}
}

// fiveBins are features of two dimensions in five bins of a year, whose angles to the anchor, bin 1, are known: 60°,
// 0°, 90°, -, 180°. Bin 3 holds one sample.
func fiveBins() (store.Dataset, Buckets) {
	d := store.Dataset{Title: "Mine", TrainCounts: []int{2, 9, 2, 1, 30}, Shots: datasets.ShotRule{Many: 20, Few: 5},
		LabelSpace: datasets.LabelSpace{Unit: "m", Min: 10, Max: 15, Rule: datasets.BinInteger, Bins: 5, Width: 1}}
	return d, Buckets{Counts: d.TrainCounts,
		Mean:     [][]float64{{1, math.Sqrt(3)}, {2, 0}, {0, 5}, {1, 1}, {-1, 0}},
		Variance: [][]float64{{3, 4}, {1, 0}, {4, 3}, nil, {0, 0}},
		Errors:   metrics.Scores{N: 44, Values: map[metrics.Metric]metrics.Value{metrics.MAE: 1.256, metrics.MSE: 4}}}
}

func TestCompareFeatures(t *testing.T) {
	d, b := fiveBins()
	s, err := CompareFeatures(d, b, 1)
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	mean, variance := []float64{0.5, 1, 0, nan, -1}, []float64{0.6, 1, 0.8, nan, nan}
	for i, bin := range s.Bins {
		if !near(bin.Mean, mean[i]) || !near(bin.Variance, variance[i]) || bin.Lower != float64(10+i) ||
			bin.N != b.Counts[i] {
			t.Errorf("bin %d: %+v, want mean %g, variance %g", i, bin, mean[i], variance[i])
		}
	}
	if got := fmt.Sprint(s.Bins[0].Region, s.Bins[1].Region, s.Bins[4].Region); got != "few medium many" {
		t.Errorf("regions %s", got)
	}
	// Similarities (1/2, 0, -1) at distances (1, 1, 3): the products of deviations add up to -5/3, their squares to 7/6
	// and 8/3. Ranks are (3, 2, 1) and (1.5, 1.5, 3).
	want := SimilarityTrend{Pearson: metrics.Value(-5.0 / 3 / math.Sqrt(7.0/6*8/3)),
		Spearman: metrics.Value(-1.5 / math.Sqrt(2*1.5)), FewSpearman: metrics.Undefined(), FewMean: 0.25}
	if !near(s.Mean.Pearson, float64(want.Pearson)) || !near(s.Mean.Spearman, float64(want.Spearman)) ||
		s.Mean.FewSpearman.Defined() ||
		!near(s.Mean.FewMean, 0.25) {
		t.Errorf("trend of means %+v, want %+v", s.Mean, want)
	}
	if s.Variance.Pearson.Defined() || !near(s.Variance.FewMean, 0.7) {
		t.Errorf("trend of variances %+v over two bins", s.Variance)
	}
}

func TestCompareFeaturesRefuses(t *testing.T) {
	d, b := fiveBins()
	if _, err := CompareFeatures(d, b, 3); err == nil ||
		!strings.Contains(err.Error(), "from label 13 has 1 training samples") {
		t.Errorf("anchor with one sample: %v", err)
	}
	b.Counts = b.Counts[:4]
	if _, err := CompareFeatures(d, b, 1); err == nil {
		t.Error("statistics of other bins are taken")
	}
}

// Similarity that falls with distance on both sides has ρ -1; a bin without features is left out.
func TestTrendOfIdealFeatures(t *testing.T) {
	d := store.Dataset{LabelSpace: datasets.AgeSpace(), TrainCounts: make([]int, 121), Shots: datasets.AgeShots()}
	b := Buckets{Counts: d.TrainCounts, Mean: make([][]float64, 121), Variance: make([][]float64, 121)}
	for bin := range 90 {
		angle := float64(bin) * math.Pi / 180
		d.TrainCounts[bin], b.Mean[bin], b.Variance[bin] = 2, []float64{math.Cos(angle), math.Sin(angle)}, []float64{1, 1}
	}
	s, err := CompareFeatures(d, b, 30)
	if err != nil || len(s.Bins) != 90 || float64(s.Mean.Spearman) > -0.999 || s.compared() != 89 {
		t.Errorf("%d bins, %d compared, trend %+v (%v)", len(s.Bins), s.compared(), s.Mean, err)
	}
	if s.Variance.Pearson.Defined() {
		t.Errorf("r = %v of variances that are all alike", s.Variance.Pearson)
	}
}

func TestAnchor(t *testing.T) {
	age := store.Dataset{LabelSpace: datasets.AgeSpace(), TrainCounts: make([]int, 121)}
	age.TrainCounts[25], age.TrainCounts[30] = 9, 2
	d, _ := fiveBins()
	tests := []struct {
		dataset store.Dataset
		label   float64
		want    int
	}{{age, math.NaN(), 30}, {age, 70.5, 70}, {d, math.NaN(), 4}, {d, 12, 2}}
	for _, tt := range tests {
		if got, err := Anchor(tt.dataset, tt.label); got != tt.want || err != nil {
			t.Errorf("%s, label %g: bin %d (%v), want %d", tt.dataset.Title, tt.label, got, err, tt.want)
		}
	}
	age.TrainCounts[30] = 1
	if got, _ := Anchor(age, math.NaN()); got != 25 {
		t.Errorf("age 30 has one sample: anchor %d, want where most are, 25", got)
	}
	if _, err := Anchor(d, 99); err == nil || err.Error() != "label 99 is outside [10, 15]" {
		t.Errorf("error %v", err)
	}
}

func TestFeatureReport(t *testing.T) {
	d, b := fiveBins()
	s, err := CompareFeatures(d, b, 1)
	if err != nil {
		t.Fatal(err)
	}
	s.Name, s.Run, s.Features = "fds, calibrated", "results/x", Calibrated
	d.Twin = true
	report := NewFeatureReport(store.Manifest{Benchmark: "mine", Dataset: d,
		Metrics: []metrics.Metric{metrics.MAE, metrics.GM}}, 1)
	report.Series = append(report.Series, s)
	var text strings.Builder
	if err := reports.Markdown(&text, reports.NewDocument(nil, report.Sheet())); err != nil {
		t.Fatal(err)
	}
	golden(t, "features.md", text.String())
	raw, err := json.Marshal(report)
	if !strings.Contains(string(raw), `"errors":{"n":44,"values":{"mae":1.256,"mse":4}}`) {
		t.Errorf("JSON without the errors: %s", raw)
	}
	if err != nil || !strings.Contains(string(raw),
		`{"bin":3,"lower":13,"region":"few","n":1,"mean":null,"variance":null}`) {
		t.Errorf("JSON %s (%v)", raw, err)
	}
}
