package train

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// TestHead takes one step of a method with its own head. Adam's first step is the learning rate in the direction of the
// gradient's sign, and a tenth of it for the scales of UVOTE.
func TestHead(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.Agedb, "uvote", ", lr: 0.001"))[0]
	task := taskOf(t, run)
	trainer, err := newTrainer(testruns.OpenGo(t), run, task)
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.close()
	set, err := trainer.prepare()
	if err != nil {
		t.Fatal(err)
	}
	// With progress 0 the second head has no loss, and so no gradient.
	b := set.batch(rand.New(rand.NewPCG(1, 1)).Perm(set.rows)[:64], nil)
	if _, err := trainer.call(trainer.step, b.stepTensors(0.001, 0)...); err != nil {
		t.Fatal(err)
	}
	values := func(path string) []float32 {
		v := trainer.store.GetVariable("/" + regressorScope + "/" + path)
		if v == nil {
			t.Fatalf("no variable %s", path)
		}
		value, err := v.Value()
		if err != nil {
			t.Fatal(err)
		}
		return tensors.MustCopyFlatData[float32](value)
	}
	for path, want := range map[string]float64{"means/bias": 0.001, "scales/bias": 0.0001} {
		bias := values(path)
		if len(bias) != 2 || math.Abs(math.Abs(float64(bias[0]))-want) > want/100 || bias[1] != 0 {
			t.Errorf("%s is %v after a step, want ±%g and 0", path, bias, want)
		}
		if trainer.store.GetVariable("/"+regressorScope+"/weight") != nil {
			t.Error("the task's own linear layer is there too")
		}
	}
	var squares float64
	weights := values("scales/weight")
	for _, w := range weights {
		squares += float64(w) * float64(w)
	}
	if deviation := math.Sqrt(squares / float64(len(weights))); deviation < 0.005 || deviation > 0.02 {
		t.Errorf("weights of the scales deviate by %g, want about 0.01", deviation)
	}
}

// TestSpreadUnits predicts with three heads that do not look at their input. The second one is the most certain: 0.4
// and a scale of 0.1 in network units, fifths of the label's.
func TestSpreadUnits(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "uvote", ""))[0]
	trainer, err := newTrainer(testruns.OpenGo(t), run, taskOf(t, run))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.close()
	if _, err := trainer.predictSplit(t.Context(), datasets.Test); err != nil { // makes the variables
		t.Fatal(err)
	}
	dim := trainer.task.Dim()
	for path, value := range map[string][]float32{
		"means/weight": make([]float32, 3*dim), "means/bias": {0.2, 0.4, 0.6},
		"scales/weight": make([]float32, 3*dim), "scales/bias": {0, float32(math.Log(0.1)), 1},
	} {
		v := trainer.store.GetVariable("/" + regressorScope + "/" + path)
		if err := v.SetValue(tensors.FromFlatDataAndDimensions(value, v.Shape().Dimensions...)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := trainer.predictSplit(t.Context(), datasets.Test)
	if err != nil {
		t.Fatal(err)
	}
	for i, value := range got.values {
		if spread := float64(got.spreads[i]); math.Abs(float64(value)-2) > 1e-5 || math.Abs(spread-0.5*math.Sqrt2) > 1e-5 {
			t.Fatalf("sample %d: %g ± %g, want 2 ± 0.707", i, value, spread)
		}
	}
}

// TestSpreadsStored: the file of predictions has the spreads, and the metrics what they are worth by the method's law.
func TestSpreadsStored(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "uvote", ""))[0]
	trainAll(t, []*plan.Run{run})
	there, err := store.Load(run.Dir)
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	n := 0
	for p, err := range store.ReadPredictions(filepath.Join(run.Dir, store.PredictionsFile)) {
		if err != nil || !(p.Spread > 0) {
			t.Fatalf("row %+v (%v)", p, err)
		}
		if p.Split == datasets.Test {
			b := float64(p.Spread) / math.Sqrt2
			sum, n = sum+math.Log(2*b)+math.Abs(float64(p.Prediction)-float64(p.Label))/b, n+1
		}
	}
	if got, want := float64(there.Results["test"][metrics.All].Values[metrics.NLL]),
		sum/float64(n); math.Abs(got-want) > 1e-9 {
		t.Errorf("NLL %g, want %g of a Laplace distribution", got, want)
	}
}
