// Package published holds results of the literature, with their sources, and says beside which measured results they
// may stand.
package published

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/store"
)

//go:embed published.yaml
var content []byte

// Official is the protocol of rows that were trained as the code of Yang et al. (ICML 2021) does.
const Official = "official"

// Tiers are how near a source is to whoever ran the method, the nearest first.
var Tiers = []string{"primary", "rerun", "requoted", "secondary"}

// Benchmark is what is published on one test set.
type Benchmark struct {
	Name string `yaml:"benchmark"` // "agedb-dir"
	// Variant names another test set than the benchmark's own, empty for that; Columns are what its figures stand for,
	// if not regions.
	Variant string   `yaml:"variant"`
	Columns []string `yaml:"columns"`

	Dataset   string          `yaml:"dataset"`   // the name of the prepared dataset
	Selection store.Selection `yaml:"selection"` // rule that chose the epoch, as manifests put it
	Samples   metrics.Sizes   `yaml:"samples"`   // of the test set; 0 is unknown
	// Proportions means that only the proportions of Samples count.
	Proportions bool     `yaml:"proportions"`
	Unreleased  string   `yaml:"unreleased"` // why nobody can measure by the published protocol; else empty
	Sources     []Source `yaml:"sources"`
}

// Source is a table, a log or a note.
type Source struct {
	Source   string `yaml:"source"`
	Tier     string `yaml:"tier"`     // one of Tiers
	Protocol string `yaml:"protocol"` // Official, or in what it differs
	Note     string `yaml:"note"`
	Rows     []Row  `yaml:"rows"`
}

// Row is a method's results.
type Row struct {
	Method   string `yaml:"method"`   // in this program's notation where it has the method, else as printed
	Printed  string `yaml:"printed"`  // a printed name that says something else, or empty
	Protocol string `yaml:"protocol"` // that of the source unless the row has its own
	Note     string `yaml:"note"`
	// Scores are the figures by name of a metrics.Metric, Other those of metrics that this program does not have.
	Scores map[string]Figures `yaml:",inline"`
	Other  map[string]Figures `yaml:"other"`
}

// Figures are the values in the order of [metrics.Regions]; nil where none was printed or seen.
type Figures [4]*float64

// All returns the committed results.
var All = sync.OnceValues(func() ([]Benchmark, error) { return Parse(content) })

// Parse reads and checks results. Errors name the benchmark, the source and the method.
func Parse(content []byte) ([]Benchmark, error) {
	var list []Benchmark
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(&list); err != nil {
		return nil, fmt.Errorf("published results: %w", err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("published results: expected one YAML document")
	}
	for i := range list {
		if err := list[i].check(); err != nil {
			return nil, fmt.Errorf("published results: %s: %w", list[i].Name, err)
		}
	}
	return list, nil
}

// check also fills in the protocols of rows.
func (b *Benchmark) check() error {
	s := b.Samples
	least := 0
	for _, n := range s {
		least = min(least, n)
	}
	switch {
	case b.Name == "" || b.Variant == "" && (b.Dataset == "" || b.Selection == store.Selection{}):
		return errors.New("expected a benchmark with dataset and selection, or a variant")
	case len(b.Columns) != 0 && (len(b.Columns) != 4 || b.Variant == "" || slices.Contains(b.Columns, "")):
		return fmt.Errorf("columns %q: expected four names, of a variant", b.Columns)
	case least < 0 || shots(s) != 0 && shots(s) != s[metrics.All]:
		return fmt.Errorf("samples %d, %s: expected many, medium and few to make up all", s[metrics.All], s)
	}
	for i := range b.Sources {
		if err := b.Sources[i].check(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Source) check() error {
	if s.Source == "" || s.Protocol == "" || !slices.Contains(Tiers, s.Tier) {
		return fmt.Errorf("source %q: expected a source, a protocol and one of the tiers %s", s.Source,
			strings.Join(Tiers, ", "))
	}
	for i := range s.Rows {
		r := &s.Rows[i]
		if r.Protocol == "" {
			r.Protocol = s.Protocol
		}
		if err := r.check(); err != nil {
			return fmt.Errorf("%s: method %q: %w", s.Source, r.Method, err)
		}
	}
	return nil
}

func (r Row) check() error {
	if r.Method == "" || len(r.Scores) == 0 {
		return errors.New("expected a method and figures")
	}
	for m, figures := range r.Scores {
		if _, err := metrics.ParseMetric(m); err != nil {
			return err
		}
		if err := figures.check(); err != nil {
			return fmt.Errorf("%s: %w", m, err)
		}
	}
	for m, figures := range r.Other {
		if err := figures.check(); err != nil {
			return fmt.Errorf("%s: %w", m, err)
		}
	}
	return nil
}

// check wants at least one figure, and each of them positive, as all published ones are.
func (f Figures) check() error {
	some := false
	for _, v := range f {
		if v == nil {
			continue
		}
		some = true
		if !(*v > 0) || math.IsInf(*v, 0) {
			return fmt.Errorf("figure %g: expected a positive number", *v)
		}
	}
	if !some {
		return errors.New("expected at least one figure")
	}
	return nil
}
