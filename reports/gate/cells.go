package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

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
	missing := maps.Clone(old.FirstLoss)
	for _, r := range runs {
		delete(missing, r.Manifest.Seed)
	}
	if len(missing) > 0 && len(runs) >= c.opts.MinSeeds {
		now := fmt.Sprintf("%s, without %d of these", seeds(len(runs)), len(missing))
		c.addState(old.Key, "runs", seeds(len(old.FirstLoss)), now, Alert)
	}
}

func seeds(n int) string { return count(n, "seed") }

// addUnknown lists the store's cells that the baseline does not have.
func (c *check) addUnknown(groups []reports.Group, known map[Key]bool) {
	for _, g := range groups {
		if k := keyOf(g.Runs[0].Manifest); !known[k] {
			known[k] = true
			c.addState(k, "configuration", "", g.Config, NotInBaseline)
		}
	}
}
