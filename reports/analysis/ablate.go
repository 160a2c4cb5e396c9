package analysis

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods/kernel"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// AblationOptions choose what ablations show.
type AblationOptions struct {
	Metric metrics.Metric  // empty: the first that the runs' manifests list
	Region datasets.Region // whose best combination is named
	Split  datasets.Split  // whose scores; empty means test
}

// Ablation compares the smoothing kernels of a method: runs that differ in nothing but kernels and seeds.
type Ablation struct {
	Title    string            `json:"title"`
	Method   string            `json:"method"`
	Dir      string            `json:"-"` // folder of a run
	Region   datasets.Region   `json:"region"`
	Caption  []string          `json:"caption"` // sentences
	Columns  []reports.Column  `json:"columns"` // the metric over all samples and by region
	Rows     []AblationRow     `json:"rows"`
	Warnings []reports.Warning `json:"warnings"`
}

// AblationRow is one combination of kernels. A kernel is nil if the method does not use it.
type AblationRow struct {
	LDS    *kernel.Kernel `json:"lds,omitempty"`
	FDS    *kernel.Kernel `json:"fds,omitempty"`
	Config string         `json:"config"` // as in a table's row
	N      int            `json:"n"`      // seeds behind the values
	Cells  []reports.Cell `json:"cells"`  // one for each column
}

// Ablations returns a comparison for each benchmark and method of which the store holds at least two combinations of
// kernels, all else equal. Runs that differ in something else as well are compared apart, with a warning that names it.
func Ablations(runs []store.Run, o AblationOptions) ([]Ablation, error) {
	groups, err := groupSweeps(runs)
	if err != nil {
		return nil, err
	}
	ablations := []Ablation{}
	for _, g := range groups {
		a, err := g.ablation(o)
		if err != nil {
			return nil, err
		}
		if others := g.differences(groups); others != "" {
			a.Warnings = append(a.Warnings, reports.Warning{Kind: reports.WarnConfigs, Text: others})
		}
		ablations = append(ablations, a)
	}
	return ablations, nil
}

// ablation makes the table of the sweep.
func (s *sweep) ablation(o AblationOptions) (Ablation, error) {
	metric := o.Metric
	if metric == "" {
		if listed := s.runs[0].Manifest.Metrics; len(listed) > 0 {
			metric = listed[0]
		}
	}
	tables, err := reports.Build(s.runs, reports.Options{Metrics: []metrics.Metric{metric}, Split: o.Split})
	if err != nil {
		return Ablation{}, err
	}
	if len(tables) != 1 { // another title of the same data, say
		return Ablation{}, fmt.Errorf("%s: runs of %d tables: expected one, merge no stores of different protocols",
			s.runs[0].Dir, len(tables))
	}
	t := tables[0]
	a := Ablation{Title: t.Title, Method: s.runs[0].Manifest.Method, Dir: s.runs[0].Dir, Region: o.Region,
		Columns: t.Columns}
	labels := map[string]string{} // that warnings name rows by
	for _, row := range t.Rows {
		k := s.kernels[row.Config]
		a.Rows = append(a.Rows, AblationRow{k[0], k[1], row.Config, row.N, row.Cells})
		labels[row.Config] = row.Label
	}
	slices.SortStableFunc(a.Rows, func(x, y AblationRow) int {
		return cmp.Or(compareKernels(x.LDS, y.LDS), compareKernels(x.FDS, y.FDS))
	})
	for _, w := range t.Warnings {
		if w.Kind != reports.WarnConfigs {
			a.Warnings = append(a.Warnings, a.renamed(w, labels))
		}
	}
	a.Caption = append(a.ownCaption(), slices.DeleteFunc(t.Caption, func(line string) bool {
		return strings.HasPrefix(line, "Configurations: ") // which the kernels name
	})...)
	return a, nil
}

// renamed returns a warning that names rows by their kernels alone. A row's label may begin with that of another.
func (a Ablation) renamed(w reports.Warning, labels map[string]string) reports.Warning {
	rows := slices.SortedFunc(slices.Values(a.Rows), func(x, y AblationRow) int {
		return cmp.Compare(len(labels[y.Config]), len(labels[x.Config]))
	})
	var pairs []string
	for _, r := range rows {
		pairs = append(pairs, labels[r.Config], a.rowName(r))
	}
	w.Text = strings.NewReplacer(pairs...).Replace(w.Text)
	return w
}

