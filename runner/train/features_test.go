package train

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"go.uber.org/goleak"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/twin"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// directFeatures computes z of all training rows in one batch, and the bin of each.
func directFeatures(t *testing.T, run *plan.Run) (z [][]float32, bins []int, kept snapshot) {
	t.Helper()
	task := taskOf(t, run)
	trainer, err := newTrainer(testruns.OpenGo(t), run, task)
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.close()
	if kept, err = readSnapshot(filepath.Join(run.Dir, store.CheckpointDir)); err != nil {
		t.Fatal(err)
	}
	if err := kept.restore(trainer.store); err != nil {
		t.Fatal(err)
	}
	rows := task.Split(datasets.Train).Subset
	if rows == nil {
		rows = allRows(task.Split(datasets.Train).Len())
	}
	inputs, labels := task.Batch(nil, datasets.Train, rows, nil)
	out := model.MustNewExec(trainer.backend, trainer.store, func(scope *model.Scope, in []*Node) *Node {
		z := task.Encode(scope.At(encoderScope), in, false)
		z = task.Feature(scope.At(regressorScope), z, false)
		return Reshape(z, -1, task.Dim())
	}).MustCall(any(inputs[0]))[0]
	for _, label := range labels {
		bin := run.Config.LabelSpace.Bin(label)
		if task.Dense() && label == 0 {
			bin = -1
		}
		bins = append(bins, bin)
	}
	return out.Value().([][]float32), bins, kept
}

// calibrated is FDS's formula in plain code, for age's bins 3 to 99 with the ends pooled.
func calibrated(t *testing.T, z [][]float32, bins []int, kept snapshot) [][]float32 {
	t.Helper()
	table := func(name string) [][]float32 {
		value, ok := kept["/fds/"+name]
		if !ok {
			t.Fatalf("checkpoint without %s", name)
		}
		return value.Value().([][]float32)
	}
	m1, v1, m2, v2 := table("last_mean"), table("last_var"), table("smoothed_mean"), table("smoothed_var")
	seen := table("last_seen")
	out := make([][]float32, len(z))
	for i, row := range z {
		b := max(3, min(bins[i], 99)) - 3
		out[i] = append([]float32{}, row...)
		for j, v := range row {
			if seen[b][0] > 0 && v1[b][j] > 0 {
				ratio := max(0.1, min(float64(v2[b][j]/v1[b][j]), 10))
				out[i][j] = (v-m1[b][j])*float32(math.Sqrt(ratio)) + m2[b][j]
			}
		}
	}
	return out
}

// checkBuckets compares statistics with those of two passes over the features of a bin.
func checkBuckets(t *testing.T, name string, got BucketStatistics, z [][]float32, bins []int) {
	t.Helper()
	for bin := range got.Counts {
		var rows [][]float32
		for i := range bins {
			if bins[i] == bin {
				rows = append(rows, z[i])
			}
		}
		if got.Counts[bin] != len(rows) || (got.Mean[bin] == nil) != (len(rows) == 0) ||
			(got.Variance[bin] == nil) != (len(rows) < 2) {
			t.Fatalf("%s: bin %d: %d features, want %d", name, bin, got.Counts[bin], len(rows))
		}
		for j := range got.Mean[bin] {
			mean, square := 0.0, 0.0
			for _, r := range rows {
				mean += float64(r[j]) / float64(len(rows))
			}
			for _, r := range rows {
				square += (float64(r[j]) - mean) * (float64(r[j]) - mean)
			}
			if math.Abs(got.Mean[bin][j]-mean) > 1e-4*(1+math.Abs(mean)) {
				t.Fatalf("%s: bin %d: mean %g, want %g", name, bin, got.Mean[bin][j], mean)
			}
			if want := square / float64(len(rows)-1); len(rows) > 1 && math.Abs(got.Variance[bin][j]-want) > 1e-3*(want+1e-3) {
				t.Fatalf("%s: bin %d: variance %g, want %g", name, bin, got.Variance[bin][j], want)
			}
		}
	}
}

