package runner

import (
	"cmp"
	"fmt"
	"os"
	"path"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/store"
)

// PlanOptions locate a plan's data and results and narrow it down.
type PlanOptions struct {
	Data  string   // root of the prepared datasets
	Out   string   // root of the run store
	Only  []string // globs over BENCHMARK/METHOD/seed=N, see [store.MatchName]; empty: everything
	Seeds []int64  // in place of the suite's
	// Load names the files that some benchmarks need beside their dataset.
	Load benchmarks.LoadOptions
	// Preview plans runs whose dataset or files are missing too. They cannot be executed, and their hash is not the final one.
	Preview bool
}

// Run is a planned run: benchmark × method × seed.
type Run struct {
	Config Config
	Hash   string
	Dir    string // its folder in the run store
	// First is the run whose encoder this one starts from; nil for a method of one stage.
	First *Run
	// Wanted is false for a run that is there only as somebody's first stage.
	Wanted bool
	// Missing says what the run lacks in a preview: "dataset nyud2"; empty if it can be executed.
	Missing string

	suite     string
	benchmark benchmarks.Benchmark
	method    methods.Method
	dataset   *datasets.Dataset
	load      benchmarks.LoadOptions
	imported  string   // name and hash of the file of an imported network
	argv      []string // of the process that ordered the run; nil: this one's
}

// command is the argument list that the manifest names: that of the process which ordered the run.
func (r *Run) command() []string {
	if r.argv != nil {
		return r.argv
	}
	return os.Args
}

// Name returns BENCHMARK/METHOD/seed=N.
func (r *Run) Name() string { return runName(r.Config.Benchmark, r.Config.Method, r.Config.Seed) }

func runName(benchmark, method string, seed int64) string {
	return fmt.Sprintf("%s/%s/seed=%d", benchmark, method, seed)
}

// Epochs returns the number of epochs that the run trains at most.
func (r *Run) Epochs() int {
	if r.First != nil {
		return r.Config.Recipe.RetrainEpochs
	}
	return r.Config.Recipe.Epochs
}

// Steps returns the number of training steps, if nothing stops the run early.
func (r *Run) Steps() int {
	recipe, rows := r.Config.Recipe, r.benchmark.TrainRows
	if r.dataset != nil {
		rows = r.dataset.Meta.Splits[datasets.Train].Rows
		if recipe.Selection == benchmarks.SelectOfficialTest {
			rows += r.dataset.Meta.Splits[datasets.Val].Rows
		}
		if r.method.Resample != methods.ResampleNone {
			rows = r.resampler().Rows(r.dataset.TrainCounts())
		}
	}
	perEpoch := (rows + recipe.BatchSize - 1) / recipe.BatchSize
	perCheck := cmp.Or(recipe.CheckEvery, perEpoch)
	if recipe.MaxChecks > 0 {
		return min(r.Epochs()*perEpoch, recipe.MaxChecks*perCheck)
	}
	return r.Epochs() * perEpoch
}

// selection says which epoch's numbers the run reports.
func (r *Run) selection() string {
	metric := r.benchmark.Selection.Label()
	if r.Config.Recipe.Selection == benchmarks.SelectOfficialTest {
		return "best test " + metric + " (official)"
	}
	return "best validation " + metric
}

// trainCounts returns the number of training labels in each bin.
func (r *Run) trainCounts() []int {
	if r.usesPublishedCounts() {
		return r.benchmark.TrainCounts
	}
	return r.dataset.TrainCounts()
}

// usesPublishedCounts reports whether re-weighting follows the released code's counts: those of the real dataset.
func (r *Run) usesPublishedCounts() bool {
	return r.Config.Recipe.PublishedCounts && r.Config.Semantics == methods.Official && !r.dataset.Meta.Twin
}

// SelectionError is a mistake in PlanOptions rather than in data: a bad or empty selection, a missing option.
type SelectionError struct{ error }

// Plan expands suites into runs, first stages before the runs that need them. Methods that do not apply to a benchmark are left
// out; see [Absences].
func Plan(suites []*Suite, options PlanOptions) ([]*Run, error) {
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
	options PlanOptions
	runs    []*Run
	byHash  map[string]*Run
}

func (p *planner) entry(e *Entry) error {
	wanted := p.wanted(e)
	if len(wanted) == 0 {
		return nil // without asking for data that nobody uses
	}
	template, err := p.template(e)
	if err != nil {
		return err
	}
	for _, w := range wanted {
		for _, recipe := range e.recipes {
			run := template
			run.method = w.method
			run.Config.Seed, run.Config.Method, run.Config.Recipe = w.seed, w.method.String(), recipe
			p.add(run).Wanted = true
		}
	}
	return nil
}

// add puts a run and its first stage into the plan, unless they are there already, and returns the planned one.
func (p *planner) add(run Run) *Run {
	if first, staged := run.method.FirstStage(); staged {
		parent := run
		parent.method, parent.Config.Method = first, first.String()
		run.First = p.add(parent)
	}
	run.Config.Recipe = run.Config.Recipe.Used(run.method, run.Config.Semantics)
	run.place(p.options.Out)
	if planned, ok := p.byHash[run.Hash]; ok {
		return planned
	}
	p.byHash[run.Hash] = &run
	p.runs = append(p.runs, &run)
	return &run
}

// place sets the hash and the folder, which follow from the configuration.
func (r *Run) place(out string) {
	r.Hash = r.Config.Hash()
	r.Dir = store.RunDir(out, r.suite, r.Config.Benchmark, r.Config.Method, r.Config.Seed, r.Hash)
}
