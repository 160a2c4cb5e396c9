package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/store"
)

// Run is a planned run: benchmark × method × seed. It does not change once it is planned; see [Run.With]. Its JSON is
// all that another process needs to execute it, after [Run.Open].
type Run struct {
	Suite  string `json:"suite"`
	Config Config `json:"config"`
	Hash   string `json:"hash"` // of Config
	Dir    string `json:"dir"`  // its folder in the run store
	// First is the run whose encoder this one starts from; nil for a method of one stage.
	First *Run `json:"first,omitempty"`
	// Data is the folder of its dataset, Load the files beside it; empty in a preview that lacks them.
	Data string           `json:"data"`
	Load task.LoadOptions `json:"load"`
	// Of is the dataset of a general benchmark, whose name does not tell; empty for others.
	Of string `json:"of,omitempty"`
	// Imported has name and hash of the file of an imported network.
	Imported string `json:"imported,omitempty"`

	// What Config and Data name.
	Benchmark benchmarks.Benchmark `json:"-"`
	Method    methods.Composition  `json:"-"`
	Dataset   *datasets.Dataset    `json:"-"`

	// Wanted is false for a run that is there only as somebody's first stage.
	Wanted bool `json:"-"`
	// Missing says what the run lacks in a preview: "dataset nyud2"; empty if it can be executed.
	Missing string `json:"-"`
	// Varies says in which settings of a sweep the run differs from others of its method: "lds.size=9"; empty without a
	// sweep.
	Varies string `json:"-"`
	rows   int    // of training, as far as they are known without the dataset
}

// Name returns BENCHMARK/METHOD/seed=N, of a general benchmark BENCHMARK:DATASET/METHOD/seed=N.
func (r *Run) Name() string {
	return runName(r.Config.Benchmark, r.Of, r.Config.Method, r.Config.Seed)
}

// runName is the name of a run; of is the dataset of a general benchmark, empty for others.
func runName(benchmark, of, method string, seed int64) string {
	if of != "" {
		benchmark = store.BenchmarkOf(benchmark, of)
	}
	return store.RunName(benchmark, method, seed)
}

// With returns another run, which differs in what change does, in its place below the run store out.
func (r *Run) With(out string, change func(*Run)) *Run {
	other := *r
	change(&other)
	other.place(out)
	return &other
}

// place sets the hash and the folder, which follow from the configuration.
func (r *Run) place(out string) {
	r.Hash = r.Config.Hash()
	r.Dir = store.RunDir(out, r.Suite, r.Config.Benchmark, r.Config.Method, r.Config.Seed, r.Hash)
}

// Open looks up what a run names that was read from JSON, and opens its dataset and that of its first stage. The error
// says what has changed since it was planned.
func (r *Run) Open() error {
	if hash := r.Config.Hash(); hash != r.Hash {
		return fmt.Errorf("%s: hash %.8s where %.8s was planned: the program was replaced meanwhile; start the suite again",
			r.Name(), hash, r.Hash)
	}
	var err error
	if r.Benchmark, err = benchmarks.Lookup(r.Config.Benchmark); err != nil {
		return err
	}
	if err := r.openMethod(); err != nil {
		return err
	}
	if r.Dataset, err = datasets.Open(r.Data); err != nil {
		return store.Failure{Class: store.ClassData, Err: err}
	}
	if r.First != nil {
		return r.First.Open()
	}
	return nil
}

