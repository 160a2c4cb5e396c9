package methods

import (
	"reflect"
	"testing"
)

// TestClashes expects one clear line for what cannot go together.
func TestClashes(t *testing.T) {
	for name, want := range map[string]string{
		"smogn+lds+smoter": "smoter and smogn cannot go together: both resample the training rows; take one of them",
		"inv+sqinv":        "sqinv and inv cannot go together: both weight the loss; take one of them",
		"dense-weight+inv": "inv and dense-weight cannot go together: both weight the loss; take one of them",
		"dense-weight+lds": "lds and dense-weight cannot go together: one smooths the density of bins, the other " +
			"weights samples by a rule of its own; take one of them",
		"uvote+sqinv":   "sqinv and uvote cannot go together: both weight the loss; take one of them",
		"uvote+focal-r": "focal-r and uvote cannot go together: both replace the loss; take one of them",
		"uvote+lds": "lds and uvote cannot go together: one smooths the density of bins, the other weights " +
			"samples by a rule of its own; take one of them",
		"uvote(heads=0)":           "uvote: heads 0: expected 1 to 100",
		"uvote(low=5)":             "uvote: low 5, high 5: expected low < high",
		"rrt+fds+rrt":              "rrt is there twice",
		"ranksim+ranksim":          "ranksim is there twice",
		"ranksim(gamma=50":         `"ranksim(gamma=50": expected NAME or NAME(SETTING=VALUE,...)`,
		"ranksim()":                `setting "" of ranksim: expected NAME=VALUE`,
		"ranksim(gamma=-1)":        "ranksim: gamma -1, lambda 2: expected gamma 0 or more, lambda more than 0",
		"ranksim(gamma=.nan)":      "setting gamma of ranksim: .nan: expected a finite number",
		"ranksim(gamma=-.inf)":     "setting gamma of ranksim: -.inf: expected a finite number",
		"ranksim(gamma=null)":      "setting gamma of ranksim: null: expected a value like 100",
		"ranksim(gamma=true)":      "setting gamma of ranksim: true: expected a value like 100",
		"ranksim(Gamma=1)":         "ranksim has no setting Gamma; expected gamma, lambda",
		"ranksim(gamma=1,gamma=2)": "ranksim has the setting gamma twice",
		"uvote(heads=2.5)":         "setting heads of uvote: 2.5: expected a whole number",
		"uvote(dynamic=1)":         "setting dynamic of uvote: 1: expected a value like true",
		"gai(components=3.9)":      "setting components of gai: 3.9: expected a whole number",
		"ranksim(gamma=word)":      "setting gamma of ranksim: word: expected a value like 100",
		"conr(temperature=0)": "conr: beta 4, width 1, temperature 0, push 0.01: expected temperature more than 0, " +
			"the others 0 or more",
		"fds(momentum=0.5)":    "fds has no settings of its own",
		"ranksim(delta=1)+lds": "ranksim has no setting delta; expected gamma, lambda",
	} {
		_, err := Parse(name)
		if want = `method "` + name + `": ` + want; err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", name, err, want)
		}
	}
}

// TestSettingsOfBenchmark gives the published settings, and names those that are others.
func TestSettingsOfBenchmark(t *testing.T) {
	ages, pairs := Traits{Benchmark: "agedb-dir"}, Traits{Benchmark: "sts-b-dir"}
	for _, tt := range []struct {
		name   string
		traits Traits
		want   string
		gamma  float64
	}{
		{"ranksim", ages, "ranksim", 100},
		{"ranksim", pairs, "ranksim", 3e-4},
		{"ranksim(gamma=1e+2)", ages, "ranksim", 100},
		{"ranksim(gamma=1_00)", ages, "ranksim", 100},
		{"ranksim(gamma=100)", pairs, "ranksim(gamma=100)", 100},
		{"ranksim(lambda=3,gamma=50.0)+lds", ages, "lds+ranksim(gamma=50,lambda=3)", 50},
	} {
		c, err := Parse(tt.name)
		if err != nil {
			t.Fatal(err)
		}
		there, err := c.For(tt.traits)
		if err != nil || there.String() != tt.want || there.Settings()["ranksim"]["gamma"] != tt.gamma {
			t.Errorf("%s on %s: %s with %v, %v; want %s", tt.name, tt.traits.Benchmark, there, there.Settings(), err, tt.want)
		}
		again, err := Parse(there.String())
		if err == nil {
			again, err = again.For(tt.traits)
		}
		if err != nil || !reflect.DeepEqual(again.Settings(), there.Settings()) {
			t.Errorf("%s: parsed again %v, %v", there, again.Settings(), err)
		}
	}
}

// TestViewsRefused: only inputs with augmentation have views.
func TestViewsRefused(t *testing.T) {
	c, err := Parse("lds+conr")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Refusal(Traits{Benchmark: "agedb-dir", Augmented: true}); err != nil {
		t.Error(err)
	}
	want := "inputs have no random augmentation, so that there are no views of a row"
	twice := append(c, c...) // a reason is said once
	if err := twice.Refusal(Traits{Benchmark: "sts-b-dir"}); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if all, beside := c.Copies(false); all != 3 || beside != 2 {
		t.Errorf("%d copies, %d of them views; want 3, 2", all, beside)
	}
	if all, beside := c.Copies(true); all != 1 || beside != 0 {
		t.Errorf("second stage: %d copies, %d of them views; want 1, 0", all, beside)
	}
}

// TestStages expects what shapes features in the first stage, and its hooks there only.
func TestStages(t *testing.T) {
	c, err := Parse("ranksim(gamma=5)+rrt+dense-weight+fds")
	if err != nil {
		t.Fatal(err)
	}
	first, staged := c.FirstStage()
	if want := "fds+ranksim(gamma=5)"; !staged || first.String() != want {
		t.Errorf("first stage %s, want %s", first, want)
	}
	if second := c.Hooks(true).String(); second != "rrt+fds+dense-weight" {
		t.Errorf("the second stage has the hooks of %s", second)
	}
	if rule := c.WeightRule(ReweightSqrtInv); rule != ReweightNone {
		t.Errorf("weights by sample and by the rule %s", rule)
	}
}
