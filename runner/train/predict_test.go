package train

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

func bits(v float32) uint32 { return math.Float32bits(v) }

// checkPredictions compares predictions with those that a run stored when it was trained, bit by bit.
func checkPredictions(t *testing.T, run *plan.Run, o PredictOptions) {
	t.Helper()
	there, err := store.Load(run.Dir)
	if err != nil {
		t.Fatal(err)
	}
	done, total := 0, 0
	o.Progress = func(n, all int) { done, total = n, all }
	got, err := Predict(t.Context(), testruns.OpenGo(t), there, o)
	if err != nil {
		t.Fatal(err)
	}
	if done != total || total != o.Inputs.Meta.Splits[o.Split].Rows {
		t.Errorf("%s: progress ends at %d of %d rows", run.Name(), done, total)
	}
	i := 0
	for want, err := range store.ReadPredictions(filepath.Join(run.Dir, store.PredictionsFile)) {
		if err != nil {
			t.Fatal(err)
		}
		if want.Split != o.Split {
			continue
		}
		if i == len(got.Values) || got.IDs[i] != want.ID || bits(got.Values[i]) != bits(want.Prediction) ||
			want.Spread != 0 && bits(got.Spreads[i]) != bits(want.Spread) {
			t.Fatalf("%s: %s: prediction %d differs from %v of %s", run.Name(), o.Split, i, want.Prediction, want.ID)
		}
		i++
	}
	if i != len(got.Values) || i == 0 {
		t.Errorf("%s: %d predictions, %d are stored", run.Name(), len(got.Values), i)
	}
}

const signals = `
  - benchmark: shhs-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {epochs: 1, batch_size: 16, lr_drops: [], signal: {width: 2, hidden: 2, windows: 2, window_seconds: 4}%s}
`

// A finished run predicts its own splits as it did at the end of its training, whatever the modality and the method.
func TestPredict(t *testing.T) {
	var runs []*plan.Run
	for _, text := range []string{
		testsuite.Text(testsuite.Agedb, "rrt+fds, uvote", ""), testsuite.Text(testsuite.STSB, "lds", ""),
		testsuite.Text(testsuite.Depth, "vanilla", ""), testsuite.Text(signals, "vanilla", ""),
	} {
		runs = append(runs, testruns.Plan(t, t.TempDir(), text)...)
	}
	trainAll(t, runs)
	for _, run := range runs {
		for _, split := range []datasets.Split{datasets.Val, datasets.Test} {
			checkPredictions(t, run, PredictOptions{Inputs: run.Dataset, Split: split, Data: testsuite.Data})
		}
	}
}

// Another dataset is read in the form of the training: its words do not make the vocabulary, and images need nothing of
// the dataset that was trained on.
func TestPredictOtherInputs(t *testing.T) {
	pairs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla", ""))[0]
	images := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.Agedb, "vanilla", ""))[0]
	trainAll(t, []*plan.Run{pairs, images})
	checkPredictions(t, pairs, PredictOptions{Inputs: lessTrained(t, pairs.Dataset), Split: datasets.Test,
		Data: testsuite.Data})
	checkPredictions(t, images, PredictOptions{Inputs: lessTrained(t, images.Dataset), Split: datasets.Test})

	there, err := store.Load(pairs.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]PredictOptions{
		"give its root as --data":        {Inputs: lessTrained(t, pairs.Dataset), Split: datasets.Test, Data: t.TempDir()},
		`holds "image" inputs: expected`: {Inputs: images.Dataset, Split: datasets.Test, Data: testsuite.Data},
	} {
		if _, err := Predict(t.Context(), testruns.OpenGo(t), there, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// lessTrained copies a dataset with a tenth of its training rows.
func lessTrained(t *testing.T, d *datasets.Dataset) *datasets.Dataset {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "less")
	w, err := datasets.Create(dir, d.Meta)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, split := range datasets.Splits {
		part, err := w.Split(split)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for sample, err := range d.Samples(split) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; split == datasets.Train && n%10 != 0 {
				continue
			}
			if err := part.Write(sample); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	less, err := datasets.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return less
}
