package reports

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/store"
)

// scipyCell is what ci/scipy/expected.py computes of a cell.
type scipyCell struct {
	N         int           `json:"n"`
	Mean, Std metrics.Value // null is undefined
	T         [2]metrics.Value
	BCa       [2][2]metrics.Value // the intervals at levels one percent above and below
	Against   *struct {
		Pairs                       int
		Difference, Low, High, Gain metrics.Value
		PT                          metrics.Value `json:"p_t"`
		PWilcoxon                   metrics.Value `json:"p_wilcoxon"`
		HolmT                       metrics.Value `json:"holm_t"`
		HolmWilcoxon                metrics.Value `json:"holm_wilcoxon"`
	}
}

type scipyRanking struct {
	Blocks             []string
	MeanRanks          map[string]float64 `json:"mean_ranks"`
	ChiSquare          metrics.Value      `json:"chi_square"`
	F                  metrics.Value
	PF                 metrics.Value `json:"p_f"`
	PPermutation       metrics.Value `json:"p_permutation"`
	CriticalDifference float64       `json:"critical_difference"`
}

type scipyFile struct {
	Tables map[string]map[string]map[string]scipyCell // by benchmark/dataset, method and column: "mae few"
	Ranks  map[string]scipyRanking                    // by region
}

// Tolerances: of values relative, of intervals as a share of their width. The bootstrap depends on random numbers, ours
// and SciPy's: its ends must lie between those of SciPy's at levels one percent above and below, or this close to one.
// The shuffles depend on ours.
const (
	scipyTolerance   = 1e-9
	tTolerance       = 1e-8
	bcaTolerance     = 0.01
	shuffleTolerance = 0.002
)

