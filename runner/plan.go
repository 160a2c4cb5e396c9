package runner

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/twin"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/store"
)

// PlanOptions locate a plan's data and results and narrow it down.
type PlanOptions struct {
	Data       string   // root of the prepared datasets
	Out        string   // root of the run store
	Only       []string // globs over BENCHMARK/METHOD/seed=N; empty: everything
	Seeds      []int64  // in place of the suite's
	Embeddings string   // file of pretrained word vectors
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

	suite      string
	benchmark  benchmarks.Benchmark
	method     methods.Method
	dataset    *datasets.Dataset
	embeddings string
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
	recipe, rows := r.Config.Recipe, r.dataset.Meta.Splits[datasets.Train].Rows
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
	if r.Config.Recipe.PublishedCounts && r.Config.Semantics == methods.Official {
		return r.benchmark.TrainCounts
	}
	return r.dataset.TrainCounts()
}

// SelectionError is a mistake in PlanOptions rather than in data: a bad or empty selection, a missing option.
type SelectionError struct{ error }

// Plan expands a suite into runs, first stages before the runs that need them.
func Plan(suite *Suite, options PlanOptions) ([]*Run, error) {
	planner := &planner{suite: suite, options: options, byHash: map[string]*Run{}}
	for _, pattern := range options.Only {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, SelectionError{fmt.Errorf("--only %q: %w", pattern, err)}
		}
	}
	for i := range suite.Entries {
		if err := planner.entry(&suite.Entries[i]); err != nil {
			return nil, err
		}
	}
	if len(planner.runs) == 0 {
		return nil, SelectionError{fmt.Errorf("no run of suite %s matches --only %q; dirbench run --dry-run lists their names",
			suite.Name, options.Only)}
	}
	return planner.runs, nil
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
	dataset, err := p.open(e)
	if err != nil {
		return err
	}
	base := Config{
		Numerics: numericsVersion, Benchmark: e.benchmark.Name, Scale: e.Scale, Semantics: p.suite.Semantics,
		Recipe: e.recipe, LabelSpace: dataset.Meta.LabelSpace, Shots: dataset.Meta.Shots, Files: map[datasets.Split]string{},
	}
	for split, meta := range dataset.Meta.Splits {
		base.Files[split] = meta.SHA256
	}
	template := Run{suite: p.suite.Name, benchmark: e.benchmark, dataset: dataset}
	if e.recipe.Text != nil && e.recipe.Text.Pretrained {
		if p.options.Embeddings == "" {
			return SelectionError{fmt.Errorf("%s at scale %s uses pretrained word vectors: give --embeddings FILE (GloVe text format, %d values a word)",
				e.Benchmark, e.Scale, e.recipe.Text.Embedding)}
		}
		template.embeddings = p.options.Embeddings
		if base.WordVectors, err = datasets.FileSHA256(template.embeddings); err != nil {
			return fmt.Errorf("word vectors: %w", err)
		}
	}
	for _, w := range wanted {
		run := template
		run.Config, run.method = base, w.method
		run.Config.Seed, run.Config.Method = w.seed, w.method.String()
		p.add(run).Wanted = true
	}
	return nil
}

type seedMethod struct {
	seed   int64
	method methods.Method
}

// wanted returns the seeds and methods of an entry that --only leaves.
func (p *planner) wanted(e *Entry) []seedMethod {
	seeds := p.suite.Seeds
	if len(p.options.Seeds) > 0 {
		seeds = p.options.Seeds
	}
	var wanted []seedMethod
	for _, seed := range seeds {
		for _, method := range e.methods {
			if p.matches(runName(e.benchmark.Name, method.String(), seed)) {
				wanted = append(wanted, seedMethod{seed, method})
			}
		}
	}
	return wanted
}

// add puts a run and its first stage into the plan, unless they are there already, and returns the planned one.
func (p *planner) add(run Run) *Run {
	if first, staged := run.method.FirstStage(); staged {
		parent := run
		parent.method, parent.Config.Method = first, first.String()
		run.First = p.add(parent)
	}
	run.Config.Recipe = run.Config.Recipe.Used(run.method)
	run.Hash = run.Config.Hash()
	if planned, ok := p.byHash[run.Hash]; ok {
		return planned
	}
	run.Dir = store.RunDir(p.options.Out, run.suite, run.Config.Benchmark, run.Config.Method, run.Config.Seed, run.Hash)
	p.byHash[run.Hash] = &run
	p.runs = append(p.runs, &run)
	return &run
}

func (p *planner) matches(name string) bool {
	for _, pattern := range p.options.Only {
		if ok, _ := path.Match(pattern, name); ok {
			return true
		}
	}
	return len(p.options.Only) == 0
}

// open opens the entry's dataset, making the twin where the suite asks for one that is not there.
func (p *planner) open(e *Entry) (*datasets.Dataset, error) {
	dir := filepath.Join(p.options.Data, e.Dataset)
	if e.Twin != nil {
		if err := ensureTwin(dir, e.benchmark.Dataset, *e.Twin); err != nil {
			return nil, err
		}
	}
	dataset, err := datasets.Open(dir)
	if err != nil {
		return nil, err
	}
	if dataset.Meta.Modality != e.benchmark.Modality {
		return nil, fmt.Errorf("%s holds %q inputs: %s needs %q", dir, dataset.Meta.Modality, e.Benchmark, e.benchmark.Modality)
	}
	return dataset, nil
}

func ensureTwin(dir, name string, options twin.Options) error {
	wanted, err := twin.Meta(name, options)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, datasets.MetaFile)); errors.Is(err, fs.ErrNotExist) {
		return twin.Write(dir, name, options, false)
	}
	there, err := datasets.Open(dir)
	if err != nil {
		return err
	}
	if there.Meta.Made != wanted.Made {
		return fmt.Errorf("%s was made by %q, the suite wants %q: remove the folder or give the suite another dataset name",
			dir, there.Meta.Made, wanted.Made)
	}
	return nil
}
