package store

import (
	"bytes"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
)

// somePredictions yields n rows, of train, val and test in turn.
func somePredictions(n int) iter.Seq[Prediction] {
	return func(yield func(Prediction) bool) {
		for i := range n {
			p := Prediction{
				ID: fmt.Sprintf("sample-%d", i), Split: datasets.Splits[i%3],
				Label: float32(i % 50), Prediction: float32(i%50) + 0.5, Bin: int32(i % 50),
			}
			if !yield(p) {
				return
			}
		}
	}
}

func readAll(t *testing.T, path string) []Prediction {
	t.Helper()
	var got []Prediction
	for p, err := range ReadPredictions(path) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p)
	}
	return got
}

func TestPredictionsRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, readRows + 1, rowGroupRows + 3} {
		path := filepath.Join(t.TempDir(), PredictionsFile)
		if err := WritePredictions(path, somePredictions(n)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(slices.Collect(somePredictions(n)), readAll(t, path)); diff != "" {
			t.Errorf("%d rows: %s", n, diff)
		}
		first, _ := os.ReadFile(path)
		if err := WritePredictions(path, somePredictions(n)); err != nil {
			t.Fatal(err)
		}
		if second, _ := os.ReadFile(path); !bytes.Equal(first, second) {
			t.Errorf("%d rows: a second write has other bytes", n)
		}
	}
}

// TestSpreads: the column is there for those who ask for it, and rows without one have none.
func TestSpreads(t *testing.T) {
	path := filepath.Join(t.TempDir(), PredictionsFile)
	want := slices.Collect(somePredictions(readRows + 1))
	for i := range want {
		want[i].Spread = float32(i) / 4
	}
	if err := WriteSpreads(path, slices.Values(want)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, readAll(t, path)); diff != "" {
		t.Error(diff)
	}
	if err := WritePredictions(path, slices.Values(want)); err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, path); got[1].Spread != 0 || got[1].Label != want[1].Label {
		t.Errorf("%+v without the column", got[1])
	}
}

// TestEvaluateSpread: errors of 1 and 2 with the scales 1 and 2 of a Laplace distribution.
func TestEvaluateSpread(t *testing.T) {
	root := float32(math.Sqrt2)
	rows := []Prediction{
		{ID: "a", Split: datasets.Test, Label: 1, Prediction: 2, Spread: root},
		{ID: "b", Split: datasets.Test, Label: 1, Prediction: 3, Spread: 2 * root},
	}
	dir, m := evaluable(t, rows...)
	if err := WriteSpreads(filepath.Join(dir, PredictionsFile), slices.Values(rows)); err != nil {
		t.Fatal(err)
	}
	m.SpreadLaw = metrics.Laplace
	results, err := Evaluate(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	want := (math.Log(2) + 1 + math.Log(4) + 1) / 2
	if got := float64(results["test"][metrics.All].Values[metrics.NLL]); math.Abs(got-want) > 1e-6 {
		t.Errorf("NLL %g, want %g", got, want)
	}
	if got := results["test"][metrics.All].Values[metrics.AUSE]; got != 0 {
		t.Errorf("AUSE %g of spreads in the order of the errors", got)
	}
}

func TestReadPredictionsStopsEarly(t *testing.T) {
	path := filepath.Join(t.TempDir(), PredictionsFile)
	if err := WritePredictions(path, somePredictions(10)); err != nil {
		t.Fatal(err)
	}
	for p, err := range ReadPredictions(path) {
		if err != nil || p.ID != "sample-0" {
			t.Fatalf("first row %+v (%v)", p, err)
		}
		break
	}
}

// Every cut, and a flipped byte anywhere, gives an error of one line or different values, never a panic.
func TestDamagedPredictions(t *testing.T) {
	path := filepath.Join(t.TempDir(), PredictionsFile)
	if err := WritePredictions(path, somePredictions(100)); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		if err := readDamaged(t, path, good[:i]); err == nil {
			t.Errorf("cut to %d of %d bytes: no error", i, len(good))
		}
		flipped := bytes.Clone(good)
		flipped[i] ^= 0x55
		readDamaged(t, path, flipped)
	}
	if err := readDamaged(t, path, []byte("not a Parquet file at all")); err == nil {
		t.Error("a text file was accepted")
	}
}

func readDamaged(t *testing.T, path string, content []byte) error {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, err := range ReadPredictions(path) {
		if err == nil {
			continue
		}
		if !strings.HasPrefix(err.Error(), path+": ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %q, want one line that begins with the file", err)
		}
		return err
	}
	return nil
}

