package analysis

import (
	"encoding/json"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods/kernel"
	"github.com/dirbench/dirbench/runner/store"
)

func near(a metrics.Value, b float64) bool {
	return math.Abs(float64(a)-b) <= 1e-12*math.Max(1, math.Abs(b)) || !a.Defined() && math.IsNaN(b)
}

// testRun stores the predictions of a run over bins of one year, one training count each.
func testRun(t *testing.T, counts []int, rows ...store.Prediction) store.Run {
	t.Helper()
	run := store.Run{Dir: t.TempDir(), Status: store.Status{State: store.Done}, Manifest: store.Manifest{
		Hash: "01", Benchmark: "mine", Scale: "tiny", Method: "vanilla", Fidelity: "paper",
		Metrics: []metrics.Metric{metrics.MAE}, Config: json.RawMessage(`{"seed":0}`),
		Dataset: store.Dataset{
			Name: "mine", Title: "Mine", Shots: datasets.AgeShots(), TrainCounts: counts,
			LabelSpace: datasets.LabelSpace{Unit: "years", Min: 0, Max: 20, Rule: datasets.BinInteger, Bins: len(counts),
				Width: 1},
		},
	}}
	if err := store.WritePredictions(filepath.Join(run.Dir, store.PredictionsFile), slices.Values(rows)); err != nil {
		t.Fatal(err)
	}
	return run
}

// sample is a prediction of a whole label in the test split, with an error.
func sample(label int, err float32) store.Prediction {
	return store.Prediction{ID: "x", Split: datasets.Test, Label: float32(label), Prediction: float32(label) + err,
		Bin: int32(label)}
}

func TestBins(t *testing.T) {
	val := sample(1, 50)
	val.Split = datasets.Val
	run := testRun(t, []int{5, 0, 7}, sample(0, 1), val, sample(0, -4), sample(2, 0))
	bins, err := Bins(run, datasets.Test)
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	want := []struct {
		lower, upper             float64
		train, n                 int
		mae, mse, rmse, gm, bias float64
	}{
		{0, 1, 5, 2, 2.5, 8.5, math.Sqrt(8.5), 2, -1.5},
		{1, 2, 0, 0, nan, nan, nan, nan, nan},
		{2, 20, 7, 1, 0, 0, 0, 0, 0},
	}
	for i, w := range want {
		b := bins[i]
		if b.Index != i || b.Lower != w.lower || b.Upper != w.upper || b.Train != w.train || b.N != w.n {
			t.Errorf("bin %d: %+v, want %+v", i, b, w)
		}
		for _, pair := range [][2]float64{{float64(b.Error(metrics.MAE)), w.mae}, {float64(b.Error(metrics.MSE)), w.mse},
			{float64(b.Error(metrics.RMSE)), w.rmse}, {float64(b.Error(metrics.GM)), w.gm}, {float64(b.Bias), w.bias}} {
			if !near(metrics.Value(pair[0]), pair[1]) {
				t.Errorf("bin %d: %+v, want %+v", i, b, w)
			}
		}
	}
	run.Manifest.GMZero = metrics.ZeroAsEpsilon
	if bins, _ := Bins(run, datasets.Test); !near(bins[2].Error(metrics.GM), 1e-10) {
		t.Errorf("GM %v of an exact hit, want 1e-10", bins[2].Error(metrics.GM))
	}
}

func TestBinsRefuses(t *testing.T) {
	outside := sample(1, 0)
	outside.Bin = 2
	lost := testRun(t, []int{5, 0}, sample(0, 1))
	lost.Manifest.Dataset.TrainCounts = nil
	for want, run := range map[string]store.Run{
		"row 1: bin 2: expected 0 to 1":                            testRun(t, []int{5, 0}, outside),
		"no predictions of split test":                             testRun(t, []int{5, 0}),
		"train_counts has 0 entries: expected one for each of the": lost,
	} {
		if _, err := Bins(run, datasets.Test); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// maeBin is a bin of which only the MAE is known.
func maeBin(n int, mae float64) Bin {
	return Bin{Scores: metrics.Scores{N: n, Values: map[metrics.Metric]metrics.Value{metrics.MAE: metrics.Value(mae)}}}
}

func TestMean(t *testing.T) {
	one := []Bin{maeBin(1, 2), maeBin(0, math.NaN())}
	two := []Bin{maeBin(1, 5), maeBin(0, math.NaN())}
	one[0].Bias, two[0].Bias = -2, 5
	mean := Mean([][]Bin{one, two})
	if mean[0].N != 1 || mean[0].Error(metrics.MAE) != 3.5 || mean[0].Bias != 1.5 ||
		mean[1].Error(metrics.MAE).Defined() ||
		one[0].Error(metrics.MAE) != 2 {
		t.Errorf("mean %+v", mean)
	}
}

func TestSmoothing(t *testing.T) {
	run := store.Run{Manifest: store.Manifest{Config: json.RawMessage(`{"seed": 0}`)}}
	if s, err := SmoothingOf(run); err != nil || s != (Smoothing{kernel.Default(), kernel.ZeroPadding}) {
		t.Errorf("%+v, %v", s, err)
	}
	run.Manifest.Dataset.Modality = datasets.Depth
	if s, err := SmoothingOf(run); err != nil || s != (Smoothing{kernel.Default(), kernel.ReflectPadding}) {
		t.Errorf("dense: %+v, %v", s, err)
	}
	run.Manifest.Config = json.RawMessage(`{"recipe": {"lds": {"kind": "triang", "size": 3}, "lds_padding": "zero"}}`)
	s, err := SmoothingOf(run)
	if got := s.Effective([]int{4, 0, 8}); err != nil || !slices.Equal(got, []float64{4, 6, 8}) {
		t.Errorf("%+v: %v, %v", s, got, err)
	}
	run.Manifest.Config = json.RawMessage(`{"recipe": {"lds": {"kind": "triang", "size": 4}}}`)
	if _, err := SmoothingOf(run); err == nil || !strings.Contains(err.Error(), "manifest.json: config: kernel size 4") {
		t.Errorf("error %v", err)
	}
}

func TestCorrelate(t *testing.T) {
	bins := []Bin{maeBin(1, 3), maeBin(0, math.NaN()), maeBin(9, 1), maeBin(1, 2)}
	// By hand over (1, 3), (3, 1), (5, 2): covariance -1, deviations 2 and 1.
	if r := Correlate(bins, metrics.MAE, []float64{1, 100, 3, 5}); !near(r, -0.5) {
		t.Errorf("r = %v, want -0.5", r)
	}
	if r := Correlate(bins, metrics.MAE, []float64{1, 100, 1, 1}); r.Defined() {
		t.Errorf("r = %v of a constant density", r)
	}
	if r := Correlate(bins[:2], metrics.MAE, []float64{1, 2}); r.Defined() {
		t.Errorf("r = %v of one bin", r)
	}
}
