package execute

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix

	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// spread is a method for tests: a penalty on the size of features that its own variable scales, with settings.
type spread struct {
	Gamma float64 `yaml:"gamma" json:"gamma"`
	Rate  float64 `yaml:"rate" json:"rate"`
}

func (s spread) Validate() error {
	if s.Gamma < 0 {
		return fmt.Errorf("gamma %g: expected 0 or more", s.Gamma)
	}
	return nil
}

func init() {
	methods.Register(methods.Method{
		Name: "test-spread", Summary: "for tests", ShapesFeatures: true,
		Settings: func(methods.Traits) any { return &spread{Gamma: 10, Rate: 0.05} },
		Penalty: func(s *methods.Step) *Node {
			own := s.Settings.(*spread)
			size := s.Variable("size", float32(0.5), own.Rate)
			penalty := Square(Sub(ReduceAllMean(Square(s.Z)), size))
			return Mul(MulScalar(penalty, own.Gamma), OnePlus(s.Progress))
		},
	})
	methods.Register(methods.Method{
		Name: "test-huber", Summary: "for tests",
		Loss: func(s *methods.Step) *Node {
			return methods.Loss{Kind: methods.LossHuber, Beta: 1}.Mean(s.Prediction, s.Target, s.Weight)
		},
		Weights: func(labels []float32, _ any) ([]float64, error) {
			weights := make([]float64, len(labels))
			for i, label := range labels {
				weights[i] = 1 + float64(label)/100
			}
			return weights, nil
		},
	})
	methods.Register(methods.Method{
		Name: "test-panic", Summary: "for tests", Penalty: func(*methods.Step) *Node { panic("a hook gave up") },
	})
}

const hookMethods = "vanilla, test-spread, test-spread(gamma=0), test-spread(rate=0.5), test-huber, rrt+test-spread"

// TestHooksTrain trains methods that are registered by their test, and expects that each hook and setting matters. A
// penalty of 0 leaves vanilla as it is.
func TestHooksTrain(t *testing.T) {
	runs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.Agedb, quoted(hookMethods), ""))
	if _, err := inProcess(t, &watcher{}).Execute(t.Context(), runs); err != nil {
		t.Fatal(err)
	}
	predictions, hashes := map[string]string{}, map[string]bool{}
	for _, run := range runs {
		predictions[run.Config.Method] = testruns.ReadFile(t, run, store.PredictionsFile)
		hashes[run.Hash] = true
	}
	files, err := filepath.Glob(filepath.Join(runs[1].Dir, store.CheckpointDir, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("checkpoint of %s: %v, %v", runs[1].Name(), files, err)
	}
	kept := testruns.ReadFile(t, runs[1], filepath.Join(store.CheckpointDir, filepath.Base(files[0])))
	if !strings.Contains(kept, "/method/test-spread/size") {
		t.Errorf("the checkpoint of %s lacks the method's own variable", runs[1].Name())
	}
	if len(hashes) != len(runs) {
		t.Errorf("%d hashes of %d runs", len(hashes), len(runs))
	}
	if predictions["test-spread(gamma=0)"] != predictions["vanilla"] {
		t.Error("a penalty of 0 changes the training")
	}
	for _, pair := range [][2]string{{"test-spread", "vanilla"}, {"test-huber", "vanilla"},
		{"test-spread(rate=0.5)", "test-spread"}} {
		if predictions[pair[0]] == "" || predictions[pair[0]] == predictions[pair[1]] {
			t.Errorf("%s predicts nothing, or the same as %s", pair[0], pair[1])
		}
	}
}

// TestHookPanics: a panic of a hook, which GoMLX does not catch unless it is one with an error, ends the run alone.
func TestHookPanics(t *testing.T) {
	runs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.Agedb, "test-panic", ""))
	outcomes, err := inProcess(t, &watcher{}).Execute(t.Context(), runs)
	if err != nil {
		t.Fatal(err)
	}
	if got := outcomes[0].Status; got.State != store.Failed || !strings.Contains(got.Message, "a hook gave up") {
		t.Errorf("%s: %s, want failed by the hook", got.State, got.Message)
	}
}

// TestHooksResume interrupts such methods again and again, and compares with runs that were left alone.
func TestHooksResume(t *testing.T) {
	resumesExactly(t, testsuite.Text(testsuite.Longer(testsuite.Agedb), "test-spread+fds, rrt+test-spread+test-huber", ""))
}

// TestMethodSettings plans settings in each form: published ones leave name and hash as they are.
func TestMethodSettings(t *testing.T) {
	list := "{test-spread: {gamma: 10.0}}, {lds+test-spread: {rate: 5e-1, gamma: 3}}, test-spread"
	runs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.Agedb, list, ""))
	names := testruns.Names(runs)
	if want := "agedb-dir/test-spread/seed=0 agedb-dir/lds+test-spread(gamma=3,rate=0.5)/seed=0"; names != want {
		t.Errorf("planned %s, want %s", names, want)
	}
	if got := runs[1].Config.Settings["test-spread"]["gamma"]; got != 3.0 {
		t.Errorf("the configuration has gamma %v", got)
	}
	for list, want := range map[string]string{
		"{test-spread: {gama: 1}}": "test.yaml:3: method \"test-spread(gama=1)\": test-spread has " +
			"no setting gama; expected gamma, rate",
		"{test-spread: {gamma: x}}": "test.yaml:3: method \"test-spread(gamma=x)\": setting gamma " +
			"of test-spread: x: expected a value like 10",
		"{test-spread: {gamma: -1}}": "test.yaml:3: method \"test-spread(gamma=-1)\": test-spread: " +
			"gamma -1: expected 0 or more",
		"{test-spread: {gamma: [1]}}": "test.yaml:3: methods: setting gamma of test-spread: " +
			"expected one value",
		"{test-spread: 3}":  "test.yaml:3: methods: expected a name, or {NAME: {SETTING: VALUE}}",
		"{lds: {sigma: 3}}": "test.yaml:3: method \"lds(sigma=3)\": lds has no settings of its own",
		"{test-spread+test-huber: {gamma: 3}, vanilla: {}}": "test.yaml:3: methods: expected a name, or {NAME: " +
			"{SETTING: VALUE}}",
	} {
		_, err := plan.ParseSuite("test.yaml", []byte(testsuite.Text(testsuite.Agedb, list, "")))
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", list, err, want)
		}
	}
}

// quoted makes a list of names with commas one of YAML.
func quoted(list string) string { return "'" + strings.ReplaceAll(list, ", ", "', '") + "'" }
