package plan

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/store"
)

// Options locate a plan's data and results and narrow it down.
type Options struct {
	Data  string   // root of the prepared datasets
	Out   string   // root of the run store
	Only  []string // globs over BENCHMARK/METHOD/seed=N or [Run.Name], see [store.MatchName]; empty: everything
	Seeds []int64  // in place of the suite's
	// Load names the files that some benchmarks need beside their dataset.
	Load task.LoadOptions
	// Preview plans runs whose dataset or files are missing too. They cannot be executed, and their hash is not the final
	// one.
	Preview bool
}

// SelectionError is a mistake in Options rather than in data: a bad or empty selection, a missing option.
type SelectionError struct{ Err error }

func (e SelectionError) Error() string { return e.Err.Error() }

// Unwrap returns the mistake.
func (e SelectionError) Unwrap() error { return e.Err }

// New expands suites into runs, first stages before the runs that need them. Methods that do not apply to a benchmark
// are left out; see [Absences].
func New(suites []*Suite, options Options) ([]*Run, error) {
	for _, pattern := range options.Only {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, SelectionError{fmt.Errorf("--only %q: %w", pattern, err)}
		}
	}
	var runs []*Run
	for _, suite := range suites {
		planner := &planner{suite: suite, options: options, byHash: map[string]*Run{}}
		for i := range suite.Entries {
			if err := planner.entry(&suite.Entries[i]); err != nil {
				return nil, err
			}
		}
		runs = append(runs, planner.runs...)
	}
	if absent := Absences(suites, options); len(runs) == 0 && len(absent) > 0 {
		return nil, SelectionError{fmt.Errorf("nothing to run: %s", absent[0])}
	}
	if len(runs) == 0 {
		return nil, SelectionError{fmt.Errorf("no run matches --only %q; "+
			"the same command with --dry-run and without --only lists their names", options.Only)}
	}
	return runs, nil
}

type planner struct {
	suite   *Suite
	options Options
	sweep   *Sweep // of the entry
	runs    []*Run
	byHash  map[string]*Run
}

func (p *planner) entry(e *Entry) error {
	wanted := p.wanted(e)
	if len(wanted) == 0 {
		return nil // without asking for data that nobody uses
	}
	p.sweep = e.Sweep
	template, err := p.template(e)
	if err != nil {
		return err
	}
	recipes, err := p.resolved(e, template.Dataset)
	if err != nil {
		return err
	}
	for _, w := range wanted {
		for _, recipe := range recipes {
			if err := recipe.FDS.Ready(); err != nil && w.method.FDS() && template.Dataset != nil {
				return fmt.Errorf("%s on dataset %s: %w", w.method, e.Dataset, err)
			}
			run := template
			run.Method = w.method
			run.Config.Seed, run.Config.Method, run.Config.Recipe = w.seed, w.method.String(), recipe
			p.add(run).Wanted = true
		}
	}
	return nil
}

// add puts a run and its first stage into the plan, unless they are there already, and returns the planned one.
func (p *planner) add(run Run) *Run {
	if first, staged := run.Method.FirstStage(); staged {
		parent := run
		parent.Method, parent.Config.Method = first, first.String()
		run.First = p.add(parent)
		if stage := run.Method.Stage(); stage != (methods.Stage{From: stage.From}) {
			run.Config.First = run.First.Hash
		}
	}
	run.Varies = p.sweep.varies(run.Config.Recipe, run.Method)
	run.Config.Recipe, run.Config.Settings = run.Config.Recipe.Used(run.Method), run.Method.Settings()
	run.place(p.options.Out)
	key := run.Hash + run.Missing // runs whose datasets are missing have their hashes without them
	if planned, ok := p.byHash[key]; ok {
		return planned
	}
	p.byHash[key] = &run
	p.runs = append(p.runs, &run)
	return &run
}

type seedMethod struct {
	seed   int64
	method methods.Composition
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
			name := method.String()
			if p.matches(store.RunName(e.benchmark.Name, name, seed), runName(e.benchmark.Name, e.of(), name, seed)) {
				selected = append(selected, seedMethod{seed, method})
			}
		}
	}
	return selected
}

// matches reports whether --only leaves a run of one of these names.
func (p *planner) matches(names ...string) bool {
	for _, pattern := range p.options.Only {
		if slices.ContainsFunc(names, func(name string) bool { return store.MatchName(pattern, name) }) {
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
func Absences(suites []*Suite, options Options) []Absence {
	var all []Absence
	for _, suite := range suites {
		p := planner{suite: suite, options: options}
		for i := range suite.Entries {
			e := &suite.Entries[i]
			var absent []Absence // one for each reason
			for _, s := range p.selected(e) {
				reason, name := impossible(e.benchmark, s.method), s.method.String()
				if reason == "" {
					continue
				}
				at := slices.IndexFunc(absent, func(a Absence) bool { return a.Reason == reason })
				if at < 0 {
					at, absent = len(absent), append(absent, Absence{Benchmark: e.benchmark.Name, Reason: reason})
				}
				if !slices.Contains(absent[at].Methods, name) {
					absent[at].Methods = append(absent[at].Methods, name)
				}
			}
			all = append(all, absent...)
		}
	}
	return all
}

// impossible says why a method does not apply to a benchmark; empty if it does.
func impossible(b benchmarks.Benchmark, m methods.Composition) string {
	if err := m.Refusal(b.Traits(benchmarks.FullScale)); err != nil {
		return strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return ""
}

// Shard is one of several parts of a plan that are executed without knowing of each other.
type Shard struct{ Index, Count int } // Index counts from 0

var shardForm = regexp.MustCompile(`^(\d{1,6})/(\d{1,6})$`)

// ParseShard reads "I/N", which counts from 0/N to N-1/N. The error is a [SelectionError].
func ParseShard(text string) (Shard, error) {
	if m := shardForm.FindStringSubmatch(text); m != nil {
		index, _ := strconv.Atoi(m[1])
		count, _ := strconv.Atoi(m[2])
		if index < count {
			return Shard{index, count}, nil
		}
	}
	return Shard{}, SelectionError{fmt.Errorf("shard %q: expected I/N with I from 0 to N-1, such as 0/4", text)}
}

// Of returns the runs of the shard, in the order of the plan. Runs that share a first stage stay together with it,
// since nobody else would make it.
func (s Shard) Of(plan []*Run) []*Run {
	groups := map[*Run]int{}
	var part []*Run
	for _, run := range plan {
		root := run
		for root.First != nil {
			root = root.First
		}
		if _, known := groups[root]; !known {
			groups[root] = len(groups)
		}
		if groups[root]%s.Count == s.Index {
			part = append(part, run)
		}
	}
	return part
}
