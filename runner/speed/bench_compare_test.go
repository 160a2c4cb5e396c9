package speed

import (
	"testing"

	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/train"
)

const (
	benchAges = `
  - benchmark: agedb-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {batch_size: 16}
`
	benchSize = 16
)

// TestBenchCompares: a machine that is slow for a round changes neither the median step nor the shares, which are those
// within a round.
func TestBenchCompares(t *testing.T) {
	r := BenchResult{Batch: 10}
	r.compare([]round{{1, 1.25, 1.125, 0.5}, {8, 10, 9, 4}, {1, 1.25, 1.125, 0.5}}, 0.125, 0.5)
	want := BenchResult{Batch: 10, StepSeconds: 1, StepsPerSecond: 1, SamplesPerSecond: 10, FDSPass: 0.625,
		FDSOnline: 0.25}
	if r != want {
		t.Errorf("got %+v, want %+v", r, want)
	}
}

// TestStepOperations compares the count with that of the network on paper: each convolution of TinyResNet in the
// forward pass, for the gradient of its weights, and, but for the first one, for that of its input.
func TestStepOperations(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), "name: test\nseeds: [0]\nmethods: [vanilla]\nbenchmarks:"+benchAges)[0]
	task, err := train.LoadTask(t.Context(), run, train.Silent{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := train.NewTimed(t.Context(), testruns.OpenGo(t), run, task)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	f.Assemble(benchSize)
	got, err := stepOperations(t.Context(), run, task, f.Batches)
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
