// Package gate compares the finished runs of a store with those that a file remembers, and says what became worse.
//
// Two kinds of comparison are made for each cell, which is a method on a benchmark's dataset in one configuration.
//
// # Metrics
//
// The mean over seeds of every metric that the benchmark's papers print, over all test samples and by shot region. The
// test is one-sided: only a worsening counts, downwards for metrics whose larger value is the better one. Where both
// sides have at least MinSeeds seeds in common it is the paired t-test over these, since equal seeds start from equal
// weights and see equal batches; else Welch's t-test, with all seeds of both sides. With fewer than MinSeeds on either
// side nothing is tested: the check fails if the baseline has as many, for the runs are too few then. Where there is no
// variance, as when every seed moved by the same amount, the means decide: p is 0 for a worse one, else 1.
//
// The p-values of all cells, metrics and regions are adjusted by Holm's method (Holm, A simple sequentially rejective
// multiple test procedure, Scand. J. Statist. 6, 1979), so the probability that a check of unchanged code fails by its
// metrics is at most Alpha, however many comparisons there are and however they depend on one another. It holds as far
// as a t-test of few seeds does, that is for roughly symmetric errors. On one machine, backend go computes the same
// numbers again for the same seeds, and nothing moves at all; under other rounding equal seeds differ as different ones
// do.
//
// A comparison fails if its adjusted p is at most Alpha and the worsening at least Fail. It alerts, which fails
// nothing, if the p-value on its own is at most 0.05 and the worsening at least Alert: of many comparisons some alert
// by chance.
//
// The worsening of an error is relative to the baseline's mean. A correlation or a threshold accuracy, which is at most
// 1 and may be near or below 0, has no meaningful ratio: its worsening is the loss in points of 0.01, so 5 % is a
// Pearson correlation that fell by 0.05.
//
// # Fingerprints
//
// What does not depend on chance is compared seed by seed, in both directions: the number of test samples by region,
// the training samples by region and by bin, and the loss of the very first step, which follows from the seed's weights
// and first batch. The first loss may differ by 1e-3 of itself, more than other hardware moves it. Sizes must be equal;
// no seed changes them, so those of new seeds are compared too, whereas a new seed's first loss has nothing to be
// compared with. Under one configuration only a change of the code moves a fingerprint: the protocol is another one,
// whatever the statistics say.
package gate

import (
	"cmp"
	"slices"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// Schema is the version of the file format.
const Schema = 1

// Baseline is the content of a baseline file: JSON, sorted, so that a new one differs from the old where numbers do.
type Baseline struct {
	Schema   int      `json:"schema"`
	Suite    string   `json:"suite"`
	Commits  []string `json:"commits"`  // of the code that trained the runs
	Backends []string `json:"backends"` // that they ran on
	Cells    []Cell   `json:"cells"`
}

// Key says which cell it is: two runs with equal keys differ in their seed or configuration.
type Key struct {
	store.RowKey
	Method string `json:"method"`
}

// Name returns BENCHMARK/METHOD, which globs are matched with.
func (k Key) Name() string { return k.Benchmark + "/" + k.Method }

// Cell is a method on a dataset in one configuration.
type Cell struct {
	Key
	Config     string            `json:"config"`      // 8 digits of the hash of configuration and data, without the seed
	TestSizes  metrics.Sizes     `json:"test_sizes"`  // test samples (pixels of a dense label) by region
	TrainSizes metrics.Sizes     `json:"train_sizes"` // training samples by region
	TrainBins  string            `json:"train_bins"`  // hash over the count and the region of each bin
	FirstLoss  map[int64]float64 `json:"first_loss"`  // loss of the very first step, by seed
	// Metrics holds what was reached on the test split, by metric and region. A region without samples has no entry.
	Metrics map[metrics.Metric]map[datasets.Region]Sample `json:"metrics"`
}

// Sample is a metric over seeds. Std has the denominator n-1 and is undefined for one seed.
type Sample struct {
	Mean   metrics.Value     `json:"mean"`
	Std    metrics.Value     `json:"std"`
	N      int               `json:"n"`
	Values map[int64]float64 `json:"values"` // by seed
}

// Seeds returns the largest number of seeds behind any of the cell's figures.
func (c Cell) Seeds() int {
	n := 0
	for _, regions := range c.Metrics {
		for _, s := range regions {
			n = max(n, s.N)
		}
	}
	return n
}

// seeds are those of the runs behind a cell: every training has a first loss, and external runs have metrics only.
func (c Cell) seeds() map[int64]bool {
	seeds := map[int64]bool{}
	for seed := range c.FirstLoss {
		seeds[seed] = true
	}
	for _, regions := range c.Metrics {
		for _, s := range regions {
			for seed := range s.Values {
				seeds[seed] = true
			}
		}
	}
	return seeds
}

// Lacking returns the number of cells of another baseline that b does not have.
func (b *Baseline) Lacking(other *Baseline) int {
	n := 0
	for _, c := range other.Cells {
		if !slices.ContainsFunc(b.Cells, func(own Cell) bool { return own.Key == c.Key }) {
			n++
		}
	}
	return n
}

func sortCells(cells []Cell) {
	slices.SortFunc(cells, func(a, b Cell) int { return compareKeys(a.Key, b.Key) })
}

func compareKeys(a, b Key) int { return cmp.Or(a.Compare(b.RowKey), cmp.Compare(a.Method, b.Method)) }
