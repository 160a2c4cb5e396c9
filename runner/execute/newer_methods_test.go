package execute

import (
	"strings"
	"testing"

	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// newerMethods are trained on faces, sentences, rooms, sleep and tables.
var newerMethods = map[string]string{
	testsuite.Agedb: "vanilla, dense-weight, ordinal-entropy, ranksim, conr, srl, dist-loss, rrt+lds+ranksim, " +
		"fds+ranksim+conr+dist-loss+focal-r+inv, " +
		"uvote, rrt+uvote, fds+uvote+conr",
	testsuite.STSB: "vanilla, dense-weight, ordinal-entropy, ranksim, srl, dist-loss, rrt+lds+ranksim, rrt+dist-loss, " +
		"fds+ranksim+focal-r+inv, uvote",
	testsuite.Depth: "vanilla, ranksim, conr, fds+lds+ranksim+conr",
	testsuite.Table: "vanilla, dense-weight, ordinal-entropy, ranksim, srl, dist-loss, uvote, rrt+uvote, bmc, gai, bni, " +
		"smoter, smogn+lds, " +
		"fds+ranksim+focal-r+inv",
	testsuite.Signals: "vanilla, dense-weight, ordinal-entropy, ranksim, srl, dist-loss, rrt+lds+srl, uvote",
}

// TestNewerMethodsTrain trains the newer methods, and expects other models than vanilla's.
func TestNewerMethodsTrain(t *testing.T) {
	for entry, list := range newerMethods {
		t.Run(strings.Fields(entry)[2], func(t *testing.T) {
			runs := testruns.Plan(t, t.TempDir(), testsuite.Text(entry, list, ""))
			if _, err := inProcess(t, &watcher{}).Execute(t.Context(), runs); err != nil {
				t.Fatal(err)
			}
			differ(t, runs)
		})
	}
}

// TestViewsBeside: views change the loss, but not the plain rows that the loss of the benchmark sees.
func TestViewsBeside(t *testing.T) {
	for _, entry := range []string{testsuite.Agedb, testsuite.Depth} {
		runs := testruns.Plan(t, t.TempDir(), testsuite.Text(entry, "vanilla, {conr: {beta: 0}}, {conr: {beta: 1}}", ""))
		if _, err := inProcess(t, &watcher{}).Execute(t.Context(), runs); err != nil {
			t.Fatal(err)
		}
		var losses []float64
		for _, run := range runs {
			events, err := store.ReadEvents(run.Dir)
			if err != nil {
				t.Fatal(err)
			}
			losses = append(losses, float64(*events[0].FirstLoss))
		}
		if losses[0] != losses[1] || losses[2] <= losses[1] {
			t.Errorf("first losses %v: expected those of vanilla without the penalty, and more with it", losses)
		}
	}
}

// TestRandomDrawsResume interrupts methods that draw at random or keep more than the network's variables, and compares
// with runs that were left alone.
func TestRandomDrawsResume(t *testing.T) {
	resumesExactly(t, testsuite.Text(testsuite.Longer(testsuite.Agedb), "rrt+ranksim, fds+conr, srl+dist-loss", ""))
}

// TestDenseLabelsRefuse leaves out methods that need one label a sample.
func TestDenseLabelsRefuse(t *testing.T) {
	suite := testruns.Parse(t, testsuite.Text(testsuite.Depth,
		"vanilla, dense-weight, lds+ordinal-entropy, smoter+ordinal-entropy, uvote", ""))
	var absent []string
	for _, a := range plan.Absences([]*plan.Suite{suite}, plan.Options{}) {
		absent = append(absent, a.String())
	}
	for _, method := range []string{"dense-weight", "lds+ordinal-entropy", "smoter+ordinal-entropy", "uvote"} {
		if !strings.Contains(strings.Join(absent, "\n"), method+" on nyud2-dir: labels are dense") {
			t.Errorf("%s is not absent: %q", method, absent)
		}
	}
}
