// Package plan turns suites into runs. It writes nothing: [ToMake] says which synthetic twins the runs need and do not
// have yet.
package plan

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets/twin"
	"github.com/dirbench/dirbench/methods"
)

// Suite is a list of benchmarks, methods and seeds, every combination of which is a run, or a list of other suites.
type Suite struct {
	Name     string        `yaml:"name"`
	Summary  string        `yaml:"summary"`
	Fidelity task.Fidelity `yaml:"semantics"` // paper, the default, or official
	Seeds    []int64       `yaml:"seeds,flow"`
	Methods  []string      `yaml:"methods,flow"`
	Entries  []Entry       `yaml:"benchmarks"`
	// Suites names suites in place of benchmarks; their runs are those of these suites.
	Suites []string `yaml:"suites,flow"`
}

// Entry is one benchmark of a suite.
type Entry struct {
	Benchmark string `yaml:"benchmark"`
	Scale     string `yaml:"scale"`
	// Dataset names the prepared dataset below the data root; default the benchmark's own, or its twin's.
	Dataset string `yaml:"dataset"`
	// Twin, when given, asks for the benchmark's synthetic twin.
	Twin *twin.Options `yaml:"twin"`
	// Methods replaces the suite's list for this benchmark.
	Methods []string `yaml:"methods,flow"`
	// Recipe overrides fields of the scale's recipe.
	Recipe yaml.Node `yaml:"recipe"`
	// Change does so in a suite that no YAML file holds; it may be nil.
	Change func(*task.Recipe) `yaml:"-"`
	// Sweep, when given, makes the entry stand for one of each combination of smoothing kernels.
	Sweep *Sweep `yaml:"sweep"`

	benchmark benchmarks.Benchmark
	recipe    task.Recipe
	recipes   []task.Recipe // recipe, in the combinations of the sweep
	methods   []methods.Composition
}

// ParseSuite reads and checks a suite. An error is of the type [Mistakes]: everything that is wrong, by file and line.
func ParseSuite(file string, content []byte) (*Suite, error) {
	found := &checker{file: file}
	suite := &Suite{Fidelity: task.Paper}
	root := found.decode(content, suite)
	if len(found.list) == 0 {
		suite.resolve(found, root)
	}
	if err := found.err(); err != nil {
		return nil, err
	}
	return suite, nil
}

// Resolve checks a suite that no file holds and looks up what it names.
func (s *Suite) Resolve() error {
	found := &checker{}
	s.resolve(found, &yaml.Node{})
	return found.err()
}

func (s *Suite) resolve(found *checker, root *yaml.Node) {
	if !validName(s.Name) {
		found.in(root, "name", "name %q: expected letters, digits, '-', '_' and '.'", s.Name)
	}
	if !s.Fidelity.Valid() {
		found.in(root, "semantics", "semantics %q: expected paper or official", s.Fidelity)
	}
	s.checkLists(found, root)
	inherited := found.methods(value(root, "methods"), s.Methods)
	entries := value(root, "benchmarks")
	for i := range s.Entries {
		at := entries
		if i < len(entries.Content) {
			at = entries.Content[i]
		}
		s.Entries[i].resolve(found, at, s.Fidelity, inherited)
	}
}

// checkLists checks which of the lists are there.
func (s *Suite) checkLists(found *checker, root *yaml.Node) {
	switch {
	case len(s.Suites) > 0 && len(s.Entries)+len(s.Methods)+len(s.Seeds) > 0:
		found.in(root, "suites", "suites: expected no benchmarks, methods and seeds beside them")
	case len(s.Suites) > 0:
	case len(s.Entries) == 0:
		found.in(root, "benchmarks", "benchmarks: expected at least one")
	case len(s.Seeds) == 0:
		found.in(root, "seeds", "seeds: expected at least one")
	}
}