// The statistics of trained runs are those of their features computed at once, before and after calibration.
func TestFeatures(t *testing.T) {
	runs := append(testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.Agedb, "fds, rrt+fds, uvote", "")),
		testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.Depth, "vanilla", ""))...)
	trainAll(t, runs)
	for _, run := range runs {
		there, err := store.Load(run.Dir)
		if err != nil {
			t.Fatal(err)
		}
		done := 0
		stats, err := Features(t.Context(), testruns.OpenGo(t), there,
			FeatureOptions{Data: testsuite.Data, Progress: func(n, _ int) { done = n }})
		if err != nil {
			t.Fatal(err)
		}
		z, bins, kept := directFeatures(t, run)
		checkBuckets(t, run.Name(), stats.Features, z, bins)
		known := 0
		for _, bin := range bins {
			known += min(1, bin+1)
		}
		if stats.Features.Errors.N != known {
			t.Errorf("%s: errors of %d predictions, want %d", run.Name(), stats.Features.Errors.N, known)
		}
		if done == 0 || done > run.Dataset.Meta.Splits[datasets.Train].Rows {
			t.Errorf("%s: progress ends at %d rows", run.Name(), done)
		}
		if (stats.Calibrated != nil) != run.Method.FDS() {
			t.Fatalf("%s: calibrated statistics %v", run.Name(), stats.Calibrated != nil)
		}
		if run.Method.FDS() {
			moved := calibrated(t, z, bins, kept)
			checkBuckets(t, run.Name()+" calibrated", *stats.Calibrated, moved, bins)
			if same := *stats.Calibrated; math.Abs(same.Mean[40][0]-stats.Features.Mean[40][0]) == 0 {
				t.Error("calibration changes nothing: the test cannot tell")
			}
		}
	}
}

// A regressor that reads the label's bucket out of the calibration, made by hand: it averages the feature, every
// bucket's smoothed mean is the bucket's age, and calibration leaves nothing else of a feature. Calibrated features
// then have no training error; the encoder's are predicted as they are.
func TestTrainingErrorOfReadCalibration(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.Agedb, "fds", ", fds: {clip: [1e-12, 10]}"))[0]
	trainAll(t, []*plan.Run{run})
	z, bins, kept := directFeatures(t, run)
	dim, space := len(z[0]), run.Config.LabelSpace
	fill := func(path string, value func(row int) float32) {
		tensors.MustMutableFlatData(kept[path], func(flat []float32) {
			for i := range flat {
				flat[i] = value(i / dim)
			}
		})
	}
	fill("/fds/last_mean", func(int) float32 { return 0 })
	fill("/fds/last_var", func(int) float32 { return 1 })
	fill("/fds/last_seen", func(int) float32 { return 1 })
	fill("/fds/smoothed_mean", func(bucket int) float32 { return float32(3 + bucket) })
	fill("/fds/smoothed_var", func(int) float32 { return 0 })
	for path := range kept {
		if strings.HasPrefix(path, "/"+regressorScope+"/") {
			fill(path, func(int) float32 { return 1 / float32(dim) * float32(min(1, kept[path].Shape().Rank()-1)) })
		}
	}
	if err := kept.save(run.Dir); err != nil {
		t.Fatal(err)
	}
	there, err := store.Load(run.Dir)
	if err != nil {
		t.Fatal(err)
	}
	stats, err := Features(t.Context(), testruns.OpenGo(t), there, FeatureOptions{Data: testsuite.Data})
	if err != nil {
		t.Fatal(err)
	}
	plain, ends := 0.0, 0.0 // the ages beyond the buckets are pooled with that of the end's
	for i, row := range z {
		mean := 0.0
		for _, v := range row {
			mean += float64(v) / float64(dim)
		}
		age := space.Lower(bins[i])
		plain += math.Abs(mean-age) / float64(len(z))
		ends += math.Abs(min(max(age, 3), 99)-age) / float64(len(z))
	}
	before, after := stats.Features.Errors, stats.Calibrated.Errors
	if before.N != len(z) || math.Abs(float64(before.Values[metrics.MAE])-plain) > 1e-3 {
		t.Errorf("before calibration: MAE %g of %d, want %g of %d", before.Values[metrics.MAE], before.N, plain, len(z))
	}
	if after.N != len(z) || math.Abs(float64(after.Values[metrics.MAE])-ends) > 1e-3 || plain < 10 {
		t.Errorf("calibrated: MAE %g of %d, want %g of %d, far below %g", after.Values[metrics.MAE], after.N, ends, len(z),
			plain)
	}
}

