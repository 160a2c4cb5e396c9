package execute

import (
	"strings"
	"testing"

	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// stagedMethods have stages of their own on some benchmarks.
var stagedMethods = map[string]string{
	testsuite.Agedb: "vanilla, bmc, bmc(sigma=2), gai+lds, bni, bni+lds, {rnc: {encoder_epochs: 2, head_epochs: 2}}, " +
		"{rnc: {encoder_epochs: 2, head_epochs: 2, temperature: 1}}, " +
		"'ranksim(gamma=0.1)+rnc(encoder_epochs=2,head_epochs=2)'",
	testsuite.STSB:  "vanilla, bmc, gai, bni+lds",
	testsuite.Depth: "vanilla, gai, bni, bni+lds, bni(min_label=0)",
}

// TestStagedMethodsTrain trains them, and expects different models.
func TestStagedMethodsTrain(t *testing.T) {
	for entry, list := range stagedMethods {
		t.Run(strings.Fields(entry)[2], func(t *testing.T) {
			runs := testruns.Plan(t, t.TempDir(), testsuite.Text(entry, list, ""))
			if _, err := inProcess(t, &watcher{}).Execute(t.Context(), runs); err != nil {
				t.Fatal(err)
			}
			differ(t, runs)
		})
	}
}

// differ expects that no two runs predict the same.
func differ(t *testing.T, runs []*plan.Run) {
	t.Helper()
	seen := map[string]string{}
	for _, run := range runs {
		predictions := testruns.ReadFile(t, run, store.PredictionsFile)
		if same, known := seen[predictions]; known {
			t.Errorf("%s predicts the same as %s", run.Name(), same)
		}
		seen[predictions] = run.Name()
	}
}

// TestStagedMethodsResume interrupts them, and compares with runs that were left alone.
func TestStagedMethodsResume(t *testing.T) {
	resumesExactly(t, testsuite.Text(testsuite.Longer(testsuite.Agedb),
		"bmc, gai+ranksim, {rnc: {encoder_epochs: 3, head_epochs: 2}}", ""))
}

// TestBatchMonteCarloRefusesPixels says why NYUD2-DIR cannot have bmc.
func TestBatchMonteCarloRefusesPixels(t *testing.T) {
	suite := testruns.Parse(t, testsuite.Text(testsuite.Depth, "bmc, gai", ""))
	absent := plan.Absences([]*plan.Suite{suite}, plan.Options{})
	if len(absent) != 1 || !strings.HasPrefix(absent[0].String(), "bmc on nyud2-dir: labels are dense") {
		t.Errorf("absent: %v", absent)
	}
}

// TestEncoderTrainsToItsEnd: limits on checks end no training that keeps its last parameters, and its last check has
// all its steps also where checks are in the middle of epochs.
func TestEncoderTrainsToItsEnd(t *testing.T) {
	runs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.Agedb, "{rnc: {encoder_epochs: 3, head_epochs: 1}}",
		", check_every: 2, patience: 1, max_checks: 1"))
	if _, err := inProcess(t, &watcher{}).Execute(t.Context(), runs); err != nil {
		t.Fatal(err)
	}
	events, err := store.ReadEvents(runs[0].Dir)
	if err != nil {
		t.Fatal(err)
	}
	checks := 0
	for _, e := range events {
		if e.Epoch > 0 {
			checks++
		}
	}
	if steps := runs[0].Steps(); !runs[0].Method.EncoderOnly() || checks != steps/2 {
		t.Errorf("%s: %d checks in %d steps, one every 2", runs[0].Name(), checks, steps)
	}
}
