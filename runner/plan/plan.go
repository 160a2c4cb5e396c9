package plan

import (
	"cmp"
	"fmt"
	"os"
	"path"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/benchmarks/task"
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
	Load task.LoadOptions
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

	Suite     string
	Benchmark benchmarks.Benchmark
	Method    methods.Method
	Dataset   *datasets.Dataset
	Load      task.LoadOptions
	Imported  string   // name and hash of the file of an imported network
	Argv      []string // of the process that ordered the run; nil: this one's
}

// command is the argument list that the manifest names: that of the process which ordered the run.
func (r *Run) Command() []string {
	if r.Argv != nil {
		return r.Argv
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
	recipe, rows := r.Config.Recipe, r.Benchmark.TrainRows
	if r.Dataset != nil {
		rows = r.Dataset.Meta.Splits[datasets.Train].Rows
		if recipe.Selection == task.SelectOfficialTest {
			rows += r.Dataset.Meta.Splits[datasets.Val].Rows
		}
		if r.Method.Resample != methods.ResampleNone {
			rows = r.Resampler().Rows(r.Dataset.TrainCounts())
		}
	}
	perEpoch := (rows + recipe.BatchSize - 1) / recipe.BatchSize
	perCheck := cmp.Or(recipe.CheckEvery, perEpoch)
	if recipe.MaxChecks > 0 {
		return min(r.Epochs()*perEpoch, recipe.MaxChecks*perCheck)
	}
	return r.Epochs() * perEpoch
}

// Selection says which epoch's numbers the run reports.
func (r *Run) Selection() store.Selection {
	return store.Selection{Split: r.Config.Recipe.SelectionSplit(), Metric: r.Benchmark.Selection}
}

// trainCounts returns the number of training labels in each bin.
func (r *Run) TrainCounts() []int {
	if r.usesPublishedCounts() {
		return r.Benchmark.TrainCounts
	}
	return r.Dataset.TrainCounts()
}

// usesPublishedCounts reports whether re-weighting follows the released code's counts: those of the real dataset.
func (r *Run) usesPublishedCounts() bool {
	return r.Config.Recipe.PublishedCounts && !r.Dataset.Meta.Twin
}

// SelectionError is a mistake in PlanOptions rather than in data: a bad or empty selection, a missing option.
type SelectionError struct{ Err error }

func (e SelectionError) Error() string { return e.Err.Error() }

// Unwrap returns the mistake.
func (e SelectionError) Unwrap() error { return e.Err }

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
	}
	run.Config.Recipe = run.Config.Recipe.Used(run.Method)
	run.Place(p.options.Out)
	if planned, ok := p.byHash[run.Hash]; ok {
		return planned
	}
	p.byHash[run.Hash] = &run
	p.runs = append(p.runs, &run)
	return &run
}

// place sets the hash and the folder, which follow from the configuration.
func (r *Run) Place(out string) {
	r.Hash = r.Config.Hash()
	r.Dir = store.RunDir(out, r.Suite, r.Config.Benchmark, r.Config.Method, r.Config.Seed, r.Hash)
}

// resampler returns the rule of a method that resamples.
func (r *Run) Resampler() methods.Resampler {
	recipe := r.Config.Recipe
	rule := methods.Resampler{Kind: r.Method.Resample, Options: recipe.Resample}
	if r.Method.LDS {
		rule.LDS, rule.Padding = &recipe.LDS, recipe.LDSPadding
	}
	return rule
}

// VocabularyBytes is what the word vectors of a run take at most in a checkpoint, 0 without any: in a rehearsal the vocabulary
// is small.
func (r *Run) VocabularyBytes() int64 {
	_, more := r.Config.Recipe.Input().Small()
	return more
}

// PredictionBytes is about what the predictions of a run take: a few bytes for each evaluated label of validation and test.
func (r *Run) PredictionBytes() int64 {
	const perLabel = 16
	total := 0
	if r.Dataset != nil {
		for _, split := range []datasets.Split{datasets.Val, datasets.Test} {
			for _, n := range r.Dataset.Meta.Splits[split].Counts {
				total += n
			}
		}
	}
	return perLabel * int64(total)
}

// CheckPrecision finds a run that the backend of a name cannot compute: only XLA knows bfloat16. It is a SelectionError.
func CheckPrecision(plan []*Run, backend string) error {
	for _, run := range plan {
		if err := run.CheckPrecision(backend); err != nil {
			return SelectionError{err}
		}
	}
	return nil
}

// CheckPrecision finds a run that the backend of a name cannot compute.
func (r *Run) CheckPrecision(backend string) error {
	if precision := r.Config.Recipe.Precision; precision == models.BFloat16 && backend == "go" {
		return fmt.Errorf("%s: precision %s needs an XLA backend, such as --backend xla:cuda; backend go computes in float32", r.Name(), precision)
	}
	return nil
}
