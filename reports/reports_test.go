package reports

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// testRun is a finished run of AgeDB-DIR whose errors are given by region; a negative number makes a region empty.
func testRun(method string, seed int64, many, medium, few float64) store.Run {
	space := datasets.AgeSpace()
	return store.Run{
		Dir: fmt.Sprintf("results/%s/%d", method, seed),
		Manifest: store.Manifest{
			Hash: fmt.Sprintf("%s%d", method, seed), Suite: "smoke", Benchmark: "agedb-dir", Scale: "tiny", Method: method,
			Seed: seed, Fidelity: "paper", Selection: store.Selection{Split: datasets.Val, Metric: metrics.MAE},
			Metrics: []metrics.Metric{metrics.MAE, metrics.GM}, Commit: "0123456789abcdef",
			Config: json.RawMessage(fmt.Sprintf(`{"epochs": 2, "method": %q, "seed": %d}`, method, seed)),
			Dataset: store.Dataset{
				Name: "agedb", Title: "AgeDB-DIR", Files: map[string]string{"train": "aa"}, LabelSpace: space,
				Shots: datasets.AgeShots(),
			},
		},
		Status:  store.Status{State: store.Done},
		Results: store.Results{"test": regionScores(many, medium, few)},
	}
}

// regionScores makes regions of 60, 30 and 10 samples with the given MAE and half of it as GM.
func regionScores(values ...float64) metrics.ByRegion {
	result := metrics.ByRegion{}
	total, sum, logs := 0, 0.0, 0.0
	for i, n := range []int{60, 30, 10} {
		s := metrics.Scores{N: n, Values: maeAndGM(values[i], values[i]/2)}
		if values[i] < 0 {
			s = metrics.Scores{Values: map[metrics.Metric]metrics.Value{metrics.MAE: metrics.Undefined(),
				metrics.GM: metrics.Undefined()}}
		} else {
			total += n
			sum += float64(n) * values[i]
			logs += float64(n) * math.Log(values[i]/2)
		}
		result[datasets.Regions[i]] = s
	}
	result[metrics.All] = metrics.Scores{N: total, Values: maeAndGM(sum/float64(total), math.Exp(logs/float64(total)))}
	return result
}

func maeAndGM(mae, gm float64) map[metrics.Metric]metrics.Value {
	return map[metrics.Metric]metrics.Value{metrics.MAE: metrics.Value(mae), metrics.GM: metrics.Value(gm)}
}

func failed(r store.Run, state store.State, class string) store.Run {
	r.Status, r.Results = store.Status{State: state, Class: class}, nil
	return r
}

func setConfig(r store.Run, config string) store.Run {
	r.Manifest.Config = json.RawMessage(config)
	return r
}

// truncate gives a run a recipe, and the scale's own values of what it overrides.
func truncate(r store.Run, recipe, scale string) store.Run {
	r = setConfig(r, `{"recipe": `+recipe+`}`)
	if err := json.Unmarshal([]byte(scale), &r.Manifest.ScaleRecipe); err != nil {
		panic(err)
	}
	return r
}

// change returns the runs after a change to each.
func change(runs []store.Run, f func(*store.Run)) []store.Run {
	for i := range runs {
		f(&runs[i])
	}
	return runs
}

// stsb turns runs into ones of a twin of STS-B-DIR, by MSE and Pearson.
func stsb(r *store.Run) {
	m := &r.Manifest
	m.Benchmark, m.Metrics = "sts-b-dir", []metrics.Metric{metrics.MSE, metrics.Pearson}
	m.Dataset = store.Dataset{Name: "sts-b", Title: "STS-B-DIR", Twin: true, LabelSpace: datasets.STSBSpace(),
		Shots: datasets.STSBShots()}
	for _, s := range r.Results["test"] {
		v := s.Values[metrics.MAE]
		s.Values[metrics.MSE], s.Values[metrics.Pearson] = v/10, 1-v/20
	}
}

// nyud2 turns runs into ones of NYUD2-DIR whose epoch was chosen on the test set, by every figure of five pixels.
func nyud2(r *store.Run) {
	m := &r.Manifest
	m.Benchmark, m.Selection = "nyud2-dir", store.Selection{Split: datasets.Test, Metric: metrics.RMSE}
	m.Metrics = []metrics.Metric{metrics.RMSE, metrics.AbsRel, metrics.Log10, metrics.Delta1}
	m.Dataset = store.Dataset{
		Name: "nyud2", Title: "NYUD2-DIR", Modality: datasets.Depth, LabelSpace: datasets.NYUD2Space(),
		Shots: datasets.NYUD2Shots(),
	}
	regions := m.Dataset.Shots.Regions(make([]int, m.Dataset.LabelSpace.Bins))
	depth := []float32{1, 2, 0.75, 8, 9}
	preds := []float32{1.2, 1.9, float32(1 + r.Manifest.Seed), 6, 10}
	bins := make([]int, len(depth))
	for i, d := range depth {
		bins[i] = m.Dataset.LabelSpace.Bin(d)
	}
	r.Results = store.Results{"test": metrics.EvaluateDepth(depth, preds, bins, regions)}
}

