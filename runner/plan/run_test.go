package plan

import (
	"maps"
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
	if want := uint64(16429739434126520185); got[SeedInit] != want {
		t.Errorf("seed of the initial weights %d, want %d: raise numericsVersion with it", got[SeedInit], want)
	}
}