// Kinds is the order of kernels in a table.
var Kinds = []string{kernel.Gaussian, kernel.Triangle, kernel.Laplacian}

func compareKernels(a, b kernelOrNil) int {
	if a == nil || b == nil {
		return 0
	}
	return cmp.Or(cmp.Compare(slices.Index(Kinds, a.Kind), slices.Index(Kinds, b.Kind)),
		cmp.Compare(a.Size, b.Size), cmp.Compare(a.Sigma, b.Sigma))
}

// sweep are the runs of one comparison.
type sweep struct {
	key     string                    // method and configuration without kernels and seed
	fields  map[string]string         // that configuration, flat: "recipe.epochs" to its value
	kernels map[string][2]kernelOrNil // of LDS and FDS, by configuration hash
	runs    []store.Run
}

type kernelOrNil = *kernel.Kernel

// groupSweeps returns the comparisons with at least two combinations of kernels, by benchmark, method and
// configuration.
func groupSweeps(runs []store.Run) ([]*sweep, error) {
	byKey := map[string]*sweep{}
	for _, run := range runs {
		lds, fds, fields, err := splitConfig(run)
		if err != nil {
			return nil, err
		}
		if lds == nil && fds == nil {
			continue
		}
		config, err := run.ConfigHash()
		if err != nil {
			return nil, err
		}
		m := run.Manifest
		key := fmt.Sprintf("%s\x00%s\x00%s\x00%v", m.Benchmark, m.Method, m.Imported, fields)
		if byKey[key] == nil {
			byKey[key] = &sweep{key: key, fields: fields, kernels: map[string][2]kernelOrNil{}}
		}
		byKey[key].kernels[config] = [2]kernelOrNil{lds, fds}
		byKey[key].runs = append(byKey[key].runs, run)
	}
	maps.DeleteFunc(byKey, func(_ string, s *sweep) bool { return len(s.kernels) < 2 })
	return slices.SortedFunc(maps.Values(byKey), func(a, b *sweep) int { return cmp.Compare(a.key, b.key) }), nil
}

// splitConfig returns the kernels of a run, nil for those that its method does not use, and the rest of its
// configuration but the seed.
func splitConfig(run store.Run) (lds, fds kernelOrNil, rest map[string]string, err error) {
	var config struct {
		Recipe struct {
			LDS kernel.Kernel
			FDS struct{ Kernel kernel.Kernel }
		}
	}
	if err := json.Unmarshal(run.Manifest.Config, &config); err != nil {
		return nil, nil, nil, fmt.Errorf("%s: config: %w", filepath.Join(run.Dir, store.ManifestFile), err)
	}
	if rest, err = run.Settings(); err != nil {
		return nil, nil, nil, err
	}
	maps.DeleteFunc(rest, func(name, _ string) bool {
		return strings.HasPrefix(name, "recipe.lds.") || strings.HasPrefix(name, "recipe.fds.kernel.")
	})
	for split, hash := range run.Manifest.Dataset.Files {
		rest["files."+split] = hash
	}
	if config.Recipe.LDS.Kind != "" {
		lds = &config.Recipe.LDS
	}
	if config.Recipe.FDS.Kernel.Kind != "" {
		fds = &config.Recipe.FDS.Kernel
	}
	return lds, fds, rest, nil
}

// differences names the fields in which comparisons of the same benchmark and method differ from this one; empty
// without any.
func (s *sweep) differences(all []*sweep) string {
	var fields []string
	others := 0
	for _, o := range all {
		a, b := s.runs[0].Manifest, o.runs[0].Manifest
		if o == s || a.Benchmark != b.Benchmark || a.Method != b.Method {
			continue
		}
		others++
		for _, side := range []map[string]string{s.fields, o.fields} {
			for name := range side {
				if s.fields[name] != o.fields[name] && !slices.Contains(fields, name) {
					fields = append(fields, name)
				}
			}
		}
	}
	slices.Sort(fields)
	if others == 0 {
		return ""
	}
	return fmt.Sprintf("another table of %s differs in %s, so its runs are not averaged with these",
		s.runs[0].Manifest.Method, english.WordSeries(fields, "and"))
}
