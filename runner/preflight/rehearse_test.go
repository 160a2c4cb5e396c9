package preflight

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
)

// Every kind of method is executed in small, first stages once, and nothing is left in the store.
func TestRehearse(t *testing.T) {
	out := filepath.Join(t.TempDir(), "results")
	for _, entry := range []string{testsuite.Agedb, testsuite.STSB} {
		rehearser := &Rehearser{Backend: testruns.OpenGo(t), Dir: t.TempDir()}
		for _, run := range testruns.Plan(t, out,
			testsuite.Text(entry, "vanilla, lds+fds, rrt+fds, smoter+lds, dense-weight, srl+dist-loss", "")) {
			got, err := rehearser.Rehearse(t.Context(), run)
			if err != nil || got.Checkpoint == 0 || !(got.Seconds > 0) {
				t.Errorf("%s: %+v (%v)", run.Name(), got, err)
			}
			rows, many := 2, regexp.MustCompile("smoter|dense-weight|srl") // two rows may have one label
			if many.MatchString(run.Config.Method) {
				rows = 64
			}
			small, err := rehearser.small(run)
			if err != nil || small.Dataset.Meta.Splits[datasets.Train].Rows != rows {
				t.Errorf("%s: rehearsed on %+v, want %d rows (%v)", run.Name(), small.Dataset.Meta.Splits, rows, err)
			}
			if run.PredictionBytes() == 0 {
				t.Errorf("%s: no predictions", run.Name())
			}
		}
		if len(rehearser.heads) != 2 {
			t.Errorf("%d heads of the dataset, want one for methods that need many rows and one", len(rehearser.heads))
		}
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("the store was touched: %v", err)
	}
}

// What only an execution finds: a diverging recipe, word vectors of other words.
func TestRehearseFails(t *testing.T) {
	vectors := filepath.Join(t.TempDir(), "vectors.txt")
	if err := os.WriteFile(vectors, []byte("zyzzyva 1 2 3 4\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ text, want string }{
		{testsuite.Text(testsuite.STSB, "vanilla", ", lr: 1.0e+30"), "nan: training diverged"},
		{strings.Replace(testsuite.Text(testsuite.STSB, "vanilla", ""), "embedding: 4", "embedding: 4, pretrained: true", 1),
			"data: word vectors "},
	}
	for _, tt := range tests {
		options := plan.Options{Data: testsuite.Data, Out: t.TempDir()}
		options.Load.Embeddings = vectors
		runs, err := plan.New([]*plan.Suite{testruns.Parse(t, tt.text)}, options)
		if err != nil {
			t.Fatal(err)
		}
		rehearser := &Rehearser{Backend: testruns.OpenGo(t), Dir: t.TempDir()}
		if _, err := rehearser.Rehearse(t.Context(), runs[0]); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}
