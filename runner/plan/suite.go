// Package runner turns a suite into runs and executes them: suite → plan → runs → run store.
package plan

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"

	"github.com/dirbench/dirbench/benchmarks"
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
	// Twin, when given, makes the benchmark's procedural twin if it is not there yet.
	Twin *twin.Options `yaml:"twin"`
	// Methods replaces the suite's list for this benchmark.
	Methods []string `yaml:"methods,flow"`
	// Recipe overrides fields of the scale's recipe.
	Recipe yaml.Node `yaml:"recipe"`
	// Sweep, when given, makes the entry stand for one of each combination of smoothing kernels.
	Sweep *Sweep `yaml:"sweep"`

	benchmark benchmarks.Benchmark
	recipe    task.Recipe
	recipes   []task.Recipe // recipe, in the combinations of the sweep
	methods   []methods.Method
}

// ParseSuite reads and checks a suite. Errors name the file and, where there is one, the line.
func ParseSuite(name string, content []byte) (*Suite, error) {
	suite := &Suite{Fidelity: task.Paper}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := withoutPanic(func() error { return decoder.Decode(suite) }); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("suite %s is empty", name)
		}
		return nil, fmt.Errorf("suite %s: %s", name, oneLine(err))
	}
	if err := checkDocument(content, suite); err != nil {
		return nil, fmt.Errorf("suite %s: %w", name, err)
	}
	if err := suite.resolve(); err != nil {
		return nil, fmt.Errorf("suite %s: %w", name, err)
	}
	return suite, nil
}

func (s *Suite) resolve() error {
	switch {
	case !validName(s.Name):
		return fmt.Errorf("name %q: expected letters, digits, '-', '_' and '.'", s.Name)
	case !s.Fidelity.Valid():
		return fmt.Errorf("semantics %q: expected paper or official", s.Fidelity)
	case len(s.Suites) > 0 && len(s.Entries)+len(s.Methods)+len(s.Seeds) > 0:
		return errors.New("suites: expected no benchmarks, methods and seeds beside them")
	case len(s.Suites) > 0:
		return nil
	case len(s.Entries) == 0:
		return errors.New("benchmarks: expected at least one")
	case len(s.Seeds) == 0:
		return errors.New("seeds: expected at least one")
	}
	for i := range s.Entries {
		if err := s.Entries[i].resolve(s.Methods, s.Fidelity); err != nil {
			return fmt.Errorf("benchmarks[%d]: %w", i, err)
		}
	}
	return nil
}

func (e *Entry) resolve(suiteMethods []string, fidelity task.Fidelity) (err error) {
	if e.benchmark, err = benchmarks.Lookup(e.Benchmark); err != nil {
		return err
	}
	if e.recipe, err = e.benchmark.Recipe(e.Scale, fidelity); err != nil {
		return err
	}
	if err = overlay(&e.Recipe, &e.recipe); err != nil {
		return fmt.Errorf("recipe: %w", err)
	}
	if err = e.recipe.Validate(); err != nil {
		return fmt.Errorf("recipe: %w", err)
	}
	if e.recipes, err = e.Sweep.recipes(e.recipe); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	if err = e.checkSections(); err != nil {
		return err
	}
	if e.Dataset == "" {
		e.Dataset = e.benchmark.Dataset
		if e.Twin != nil {
			e.Dataset += "-twin"
		}
	}
	names := e.Methods
	if len(names) == 0 {
		names = suiteMethods
	}
	if e.methods, err = parseMethods(names); err != nil {
		return err
	}
	return nil
}

// checkSections checks the parts of an entry that depend on its benchmark.
func (e *Entry) checkSections() error {
	if sections := e.recipe.Inputs(); len(sections) != 1 || sections[0].Modality() != e.benchmark.Modality {
		return fmt.Errorf("recipe: %s has the section %s and no other one for its input", e.Benchmark, e.benchmark.Modality)
	}
	if e.Twin == nil {
		return nil
	}
	_, err := twin.Meta(e.benchmark.Dataset, *e.Twin)
	return err
}

func parseMethods(names []string) ([]methods.Method, error) {
	if len(names) == 0 {
		return nil, errors.New("methods: expected at least one")
	}
	var parsed []methods.Method
	for _, name := range names {
		m, err := methods.Parse(name)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, m)
	}
	return parsed, nil
}

func validName(name string) bool {
	for _, r := range name {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.') {
			return false
		}
	}
	return name != "" && name[0] != '.'
}