// resolve looks up what the entry names. The methods are those of the suite unless the entry has its own.
func (e *Entry) resolve(found *checker, node *yaml.Node, fidelity task.Fidelity, inherited []methods.Composition) {
	e.methods = inherited
	switch {
	case len(e.Methods) > 0:
		e.methods = found.methods(value(node, "methods"), e.Methods)
	case len(inherited) == 0:
		found.in(node, "methods", "methods: expected at least one")
	}
	var err error
	if e.benchmark, err = benchmarks.Lookup(e.Benchmark); err != nil {
		found.in(node, "benchmark", "%v", err)
		return
	}
	e.settings(found, node)
	if e.recipe, err = e.benchmark.Recipe(e.Scale, fidelity); err != nil {
		found.in(node, "scale", "%v", err)
		return
	}
	if !e.overlay(found, node) {
		return
	}
	if e.recipes, err = e.Sweep.recipes(e.recipe); err != nil {
		found.in(node, "sweep", "sweep: %v", err)
	}
	if e.benchmark.General() {
		e.checkGeneral(found, node)
		return
	}
	if e.Dataset == "" {
		e.Dataset = e.benchmark.Dataset
		if e.Twin != nil {
			e.Dataset += "-twin"
		}
	}
	if e.Twin != nil {
		if _, err := twin.Meta(e.benchmark.Dataset, *e.Twin); err != nil {
			found.in(node, "twin", "%v", err)
		}
	}
}

// of is the dataset of a general benchmark, empty for others.
func (e *Entry) of() string {
	if e.benchmark.General() {
		return e.Dataset
	}
	return ""
}

// checkGeneral checks the dataset of a general benchmark, which has none of its own.
func (e *Entry) checkGeneral(found *checker, node *yaml.Node) {
	if e.Dataset == "" {
		found.in(node, "dataset", "dataset is missing: benchmark %s has none of its own: name a prepared one", e.Benchmark)
	}
	if e.Twin != nil {
		found.in(node, "twin", "twin: %s has no synthetic twin", e.Benchmark)
	}
}

// settings gives the methods their settings on the benchmark.
func (e *Entry) settings(found *checker, node *yaml.Node) {
	all := make([]methods.Composition, 0, len(e.methods))
	for _, m := range e.methods {
		m, err := m.For(e.benchmark.Traits(e.Scale))
		if err != nil {
			found.in(node, "methods", "%v", err)
		}
		all = append(all, m)
	}
	e.methods = all
}

// overlay writes the entry's fields over the scale's recipe and reports whether the result is one for the benchmark.
func (e *Entry) overlay(found *checker, node *yaml.Node) bool {
	before := len(found.list)
	found.overlay("recipe: ", &e.Recipe, &e.recipe)
	if len(found.list) > before {
		return false
	}
	if e.Change != nil {
		e.Change(&e.recipe)
	}
	err := e.recipe.Validate()
	if sections := e.recipe.Inputs(); err == nil &&
		(len(sections) != 1 || sections[0].Modality() != e.benchmark.Modality) {
		err = fmt.Errorf("%s has the section %s and no other one for its input", e.Benchmark, e.benchmark.Modality)
	}
	if err == nil {
		err = e.selectBy(&e.recipe.Selection)
	}
	if err != nil {
		found.in(node, "recipe", "recipe: %v", err)
	}
	return err == nil
}

// selectBy checks the metric that is to choose the epoch. The benchmark's own needs no name, so that it makes no other
// run.
func (e *Entry) selectBy(s *task.Selection) error {
	if known := metrics.Scored(e.benchmark.Modality.Dense()); s.Metric != "" && !slices.Contains(known, s.Metric) {
		return fmt.Errorf("selection: metric %q: expected one of %s", s.Metric, metrics.Names(known))
	}
	if s.Metric == e.benchmark.Selection {
		s.Metric = ""
	}
	return nil
}

func validName(name string) bool {
	for _, r := range name {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.') {
			return false
		}
	}
	return name != "" && name[0] != '.'
}