// openMethod looks up the method, whose settings must be those that were planned.
func (r *Run) openMethod() (err error) {
	if r.Method, err = methods.Parse(r.Config.Method); err != nil {
		return err
	}
	if r.Method, err = r.Method.For(r.Benchmark.Traits(r.Config.Scale)); err != nil {
		return err
	}
	if !reflect.DeepEqual(r.Method.Settings(), r.Config.Settings) {
		return fmt.Errorf("%s: the published settings of the method were others when the run was planned: run it again",
			r.Name())
	}
	return nil
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
	recipe, rows := r.Config.Recipe, r.rows
	if r.Dataset != nil {
		rows = r.Dataset.Meta.Splits[datasets.Train].Rows
		if recipe.SelectionSplit() == datasets.Test {
			rows += r.Dataset.Meta.Splits[datasets.Val].Rows
		}
		if r.Method.Resample() != methods.ResampleNone {
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
	recipe := r.Config.Recipe
	return store.Selection{Split: recipe.SelectionSplit(), Metric: cmp.Or(recipe.Selection.Metric, r.Benchmark.Selection)}
}

// TrainCounts returns the number of training labels in each bin.
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

// Resampler returns the rule of a method that resamples.
func (r *Run) Resampler() methods.Resampler {
	recipe := r.Config.Recipe
	rule := methods.Resampler{Kind: r.Method.Resample(), Options: recipe.Resample}
	if r.Method.LDS() {
		rule.LDS, rule.Padding = &recipe.LDS, recipe.LDSPadding
	}
	return rule
}

// PredictionBytes is about what the predictions of a run take: a few bytes for each evaluated label of validation and
// test.
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

// CheckPrecision finds a run that the backend of a name cannot compute: only XLA knows bfloat16. It is a
// SelectionError.
func CheckPrecision(runs []*Run, backend string) error {
	for _, run := range runs {
		if err := run.CheckPrecision(backend); err != nil {
			return SelectionError{err}
		}
	}
	return nil
}

// CheckPrecision finds a run that the backend of a name cannot compute.
func (r *Run) CheckPrecision(backend string) error {
	if precision := r.Config.Recipe.Precision; precision == models.BFloat16 && backend == "go" {
		return fmt.Errorf("%s: precision %s needs an XLA backend, such as --backend xla:cuda; backend go computes in float32",
			r.Name(), precision)
	}
	return nil
}

// numericsVersion goes up when a change of the code changes the numbers of an unchanged configuration, so that old runs
// are not taken for new ones.
const numericsVersion = 4

// Config is everything that changes the numbers of a run, and nothing else: no paths, no device.
type Config struct {
	Numerics    int                       `json:"numerics"`
	Benchmark   string                    `json:"benchmark"`
	Scale       string                    `json:"scale"`
	Method      string                    `json:"method"`
	Seed        int64                     `json:"seed"`
	Fidelity    task.Fidelity             `json:"semantics"`
	Recipe      task.Recipe               `json:"recipe"`
	LabelSpace  datasets.LabelSpace       `json:"label_space"`
	Shots       datasets.ShotRule         `json:"shots"`
	Files       map[datasets.Split]string `json:"files"`                  // SHA-256 of each split
	Chroma      transform.Chroma          `json:"chroma,omitempty"`       // of JPEG images
	WordVectors string                    `json:"word_vectors,omitempty"` // SHA-256 of the file
	Encoder     string                    `json:"encoder,omitempty"`      // SHA-256 of the file of pretrained parameters
	Weights     string                    `json:"weights,omitempty"`      // SHA-256 of the file of an imported network
	// Settings are those of methods that have some of their own, by method and field.
	Settings map[string]map[string]any `json:"settings,omitempty"`
	// First is the hash of the first stage where the second one has a rate, batch size or the like of its own in place of
	// the recipe's: then the recipe here does not say how the encoder was trained.
	First string `json:"first_stage,omitempty"`
}

// Hash returns the content hash that identifies the run, hex SHA-256 of the canonical JSON.
func (c Config) Hash() string {
	content, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("plan: configuration does not encode: %v", err)) // no field can fail
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// FirstConfig returns 8 digits of the hash over the first stage's configuration without its seed, where the run's own
// configuration names that stage: runs that differ in nothing but their seed have the same.
func (r *Run) FirstConfig() string {
	if r.Config.First == "" {
		return ""
	}
	c := r.First.Config
	c.Seed, c.First = 0, r.First.FirstConfig()
	return c.Hash()[:8]
}

// The purposes of random numbers. Each has a stream of its own, so that methods are paired: with the same seed they
// start from the same weights and see the same order of samples and the same augmentation.
const (
	SeedInit     = "init"    // initial weights
	SeedRetrain  = "retrain" // initial weights of a retrained regressor
	SeedOrder    = "order"
	SeedAugment  = "augment"
	SeedDropout  = "dropout"
	SeedResample = "resample" // what SMOTER and SMOGN draw
)

var seedPurposes = []string{SeedInit, SeedRetrain, SeedOrder, SeedAugment, SeedDropout, SeedResample}

// Seeds derives the random streams of a run from its benchmark and seed, not from its method.
func (c Config) Seeds() map[string]uint64 {
	seeds := map[string]uint64{}
	for _, purpose := range seedPurposes {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s", c.Benchmark, c.Seed, purpose))
		seeds[purpose] = binary.LittleEndian.Uint64(sum[:])
	}
	return seeds
}
