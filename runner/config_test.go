package runner

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestSeedsArePaired: a stream of random numbers depends on benchmark, seed and purpose, not on the method, nor on what
// else a run changes.
func TestSeedsArePaired(t *testing.T) {
	base := Config{Benchmark: "agedb-dir", Seed: 1, Method: "vanilla"}
	same := base
	same.Method, same.Scale, same.Recipe.LR = "lds", "small", 3
	if !maps.Equal(base.Seeds(), same.Seeds()) {
		t.Error("seeds depend on method, scale or recipe")
	}
	seen := map[uint64]string{}
	for _, c := range []Config{base, {Benchmark: "agedb-dir", Seed: 2}, {Benchmark: "sts-b-dir", Seed: 1}} {
		for purpose, seed := range c.Seeds() {
			if other, known := seen[seed]; known {
				t.Errorf("%s/%d/%s has the seed of %s", c.Benchmark, c.Seed, purpose, other)
			}
			seen[seed] = purpose
		}
	}
	if len(seen) != 3*len(seedPurposes) {
		t.Errorf("%d streams, want one for each of %d purposes of 3 configurations", len(seen), len(seedPurposes))
	}
}

// TestSeedsAreStable pins the derivation: another one would change every number without a new hash.
func TestSeedsAreStable(t *testing.T) {
	got := Config{Benchmark: "agedb-dir", Seed: 0}.Seeds()
	if want := uint64(16429739434126520185); got[seedInit] != want {
		t.Errorf("seed of the initial weights %d, want %d: raise numericsVersion with it", got[seedInit], want)
	}
}

// TestOverriddenFields: a manifest holds the scale's own values of what a suite changed, and of nothing that the method leaves out.
func TestOverriddenFields(t *testing.T) {
	for name, want := range map[string]string{
		"vanilla": "batch_size=128 epochs=15",
		"rrt":     "batch_size=128 epochs=15 retrain_epochs=15",
	} {
		plan := planOf(t, t.TempDir(), suiteText(stsbEntry, name, ""))
		fields, err := overriddenFields(plan[len(plan)-1])
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
