package plan

import (
	"os"
	"testing"

	"github.com/dirbench/dirbench/runner/internal/testsuite"
)

func TestMain(m *testing.M) { os.Exit(testsuite.Main(m)) }

func parseSuite(t testing.TB, text string) *Suite {
	t.Helper()
	suite, err := ParseSuite("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return suite
}

// planOf plans a suite into the run store out.
func planOf(t testing.TB, out, text string, only ...string) []*Run {
	t.Helper()
	plan, err := Plan([]*Suite{parseSuite(t, text)}, PlanOptions{Data: testsuite.Data, Out: out, Only: only})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// byMethod finds the one run of a method.
func byMethod(t testing.TB, plan []*Run, method string) *Run {
	t.Helper()
	var found *Run
	for _, run := range plan {
		if run.Config.Method == method {
			if found != nil {
				t.Fatalf("two runs of %s", method)
			}
			found = run
		}
	}
	if found == nil {
		t.Fatalf("no run of %s", method)
	}
	return found
}
