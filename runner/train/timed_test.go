package train

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/plan"
)

// The benchmarks of the tests of measurements; the sentences are of several lengths.
const (
	benchAges = `
  - benchmark: agedb-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {batch_size: 16}
`
	benchPairs = `
  - benchmark: sts-b-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {batch_size: 16, text: {embedding: 4, hidden: 4}}
`
	benchSize = 16
)

// timedOf is a training of a benchmark.
func timedOf(t *testing.T, entry string) *Timed {
	t.Helper()
	run := testruns.Plan(t, t.TempDir(), "name: test\nseeds: [0]\nmethods: [vanilla]\nbenchmarks:"+entry)[0]
	f, err := NewTimed(t.Context(), testruns.OpenGo(t), run, taskOf(t, run))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// TestBenchBatches: the timed batches have the shapes of an epoch's full batches, in their proportion.
func TestBenchBatches(t *testing.T) {
	for entry, several := range map[string]bool{benchAges: false, benchPairs: true} {
		f := timedOf(t, entry)
		f.Assemble(benchSize)
		want, full := map[string]float64{}, float64(f.fit.train.rows/benchSize)
		for b := range f.fit.train.batches(f.fit.ctx, f.fit.order(0, allRows(f.fit.train.rows)), benchSize, 0,
			f.fit.copies()...) {
			if b.weight.Shape().Dim(0) == benchSize {
				want[b.inputs[0].Shape().String()] += 1 / full
			}
		}
		if len(f.Batches) != len(want) || len(want) > 1 != several {
			t.Errorf("%d shapes, want those of %v", len(f.Batches), want)
		}
		for _, b := range f.Batches {
			if shape := b.inputs[0].Shape().String(); math.Abs(b.Share-want[shape]) > 1e-9 {
				t.Errorf("%s has a share of %g, want %g", shape, b.Share, want[shape])
			}
		}
	}
}

// TestFreeze: the steps of a second stage leave the encoder as it is and train the head.
func TestFreeze(t *testing.T) {
	runs := testruns.Plan(t, t.TempDir(), "name: test\nseeds: [0]\nmethods: [rrt]\nbenchmarks:"+benchAges)
	second := runs[slices.IndexFunc(runs, func(r *plan.Run) bool { return r.First != nil })]
	f, err := NewTimed(t.Context(), testruns.OpenGo(t), second, taskOf(t, second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	f.Assemble(benchSize)
	if err := f.Freeze(); err != nil {
		t.Fatal(err)
	}
	values := func() map[string]any {
		all := map[string]any{}
		for v := range f.fit.store.IterVariables() {
			if strings.HasPrefix(v.Path(), "/"+encoderScope+"/") && v.Trainable {
				t.Errorf("%s is trainable", v.Path())
			}
			all[v.Path()] = v.MustValue().Value()
		}
		return all
	}
	before := values()
	if _, err := f.StepSeconds(2); err != nil {
		t.Fatal(err)
	}
	trained := false
	for path, value := range values() {
		was, there := before[path]
		switch {
		case !there || reflect.DeepEqual(was, value):
		case strings.HasPrefix(path, "/"+encoderScope+"/") && !strings.Contains(path, "running"):
			t.Errorf("%s has changed", path)
		case strings.HasPrefix(path, "/"+regressorScope+"/"):
			trained = true
		}
	}
	if !trained {
		t.Error("the head has not changed")
	}
}