func evaluable(t *testing.T, rows ...Prediction) (string, Manifest) {
	t.Helper()
	dir := t.TempDir()
	if err := WritePredictions(filepath.Join(dir, PredictionsFile), slices.Values(rows)); err != nil {
		t.Fatal(err)
	}
	space := datasets.LabelSpace{Min: 0, Max: 10, Rule: datasets.BinInteger, Bins: 2, Width: 1}
	return dir, Manifest{Dataset: Dataset{LabelSpace: space, Shots: datasets.AgeShots(), TrainCounts: []int{200, 5}}}
}

func TestEvaluate(t *testing.T) {
	dir, m := evaluable(t,
		Prediction{ID: "a", Split: "test", Label: 0, Prediction: 2, Bin: 0},
		Prediction{ID: "b", Split: "test", Label: 1, Prediction: 1, Bin: 1},
		Prediction{ID: "c", Split: "val", Label: 1, Prediction: 4, Bin: 1},
	)
	got, err := Evaluate(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got["test"][datasets.Many].Values[metrics.MAE] != 2 || got["test"][datasets.Few].N != 1 ||
		got["val"][metrics.All].Values[metrics.MAE] != 3 {
		t.Errorf("results %+v", got)
	}
	if gm := got["test"][datasets.Few].Values[metrics.GM]; gm != 0 {
		t.Errorf("GM of an exact hit %v, want 0", gm)
	}
	m.Dataset.Shots, m.GMZero = datasets.ShotRule{Many: 3, Few: 1}, metrics.ZeroAsEpsilon
	got, err = Evaluate(dir, m)
	if err != nil || got["test"][datasets.Many].N != 2 || got["test"][metrics.All].Values[metrics.GM] == 0 {
		t.Errorf("results %+v (%v) under another shot rule and zero policy", got, err)
	}
}

// Pixels are scored as depths: bin 10 is many-shot by the fixed list, bin 0 few-shot whatever its count.
func TestEvaluateDense(t *testing.T) {
	dir, m := evaluable(t,
		Prediction{ID: "00000@8,6", Split: "test", Label: 1, Prediction: 2, Bin: 10},
		Prediction{ID: "00000@9,6", Split: "test", Label: 1, Prediction: 1, Bin: 10},
		Prediction{ID: "00001@8,6", Split: "test", Label: 0.5, Prediction: 4.5, Bin: 5},
	)
	counts := make([]int, 100)
	counts[5] = 3_000_000_000
	m.Dataset = Dataset{Modality: datasets.Depth, LabelSpace: datasets.NYUD2Space(), Shots: datasets.NYUD2Shots(),
		TrainCounts: counts}
	results, err := Evaluate(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	got := results["test"]
	if got[datasets.Many].N != 2 || got[datasets.Medium].N != 0 || got[datasets.Few].N != 1 {
		t.Errorf("sizes of %+v, want 2, 0 and 1", got)
	}
	for metric, want := range map[metrics.Metric]metrics.Value{metrics.MAE: 5. / 3, metrics.AbsRel: 3,
		metrics.Delta1: 1. / 3, metrics.BMSE: 8.25} {
		if v := got[metrics.All].Values[metric]; math.Abs(float64(v-want)) > 1e-12 {
			t.Errorf("%s = %v, want %v", metric, v, want)
		}
	}
	if _, ok := got[metrics.All].Values[metrics.Pearson]; ok {
		t.Error("a correlation over pixels was computed")
	}
}

func TestEvaluateRefuses(t *testing.T) {
	tests := []struct {
		name   string
		row    Prediction
		change func(*Manifest)
		want   string
	}{
		{"unknown split", Prediction{Split: "dev"}, func(*Manifest) {}, `row 1: split "dev"`},
		{"bin outside", Prediction{Split: "test", Bin: 2}, func(*Manifest) {}, "row 1: bin 2: expected 0 to 1"},
		{"negative bin", Prediction{Split: "test", Bin: -1}, func(*Manifest) {}, "row 1: bin -1"},
		{"no counts", Prediction{Split: "test"}, func(m *Manifest) { m.Dataset.TrainCounts = nil },
			"dataset.train_counts has 0 entries"},
		{"bad rule", Prediction{Split: "test"}, func(m *Manifest) { m.Dataset.Shots.ManyBins = []int{9} },
			"shot rule: bin 9"},
	}
	for _, tt := range tests {
		dir, m := evaluable(t, tt.row)
		tt.change(&m)
		if _, err := Evaluate(dir, m); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}
