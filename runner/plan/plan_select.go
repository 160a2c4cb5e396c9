package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/store"
)

type seedMethod struct {
	seed   int64
	method methods.Method
}

// wanted returns the seeds and methods of an entry that are to be planned.
func (p *planner) wanted(e *Entry) []seedMethod {
	return slices.DeleteFunc(p.selected(e), func(s seedMethod) bool { return impossible(e.benchmark, s.method) != "" })
}

// selected returns the seeds and methods of an entry that --only leaves.
func (p *planner) selected(e *Entry) []seedMethod {
	seeds := p.suite.Seeds
	if len(p.options.Seeds) > 0 {
		seeds = p.options.Seeds
	}
	var selected []seedMethod
	for _, seed := range seeds {
		for _, method := range e.methods {
			if p.matches(runName(e.benchmark.Name, method.String(), seed)) {
				selected = append(selected, seedMethod{seed, method})
			}
		}
	}
	return selected
}

func (p *planner) matches(name string) bool {
	for _, pattern := range p.options.Only {
		if store.MatchName(pattern, name) {
			return true
		}
	}
	return len(p.options.Only) == 0
}

// Absence is why a benchmark has no runs of some methods that its suite names.
type Absence struct {
	Benchmark string
	Methods   []string
	Reason    string
}

// String returns a line for a person.
func (a Absence) String() string {
	return fmt.Sprintf("%s on %s: %s", strings.Join(a.Methods, ", "), a.Benchmark, a.Reason)
}

// Absences returns what a plan of the suites leaves out.
func Absences(suites []*Suite, options PlanOptions) []Absence {
	var all []Absence
	for _, suite := range suites {
		p := planner{suite: suite, options: options}
		for i := range suite.Entries {
			e := &suite.Entries[i]
			absent := Absence{Benchmark: e.benchmark.Name}
			for _, s := range p.selected(e) {
				reason, name := impossible(e.benchmark, s.method), s.method.String()
				if reason != "" && !slices.Contains(absent.Methods, name) {
					absent.Methods, absent.Reason = append(absent.Methods, name), reason
				}
			}
			if len(absent.Methods) > 0 {
				all = append(all, absent)
			}
		}
	}
	return all
}

// impossible says why a method does not apply to a benchmark; empty if it does.
func impossible(b benchmarks.Benchmark, m methods.Method) string {
	if m.Resample != methods.ResampleNone && b.Modality.Dense() {
		return "labels are dense, there is no sample to interpolate towards"
	}
	return ""
}
