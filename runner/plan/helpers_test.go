package plan

import (
	"os"
	"testing"

	"github.com/dirbench/dirbench/datasets/twin"
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
	return planWith(t, text, Options{Data: testsuite.Data, Out: out, Only: only})
}

// planWith plans a suite with other options, and makes its twins.
func planWith(t testing.TB, text string, options Options) []*Run {
	t.Helper()
	suites := []*Suite{parseSuite(t, text)}
	for _, missing := range ToMake(suites, options) {
		if err := twin.Write(missing.Dir, missing.Dataset, *missing.Twin, false); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := New(suites, options)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// byMethod finds the one run of a method.
func byMethod(t testing.TB, runs []*Run, method string) *Run {
	t.Helper()
	var found *Run
	for _, run := range runs {
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