func readScipy(t *testing.T, opts Options) (scipyFile, Report) {
	t.Helper()
	raw, err := os.ReadFile("testdata/scipy/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var want scipyFile
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	runs, damaged, err := store.Scan("testdata/scipy/store")
	if err != nil || len(damaged) > 0 {
		t.Fatal(err, damaged)
	}
	report, err := New(runs, damaged, opts)
	if err != nil {
		t.Fatal(err)
	}
	return want, report
}

// All numbers of the committed store's tables are those that an independent script computed with SciPy.
func TestTablesAgreeWithScipy(t *testing.T) {
	for _, opts := range []Options{{Interval: IntervalT, Test: TestT}, {Interval: IntervalBCa, Test: TestWilcoxon}} {
		opts.Baseline = "vanilla"
		want, report := readScipy(t, opts)
		if len(report.Tables) != len(want.Tables) {
			t.Fatalf("%d tables, want %d", len(report.Tables), len(want.Tables))
		}
		for _, table := range report.Tables {
			methods := want.Tables[table.Benchmark+"/"+table.Dataset]
			if len(table.Rows) != len(methods) {
				t.Fatalf("%s: %d rows, want %d", table.Title, len(table.Rows), len(methods))
			}
			for _, row := range table.Rows {
				if len(methods[row.Method]) != len(row.Cells) {
					t.Fatalf("%s %s: %d columns, want %d", table.Title, row.Method, len(row.Cells), len(methods[row.Method]))
				}
				for i, c := range table.Columns {
					s := scipyCheck{t, table.Title + " " + row.Method + " " + c.Name(), opts}
					s.cell(row.N, row.Cells[i], methods[row.Method][string(c.Metric)+" "+c.Region.String()])
				}
			}
		}
	}
}

// scipyCheck compares what has a name.
type scipyCheck struct {
	t    *testing.T
	name string
	opts Options
}

func (s scipyCheck) value(what string, got, want metrics.Value, tolerance float64) {
	s.t.Helper()
	if got.Defined() != want.Defined() || got.Defined() && math.Abs(float64(got-want)) > tolerance {
		s.t.Errorf("%s: %s %.12g, want %.12g", s.name, what, float64(got), float64(want))
	}
}

func (s scipyCheck) relative(what string, got, want metrics.Value) {
	s.t.Helper()
	s.value(what, got, want, scipyTolerance*max(math.Abs(float64(want)), 1e-3))
}

func (s scipyCheck) interval(what string, low, high metrics.Value, want [2]metrics.Value, tolerance float64) {
	s.t.Helper()
	tolerance *= float64(want[1] - want[0])
	s.value(what+" low", low, want[0], tolerance)
	s.value(what+" high", high, want[1], tolerance)
}

func (s scipyCheck) between(what string, got, low, high, tolerance metrics.Value) {
	s.t.Helper()
	if got.Defined() != low.Defined() || got.Defined() && (got < low-tolerance || got > high+tolerance) {
		s.t.Errorf("%s: %s %.12g, want %.12g to %.12g", s.name, what, float64(got), float64(low), float64(high))
	}
}

func (s scipyCheck) cell(n int, got Cell, want scipyCell) {
	s.t.Helper()
	if n != want.N {
		s.t.Errorf("%s: n %d, want %d", s.name, n, want.N)
	}
	s.relative("mean", got.Mean, want.Mean)
	s.relative("std", got.Std, want.Std)
	if s.opts.Interval == IntervalT {
		s.interval("t", got.Low, got.High, want.T, tTolerance)
	} else {
		wide, narrow := want.BCa[0], want.BCa[1]
		s.between("BCa low", got.Low, wide[0], narrow[0], bcaTolerance*(wide[1]-wide[0]))
		s.between("BCa high", got.High, narrow[1], wide[1], bcaTolerance*(wide[1]-wide[0]))
	}
	if (got.Comparison == nil) != (want.Against == nil) {
		s.t.Errorf("%s: comparison %+v, want %+v", s.name, got.Comparison, want.Against)
		return
	}
	if got.Comparison != nil {
		s.comparison(got.Comparison, want)
	}
}

func (s scipyCheck) comparison(got *Comparison, cell scipyCell) {
	s.t.Helper()
	want := cell.Against
	if got.Pairs != want.Pairs {
		s.t.Errorf("%s: %d pairs, want %d", s.name, got.Pairs, want.Pairs)
	}
	s.relative("difference", got.Difference, want.Difference)
	s.interval("difference", got.Low, got.High, [2]metrics.Value{want.Low, want.High}, tTolerance)
	s.relative("gain", got.Gain, want.Gain)
	s.relative("p of t", got.PT, want.PT)
	s.relative("p of Wilcoxon", got.PWilcoxon, want.PWilcoxon)
	adjusted := want.HolmT
	if s.opts.Test == TestWilcoxon {
		adjusted = want.HolmWilcoxon
	}
	s.relative("adjusted p", got.PAdjusted, adjusted)
}

func TestRanksAgreeWithScipy(t *testing.T) {
	want, report := readScipy(t, Options{})
	if len(report.Ranks) != len(want.Ranks) {
		t.Fatalf("%d rankings, want %d", len(report.Ranks), len(want.Ranks))
	}
	for _, r := range report.Ranks {
		w, s := want.Ranks[r.Region.String()], scipyCheck{t: t, name: "ranks " + r.Region.String()}
		for i := range w.Blocks {
			_, w.Blocks[i], _ = strings.Cut(w.Blocks[i], "/")
		}
		if !slices.Equal(r.Blocks, w.Blocks) {
			t.Errorf("%s: blocks %v, want %v", s.name, r.Blocks, w.Blocks)
		}
		s.relative("chi square", r.ChiSquare, w.ChiSquare)
		s.relative("F", r.F, w.F)
		s.relative("p of F", r.PF, w.PF)
		s.value("permutation p", r.PPermutation, w.PPermutation, shuffleTolerance)
		s.relative("critical difference", metrics.Value(r.CriticalDifference), metrics.Value(w.CriticalDifference))
		got := map[string]float64{}
		for _, m := range r.Methods {
			got[m.Method] = m.MeanRank
			s.relative("mean rank of "+m.Method, metrics.Value(m.MeanRank), metrics.Value(w.MeanRanks[m.Method]))
		}
		if !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(w.MeanRanks))) {
			t.Errorf("%s: methods %v, want %v", s.name, got, w.MeanRanks)
		}
	}
}

// The texts of the same report, marks and footnotes among them.
func TestGoldenComparison(t *testing.T) {
	for name, opts := range map[string]Options{
		"compared":          {Baseline: "vanilla"},
		"compared_wilcoxon": {Baseline: "vanilla", Interval: IntervalBCa, Test: TestWilcoxon},
		"compared_t":        {Baseline: "vanilla", Interval: IntervalT, Level: 0.9, Alpha: 0.1},
	} {
		_, report := readScipy(t, opts)
		report.NotDone = nil
		checkGoldenReport(t, name, report)
	}
}
