package metrics

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

// readVector decodes a conformance vector, or skips the test where the vectors are absent.
func readVector(t *testing.T, name string, v any) {
	t.Helper()
	dir := os.Getenv("DIRBENCH_VECTORS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "vectors")
	}
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no conformance vectors in %s: set DIRBENCH_VECTORS", dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// checkRegion compares the expected values of one region, keyed as the vectors name metrics, with ours.
func checkRegion(t *testing.T, region string, got Scores, want map[string]float64, names map[string]Metric, tol float64) {
	t.Helper()
	for key, m := range names {
		w, ok := want[key]
		if !ok {
			t.Errorf("%s: the vector has no %s", region, key)
			continue
		}
		g := float64(got.Values[m])
		if !(math.Abs(g-w) <= tol*math.Abs(w)) {
			t.Errorf("%s %s = %.9g, want %.9g", region, m, g, w)
		}
	}
}

func bins(space datasets.LabelSpace, labels []float32) []int {
	b := make([]int, len(labels))
	for i, l := range labels {
		b[i] = space.Bin(l)
	}
	return b
}

func TestAgeVector(t *testing.T) {
	var v struct {
		Labels     []float32          `json:"test_labels"`
		Preds      []float32          `json:"preds"`
		TrainCount map[int]int        `json:"train_count_per_label"`
		Overall    map[string]float64 `json:"overall"`
		Many       map[string]float64 `json:"many"`
		Median     map[string]float64 `json:"median"`
		Low        map[string]float64 `json:"low"`
	}
	readVector(t, "metrics_age.json", &v)
	space := datasets.AgeSpace()
	counts := make([]int, space.Bins)
	for age, n := range v.TrainCount {
		counts[min(age, space.Bins-1)] += n
	}
	got := Evaluate(v.Labels, v.Preds, bins(space, v.Labels), datasets.AgeShots().Regions(counts), Options{})
	names := map[string]Metric{"mse": MSE, "l1": MAE, "gmean": GM}
	for region, want := range map[string]map[string]float64{"all": v.Overall, "many": v.Many, "medium": v.Median, "few": v.Low} {
		checkRegion(t, region, got[region], want, names, 1e-4)
	}
	for region, n := range map[string]int{"all": 2140, "many": 1530, "medium": 448, "few": 162} {
		if got[region].N != n {
			t.Errorf("%s has %d samples, want %d", region, got[region].N, n)
		}
	}
}

func TestSTSBVector(t *testing.T) {
	var v struct {
		Labels []float32                     `json:"test_labels"`
		Preds  []float32                     `json:"preds_times_5"`
		Shots  map[string]map[string]float64 `json:"shots"`
	}
	readVector(t, "metrics_stsb.json", &v)
	space := datasets.STSBSpace()
	regions := datasets.STSBShots().Regions(make([]int, space.Bins))
	got := Evaluate(v.Labels, v.Preds, bins(space, v.Labels), regions, Options{GMZero: ZeroAsEpsilon})
	names := map[string]Metric{"mse": MSE, "l1": MAE, "gmean": GM, "pearsonr": Pearson, "spearmanr": Spearman}
	for key, region := range map[string]string{"overall": "all", "many": "many", "medium": "medium", "few": "few"} {
		checkRegion(t, region, got[region], v.Shots[key], names, 1e-6)
		if want := int(v.Shots[key]["num_samples"]); got[region].N != want {
			t.Errorf("%s has %d samples, want %d", region, got[region].N, want)
		}
	}
}

func TestNYUD2Vector(t *testing.T) {
	var v struct {
		Depth   []float32                     `json:"depth"`
		Pred    []float32                     `json:"pred"`
		Shots   map[string]map[string]float64 `json:"shots"`
		ShotIdx map[string][]int              `json:"shot_idx"`
	}
	readVector(t, "metrics_nyud2.json", &v)
	space := datasets.LabelSpace{Min: 0, Max: 10, Rule: datasets.BinWidth, Bins: 100, Width: 0.1}
	rule := datasets.ShotRule{ManyBins: v.ShotIdx["many"], MediumBins: v.ShotIdx["medium"]}
	got := EvaluateDepth(v.Depth, v.Pred, bins(space, v.Depth), rule.Regions(make([]int, space.Bins)))
	names := map[string]Metric{
		"MSE": MSE, "RMSE": RMSE, "MAE": MAE, "ABS_REL": AbsRel, "LG10": Log10,
		"DELTA1": Delta1, "DELTA2": Delta2, "DELTA3": Delta3,
	}
	for key, region := range map[string]string{"overall": "all", "many": "many", "medium": "medium", "few": "few"} {
		checkRegion(t, region, got[region], v.Shots[key], names, 1e-4)
		if want := int(v.Shots[key]["NUM"]); got[region].N != want {
			t.Errorf("%s has %d pixels, want %d", region, got[region].N, want)
		}
	}
}
