package train

import (
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
)

// halfEntries have every kind of network.
var halfEntries = map[string]string{"agedb": testsuite.Agedb, "sts-b": testsuite.STSB, "nyud2": testsuite.Depth, "shhs": `
  - benchmark: shhs-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {epochs: 2, batch_size: 8, signal: {width: 2, windows: 2}%s}
`}

// TestHalfPrecisionIsRefused: backend go has no bfloat16, and says so before anything is trained.
func TestHalfPrecisionIsRefused(t *testing.T) {
	runs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla", ", precision: bfloat16"))
	const want = "sts-b-dir/vanilla/seed=0: precision bfloat16 needs an XLA backend, such as --backend xla:cuda; " +
		"backend go computes in float32"
	err := plan.CheckPrecision(runs, "go")
	if mistake := (plan.SelectionError{}); !errors.As(err, &mistake) || err.Error() != want {
		t.Errorf("error %v", err)
	}
	if err := plan.CheckPrecision(runs, "xla:cuda"); err != nil {
		t.Error(err)
	}
	if _, err := newTrainer(testruns.OpenGo(t), runs[0], taskOf(t, runs[0])); err == nil || err.Error() != want {
		t.Errorf("a trainer: error %v", err)
	}
}

// TestMasterWeights builds every network in bfloat16: its variables are float32, and so are features and predictions.
func TestMasterWeights(t *testing.T) {
	for name, entry := range halfEntries {
		trainer, inputs := trainerIn(t, testruns.OpenGo(t), entry, models.BFloat16)
		var z, y dtypes.DType
		halves := 0
		exec := model.MustNewExec(trainer.backend, trainer.store, func(scope *model.Scope, in []*graph.Node) *graph.Node {
			features := trainer.features(scope, in[:len(in)-1])
			prediction := trainer.task.Regress(scope.At(regressorScope), features)
			z, y = features.DType(), prediction.DType()
			for _, node := range prediction.Graph().Nodes() {
				if node.NumOutputs() == 1 && node.DType() == dtypes.BFloat16 {
					halves++
				}
			}
			return prediction
		})
		var dims []shapes.Shape
		for _, in := range inputs {
			dims = append(dims, in.Shape())
		}
		_, _ = exec.Compile(dims...) // which the backend need not be able to finish
		exec.Finalize()
		if z != dtypes.Float32 || y != dtypes.Float32 || halves == 0 {
			t.Errorf("%s: features %s, predictions %s, %d nodes of bfloat16", name, z, y, halves)
		}
		for v := range trainer.store.IterVariables() {
			if strings.HasPrefix(v.Path(), "/"+encoderScope) && v.DType() != dtypes.Float32 {
				t.Errorf("%s: %s is %s", name, v.Path(), v.DType())
			}
		}
	}
}

// TestHalfPrecision compares loss and gradients with those of float32, on the backend that DIRBENCH_XLA names.
func TestHalfPrecision(t *testing.T) {
	name := os.Getenv("DIRBENCH_XLA")
	if name == "" {
		t.Skip("DIRBENCH_XLA names no XLA backend, such as xla:/path/of/plugin.so")
	}
	backend, _, err := backend.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	// Rounding weighs less in batch normalisation.
	wider := strings.NewReplacer("width: 2", "width: 8", "width: 4", "width: 16")
	for name, entry := range halfEntries {
		entry = wider.Replace(entry)
		full, half := gradientsIn(t, backend, entry, task.PrecisionFloat32), gradientsIn(t, backend, entry, models.BFloat16)
		if a, b := float64(full[0][0]), float64(half[0][0]); a == b || math.Abs(a-b) > 0.02*math.Abs(a) {
			t.Errorf("%s: loss %g, in bfloat16 %g", name, a, b)
		}
		if c := cosine(slices.Concat(full[1:]...), slices.Concat(half[1:]...)); !(c > 0.95) {
			t.Errorf("%s: the gradients have a cosine of %.3f", name, c)
		} else {
			t.Logf("%s: loss %g and %g, cosine of the gradients %.4f", name, full[0][0], half[0][0], c)
		}
	}
}

// trainerIn returns a trainer with a precision, without asking whether the backend has it, and the inputs of a batch
// with the targets.
func trainerIn(t *testing.T, backend compute.Backend, entry, precision string) (*trainer, []*tensors.Tensor) {
	t.Helper()
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(entry, "vanilla", ""))[0]
	trainer, err := newTrainer(backend, run, taskOf(t, run))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(trainer.close)
	trainer.store.RootScope().SetParam(models.PrecisionParam, precision)
	set, err := newTrainSet(run, trainer.task)
	if err != nil {
		t.Fatal(err)
	}
	b := set.batch(allRows(8), nil)
	return trainer, append(b.inputs, b.target)
}

// gradientsIn returns the loss of a batch and the gradient of every parameter.
func gradientsIn(t *testing.T, backend compute.Backend, entry, precision string) [][]float32 {
	t.Helper()
	trainer, inputs := trainerIn(t, backend, entry, precision)
	exec := model.MustNewExec(backend, trainer.store, func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		z := trainer.features(scope, in[:len(in)-1])
		y := trainer.task.Regress(scope.At(regressorScope), z)
		loss := graph.ReduceAllMean(graph.Square(graph.Sub(graph.Reshape(y, -1), in[len(in)-1])))
		return append([]*graph.Node{loss}, scope.BuildTrainableVariablesGradientsGraph(loss)...)
	})
	defer exec.Finalize()
	var values [][]float32
	for _, out := range exec.MustCall(inputs) {
		values = append(values, tensors.MustCopyFlatData[float32](out))
	}
	return values
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+float64(a[i])*float64(b[i]), aa+float64(a[i])*float64(a[i]), bb+float64(b[i])*float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}
