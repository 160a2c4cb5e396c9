package reports

import (
	"cmp"
	"encoding/json"
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
		b.warn(WarnOfficialTest, "the epoch was chosen on the test set, as the released code does, so the figures are optimistic")
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
			b.warn(WarnExternal, "%s: predictions of another program, whose training and choice of the epoch are not checked: %s",
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

// maxFields is how many differing fields a footnote names.
const maxFields = 4

// checkConfigs warns of every method that has several rows, and says in what they differ.
func (b *builder) checkConfigs() {
	var seen []string
	for _, r := range b.rows {
		if !b.severalConfigs(r.method) || slices.Contains(seen, r.method) {
			continue
		}
		seen = append(seen, r.method)
		b.warn(WarnConfigs, "%s: rows by hash, for the runs differ in %s", r.method, strings.Join(b.differences(r.method), " and "))
		for _, row := range b.rows {
			if own := ChangedSettings(row.runs[0]); row.method == r.method && len(own) > 0 {
				b.warn(WarnConfigs, "%s (%s): %s", row.method, row.config, strings.Join(own, ", "))
			}
		}
	}
	if len(b.distinct(dataFiles)) > 1 && len(seen) == 0 {
		b.warn(WarnData, "the methods were not all trained and tested on the same data files, so they are not comparable")
	}
}

// dataFiles identifies the data of a run; maps print in the order of their keys.
func dataFiles(m store.Manifest) string {
	if len(m.Dataset.Files) == 0 {
		return ""
	}
	return fmt.Sprint(m.Dataset.Files)
}

// differences says in what the rows of a method differ: "configuration (recipe.lr)", "data files (train)".
func (b *builder) differences(method string) []string {
	configs, files := differing{}, differing{}
	imported := map[bool]bool{}
	for _, row := range b.rows {
		if row.method != method {
			continue
		}
		m := row.runs[0].Manifest
		if settings, err := row.runs[0].Settings(); err == nil { // they were hashed before
			configs.add(settings)
		}
		files.add(m.Dataset.Files)
		imported[m.Imported != ""] = true
	}
	var list []string
	if names := configs.names(); len(names) > 0 {
		list = append(list, "configuration ("+shortList(names)+")")
	}
	if names := files.names(); len(names) > 0 {
		list = append(list, "data files ("+shortList(names)+")")
	}
	if len(imported) > 1 {
		list = append(list, "imported or trained weights")
	}
	return list
}

// differing collects, by name, the values of several maps; a name that a map lacks has the value "" there.
type differing []map[string]string

func (d *differing) add(m map[string]string) { *d = append(*d, m) }

// names returns those with more than one value, sorted.
func (d differing) names() []string {
	differ := map[string]bool{}
	for _, m := range d {
		for name, value := range m {
			for _, other := range d {
				if other[name] != value {
					differ[name] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(differ))
}

func shortList(names []string) string {
	if len(names) > maxFields {
		names = append(slices.Clip(names[:maxFields]), "…")
	}
	return strings.Join(names, ", ")
}

type length struct{ field, name string }

// lengths are the fields of a recipe that say how long training goes on; names are what a table calls them.
var lengths = []length{
	{"epochs", "epochs"}, {"retrain_epochs", "epochs of the second stage"}, {"max_checks", "validations"},
}

// truncated says where a suite let a run train for less than the scale's own recipe does: "6 of the 20 epochs".
func truncated(m store.Manifest) (parts []string) {
	var config struct {
		Recipe map[string]json.RawMessage `json:"recipe"`
	}
	if len(m.ScaleRecipe) == 0 || m.Imported != "" || json.Unmarshal(m.Config, &config) != nil {
		return nil
	}
	for _, l := range lengths {
		own, usual := number(config.Recipe[l.field]), number(m.ScaleRecipe[l.field])
		if own < usual && own > 0 {
			parts = append(parts, fmt.Sprintf("%g of the %g %s", own, usual, l.name))
		}
	}
	return parts
}

// number reads a number; 0 if there is none.
func number(text json.RawMessage) (n float64) {
	if json.Unmarshal(text, &n) != nil {
		return 0
	}
	return n
}

// checkRecipes warns of methods that a suite trained for less than the scale's own recipe does, or with other settings.
func (b *builder) checkRecipes() {
	for _, l := range b.byMethod(func(r store.Run) []string { return truncated(r.Manifest) }) {
		b.warn(WarnTruncated, "%struncated training: %s that scale %s has", l.who, l.text, b.first.Scale)
	}
	for _, l := range b.byMethod(b.changed) {
		b.warn(WarnRecipe, "%sthe suite changed the recipe of scale %s: %s", l.who, b.first.Scale, l.text)
	}
}

// changed lists in one text what a suite changed in the recipe of a run, but for what [truncated] and, of a method with
// several rows, checkConfigs tell. A stage of a method keeps a learning rate and the like of its own, so that a suite's
// concerns its first stage only.
func (b *builder) changed(r store.Run) []string {
	if r.Manifest.Imported != "" || b.severalConfigs(r.Manifest.Method) {
		return nil
	}
	list := slices.DeleteFunc(ChangedSettings(r), func(setting string) bool {
		return slices.ContainsFunc(lengths, func(l length) bool { return strings.HasPrefix(setting, l.field+" ") })
	})
	if len(list) == 0 {
		return nil
	}
	return []string{strings.Join(list, ", ")}
}

// methodLine is a text about some methods: "lds, rrt: ", empty where it is about all.
type methodLine struct{ who, text string }

// byMethod gathers texts about finished runs, each once, with the methods whose runs have it.
func (b *builder) byMethod(texts func(store.Run) []string) (lines []methodLine) {
	var seen []string
	methods := map[string][]string{}
	for _, r := range b.done {
		for _, text := range texts(r) {
			if methods[text] == nil {
				seen = append(seen, text)
			}
			if !slices.Contains(methods[text], r.Manifest.Method) {
				methods[text] = append(methods[text], r.Manifest.Method)
			}
		}
	}
	for _, text := range seen {
		who := strings.Join(methods[text], ", ") + ": "
		if len(methods[text]) == len(b.methods()) {
			who = ""
		}
		lines = append(lines, methodLine{who, text})
	}
	return lines
}

// methods returns the methods that have finished runs.
func (b *builder) methods() (names []string) {
	for _, r := range b.done {
		if !slices.Contains(names, r.Manifest.Method) {
			names = append(names, r.Manifest.Method)
		}
	}
	return names
}

// ChangedSettings lists what a suite changed in the scale's recipe, with its values: "fds.features calibrated".
func ChangedSettings(r store.Run) (list []string) {
	usual, err := json.Marshal(map[string]any{"recipe": r.Manifest.ScaleRecipe})
	if err != nil {
		return nil
	}
	own, err := r.Settings()
	scale, scaleErr := store.Run{Manifest: store.Manifest{Config: usual}}.Settings()
	if err != nil || scaleErr != nil {
		return nil
	}
	for _, name := range (differing{own, scale}).names() {
		field := strings.TrimPrefix(name, "recipe.")
		top, _, _ := strings.Cut(field, ".")
		if _, changed := r.Manifest.ScaleRecipe[top]; changed && field != name {
			list = append(list, field+" "+cmp.Or(own[name], "unset"))
		}
	}
	return list
}

// overridden returns the fields of the recipe that a suite changed in runs of one configuration.
func overridden(runs []store.Run) []string {
	if len(runs) == 0 || runs[0].Manifest.Imported != "" {
		return nil
	}
	return slices.Sorted(maps.Keys(runs[0].Manifest.ScaleRecipe))
}
