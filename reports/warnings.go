package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// identityTolerance is the relative error allowed between All and its regions in stored, unrounded scores.
const identityTolerance = 1e-6

// fewSeeds is the number of seeds below which a standard deviation says little.
const fewSeeds = 4

// countMissing warns of the runs of a row that are not averaged, by state: "fds: 1 of 3 seeds failed (nan)".
func (b *builder) countMissing(label string, g methodRuns) {
	var order []string
	counts := map[string]int{}
	for _, r := range g.runs {
		what := b.missing(r)
		if what == "" {
			continue
		}
		if counts[what] == 0 {
			order = append(order, what)
		}
		counts[what]++
	}
	for _, what := range order {
		b.warn(WarnMissing, "%s: %d of %d seeds %s", label, counts[what], len(g.runs), what)
	}
}

// missing says why a run is not averaged, "" if it is.
func (b *builder) missing(r store.Run) string {
	if r.Status.State != store.Done {
		if r.Status.Class != "" {
			return fmt.Sprintf("%s (%s)", r.Status.State, r.Status.Class)
		}
		return string(r.Status.State)
	}
	if _, ok := r.Results[b.split]; !ok {
		return "without " + b.split + " scores"
	}
	return ""
}

// severalConfigs reports whether a method has more than one row.
func (b *builder) severalConfigs(method string) bool {
	n := 0
	for _, r := range b.rows {
		if r.method == method {
			n++
		}
	}
	return n > 1
}

// checkProtocol warns of what makes the numbers other than test metrics of an epoch chosen on validation data, in runs
// of this program on real data.
func (b *builder) checkProtocol(rows []Row) {
	if b.first.Dataset.Twin {
		b.warn(WarnTwin, "generated data: the figures compare methods with one another, not with results on the real dataset")
	}
	if b.first.Selection.Split == datasets.Test {
		b.warn(WarnOfficialTest, "the epoch was chosen on the test set, as the released code does, so the figures "+
			"are optimistic")
	}
	for i, row := range b.rows {
		var seen []string
		for _, r := range row.runs {
			if from := r.Manifest.Imported; from != "" && !slices.Contains(seen, from) {
				seen = append(seen, from)
				b.warn(WarnImported, "%s: weights imported from %s, not trained here", rows[i].Label, from)
			}
		}
		if files := externalFiles(row.runs); len(files) > 0 {
			b.warn(WarnExternal, "%s: predictions of another program, whose training and choice of the epoch are not "+
				"checked: %s",
				rows[i].Label, shortList(files))
		}
	}
}

// externalFiles lists the files of predictions of other programs, each once.
func externalFiles(runs []store.Run) (files []string) {
	for _, r := range runs {
		if e := r.Manifest.External; e != nil && !slices.Contains(files, e.String()) {
			files = append(files, e.String())
		}
	}
	return files
}

// fewSamples is the number of samples below which a region's figures say little of the method.
const fewSamples = 10

// checkRegions warns of regions without samples in any run, and of those with a handful.
func (b *builder) checkRegions() {
	for _, region := range datasets.Regions {
		most := 0
		for _, r := range b.done {
			most = max(most, r.Results[b.split][region].N)
		}
		switch where := fmt.Sprintf("the %s-shot region has", region); {
		case len(b.done) == 0:
		case most == 0:
			b.warn(WarnEmpty, "%s no %s %s, so it has no figures", where, b.split, b.counted())
		case most == 1:
			b.warn(WarnSmall, "%s one %s %s: its figures say little", where, b.split, strings.TrimSuffix(b.counted(), "s"))
		case most < fewSamples:
			b.warn(WarnSmall, "%s %d %s %s: its figures say little", where, most, b.split, b.counted())
		}
	}
}

// checkRuns adds the warnings that concern the runs as a whole, and reports whether the row identity holds in each.
func (b *builder) checkRuns(rows []Row) (consistent bool) {
	b.checkConfigs()
	b.checkRecipes()
	b.checkRegions()
	consistent = true
	for _, r := range b.done {
		if err := metrics.CheckIdentity(r.Results[b.split], identityTolerance); err != nil {
			b.warn(WarnIdentity, "%s, seed %d: %v", r.Manifest.Method, r.Manifest.Seed, err)
			consistent = false
		}
	}
	for _, r := range b.done[min(1, len(b.done)):] {
		if !maps.Equal(r.Results[b.split].Sizes(), b.done[0].Results[b.split].Sizes()) {
			b.warn(WarnSizes, "not all runs were evaluated on regions of the same size")
			break
		}
	}
	if commits := b.commits(); len(commits) > 1 {
		b.warn(WarnCommits, "the runs come from %d commits", len(commits))
	}
	if slices.ContainsFunc(rows, func(r Row) bool { return r.N > 0 && r.N < fewSeeds }) {
		b.warn(WarnFewSeeds, "rows with fewer than %d seeds: the spread is a rough guide", fewSeeds)
	}
	return consistent
}

// commits returns the commits of the table's finished runs, shortened, in order of appearance.
func (b *builder) commits() []string {
	var list []string
	for _, r := range b.done {
		revision, dirty := strings.CutSuffix(r.Manifest.Commit, "+dirty")
		c := revision[:min(12, len(revision))]
		if dirty {
			c += "+dirty"
		}
		if c != "" && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}
