package methods

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// fdsRun drives a layer from plain slices. The official vectors are checked by runner/conformance; here are the cases
// that no vector covers.
type fdsRun struct {
	store                   *model.Store
	calibrate, collect, end *model.Exec
}

func newFDSRun(t testing.TB, change func(*FDSConfig)) fdsRun { return newFDSRunOf(t, 2, change) }

func newFDSRunOf(t testing.TB, dim int, change func(*FDSConfig)) fdsRun {
	t.Helper()
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	config := DefaultFDS(0, 5)
	config.Kernel = Kernel{Kind: Triangle, Size: 3}
	if change != nil {
		change(&config)
	}
	store := model.NewStore()
	layer, err := NewFDS(store.RootScope(), config, dim)
	if err != nil {
		t.Fatal(err)
	}
	return fdsRun{
		store: store,
		calibrate: model.MustNewExec(backend, store,
			func(_ *model.Scope, z, bins *Node) *Node { return layer.Calibrate(z, bins) }),
		collect: model.MustNewExec(backend, store, func(_ *model.Scope, z, bins *Node) { layer.Collect(z, bins) }),
		end:     model.MustNewExec(backend, store, func(_ *model.Scope, g *Graph) { layer.EndEpoch(g) }),
	}
}

func (r fdsRun) epoch(z [][]float32, bins []int32) {
	r.collect.MustCall(z, bins)
	r.end.MustCall()
}

func (r fdsRun) table(name string) [][]float32 {
	return r.store.GetVariable("/fds/" + name).MustValue().Value().([][]float32)
}

// Bucket 2 never has a sample: its neighbours' smoothed statistics are averages over the buckets that do.
func TestEmptyBucketDoesNotLeak(t *testing.T) {
	z, bins := [][]float32{}, []int32{}
	for i := range 40 {
		bin := int32([]int{0, 1, 3, 4, 5}[i%5])
		z, bins = append(z, []float32{10 + float32(i%3), 10}), append(bins, bin)
	}
	r := newFDSRun(t, nil)
	r.epoch(z, bins)
	r.epoch(z, bins)
	for bucket, row := range r.table("smoothed_mean") {
		if row[1] != 10 {
			t.Errorf("bucket %d: smoothed mean %g of a feature that is 10 everywhere", bucket, row[1])
		}
	}

	leaking := newFDSRun(t, func(c *FDSConfig) { c.Empty = EmptyLeak })
	leaking.epoch(z, bins)
	leaking.epoch(z, bins)
	if got := leaking.table("smoothed_mean")[1][1]; got >= 10 {
		t.Errorf("the empty bucket's mean 0 should leak, got %g", got)
	}
}

// A bucket whose first sample comes late has nothing to whiten with in the epoch after: its samples stay as they are.
func TestLateBucketWaits(t *testing.T) {
	early, late := [][]float32{{1, 5}, {2, 7}, {3, 6}, {4, 9}}, [][]float32{{20, 30}, {24, 33}}
	earlyBins, lateBins := []int32{0, 0, 1, 1}, []int32{2, 2}
	r := newFDSRun(t, nil)
	r.epoch(early, earlyBins)
	r.epoch(early, earlyBins)
	r.epoch(append(early, late...), append(earlyBins, lateBins...))
	out := r.calibrate.MustCall(late, lateBins)[0].Value().([][]float32)
	if out[0][0] != 20 || out[1][1] != 33 {
		t.Errorf("calibrated without statistics of its own: %v", out)
	}
	r.epoch(append(early, late...), append(earlyBins, lateBins...))
	if out := r.calibrate.MustCall(late, lateBins)[0].Value().([][]float32); out[0][0] == 20 {
		t.Error("an epoch later it is still not calibrated")
	}
}

func TestSingletonAndConstantStayFinite(t *testing.T) {
	z := [][]float32{{1, 5}, {2, 5}, {3, 5}, {7, 5}}
	bins := []int32{0, 0, 0, 4} // bucket 4 has one sample; feature 1 has no variance anywhere
	for _, released := range []bool{false, true} {
		r := newFDSRun(t, func(c *FDSConfig) {
			if released {
				c.Empty, c.NewerStatistics, c.EndsByBatch = EmptyLeak, true, true
			}
		})
		for range 4 {
			r.epoch(z, bins)
		}
		out := r.calibrate.MustCall(z, bins)[0].Value().([][]float32)
		for i, row := range out {
			for j, v := range row {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					t.Errorf("as released %v: sample %d feature %d is %g", released, i, j, v)
				}
			}
			if !released && row[1] != z[i][1] {
				t.Errorf("sample %d: a feature without variance moved from %g to %g", i, z[i][1], row[1])
			}
		}
	}
}

// Each difference of the released code acts by itself.
func TestDifferencesActApart(t *testing.T) {
	z := [][]float32{{1, 5}, {2, 7}, {4, 6}, {7, 9}, {8, 4}, {5, 5}}
	later := [][]float32{{2, 9}, {5, 8}, {6, 3}, {9, 9}, {1, 2}, {0, 1}}
	bins := []int32{1, 1, 2, 2, 4, 4} // the buckets are 1 to 4; bucket 3 is empty
	out := func(change func(*FDSConfig)) [][]float32 {
		r := newFDSRun(t, func(c *FDSConfig) {
			c.FirstBin, c.LastBin = 1, 4
			change(c)
		})
		r.epoch(z, bins)
		r.epoch(later, bins)
		return r.calibrate.MustCall([][]float32{{3, 3}, {4, 4}, {5, 5}}, []int32{0, 2, 4})[0].Value().([][]float32)
	}
	plain := out(func(*FDSConfig) {})
	if plain[0][0] == 3 {
		t.Error("a sample below the first bucket is not calibrated")
	}
	for name, change := range map[string]func(*FDSConfig){
		"newer_statistics": func(c *FDSConfig) { c.NewerStatistics = true },
		"empty leak":       func(c *FDSConfig) { c.Empty = EmptyLeak },
		"empty fill":       func(c *FDSConfig) { c.Empty = EmptyFill },
		"ends_by_batch":    func(c *FDSConfig) { c.EndsByBatch = true },
	} {
		if got := out(change); slices.EqualFunc(got, plain, slices.Equal[[]float32]) {
			t.Errorf("%s changes nothing", name)
		} else if name == "ends_by_batch" && (got[0][0] != 3 || !slices.Equal(got[1], plain[1])) {
			t.Errorf("%s: %v, want the first sample left alone and the others as in %v", name, got, plain)
		}
	}
}

