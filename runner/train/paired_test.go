package train

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// listener is a task that notes the training batches it hands out, those of an epoch in the order of their rows: which
// is ready first is a matter of chance.
type listener struct {
	task.Task
	lock    sync.Mutex
	batches []heardBatch
}

type heardBatch struct {
	rows   []int
	pixels []uint8
}

func (l *listener) Batch(memory *task.Memory, split datasets.Split, rows []int, random *rand.Rand) (
	[]*tensors.Tensor, []float32) {
	inputs, labels := l.Task.Batch(memory, split, rows, random)
	if split == datasets.Train {
		l.lock.Lock()
		defer l.lock.Unlock()
		l.batches = append(l.batches, heardBatch{rows, tensors.MustCopyFlatData[uint8](inputs[0])})
	}
	return inputs, labels
}

// epochs returns the rows and pixels of two epochs.
func (l *listener) epochs() (rows [2][]int, pixels [2][]uint8) {
	half := len(l.batches) / 2
	for i, epoch := range [][]heardBatch{l.batches[:half], l.batches[half:]} {
		slices.SortFunc(epoch, func(a, b heardBatch) int { return slices.Compare(a.rows, b.rows) })
		for _, b := range epoch {
			rows[i], pixels[i] = append(rows[i], b.rows...), append(pixels[i], b.pixels...)
		}
	}
	return rows, pixels
}

// trained returns a run's predictions of the validation split before training and what it was trained on.
func trained(t *testing.T, run *plan.Run) (start []float32, heard *listener) {
	t.Helper()
	heard = &listener{Task: taskOf(t, run)}
	trainer, err := newTrainer(testruns.OpenGo(t), run, heard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(trainer.close)
	before, err := trainer.predictSplit(t.Context(), datasets.Val)
	if start = before.values; err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(run.Dir, 0o777); err != nil {
		t.Fatal(err)
	}
	record := &Record{run: run, observer: Silent{}}
	if err := trainer.train(t.Context(), record, &saver{every: time.Hour, last: time.Now()}, nil); err != nil {
		t.Fatal(err)
	}
	return start, heard
}

// TestMethodsArePaired: with the same seed two methods start from the same weights and see the same augmented images in
// the same order; with another seed they do not.
func TestMethodsArePaired(t *testing.T) {
	suite := testruns.Parse(t, testsuite.Text(testsuite.Agedb, "vanilla, lds", ""))
	runs, err := plan.New([]*plan.Suite{suite}, plan.Options{Data: testsuite.Data, Out: t.TempDir(), Seeds: []int64{0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	vanillaStart, vanilla := trained(t, runs[0])
	ldsStart, lds := trained(t, runs[1])
	otherStart, other := trained(t, runs[2])
	vanillaRows, vanillaPixels := vanilla.epochs()
	ldsRows, ldsPixels := lds.epochs()
	otherRows, _ := other.epochs()
	if !slices.Equal(vanillaStart, ldsStart) || !cmp.Equal(vanillaRows, ldsRows) || !cmp.Equal(vanillaPixels, ldsPixels) {
		t.Errorf("%s and %s differ in initial weights, order or augmentation", runs[0].Name(), runs[1].Name())
	}
	if slices.Equal(vanillaStart, otherStart) || cmp.Equal(vanillaRows, otherRows) {
		t.Errorf("%s and %s have the same initial weights or order", runs[0].Name(), runs[2].Name())
	}
	if slices.Equal(vanillaRows[0], vanillaRows[1]) {
		t.Error("both epochs have the same order")
	}
	first := slices.Sorted(slices.Values(vanillaRows[0]))
	if len(slices.Compact(slices.Clone(first))) != len(first) || len(first) != 200 {
		t.Errorf("the first epoch has %d rows, want each of 200 once", len(first))
	}
}

// TestMethodsDiffer trains lds and fds on the batches of vanilla and expects other models; FDS first acts in the third
// epoch.
func TestMethodsDiffer(t *testing.T) {
	if testing.Short() {
		t.Skip("trains several runs more")
	}
	runs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.Longer(testsuite.Agedb), "vanilla, lds, fds", ""))
	trainAll(t, runs)
	seen := map[string]string{}
	for _, run := range runs {
		predictions := testruns.ReadFile(t, run, store.PredictionsFile)
		if twin, known := seen[predictions]; known {
			t.Errorf("%s predicts the same as %s", run.Name(), twin)
		}
		seen[predictions] = run.Name()
	}
}

// changedVariables returns the paths of the variables in which two runs' checkpoints differ.
func changedVariables(t *testing.T, a, b *plan.Run) (changed []string) {
	t.Helper()
	before, err := readSnapshot(filepath.Join(a.Dir, store.CheckpointDir))
	if err != nil {
		t.Fatal(err)
	}
	after, err := readSnapshot(filepath.Join(b.Dir, store.CheckpointDir))
	if err != nil {
		t.Fatal(err)
	}
	if len(before) != len(after) || len(before) == 0 {
		t.Fatalf("%d variables, then %d", len(before), len(after))
	}
	for path, value := range before {
		if after[path] == nil {
			t.Fatalf("%s is missing", path)
		}
		if !value.Equal(after[path]) {
			changed = append(changed, path)
		}
	}
	slices.Sort(changed)
	return changed
}

// TestSecondStage looks at what regressor re-training leaves of its first stage. The official one leaves batch
// normalisation in training mode, so that its running statistics move on; STS-B-DIR has none, but weight decay.
func TestSecondStage(t *testing.T) {
	tests := []struct {
		semantics, entry string
		moves            bool
	}{{"paper", testsuite.Agedb, false}, {"official", testsuite.Agedb, true}, {"paper", testsuite.STSB, false},
		{"official", testsuite.STSB, false}}
	for _, tt := range tests {
		runs := testruns.Plan(t, t.TempDir(), "semantics: "+tt.semantics+"\n"+testsuite.Text(tt.entry, "vanilla, rrt", ""))
		trainAll(t, runs)
		name, moved := tt.semantics+" "+runs[1].Name(), false
		regressor := 0
		for _, path := range changedVariables(t, runs[0], runs[1]) {
			switch {
			case strings.HasPrefix(path, "/"+regressorScope+"/"):
				regressor++
			case tt.moves && strings.Contains(path, "/running_"):
				moved = true
			default:
				t.Errorf("%s: %s changed in the second stage", name, path)
			}
		}
		if regressor != 2 || moved != tt.moves {
			t.Errorf("%s: %d variables of the regressor changed, want weights and bias; running statistics moved: %v", name,
				regressor, moved)
		}
	}
}
