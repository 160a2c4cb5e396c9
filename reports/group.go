package reports

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/runner/store"
)

// methodRuns are the runs behind a row: one method in one configuration, one run for each seed, by seed.
type methodRuns struct {
	method  string
	config  string   // 8 digits
	changed []string // settings that a suite changed
	own     int      // those of them that not all rows of the method have
	label   string   // names the row in its table
	runs    []store.Run
}

// groupTables splits runs into tables, ordered by what they show.
func groupTables(runs []store.Run) [][]store.Run {
	tables := map[store.RowKey][]store.Run{}
	for _, r := range runs {
		k := r.Manifest.RowKey()
		tables[k] = append(tables[k], r)
	}
	groups := make([][]store.Run, 0, len(tables))
	for _, t := range tables {
		groups = append(groups, t)
	}
	slices.SortFunc(groups, func(a, b []store.Run) int { return a[0].Manifest.RowKey().Compare(b[0].Manifest.RowKey()) })
	return groups
}

// Group is what a row averages: the runs of one method in one configuration, one for each seed, by seed.
type Group struct {
	Config string // first 8 digits of the hash over the configuration without its seed and the data
	Runs   []store.Run
}

// Groups splits runs as [Build] does into tables and rows. Of copies of a run it keeps one, a finished one if there is
// any.
func Groups(runs []store.Run) ([]Group, error) {
	var groups []Group
	for _, table := range groupTables(runs) {
		rows, _, err := groupMethods(table)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			groups = append(groups, Group{Config: r.config, Runs: r.runs})
		}
	}
	return groups, nil
}

// groupMethods splits the runs of a table into rows. Runs are averaged only if nothing but their seed differs, so a
// changed configuration or changed data makes a row of its own. The number of dropped copies of a run is returned.
func groupMethods(runs []store.Run) (rows []methodRuns, copies int, err error) {
	index := map[string]int{}
	for _, r := range runs {
		config, err := r.ConfigHash()
		if err != nil {
			return nil, 0, err
		}
		key := r.Manifest.Method + "\x00" + config
		i, ok := index[key]
		if !ok {
			i = len(rows)
			index[key] = i
			rows = append(rows, methodRuns{method: r.Manifest.Method, config: config})
		}
		if rows[i].add(r) {
			copies++
		}
	}
	labelRows(rows)
	return rows, copies, nil
}

// labelRows sorts and labels the rows of a table: by their method, and where that has several rows by the setting that
// a suite changed in this one and not in all of them, such as "fds (fds.features calibrated)". The hash of the
// configuration stands for several settings, and for a label that another row has too.
func labelRows(rows []methodRuns) {
	rowsOf, rowsWith := map[string]int{}, map[[2]string]int{}
	for i, r := range rows {
		rows[i].changed = ChangedSettings(r.runs[0])
		rowsOf[r.method]++
		for _, setting := range rows[i].changed {
			rowsWith[[2]string{r.method, setting}]++
		}
	}
	labels := map[string]int{}
	for i, r := range rows {
		own := slices.DeleteFunc(slices.Clone(r.changed), func(setting string) bool {
			return rowsWith[[2]string{r.method, setting}] == rowsOf[r.method]
		})
		rows[i].own, rows[i].label = len(own), r.method
		if len(own) > 0 {
			rows[i].label += " (" + strings.Join(own, ", ") + ")"
		}
		labels[rows[i].label]++
	}
	slices.SortFunc(rows, func(a, b methodRuns) int {
		return cmp.Or(compareMethods(a.method, b.method), cmp.Compare(a.own, b.own), cmp.Compare(a.label, b.label),
			cmp.Compare(a.config, b.config))
	})
	for i, r := range rows {
		if r.own > 1 || labels[r.label] > 1 {
			rows[i].label = r.method + " (" + r.config + ")"
		}
	}
}

// add takes a run in, in the order of seeds. Of two runs with the same seed, copies of one another, it keeps the
// first that is done, and reports true.
func (g *methodRuns) add(r store.Run) (copied bool) {
	i, found := slices.BinarySearchFunc(g.runs, r.Manifest.Seed, func(x store.Run, seed int64) int {
		return cmp.Compare(x.Manifest.Seed, seed)
	})
	if !found {
		g.runs = slices.Insert(g.runs, i, r)
	} else if g.runs[i].Status.State != store.Done && r.Status.State == store.Done {
		g.runs[i] = r
	}
	return found
}

// methodOrder is the order in which papers list the methods; others follow alphabetically.
var methodOrder = []string{"vanilla", "sqinv", "inv", "lds", "fds", "lds+fds", "focal-r", "rrt", "smoter", "smogn"}

func compareMethods(a, b string) int {
	rank := func(m string) int {
		if i := slices.Index(methodOrder, m); i >= 0 {
			return i
		}
		return len(methodOrder)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b))
}

// Title names the dataset of a run, and a twin as one.
func Title(m store.Manifest) string {
	title := m.Dataset.Title
	if title == "" {
		title = m.Benchmark
	}
	if m.Dataset.Twin {
		title += " (synthetic twin, not real data)"
	}
	return title
}

// SameTable reports whether [Build] puts two groups into one table.
func (g Group) SameTable(other Group) bool {
	return g.Runs[0].Manifest.RowKey() == other.Runs[0].Manifest.RowKey()
}
