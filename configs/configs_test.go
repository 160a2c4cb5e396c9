package configs_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/configs"
	"github.com/dirbench/dirbench/datasets/convert"
	"github.com/dirbench/dirbench/runner/plan"
)

// TestSuites parses every built-in suite, so that none is broken by a renamed field.
func TestSuites(t *testing.T) {
	names := configs.Names()
	if !slices.Contains(names, "smoke") {
		t.Errorf("suites %q: smoke is missing", names)
	}
	for _, name := range names {
		content, err := configs.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		suite, err := plan.ParseSuite(name, content)
		if err != nil {
			t.Error(err)
			continue
		}
		if suite.Name != name || suite.Summary == "" {
			t.Errorf("%s.yaml: name %q, summary %q: expected the file's name and a line for the list", name, suite.Name,
				suite.Summary)
		}
	}
}

// TestReviewSuites: the review's three protocols differ in their data only, and plan 11 seeds of each method.
func TestReviewSuites(t *testing.T) {
	runs := map[string][]string{}
	for _, protocol := range convert.Protocols {
		content, err := configs.Read("review-agedb-" + protocol)
		if err != nil {
			t.Fatal(err)
		}
		suite, err := plan.ParseSuite(protocol, content)
		if err != nil {
			t.Fatal(err)
		}
		planned, err := plan.New([]*plan.Suite{suite}, plan.Options{Data: t.TempDir(), Preview: true})
		if err != nil {
			t.Fatal(err)
		}
		seeds := map[string]int{}
		for _, run := range planned {
			r := run.Config.Recipe
			epochs, want := 120, 256
			for _, small := range []string{"focal-r", "ranksim", "conr", "uvote"} {
				if strings.Contains(run.Config.Method, small) {
					want = 64
				}
			}
			switch {
			case run.Config.Method == "uvote":
				epochs = 90
			case strings.HasPrefix(run.Config.Method, "rnc-encoder"):
				epochs = 400
			case run.Config.Method == "rnc(head_epochs=90)": // its second stage
				epochs, want, r.Epochs = 90, 64, r.RetrainEpochs
			}
			if r.Epochs != epochs || r.BatchSize != want || !slices.Equal(r.LRDrops, []int{60, 80}) ||
				run.Config.Fidelity != "official" {
				t.Errorf("%s: %d epochs of batches of %d, drops %v", run.Config.Method, r.Epochs, r.BatchSize, r.LRDrops)
			}
			seeds[run.Config.Method]++
			runs[protocol] = append(runs[protocol], run.Config.Method)
		}
		for method, n := range seeds {
			if n != 11 {
				t.Errorf("%s: %d runs of %s, want 11", protocol, n, method)
			}
		}
		if !slices.Equal(runs[protocol], runs[convert.Protocols[0]]) {
			t.Errorf("%s plans other methods than %s", protocol, convert.Protocols[0])
		}
	}
}

func TestRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.yml")
	if err := os.WriteFile(file, []byte("name: mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if content, err := configs.Read(file); err != nil || string(content) != "name: mine\n" {
		t.Errorf("%s: %q, %v", file, content, err)
	}
	tests := map[string]string{
		"smok":      `suite "smok": expected one of `,
		"none.yaml": "open none.yaml: ",
		"../smoke":  `suite "../smoke": expected one of `,
		"":          `suite "": expected one of `,
	}
	for name, want := range tests {
		if _, err := configs.Read(name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", name, err, want)
		}
	}
}