// shhs turns runs into ones of SHHS-DIR.
func shhs(r *store.Run) {
	m := &r.Manifest
	m.Benchmark, m.Note = "shhs-dir", "re-implemented protocol: the official SHHS-DIR code was never released"
	m.Dataset = store.Dataset{
		Name: "shhs", Title: "SHHS-DIR", Modality: datasets.Signal, LabelSpace: datasets.SHHSSpace(),
		Shots: datasets.SHHSShots(),
	}
}

// imported turns runs into ones of weights of another program.
func imported(r *store.Run) { r.Manifest.Imported = "depth.pth.tar (sha256 0a1b2c)" }

var goldenTests = []struct {
	name string
	runs []store.Run
	opts Options
}{
	{"seeds", []store.Run{
		testRun("lds+fds", 0, 6, 7, 8), testRun("lds+fds", 1, 6.5, 7, 9), testRun("lds+fds", 2, 7, 7, 10),
		testRun("lds+fds", 3, 7, 7, 10), testRun("vanilla", 0, 6, 8, 12), testRun("vanilla", 1, 6.5, 8, 13),
		testRun("vanilla", 2, 7, 8, 14), testRun("vanilla", 3, 7, 8, 14),
	}, Options{}},
	{"ties", []store.Run{
		// The few-shot values differ, but not in print.
		testRun("lds", 0, 6, 7, 8.001), testRun("vanilla", 0, 6, 7.5, 8.002), testRun("fds", 0, 7, 7, 8.01),
	}, Options{}},
	{"empty_region", []store.Run{testRun("vanilla", 0, 6, -1, 8), testRun("vanilla", 1, 6, -1, 9),
		testRun("fds", 0, 7, -1, 8)}, Options{}},
	{"one_row", []store.Run{testRun("vanilla", 0, 6, 7, 8)}, Options{Metrics: []metrics.Metric{metrics.GM}}},
	{"failed", []store.Run{
		testRun("fds", 0, 6, 7, 8), failed(testRun("fds", 1, 0, 0, 0), store.Failed, "nan"), testRun("fds", 2, 6, 7, 9),
		failed(testRun("rrt", 0, 0, 0, 0), store.Running, ""), failed(testRun("rrt", 1, 0, 0, 0), store.Interrupted, ""),
	}, Options{}},
	{"changed_settings", []store.Run{
		setConfig(testRun("fds", 0, 6, 7, 8), `{"recipe": {"lr": 0.1, "fds": {"features": "raw", "clip": [0.5, 2]}}}`),
		truncate(testRun("fds", 0, 6, 7, 9), `{"lr": 0.1, "fds": {"features": "calibrated", "clip": [0.5, 2], "pool_ends": true}}`,
			`{"fds": {"features": "raw", "clip": [0.5, 2]}}`),
	}, Options{}},
	{"mixed_configs", []store.Run{
		testRun("lds", 0, 6, 7, 8), testRun("lds", 1, 6, 7, 9),
		setConfig(testRun("lds", 0, 5, 6, 7), `{"epochs": 3, "method": "lds", "seed": 0}`),
		testRun("vanilla", 0, 6, 8, 12),
	}, Options{}},
	{"mixed_data", []store.Run{
		setConfig(testRun("lds", 0, 6, 7, 8), `{"seed": 0, "recipe": {"lr": 1, "epochs": 2, "lds": {"size": 5}}, "files": {"train": "aa"}}`),
		change([]store.Run{setConfig(testRun("lds", 0, 6, 7, 9),
			`{"seed": 0, "recipe": {"lr": 2, "epochs": 2, "lds": {"size": 9}}, "files": {"train": "bb"}}`)},
			func(r *store.Run) { r.Manifest.Dataset.Files = map[string]string{"train": "bb", "test": "cc"} })[0],
		change([]store.Run{testRun("vanilla", 0, 6, 7, 9)}, imported)[0], testRun("vanilla", 0, 6, 8, 12),
	}, Options{}},
	{"other_data", []store.Run{
		change([]store.Run{testRun("lds", 0, 6, 7, 9)},
			func(r *store.Run) { r.Manifest.Dataset.Files = map[string]string{"train": "bb"} })[0],
		testRun("vanilla", 0, 6, 8, 12),
	}, Options{}},
	{"truncated", []store.Run{
		truncate(testRun("vanilla", 0, 6, 7, 8), `{"epochs": 6}`, `{"epochs": 20}`),
		truncate(testRun("lds", 0, 6, 7, 8), `{"epochs": 6}`, `{"epochs": 20}`),
		truncate(testRun("rrt", 0, 6, 7, 8), `{"epochs": 6, "retrain_epochs": 3}`, `{"epochs": 20, "retrain_epochs": 10}`),
		truncate(testRun("fds", 0, 6, 7, 8), `{"epochs": 40}`, `{"epochs": 20}`), // longer
	}, Options{}},
	{"changed_recipe", []store.Run{
		truncate(testRun("vanilla", 0, 6, 7, 8), `{"epochs": 6, "lr": 0.02, "image": {"size": 12, "width": 6}}`,
			`{"epochs": 20, "lr": 0.001, "image": {"size": 32, "width": 6}}`),
		truncate(testRun("lds", 0, 6, 7, 8), `{"lr": 0.02, "image": {"size": 12, "width": 6}}`,
			`{"lr": 0.001, "image": {"size": 32, "width": 6}}`),
		truncate(testRun("bmc", 0, 6, 7, 8), `{"lr": 0.003, "image": {"size": 12, "width": 6}}`,
			`{"image": {"size": 32, "width": 6}}`), // of a stage
	}, Options{}},
	{"pipes", change([]store.Run{testRun("a|b*c", 0, 6, 7, 8)},
		func(r *store.Run) { r.Manifest.Dataset.Title = "Ages | <b>mine</b>\nand yours" }), Options{}},
	{"stsb_twin", change([]store.Run{testRun("vanilla", 0, 6, 7, 8), testRun("inv", 0, 5, 7, 9)}, stsb), Options{}},
	{"nyud2", append(
		change([]store.Run{testRun("vanilla", 0, 0, 0, 0), testRun("vanilla", 1, 0, 0, 0)}, nyud2),
		change(change([]store.Run{testRun("lds", 0, 0, 0, 0)}, nyud2), imported)...,
	), Options{}},
	{"nyud2_balanced", change([]store.Run{testRun("vanilla", 0, 0, 0, 0)}, nyud2),
		Options{Metrics: []metrics.Metric{metrics.BMAE, metrics.BMSE, metrics.BRMSE}}},
	{"shhs", change([]store.Run{testRun("vanilla", 0, 12.5, 14, 20.25), testRun("inv", 0, 13, 14, 18)}, shhs), Options{}},
	{"two_tables", append(change([]store.Run{testRun("vanilla", 0, 6, 7, 8)}, stsb), testRun("vanilla", 0, 6, 7, 8)),
		Options{}},
	{"val", []store.Run{testRun("vanilla", 0, 6, 7, 8)}, Options{Split: datasets.Val}},
	{"warnings", []store.Run{
		testRun("fds", 0, 6, 7, 8), testRun("fds", 0, 6, 7, 8), // a copy
		change([]store.Run{testRun("inv", 0, 6, 7, 8)},
			func(r *store.Run) { r.Results["test"][metrics.All].Values[metrics.MAE] = 5 })[0],
		change([]store.Run{testRun("lds", 0, 6, 7, 8)}, func(r *store.Run) { r.Manifest.Commit = "fedcba9876543210" })[0],
		testRun("rrt", 0, 6, 7, 8),
		change([]store.Run{testRun("rrt", 1, 6, 7, 8)},
			func(r *store.Run) { r.Results["test"][datasets.Few].Values[metrics.GM] = metrics.Undefined() })[0],
		testRun("vanilla", 0, 6, -1, 8),
	}, Options{}},
}

func TestGolden(t *testing.T) {
	for _, tt := range goldenTests {
		t.Run(tt.name, func(t *testing.T) {
			tables, err := Build(tt.runs, tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			checkGoldenReport(t, tt.name, Report{Tables: tables})
		})
	}
}

// checkGoldenReport compares a report's Markdown with testdata/NAME.md.
func checkGoldenReport(t *testing.T, name string, r Report) {
	t.Helper()
	var got strings.Builder
	if err := Markdown(&got, r.Document()); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, name, got.String())
}

// checkGolden compares a text with testdata/NAME.md.
func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	checkFile(t, filepath.Join("testdata", name+".md"), got)
}
