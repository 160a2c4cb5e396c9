package runner

import (
	"math"
	"testing"
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

// benchFitOf is a training of a benchmark.
func benchFitOf(t *testing.T, entry string) *benchFit {
	t.Helper()
	run := planOf(t, t.TempDir(), "name: test\nseeds: [0]\nmethods: [vanilla]\nbenchmarks:"+entry)[0]
	f, err := newBenchFit(t.Context(), openGo(t), run, taskOf(t, run))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.close)
	return f
}

// TestBenchBatches: the timed batches have the shapes of an epoch's full batches, in their proportion.
func TestBenchBatches(t *testing.T) {
	for entry, several := range map[string]bool{benchAges: false, benchPairs: true} {
		f := benchFitOf(t, entry)
		f.assemble(benchSize)
		want, full := map[string]float64{}, float64(f.train.rows/benchSize)
		for b := range f.train.batches(f.ctx, f.order(0, allRows(f.train.rows)), benchSize, 0, f.augmentation(0)) {
			if b.weight.Shape().Dim(0) == benchSize {
				want[b.inputs[0].Shape().String()] += 1 / full
			}
		}
		if len(f.batches) != len(want) || len(want) > 1 != several {
			t.Errorf("%d shapes, want those of %v", len(f.batches), want)
		}
		for _, b := range f.batches {
			if shape := b.inputs[0].Shape().String(); math.Abs(b.share-want[shape]) > 1e-9 {
				t.Errorf("%s has a share of %g, want %g", shape, b.share, want[shape])
			}
		}
	}
}

// TestStepOperations compares the count with that of the network on paper: each convolution of TinyResNet in the forward pass, for the
// gradient of its weights, and, but for the first one, for that of its input.
func TestStepOperations(t *testing.T) {
	f := benchFitOf(t, benchAges)
	f.assemble(benchSize)
	got, err := stepOperations(f.run, f.task, f.batches)
	if err != nil {
		t.Fatal(err)
	}
	convolution := func(size, kernel, in, out int) int { return 2 * benchSize * size * size * kernel * kernel * in * out }
	const width = 16
	size, in := 32, width
	want := 2 * convolution(size, 3, 3, width)
	for stage := range 3 {
		out := width << stage
		for block := range 2 {
			if stage > 0 && block == 0 {
				size /= 2
				want += 3 * convolution(size, 1, in, out) // the shortcut
			}
			want += 3 * (convolution(size, 3, in, out) + convolution(size, 3, out, out))
			in = out
		}
	}
	want += 3 * 2 * benchSize * in // the regressor
	if got != float64(want) {
		t.Errorf("%g operations, want %d", got, want)
	}
}

// TestBenchCompares: a machine that is slow for a round changes neither the median step nor the shares, which are those within a round.
func TestBenchCompares(t *testing.T) {
	r := BenchResult{Batch: 10}
	r.compare([]round{{1, 1.25, 1.125, 0.5}, {8, 10, 9, 4}, {1, 1.25, 1.125, 0.5}}, 0.125, 0.5)
	want := BenchResult{Batch: 10, StepSeconds: 1, StepsPerSecond: 1, SamplesPerSecond: 10, FDSPass: 0.625, FDSOnline: 0.25}
	if r != want {
		t.Errorf("got %+v, want %+v", r, want)
	}
}
