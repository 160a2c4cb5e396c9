package train

import (
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// The scopes of a model's variables. Everything else in the store belongs to the optimiser and is not kept.
const (
	encoderScope   = "encoder"
	regressorScope = "regressor"
	methodScope    = "method" // methods' own variables, each method's below its name
)

// trainer holds the compiled graphs of a run over one store of variables.
type trainer struct {
	backend  compute.Backend
	run      *plan.Run
	task     task.Task
	store    *model.Store
	busy     time.Duration // that the backend was waited for
	compiled compileMeter
	fds      *methods.FDS // nil without feature distribution smoothing
	// prepared is what methods have computed before the first step, by their names.
	prepared map[string]any
	progress func(done, total int) // unless nil, is told how many rows of a split are predicted
	// memory is where batches are assembled.
	memory *task.Memory

	step, predict *model.Exec
	collect       *model.Exec // with FDS whose statistics are not measured online
	endEpoch      *model.Exec // with FDS, or a method that has an end of an epoch
}

func newTrainer(backend compute.Backend, run *plan.Run, loaded task.Task) (*trainer, error) {
	if err := run.CheckPrecision(backend.String()); err != nil {
		return nil, err
	}
	t := &trainer{run: run, task: loaded, store: model.NewStore(), backend: backend, memory: &task.Memory{}}
	if err := t.initialise(); err != nil {
		return nil, err
	}
	if run.Method.FDS() {
		layer, err := methods.NewFDS(t.store.RootScope(), run.Config.Recipe.FDS, loaded.Dim())
		if err != nil {
			return nil, err
		}
		t.fds = layer
	}
	return t, t.makeGraphs()
}

// initialise sets what initial values and random numbers follow from, and those of an encoder that is given as a file.
func (t *trainer) initialise() error {
	run := t.run
	seeds := run.Config.Seeds()
	initial := plan.SeedInit
	if run.First != nil {
		initial = plan.SeedRetrain
	}
	t.store.RootScope().SetParam(models.InitSeedParam, int64(seeds[initial]))
	t.store.RootScope().SetParam(models.BatchNormShardsParam, run.Config.Recipe.BNShards)
	t.store.RootScope().SetParam(models.PrecisionParam, run.Config.Recipe.Precision)
	if err := t.store.SetRNGStateFromSeed(int64(seeds[plan.SeedDropout])); err != nil {
		return err
	}
	if run.First != nil {
		return nil
	}
	if err := t.task.Initialise(t.store.RootScope().At(encoderScope)); err != nil {
		return store.Failure{Class: store.ClassData, Err: err}
	}
	return nil
}

// makeGraphs makes the graphs that the run needs, each of which is compiled with its first call.
func (t *trainer) makeGraphs() (err error) {
	if t.step, err = model.NewExec(t.backend, t.store, t.stepGraph); err != nil {
		return err
	}
	if t.predict, err = model.NewExec(t.backend, t.store, t.predictGraph); err != nil {
		return err
	}
	if t.fds != nil && !t.online() {
		if t.collect, err = model.NewExec(t.backend, t.store, t.collectGraph); err != nil {
			return err
		}
	}
	if t.fds != nil || t.run.Method.Hooks(t.run.First != nil).EndsEpochs() {
		t.endEpoch, err = model.NewExec(t.backend, t.store, t.endEpochGraph)
	}
	return err
}

// prepare returns the training rows, and has methods prepare for them.
func (t *trainer) prepare() (set *trainSet, err error) {
	if set, err = newTrainSet(t.run, t.task); err != nil {
		return nil, err
	}
	set.memory, set.backend = t.memory, t.backend
	t.prepared, err = prepared(t.run, t.task)
	return set, err
}

// waiting counts the time until the function that it returns is called as time that the backend was waited for.
func (t *trainer) waiting() func() {
	begin := time.Now()
	return func() { t.busy += time.Since(begin) }
}

// close releases the graphs and variables.
func (t *trainer) close() {
	for _, exec := range []*model.Exec{t.step, t.collect, t.predict, t.endEpoch} {
		if exec != nil {
			exec.Finalize()
		}
	}
	t.store.Finalize()
	t.memory.Close()
}
