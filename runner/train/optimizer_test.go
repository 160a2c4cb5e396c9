package train

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
)

// TestSGD compares steps on 2 w² with the rule of torch.optim.SGD, of a variable at the recipe's rate and one at its
// own.
func TestSGD(t *testing.T) {
	recipe := task.Recipe{LR: 0.1, Optimizer: task.SGD, Momentum: 0.9, WeightDecay: 0.5}
	trainer := fitOf(recipe).trainer
	store := model.NewStore()
	exec, err := model.NewExec(testruns.OpenGo(t), store, func(scope *model.Scope, rate *Node) *Node {
		w := scope.VariableWithValue("w", float32(1))
		own := scope.VariableWithValue("own", float32(1))
		loss := MulScalar(Add(Square(w.NodeValue(rate)), Square(own.NodeValue(rate))), 2)
		trainer.update(scope, loss, rate, map[*model.Variable]*Node{own: ConstAs(rate, 0.2)})
		return loss
	})
	if err != nil {
		t.Fatal(err)
	}
	rates := map[string]float64{"/w": 0.1, "/own": 0.02}
	values, velocities := map[string]float64{"/w": 1, "/own": 1}, map[string]float64{}
	for step := range 4 {
		exec.MustCall(scalar(recipe.LR))
		for path, rate := range rates {
			velocities[path] = 0.9*velocities[path] + 4*values[path] + 0.5*values[path]
			values[path] -= rate * velocities[path]
			if got := float64(store.GetVariable(path).MustValue().Value().(float32)); math.Abs(got-values[path]) > 1e-5 {
				t.Errorf("step %d: %s is %g, want %g", step, path, got, values[path])
			}
		}
	}
}

// TestAdamW compares steps on 2 w² with the rule of torch.optim.AdamW: the weight decay is no part of the moments.
func TestAdamW(t *testing.T) {
	recipe := task.Recipe{LR: 0.1, Optimizer: task.AdamW, WeightDecay: 0.5}
	trainer := fitOf(recipe).trainer
	store := model.NewStore()
	exec, err := model.NewExec(testruns.OpenGo(t), store, func(scope *model.Scope, rate *Node) *Node {
		w := scope.VariableWithValue("w", float32(1))
		loss := MulScalar(Square(w.NodeValue(rate)), 2)
		trainer.update(scope, loss, rate, nil)
		return loss
	})
	if err != nil {
		t.Fatal(err)
	}
	value, first, second := 1.0, 0.0, 0.0
	for step := 1; step <= 4; step++ {
		exec.MustCall(scalar(recipe.LR))
		gradient := 4 * value
		value -= 0.1 * 0.5 * value
		first, second = 0.9*first+0.1*gradient, 0.999*second+0.001*gradient*gradient
		value -= 0.1 * first / (1 - math.Pow(0.9, float64(step))) /
			(math.Sqrt(second/(1-math.Pow(0.999, float64(step)))) + 1e-8)
		if got := float64(store.GetVariable("/w").MustValue().Value().(float32)); math.Abs(got-value) > 1e-5 {
			t.Errorf("step %d: w is %g, want %g", step, got, value)
		}
	}
}

// TestOwnRateAtZero: a variable with a rate of its own, bmc's sigma, stays a number in the last epoch of a cosine that
// ends at a rate of 0.
func TestOwnRateAtZero(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "bmc", ", schedule: cosine"))[0]
	trainer, err := newTrainer(testruns.OpenGo(t), run, taskOf(t, run))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.close()
	set, err := trainer.prepare()
	if err != nil {
		t.Fatal(err)
	}
	for _, rate := range []float64{run.Config.Recipe.Rate(0, 2), run.Config.Recipe.Rate(1, 2)} {
		if _, err := trainer.call(trainer.step, set.batch(allRows(64), nil).stepTensors(rate, 0)...); err != nil {
			t.Fatal(err)
		}
		sigma := float64(trainer.store.GetVariable("/method/bmc/sigma").MustValue().Value().(float32))
		if moved := math.Abs(sigma - 0.5); !(moved > 4e-4 && moved < 6e-4) {
			t.Errorf("rate %g: sigma %g, want one step of 5e-4 from 0.5", rate, sigma)
		}
	}
}
