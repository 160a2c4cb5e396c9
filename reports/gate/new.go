package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// test is the split whose scores are compared.
const test = string(datasets.Test)

// New makes a baseline of the runs of one suite, events included. All of them must be finished, and each cell must have
// one configuration; the error names the run or cell that does not fit.
func New(runs []store.Run) (*Baseline, error) {
	b := &Baseline{Schema: Schema, Cells: []Cell{}}
	for _, r := range runs {
		if r.Manifest.Suite != runs[0].Manifest.Suite {
			return nil, fmt.Errorf("runs of the suites %s and %s: expected one suite: give its folder in the store",
				runs[0].Manifest.Suite, r.Manifest.Suite)
		}
		if !finished(r) {
			return nil, fmt.Errorf("%s: %s: expected finished runs only: run the suite again, or delete the folder", r.Dir,
				state(r))
		}
		b.Suite = r.Manifest.Suite
		b.Commits, b.Backends = append(b.Commits, r.Manifest.Commit), append(b.Backends, r.Manifest.Backend)
	}
	b.Commits, b.Backends = distinct(b.Commits), distinct(b.Backends)
	groups, err := reports.Groups(runs)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		cell, err := newCell(g)
		if err != nil {
			return nil, err
		}
		b.Cells = append(b.Cells, cell)
	}
	sortCells(b.Cells)
	return b, checkDistinct(b.Cells)
}

func checkDistinct(sorted []Cell) error {
	for i, c := range sorted[min(1, len(sorted)):] {
		if last := sorted[i]; last.Key == c.Key {
			return fmt.Errorf("%s: runs of the configurations %s and %s: expected one: "+
				"delete the old runs, or run the suite into a new store", c.Name(), last.Config, c.Config)
		}
	}
	return nil
}

// distinct returns the texts sorted, each once.
func distinct(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
}

// finished reports whether a run has test scores to compare.
func finished(r store.Run) bool {
	_, ok := r.Results[test]
	return ok && r.Status.State == store.Done
}

// state says why a run is not finished: "failed (nan)".
func state(r store.Run) string {
	switch {
	case r.Status.State == store.Done:
		return "without test scores"
	case r.Status.Class != "":
		return fmt.Sprintf("%s (%s)", r.Status.State, r.Status.Class)
	}
	return string(r.Status.State)
}

func keyOf(m store.Manifest) Key {
	return Key{m.RowKey(), m.Method}
}

// newCell summarises finished runs of one configuration.
func newCell(g reports.Group) (Cell, error) {
	first := g.Runs[0]
	if err := checkCounts(g.Runs); err != nil {
		return Cell{}, err
	}
	c := Cell{
		Key: keyOf(first.Manifest), Config: g.Config, FirstLoss: map[int64]float64{},
		TestSizes: testSizes(first), TrainSizes: trainSizes(first.Manifest.Dataset),
		TrainBins: trainBins(first.Manifest.Dataset), Metrics: map[metrics.Metric]map[datasets.Region]Sample{},
	}
	for _, r := range g.Runs {
		d := r.Manifest.Dataset
		if !maps.Equal(testSizes(r), c.TestSizes) || trainBins(d) != c.TrainBins {
			return Cell{}, fmt.Errorf("%s: other region sizes than in %s: the runs come from different versions of the code: "+
				"run the suite into a new store", r.Dir, first.Dir)
		}
		if r.Manifest.External != nil {
			continue // nothing was trained here
		}
		loss := firstLoss(r)
		if !loss.Defined() {
			return Cell{}, fmt.Errorf("%s: no first_loss: expected a training of this version: run the suite into a new store",
				filepath.Join(r.Dir, store.EventsFile))
		}
		c.FirstLoss[r.Manifest.Seed] = float64(loss)
	}
	for _, m := range first.Manifest.Metrics {
		c.Metrics[m] = map[datasets.Region]Sample{}
		for _, region := range metrics.Regions {
			if s := newSample(values(g.Runs, m, region)); s.N > 0 {
				c.Metrics[m][region] = s
			}
		}
	}
	return c, nil
}

// checkCounts finds a manifest whose shot rule does not fit its training counts.
func checkCounts(runs []store.Run) error {
	for _, r := range runs {
		d := r.Manifest.Dataset
		if err := d.Shots.Validate(len(d.TrainCounts)); err != nil {
			return fmt.Errorf("%s: dataset: %w: delete the run's folder and run it again",
				filepath.Join(r.Dir, store.ManifestFile), err)
		}
	}
	return nil
}

// values returns the defined values of a metric in a region, by seed.
func values(runs []store.Run, m metrics.Metric, region datasets.Region) map[int64]float64 {
	bySeed := map[int64]float64{}
	for _, r := range runs {
		if v, ok := r.Results[test][region].Values[m]; ok && v.Defined() {
			bySeed[r.Manifest.Seed] = float64(v)
		}
	}
	return bySeed
}

func newSample(values map[int64]float64) Sample {
	s := Sample{Mean: metrics.Undefined(), Std: metrics.Undefined(), N: len(values), Values: values}
	list := ordered(values)
	if s.N > 0 {
		s.Mean = metrics.Value(stat.Mean(list, nil))
	}
	if s.N > 1 {
		s.Std = metrics.Value(stat.StdDev(list, nil))
	}
	return s
}

// ordered returns the values in the order of their seeds, so that sums do not depend on the order of a map.
func ordered(values map[int64]float64) []float64 {
	list := make([]float64, 0, len(values))
	for _, seed := range slices.Sorted(maps.Keys(values)) {
		list = append(list, values[seed])
	}
	return list
}

func testSizes(r store.Run) metrics.Sizes { return r.Results[test].Sizes() }

func trainSizes(d store.Dataset) metrics.Sizes {
	sizes := metrics.Sizes{}
	for _, region := range metrics.Regions {
		sizes[region] = 0
	}
	for bin, region := range d.Shots.Regions(d.TrainCounts) {
		sizes[metrics.All] += d.TrainCounts[bin]
		sizes[region] += d.TrainCounts[bin]
	}
	return sizes
}

// trainBins notices what the sizes of regions do not show, such as counts that moved by one bin.
func trainBins(d store.Dataset) string {
	sum := sha256.Sum256(fmt.Append(nil, d.TrainCounts, d.Shots.Regions(d.TrainCounts)))
	return hex.EncodeToString(sum[:4])
}

// firstLoss returns the loss of the run's first step, undefined if it was not recorded.
func firstLoss(r store.Run) metrics.Value {
	for _, e := range r.Events {
		if e.FirstLoss != nil {
			return *e.FirstLoss
		}
	}
	return metrics.Undefined()
}
