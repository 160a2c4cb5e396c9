package train

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
)

// TestOverriddenFields: a manifest holds the scale's own values of what a suite changed, and of nothing that the method
// leaves out.
func TestOverriddenFields(t *testing.T) {
	for name, want := range map[string]string{
		"vanilla": "batch_size=128 epochs=15",
		"rrt":     "batch_size=128 epochs=15 retrain_epochs=15",
	} {
		runs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, name, ""))
		fields, err := overriddenFields(runs[len(runs)-1])
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			if field != "text" { // an object
				got = append(got, field+"="+string(fields[field]))
			}
		}
		if strings.Join(got, " ") != want || len(fields) != len(got)+1 {
			t.Errorf("%s: overridden are %v, want %s and text", name, fields, want)
		}
	}
}