// Every reason why a run cannot be analysed is one line that says what to do.
func TestFeaturesRefuses(t *testing.T) {
	root := t.TempDir()
	runs := testruns.PlanWith(t, testsuite.Text(testsuite.Agedb, "vanilla", ""),
		plan.Options{Data: root, Out: t.TempDir()})
	trainAll(t, runs)
	there, err := store.Load(runs[0].Dir)
	if err != nil {
		t.Fatal(err)
	}
	backend := testruns.OpenGo(t)
	refused := func(name, want string, run store.Run, data string) {
		t.Helper()
		_, err := Features(t.Context(), backend, run, FeatureOptions{Data: data})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", name, err, want)
		}
	}
	refused("no such root", "expected the root of prepared datasets", there, filepath.Join(root, "none"))
	refused("empty root", "dataset agedb-twin, or another with the same files, is not in", there, t.TempDir())
	running := there
	running.Status.State = store.Failed
	refused("failed run", "the run is failed: expected one that is done", running, root)
	other := there
	other.Manifest.Hash = strings.Repeat("0", 64)
	refused("other version", "of another version of dirbench", other, root)

	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	before := goleak.IgnoreCurrent()
	if _, err := Features(canceled, backend, there, FeatureOptions{Data: root}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: error %v", err)
	}
	// It does not wait for what reads the dataset, which may still write a cache beside it.
	for tries := 20; tries > 0 && goleak.Find(before) != nil; tries-- {
	}

	// A dataset in a folder of another name is found by its files; one that changed is not taken.
	moved := filepath.Join(root, "moved")
	if err := os.Rename(filepath.Join(root, "agedb-twin"), moved); err != nil {
		t.Fatal(err)
	}
	if _, err := Features(t.Context(), backend, there, FeatureOptions{Data: root}); err != nil {
		t.Errorf("the dataset in %s is not found: %v", moved, err)
	}
	if err := os.WriteFile(filepath.Join(moved, "train.parquet"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	refused("changed file", "train.parquet: the file was changed", there, root)
	if err := twin.Write(filepath.Join(root, "agedb-twin"), "agedb", twin.Options{Size: 200, Seed: 2}, false); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(moved); err != nil {
		t.Fatal(err)
	}
	refused("another dataset", "has changed since the run: train has SHA-256", there, root)
}

// A checkpoint that lacks a variable of the encoder is refused, not filled up with random numbers.
func TestFeaturesOfACutCheckpoint(t *testing.T) {
	s := model.NewStore()
	s.RootScope().At(encoderScope).VariableWithValue("w", float32(1))
	whole, err := takeSnapshot(s, keptVariable)
	if err != nil || whole.checkComplete(s) != nil {
		t.Fatalf("complete: %v, %v", err, whole.checkComplete(s))
	}
	s.RootScope().At(regressorScope).VariableWithValue("w", float32(1))
	if err := (snapshot{"/regressor/w": tensors.FromScalar(float32(1))}).checkComplete(s); err == nil {
		t.Error("a checkpoint without the encoder is taken")
	}
	if err := whole.checkComplete(s); err == nil {
		t.Error("a checkpoint without the regressor is taken")
	}
}
