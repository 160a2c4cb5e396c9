package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// Options are the thresholds of a check; see the package's documentation.
type Options struct {
	Alpha    float64  `json:"alpha"`     // probability that unchanged code fails by its metrics, at most
	Alert    float64  `json:"alert"`     // worsening from which a comparison may alert: 0.05 for 5 %
	Fail     float64  `json:"fail"`      // worsening from which it may fail
	MinSeeds int      `json:"min_seeds"` // on both sides; at least 2
	Only     []string `json:"only"`      // globs over BENCHMARK/METHOD, see [store.MatchName]; empty: every cell
}

// DefaultOptions returns the documented defaults.
func DefaultOptions() Options { return Options{Alpha: 0.01, Alert: 0.05, Fail: 0.10, MinSeeds: 3} }

// nominal is the p-value, not adjusted, up to which a comparison may alert.
const nominal = 0.05

// Compare compares the runs of the baseline's suite, events included, with the baseline; runs of other suites are
// passed over. Of several configurations of a cell the one that was started last counts. The error names a damaged run.
func (b *Baseline) Compare(runs []store.Run, opts Options) (*Report, error) {
	runs = slices.DeleteFunc(slices.Clone(runs), func(r store.Run) bool {
		return r.Manifest.Suite != b.Suite || !opts.selects(keyOf(r.Manifest))
	})
	groups, err := reports.Groups(runs)
	if err != nil {
		return nil, err
	}
	c := check{opts: opts, report: &Report{Suite: b.Suite, Baseline: b.Commits, Options: opts,
		Commits: []string{}, Backends: []string{}, Rows: []Row{}}}
	known := map[Key]bool{}
	for _, cell := range b.Cells {
		known[cell.Key] = true
	}
	c.nameCells(known, groups)
	for _, cell := range b.Cells {
		if opts.selects(cell.Key) {
			if err := c.cell(cell, groups); err != nil {
				return nil, err
			}
		}
	}
	c.judge()
	c.addUnknown(groups, known)
	for _, r := range runs {
		c.report.Commits = append(c.report.Commits, r.Manifest.Commit)
		c.report.Backends = append(c.report.Backends, r.Manifest.Backend)
	}
	c.report.Commits, c.report.Backends = distinct(c.report.Commits), distinct(c.report.Backends)
	c.report.finish()
	return c.report, nil
}

func (o Options) selects(k Key) bool {
	if len(o.Only) == 0 {
		return true
	}
	return slices.ContainsFunc(o.Only, func(pattern string) bool {
		return store.MatchName(strings.TrimSuffix(pattern, "/*"), k.Name()) // a cell has all its seeds
	})
}

// check gathers what a report says.
type check struct {
	opts   Options
	report *Report
	family []*comparison
	names  map[string][]Key // the cells of each name
}

func (c *check) add(row Row) { c.report.Rows = append(c.report.Rows, row) }

// addState adds a row about a cell's runs as a whole.
func (c *check) addState(cell Key, metric, old, now string, v Verdict) {
	none := metrics.Undefined()
	c.add(Row{Cell: c.name(cell), Metric: metric, Baseline: old, Now: now, Change: none, P: none, Adjusted: none,
		Test: Exact, Verdict: v})
}

// cell compares one cell of the baseline with the runs of its newest configuration.
func (c *check) cell(old Cell, groups []reports.Group) error {
	c.report.Selected++
	group, ok := newest(old, groups)
	if !ok {
		c.addState(old.Key, "runs", seeds(old.Seeds()), "none", Missing)
		return nil
	}
	if group.Config != old.Config {
		c.addState(old.Key, "configuration", old.Config, group.Config, Configuration)
		return nil
	}
	c.countUnfinished(old, group)
	c.missingSeeds(old, group.Runs)
	group.Runs = slices.DeleteFunc(slices.Clone(group.Runs), func(r store.Run) bool { return !finished(r) })
	if len(group.Runs) == 0 {
		return nil
	}
	if err := checkCounts(group.Runs); err != nil {
		return err
	}
	c.report.Cells++
	c.fingerprints(old, group.Runs)
	c.metrics(old, group.Runs)
	return nil
}

// nameCells finds the cells that share benchmark and method with another one.
func (c *check) nameCells(known map[Key]bool, groups []reports.Group) {
	all := maps.Clone(known)
	for _, g := range groups {
		all[keyOf(g.Runs[0].Manifest)] = true
	}
	c.names = map[string][]Key{}
	for k := range all {
		c.names[k.Name()] = append(c.names[k.Name()], k)
	}
}

// name returns BENCHMARK/METHOD, with what sets the cell apart where that is the name of several.
func (c *check) name(k Key) string {
	if len(c.names[k.Name()]) < 2 {
		return k.Name()
	}
	return fmt.Sprintf("%s (%s, %s, %s, %s)", k.Name(), k.Dataset, k.Scale, k.Fidelity, k.Selection)
}

// newest returns the runs of the cell's configuration that was started last; in doubt the baseline's own.
func newest(cell Cell, groups []reports.Group) (found reports.Group, ok bool) {
	var last time.Time
	for _, g := range groups {
		if keyOf(g.Runs[0].Manifest) != cell.Key {
			continue
		}
		started := g.Runs[0].Manifest.Started
		for _, r := range g.Runs {
			if r.Manifest.Started.After(started) {
				started = r.Manifest.Started
			}
		}
		if !ok || started.After(last) || started.Equal(last) && g.Config == cell.Config {
			found, last, ok = g, started, true
		}
	}
	return found, ok
}

// countUnfinished adds a row for runs that failed or have not finished: "1 of 3 failed (nan)".
func (c *check) countUnfinished(old Cell, g reports.Group) {
	counts, verdict := map[string]int{}, Unfinished
	for _, r := range g.Runs {
		if finished(r) {
			continue
		}
		counts[state(r)]++
		if r.Status.State == store.Failed || r.Status.State == store.Done {
			verdict = RunsFailed
		}
	}
	var texts []string
	for s, n := range counts {
		texts = append(texts, fmt.Sprintf("%d of %d %s", n, len(g.Runs), s))
	}
	if slices.Sort(texts); len(texts) > 0 {
		c.addState(old.Key, "runs", seeds(old.Seeds()), strings.Join(texts, ", "), verdict)
	}
}

// missingSeeds adds a row if seeds of the baseline have no run, though there are enough for the tests.
func (c *check) missingSeeds(old Cell, runs []store.Run) {
	known := old.seeds()
	missing := maps.Clone(known)
	for _, r := range runs {
		delete(missing, r.Manifest.Seed)
	}
	if len(missing) > 0 && len(runs) >= c.opts.MinSeeds {
		now := fmt.Sprintf("%s, without %d of these", seeds(len(runs)), len(missing))
		c.addState(old.Key, "runs", seeds(len(known)), now, Alert)
	}
}

func seeds(n int) string { return english.Plural(n, "seed", "") }

// addUnknown lists the store's cells that the baseline does not have.
func (c *check) addUnknown(groups []reports.Group, known map[Key]bool) {
	for _, g := range groups {
		if k := keyOf(g.Runs[0].Manifest); !known[k] {
			known[k] = true
			c.addState(k, "configuration", "", g.Config, NotInBaseline)
		}
	}
}