// Statistics do not depend on how the epoch is cut into batches, even where the values are large beside their spread.
func TestCollectMergesBatches(t *testing.T) {
	z, bins := [][]float32{}, []int32{}
	for i := range 60 {
		z, bins = append(z, []float32{1e4 + float32(i%7), float32(i)}), append(bins, int32(i%6))
	}
	whole, parts := newFDSRun(t, nil), newFDSRun(t, nil)
	whole.epoch(z, bins)
	for from := 0; from < 60; from += 12 {
		parts.collect.MustCall(z[from:from+12], bins[from:from+12])
	}
	parts.end.MustCall()
	for _, name := range []string{"running_mean", "running_var"} {
		a, b := whole.table(name), parts.table(name)
		for i := range a {
			for j := range a[i] {
				if !near(float64(b[i][j]), float64(a[i][j]), 1e-4) {
					t.Errorf("%s[%d][%d]: %g in parts, %g at once", name, i, j, b[i][j], a[i][j])
				}
			}
		}
	}
}

// The gradient of calibration is the square root of the clipped variance ratio; none flows through the statistics.
func TestCalibrationGradient(t *testing.T) {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	out := MustNewExec(backend, func(z, m1, v1, m2, v2 *Node) *Node {
		return Gradient(ReduceAllSum(CalibrateFeatures(z, m1, v1, m2, v2, 0.1, 10, false)), z)[0]
	}).MustCall([][]float32{{1, 2, 3}}, [][]float32{{0, 0, 0}}, [][]float32{{1, 1, 0}}, [][]float32{{0, 0, 0}},
		[][]float32{{4, 100, 1}})
	want := []float32{2, float32(math.Sqrt(10)), 1}
	for j, got := range out[0].Value().([][]float32)[0] {
		if !near(float64(got), float64(want[j]), 1e-6) {
			t.Errorf("gradient %d is %g, want %g", j, got, want[j])
		}
	}
}

func TestFDSConfigRefuses(t *testing.T) {
	good := DefaultFDS(0, 9)
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*FDSConfig){
		"one bucket":  func(c *FDSConfig) { c.FirstBin = 9 },
		"open":        func(c *FDSConfig) { c.LastBin = 0 },
		"wide kernel": func(c *FDSConfig) { c.Kernel.Size = 21 },
		"momentum":    func(c *FDSConfig) { c.Momentum = 1 },
		"clip":        func(c *FDSConfig) { c.Clip[1] = 0.01 },
		"statistics":  func(c *FDSConfig) { c.Statistics = "" },
		"features":    func(c *FDSConfig) { c.Features = "cooked" },
		"empty":       func(c *FDSConfig) { c.Empty = "drop" },
	} {
		bad := good
		change(&bad)
		if bad.Ready() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// TestUnknownLabelsAreLeftAlone: samples with a negative bin change no statistics and are not calibrated, also where
// the samples beyond both ends are pooled.
func TestUnknownLabelsAreLeftAlone(t *testing.T) {
	z := [][]float32{{1, 1}, {2, 2}, {3, 3}, {5, 5}, {7, 7}, {6, 6}}
	bins := []int32{2, 2, 3, 3, 4, 4}
	trained := func(z [][]float32, bins []int32) [][]float32 {
		r := newFDSRun(t, func(c *FDSConfig) { c.FirstBin, c.LastBin, c.PoolEnds = 2, 4, true })
		r.epoch(z, bins)
		r.epoch(z, bins)
		return r.calibrate.MustCall([][]float32{{1, 1}, {100, 100}}, []int32{2, -1})[0].Value().([][]float32)
	}
	known := trained(z, bins)
	mixed := trained(append(z, []float32{50, 50}), append(bins, -1))
	if known[0][0] == 1 || known[1][0] != 100 {
		t.Errorf("calibrated to %v, want the first changed and the last left alone", known)
	}
	if math.Abs(float64(known[0][0]-mixed[0][0])) > 1e-6 {
		t.Errorf("an unknown label moves the calibration from %g to %g", known[0][0], mixed[0][0])
	}
}

// BenchmarkCollect adds batches of the sizes of age tiny, age small and STS-B small to the statistics of an epoch, on
// the pure Go backend.
func BenchmarkCollect(b *testing.B) {
	for _, c := range []struct {
		name             string
		batch, dim, bins int
	}{{"age-tiny", 64, 64, 97}, {"age-small", 128, 128, 97}, {"sts-b-small", 128, 800, 50}} {
		b.Run(c.name, func(b *testing.B) {
			r := newFDSRunOf(b, c.dim, func(config *FDSConfig) { config.LastBin = c.bins - 1 })
			z, bins := make([][]float32, c.batch), make([]int32, c.batch)
			for i := range z {
				z[i], bins[i] = make([]float32, c.dim), int32(i%c.bins)
			}
			features, labels := tensors.FromValue(z), tensors.FromValue(bins)
			for b.Loop() {
				r.collect.MustCall(features, labels)
			}
		})
	}
}
