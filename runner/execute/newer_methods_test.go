package execute

import (
	"strings"
	"testing"

	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// TestNewerMethodsTrain trains the newer methods on faces and sentences, and expects other models than vanilla's.
func TestNewerMethodsTrain(t *testing.T) {
	for name, entry := range map[string]string{"agedb": testsuite.Agedb, "sts-b": testsuite.STSB} {
		t.Run(name, func(t *testing.T) {
			list := "vanilla, dense-weight, ordinal-entropy, ranksim, rrt+lds+ranksim, fds+ranksim+focal-r+inv"
			runs := testruns.Plan(t, t.TempDir(), testsuite.Text(entry, list, ""))
			if _, err := inProcess(t, &watcher{}).Execute(t.Context(), runs); err != nil {
				t.Fatal(err)
			}
			seen := map[string]string{}
			for _, run := range runs {
				predictions := testruns.ReadFile(t, run, store.PredictionsFile)
				if same, known := seen[predictions]; known {
					t.Errorf("%s predicts the same as %s", run.Name(), same)
				}
				seen[predictions] = run.Name()
			}
		})
	}
}

// TestRandomDrawsResume interrupts RankSim, which draws samples at random, and compares with runs that were left alone.
func TestRandomDrawsResume(t *testing.T) {
	text := testsuite.Text(testsuite.Longer(testsuite.Agedb), "rrt+ranksim", "")
	alone, cut := testruns.Plan(t, t.TempDir(), text), testruns.Plan(t, t.TempDir(), text)
	if _, err := inProcess(t, &watcher{}).Execute(t.Context(), alone); err != nil {
		t.Fatal(err)
	}
	for interruptions := 0; !goOnFor(t, cut, 3); interruptions++ {
		if interruptions > 100 {
			t.Fatal("never done")
		}
	}
	for i := range alone {
		sameResults(t, alone[i], cut[i])
	}
}

// TestDenseLabelsRefuse leaves out methods that need one label a sample.
func TestDenseLabelsRefuse(t *testing.T) {
	suite := testruns.Parse(t, testsuite.Text(testsuite.Depth, "vanilla, dense-weight, lds+ranksim, smoter+ordinal-entropy", ""))
	absent := plan.Absences([]*plan.Suite{suite}, plan.Options{})
	if len(absent) == 0 || !strings.Contains(absent[0].String(), "dense-weight, lds+ranksim, smoter+ordinal-entropy") {
		t.Errorf("absent: %v", absent)
	}
}
