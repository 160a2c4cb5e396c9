package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// fitOf returns a training loop that has no model, for the rules that need none.
func fitOf(recipe task.Recipe) *fit {
	return &fit{trainer: &trainer{run: &plan.Run{Config: plan.Config{Recipe: recipe}}}}
}

func TestRate(t *testing.T) {
	f := fitOf(task.Recipe{LR: 1, LRDrops: []int{2, 4}})
	want := []float64{1, 1, 0.1, 0.1, 0.01, 0.01}
	for epoch, rate := range want {
		f.at.Epoch = epoch
		if math.Abs(f.rate()-rate) > 1e-12 {
			t.Errorf("rate %g in epoch %d, want %g", f.rate(), epoch, rate)
		}
	}
}

// TestCosine expects the rates of the code of Rank-N-Contrast: eta + (lr - eta) (1 + cos(pi e / E)) / 2, e from 1 to E.
func TestCosine(t *testing.T) {
	recipe := task.Recipe{LR: 0.5, Schedule: task.Cosine, LREnd: 1e-3, LRDrops: []int{1}}
	for epoch, rate := range []float64{0.42684992, 0.25025, 0.07365008, 0.0005} {
		if got := recipe.Rate(epoch, 4); math.Abs(got-rate) > 1e-8 {
			t.Errorf("rate %g in epoch %d, want %g", got, epoch, rate)
		}
	}
}

// TestStreams: every batch of every pass and epoch has random numbers of its own, and gets the same ones again.
func TestStreams(t *testing.T) {
	f := fitOf(task.Recipe{})
	f.random = map[string]uint64{plan.SeedAugment: 7, plan.SeedOrder: 8}
	seen := map[uint64]string{}
	for f.at.Epoch = range 3 {
		for pass := range uint64(2) {
			for batch := range 3 {
				where := fmt.Sprintf("epoch %d, pass %d, batch %d", f.at.Epoch, pass, batch)
				number := f.augmentation(pass)(batch).Uint64()
				if other, twice := seen[number]; twice {
					t.Errorf("%s has the numbers of %s", where, other)
				}
				seen[number] = where
				if f.augmentation(pass)(batch).Uint64() != number {
					t.Errorf("%s: other numbers the second time", where)
				}
			}
		}
	}
}

// firstStop feeds checks one by one and returns the number of checks after which training ends, 0 for never.
func firstStop(recipe task.Recipe, checks []float64) int {
	f := fitOf(recipe)
	for i, value := range checks {
		f.checks = append(f.checks, value)
		if f.exhausted() {
			return i + 1
		}
	}
	return 0
}

func TestExhausted(t *testing.T) {
	series := func(n int, value func(int) float64) []float64 {
		all := make([]float64, n)
		for i := range all {
			all[i] = value(i)
		}
		return all
	}
	// After a first check that is never beaten, 60 checks that fall slowly: each is the best of its last 11.
	falling := append([]float64{1}, series(60, func(i int) float64 { return 3 - 0.01*float64(i) })...)
	official := task.Recipe{CheckEvery: 400, MaxChecks: 100, Patience: 11}
	tests := []struct {
		name   string
		recipe task.Recipe
		checks []float64
		want   int
	}{
		{"slowly falling, never the best", official, falling, 0},
		{"flat alternation", official, series(40, func(i int) float64 { return float64(i % 2) }), 12},
		{"constant", official, series(40, func(int) float64 { return 2 }), 12},
		{"rising", official, series(40, func(i int) float64 { return float64(i) }), 12},
		{"falling, then up", official, append(series(20, func(i int) float64 { return 50 - float64(i) }), 49), 21},
		{"falling to the limit", official, series(200, func(i int) float64 { return -float64(i) }), 100},
		{"no patience", task.Recipe{}, series(200, func(i int) float64 { return float64(i) }), 0},
		{"early, rising", task.Recipe{EarlyStop: 3}, series(9, func(i int) float64 { return float64(i) }), 4},
		{"early, slowly better", task.Recipe{EarlyStop: 3}, []float64{5, 6, 6, 4, 4, 5, 3, 4, 3, 9, 2}, 10},
		{"early, better in time", task.Recipe{EarlyStop: 4}, []float64{5, 6, 6, 6, 4, 5, 4, 5}, 0},
		{"limit alone", task.Recipe{MaxChecks: 3}, series(9, func(i int) float64 { return -float64(i) }), 3},
	}
	for _, tt := range tests {
		if got := firstStop(tt.recipe, tt.checks); got != tt.want {
			t.Errorf("%s: stops at check %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestWeights(t *testing.T) {
	counts := []int{0, 4, 100, 4, 0}
	tests := []struct {
		method, recipe string
		want           methods.Reweight
	}{
		{"vanilla", "inv", methods.ReweightNone},
		{"fds", "inv", methods.ReweightNone},
		{"lds", "inv", methods.ReweightInv},
		{"lds", "sqinv", methods.ReweightSqrtInv},
		{"sqinv+lds", "inv", methods.ReweightSqrtInv},
		{"inv", "sqinv", methods.ReweightInv},
		{"rrt", "sqinv", methods.ReweightSqrtInv},
		{"focal-r", "inv", methods.ReweightNone},
	}
	for _, tt := range tests {
		method, err := methods.Parse(tt.method)
		if err != nil {
			t.Fatal(err)
		}
		recipe := task.Recipe{Reweight: methods.Reweight(tt.recipe), LDS: methods.DefaultKernel()}
		rule := recipe.Used(method).Weighting(method)
		if rule.Reweight != tt.want || (rule.LDS != nil) != method.LDS() {
			t.Errorf("%s: rule %s, smoothed %v; want %s, %v", tt.method, rule.Reweight, rule.LDS != nil, tt.want, method.LDS())
		}
		weights, err := rule.BinWeights(counts)
		if err != nil {
			t.Fatal(err)
		}
		if plain := slices.Equal(weights, []float64{1, 1, 1, 1, 1}); plain != (tt.want == methods.ReweightNone) {
			t.Errorf("%s: weights %v", tt.method, weights)
		} else if !plain && weights[1] <= weights[2] {
			t.Errorf("%s: a rare bin weighs %g, the common one %g", tt.method, weights[1], weights[2])
		}
	}
}

// TestStepsTrain runs every base method on both benchmarks, so that each graph builds and each loss is finite.
func TestStepsTrain(t *testing.T) {
	if testing.Short() {
		t.Skip("trains several runs more")
	}
	for _, entry := range []string{testsuite.Agedb, testsuite.STSB} {
		runs := testruns.Plan(t, t.TempDir(), testsuite.Text(entry, "vanilla, focal-r+lds, lds+fds", ""))
		trainAll(t, runs)
	}
}

// TestNothingToSave: a run that is stopped before its first step leaves no checkpoint, from which a second stage would
// go on without having taken over its first.
func TestNothingToSave(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla", ""))[0]
	trainer, err := newTrainer(testruns.OpenGo(t), run, taskOf(t, run))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = trainer.train(ctx, &Record{run: run, observer: Silent{}}, &saver{every: time.Hour, last: time.Now()}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(filepath.Join(run.Dir, store.ResumeDir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a checkpoint of nothing (%v)", err)
	}
}
