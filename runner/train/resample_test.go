package train

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// TestResampledRunsTrain trains both methods, with and without the other parts, and expects other models than
// vanilla's.
func TestResampledRunsTrain(t *testing.T) {
	for name, entry := range map[string]string{"faces": testsuite.Agedb, "pairs": testsuite.STSB} {
		t.Run(name, func(t *testing.T) {
			list := "vanilla, smoter, smogn, smogn+lds+fds"
			if testing.Short() {
				list = "vanilla, smoter, smogn"
			}
			runs := testruns.Plan(t, t.TempDir(), testsuite.Text(entry, list, ""))
			trainAll(t, runs)
			seen := map[string]string{}
			for _, run := range runs {
				predictions := testruns.ReadFile(t, run, store.PredictionsFile)
				if twin, known := seen[predictions]; known {
					t.Errorf("%s predicts the same as %s", run.Name(), twin)
				}
				seen[predictions] = run.Name()
			}
		})
	}
}

// TestResampledTrainSet looks at the training set that a run makes of its rows.
func TestResampledTrainSet(t *testing.T) {
	runs := testruns.Plan(t, "out", testsuite.Text(testsuite.Agedb, "vanilla, smoter, sqinv, smoter+lds", ""))
	plain := taskOf(t, runs[0])
	for _, run := range runs {
		task, err := resampled(run, plain)
		if err != nil {
			t.Fatal(err)
		}
		set, err := newTrainSet(run, task)
		if err != nil {
			t.Fatal(err)
		}
		if perEpoch := (set.rows + 63) / 64; run.Steps() != 2*perEpoch {
			t.Errorf("%s: %d steps planned, want 2 epochs of %d", run.Name(), run.Steps(), perEpoch)
		}
		if resamples := run.Method.Resample() != methods.ResampleNone; (task != plain) != resamples {
			t.Errorf("%s: another task: %v", run.Name(), task != plain)
		}
		labels := task.Split(datasets.Train).Labels
		if len(labels) != set.rows || slices.Max(labels) > slices.Max(plain.Split(datasets.Train).Labels) {
			t.Errorf("%s: %d labels for %d rows, up to %g", run.Name(), len(labels), set.rows, slices.Max(labels))
		}
		mean := 0.0
		for _, label := range labels {
			mean += float64(set.weight[set.space.Bin(label)]) / float64(len(labels))
		}
		if math.Abs(mean-1) > 1e-5 {
			t.Errorf("%s: mean weight %g over the rows it trains on, want 1", run.Name(), mean)
		}
	}
}

// TestResamplingIsSeeded: rows depend on the seed, on smoothing, and on nothing else that a method does.
func TestResamplingIsSeeded(t *testing.T) {
	suite := testruns.Parse(t, testsuite.Text(testsuite.Agedb, "smoter, smoter+fds, smoter+lds", ""))
	runs, err := plan.New([]*plan.Suite{suite}, plan.Options{Data: testsuite.Data, Seeds: []int64{0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	plain := taskOf(t, runs[0])
	var labels [][]float32
	for _, run := range runs {
		task, err := resampled(run, plain)
		if err != nil {
			t.Fatal(err)
		}
		labels = append(labels, task.Split(datasets.Train).Labels)
	}
	if !slices.Equal(labels[0], labels[1]) || slices.Equal(labels[0], labels[2]) || slices.Equal(labels[0], labels[3]) {
		t.Error("want the same rows with and without fds, others with lds, and others with another seed")
	}
}

const nyud2Entry = `
  - benchmark: nyud2-dir
    scale: tiny%s
`

// TestDenseLabelsAreNotResampled: a depth map has no neighbour to interpolate towards, and a plan says so.
func TestDenseLabelsAreNotResampled(t *testing.T) {
	options := plan.Options{Data: testsuite.Data, Preview: true, Seeds: []int64{0, 1}}
	suites := []*plan.Suite{testruns.Parse(t, testsuite.Text(nyud2Entry, "vanilla, smoter, smogn+lds", "")),
		testruns.Parse(t, testsuite.Text(testsuite.STSB, "smoter", ""))}
	runs, err := plan.New(suites, options)
	const want = "nyud2-dir/vanilla/seed=0 nyud2-dir/vanilla/seed=1 sts-b-dir/smoter/seed=0 sts-b-dir/smoter/seed=1"
	if err != nil || testruns.Names(runs) != want {
		t.Errorf("plan %s (%v), want %s", testruns.Names(runs), err, want)
	}
	const reason = "smoter, smogn+lds on nyud2-dir: labels are dense, there is no sample to interpolate towards"
	if absent := plan.Absences(suites, options); len(absent) != 1 || absent[0].String() != reason {
		t.Errorf("left out: %v, want %s", absent, reason)
	}
	options.Only = []string{"nyud2-dir/smogn*/*"}
	if absent := plan.Absences(suites, options); len(absent) != 1 ||
		!slices.Equal(absent[0].Methods, []string{"smogn+lds"}) {
		t.Errorf("left out of the selection: %v, want smogn+lds", absent)
	}
	_, err = plan.New(suites, options)
	if mistake := (plan.SelectionError{}); !errors.As(err, &mistake) || err.Error() != "nothing to run: smogn+lds on "+
		"nyud2-dir: "+strings.SplitN(reason, ": ", 2)[1] {
		t.Errorf("error %v", err)
	}
}

// fixedTask is a task with the given training labels that can be resampled.
type fixedTask struct {
	task.Task
	labels []float32
}

func (f fixedTask) Split(datasets.Split) *task.Rows { return &task.Rows{Labels: f.labels} }

func (f fixedTask) Descriptor(int) []float32 { return nil }

func (f fixedTask) Distance() func(a, b int) float32 { return nil }

func (f fixedTask) Mix(methods.Resampled) (task.Task, error) { return nil, errors.New("no neighbours") }

// TestResamplingFails: labels that are all as frequent leave nothing to resample, which is a matter of the data; a task
// whose inputs cannot be mixed is an error too.
func TestResamplingFails(t *testing.T) {
	run := testruns.Plan(t, "out", testsuite.Text(testsuite.Agedb, "smoter", ""))[0]
	_, err := resampled(run, fixedTask{labels: []float32{20, 30}})
	if failure := (store.Failure{}); !errors.As(err, &failure) || failure.Class != store.ClassData ||
		!strings.Contains(err.Error(), "smoter: no label has a relevance of 0.8 or more") {
		t.Errorf("error %v of class %v", err, failure.Class)
	}
	if _, err := resampled(run, fixedTask{labels: []float32{20, 30, 30, 30}}); err == nil ||
		err.Error() != "smoter on agedb-dir: no neighbours" {
		t.Errorf("error %v", err)
	}
}
