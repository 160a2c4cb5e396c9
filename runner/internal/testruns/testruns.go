// Package testruns plans the runs that the tests of the runner's rooms train.
package testruns

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/datasets/twin"
	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
)

// Parse parses a suite.
func Parse(t testing.TB, text string) *plan.Suite {
	t.Helper()
	suite, err := plan.ParseSuite("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return suite
}

// Plan plans a suite into the run store out.
func Plan(t testing.TB, out, text string, only ...string) []*plan.Run {
	t.Helper()
	return PlanWith(t, text, plan.Options{Data: testsuite.Data, Out: out, Only: only})
}

// PlanWith plans a suite with other options, and makes its twins.
func PlanWith(t testing.TB, text string, options plan.Options) []*plan.Run {
	t.Helper()
	suites := []*plan.Suite{Parse(t, text)}
	for _, missing := range plan.ToMake(suites, options) {
		if err := twin.Write(missing.Dir, missing.Dataset, *missing.Twin, false); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := plan.New(suites, options)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// Names returns the names of runs, with spaces between them.
func Names(runs []*plan.Run) string {
	var all []string
	for _, run := range runs {
		all = append(all, run.Name())
	}
	return strings.Join(all, " ")
}

// OpenGo opens the backend go.
func OpenGo(t testing.TB) compute.Backend {
	t.Helper()
	opened, _, err := backend.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(opened.Finalize)
	return opened
}

// ReadFile reads a file of a run's folder.
func ReadFile(t testing.TB, run *plan.Run, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(run.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
