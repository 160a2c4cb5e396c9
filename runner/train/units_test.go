package train

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// TestAnyUnit: under a general benchmark labels may have any unit and any zero. Whatever the method, predictions on
// labels that are multiplied and shifted are those on the labels, multiplied and shifted.
func TestAnyUnit(t *testing.T) {
	const times, plus = 4096, -65536
	ages := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.Agedb, "vanilla", ""))[0].Dataset
	root := t.TempDir()
	writeMoved(t, filepath.Join(root, "plain"), ages, 1, 0)
	writeMoved(t, filepath.Join(root, "moved"), ages, times, plus)
	const text = `name: test
seeds: [0]
methods: [vanilla, lds, fds, focal-r, smoter, bmc, gai, bni, dist-loss, srl, uvote, dense-weight, conr, ranksim, ordinal-entropy]
benchmarks:
  - &e {benchmark: image, dataset: plain, scale: tiny, recipe: {epochs: 3, lr_drops: [], batch_size: 64, image: {size: 8, crop_pad: 1, width: 2}}}
  - {<<: *e, dataset: moved}
`
	runs := testruns.PlanWith(t, text, plan.Options{Data: root, Out: t.TempDir()})
	trainAll(t, runs)
	half := len(runs) / 2
	for i, run := range runs[:half] {
		moved := runs[half+i]
		if run.Config.Method != moved.Config.Method || run.Of != "plain" || moved.Of != "moved" {
			t.Fatalf("%s beside %s", run.Name(), moved.Name())
		}
		want, got, worst := predictionsOf(t, run), predictionsOf(t, moved), 0.0
		for id, p := range want {
			worst = max(worst, math.Abs((got[id]-plus)/times-p)/run.Config.Recipe.LabelScale)
		}
		if len(want) == 0 || len(want) != len(got) || !(worst < 1e-3) {
			t.Errorf("%s: %d and %d predictions, %.2g standard deviations apart", moved.Name(), len(want), len(got), worst)
		}
	}
}

// writeMoved writes a dataset with other labels, in bins that move with them.
func writeMoved(t *testing.T, dir string, from *datasets.Dataset, times, plus float64) {
	t.Helper()
	meta := from.Meta
	meta.Name, meta.Twin = filepath.Base(dir), false
	meta.LabelSpace = datasets.LabelSpace{Rule: datasets.BinEdges, Min: plus, Max: 128*times + plus, Bins: 128,
		Width: times}
	w, err := datasets.Create(dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, split := range datasets.Splits {
		out, err := w.Split(split)
		if err != nil {
			t.Fatal(err)
		}
		for sample, err := range from.Samples(split) {
			if err != nil {
				t.Fatal(err)
			}
			sample.Label = float32(float64(sample.Label)*times + plus)
			if err := out.Write(sample); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// predictionsOf returns the stored predictions of a run by split and id.
func predictionsOf(t *testing.T, run *plan.Run) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	for p, err := range store.ReadPredictions(filepath.Join(run.Dir, store.PredictionsFile)) {
		if err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprint(p.Split, p.ID)] = float64(p.Prediction)
	}
	return all
}
