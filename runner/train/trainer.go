package train

import (
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// The scopes of a model's variables. Everything else in the store belongs to the optimiser and is not kept.
const (
	encoderScope   = "encoder"
	regressorScope = "regressor"
)

// trainer holds the compiled graphs of a run over one store of variables.
type trainer struct {
	backend  compute.Backend
	run      *plan.Run
	task     benchmarks.Task
	dense    benchmarks.DenseTask // the task, if its labels are dense
	store    *model.Store
	busy     time.Duration // that the backend was waited for
	compiled compileMeter
	fds      *methods.FDS // nil without feature distribution smoothing
	// memory is where batches are assembled.
	memory *benchmarks.Memory

	step, predict, collect, endEpoch *model.Exec // the last two with FDS only, collect if not online
}

func newTrainer(backend compute.Backend, run *plan.Run, task benchmarks.Task) (*trainer, error) {
	t := &trainer{run: run, task: task, store: model.NewStore(), backend: backend, memory: &benchmarks.Memory{}}
	t.dense, _ = task.(benchmarks.DenseTask)
	if err := run.CheckPrecision(backend.String()); err != nil {
		return nil, err
	}
	seeds := run.Config.Seeds()
	initial := plan.SeedInit
	if run.First != nil {
		initial = plan.SeedRetrain
	}
	t.store.RootScope().SetParam(models.InitSeedParam, int64(seeds[initial]))
	t.store.RootScope().SetParam(models.BatchNormShardsParam, run.Config.Recipe.BNShards)
	t.store.RootScope().SetParam(models.PrecisionParam, run.Config.Recipe.Precision)
	if err := t.store.SetRNGStateFromSeed(int64(seeds[plan.SeedDropout])); err != nil {
		return nil, err
	}
	if task, ok := task.(benchmarks.Initialiser); ok && run.First == nil {
		if err := task.Initialise(t.store.RootScope().At(encoderScope)); err != nil {
			return nil, store.Failure{Class: store.ClassData, Err: err}
		}
	}
	if run.Method.FDS {
		config := run.Config.Recipe.FDS.Config(task.Dim(), run.Config.Semantics)
		layer, err := methods.NewFDS(t.store.RootScope(), config)
		if err != nil {
			return nil, err
		}
		t.fds = layer
	}
	var err error
	if t.step, err = model.NewExec(backend, t.store, t.stepGraph); err != nil {
		return nil, err
	}
	if t.predict, err = model.NewExec(backend, t.store, t.predictGraph); err != nil {
		return nil, err
	}
	if t.fds == nil {
		return t, nil
	}
	if !t.online() {
		if t.collect, err = model.NewExec(backend, t.store, t.collectGraph); err != nil {
			return nil, err
		}
	}
	t.endEpoch, err = model.NewExec(backend, t.store, t.endEpochGraph)
	return t, err
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

// stepGraph is one training step. Inputs: the task's, then target [m] in network units, weight [m], bin [m] int32 and the
// learning rate. Result: the scalar loss.
func (t *trainer) stepGraph(scope *model.Scope, in []*Node) []*Node {
	t.compiled.graphs++
	in, rest := in[:len(in)-4], in[len(in)-4:]
	target, weight, bins, rate := rest[0], rest[1], rest[2], rest[3]

	z := t.features(scope, in)
	if t.fds != nil {
		if t.collects() && t.online() {
			t.fds.Collect(Reshape(z, -1, t.task.Dim()), bins)
		}
		z = t.calibrate(z, bins)
	}
	prediction := t.task.Regress(scope.At(regressorScope), z)
	loss := t.loss().Mean(Reshape(prediction, -1), target, weight)
	t.update(scope, loss, rate)
	return []*Node{loss}
}

// features returns z of a training batch. The frozen encoder of a second stage gets no gradient; official semantics leaves
// its batch normalisation and dropout in training mode all the same.
func (t *trainer) features(scope *model.Scope, in []*Node) *Node {
	frozen := t.run.First != nil
	training := !frozen || t.run.Config.Semantics == methods.Official
	z := t.task.Encode(scope.At(encoderScope), in, training)
	if frozen {
		z = StopGradient(z)
	}
	if t.dense != nil {
		z = t.dense.Feature(scope.At(regressorScope), z, true)
	}
	return z
}

// collects reports whether training measures FDS's statistics. Those of a first stage stay as they are, unless its feature is a
// part of what is trained again.
func (t *trainer) collects() bool { return t.fds != nil && (t.run.First == nil || t.dense != nil) }

// online reports whether they are measured within the training steps.
func (t *trainer) online() bool {
	return t.run.Config.Recipe.FDS.Statistics == benchmarks.StatisticsOnline
}

// calibrate applies FDS to z [..., Dim], whose leading axes are those of the bins [m] in order.
func (t *trainer) calibrate(z, bins *Node) *Node {
	rows := t.fds.Calibrate(Reshape(z, -1, t.task.Dim()), bins)
	return ReshapeWithShape(rows, z.Shape())
}

func (t *trainer) loss() methods.Loss {
	if t.run.Method.Focal {
		return t.run.Config.Recipe.Focal
	}
	return t.run.Config.Recipe.Loss
}

// update applies Adam with PyTorch's conventions: epsilon 1e-8, weight decay added to the gradient, the gradient's
// global norm clipped before that.
func (t *trainer) update(scope *model.Scope, loss, rate *Node) {
	gradients := scope.BuildTrainableVariablesGradientsGraph(loss)
	recipe := t.run.Config.Recipe
	if recipe.ClipNorm > 0 {
		gradients = clipNorm(gradients, recipe.ClipNorm)
	}
	if recipe.WeightDecay > 0 {
		i := 0
		for v := range scope.IterVariables() {
			if v.Trainable && v.InUseByGraph(loss.Graph()) {
				gradients[i] = Add(gradients[i], MulScalar(v.NodeValue(loss), recipe.WeightDecay))
				i++
			}
		}
	}
	optimizer.LearningRateVar(scope, dtypes.Float32, recipe.LR).SetNodeValue(rate)
	adam := optimizer.Adam().Epsilon(1e-8).Done().(interface {
		UpdateGraphWithGradients(*model.Scope, []*Node, dtypes.DType)
	})
	adam.UpdateGraphWithGradients(scope, gradients, dtypes.Float32)
}

func clipNorm(gradients []*Node, limit float64) []*Node {
	total := ScalarZero(gradients[0].Graph(), dtypes.Float32)
	for _, g := range gradients {
		total = Add(total, ReduceAllSum(Square(g)))
	}
	// As torch.nn.utils.clip_grad_norm_ does it: the factor is limit / (norm + 1e-6), at most 1.
	factor := MinScalar(Div(ConstAs(total, limit), AddScalar(Sqrt(total), 1e-6)), 1)
	for i := range gradients {
		gradients[i] = Mul(gradients[i], factor)
	}
	return gradients
}

// collectGraph adds a batch to FDS's statistics. Inputs: the task's, then bin [m]. Official semantics measures features
// that are already calibrated where the original overwrites them in place.
func (t *trainer) collectGraph(scope *model.Scope, in []*Node) []*Node {
	t.compiled.graphs++
	in, bins := in[:len(in)-1], in[len(in)-1]
	z := t.features(scope, in)
	if t.run.Config.Semantics == methods.Official && !t.run.Config.Recipe.FDS.Copies {
		z = t.calibrate(z, bins)
	}
	t.fds.Collect(Reshape(z, -1, t.task.Dim()), bins)
	return []*Node{ScalarZero(z.Graph(), dtypes.Float32)}
}

// endEpochGraph turns the statistics of an epoch into the calibration of the next one.
func (t *trainer) endEpochGraph(_ *model.Scope, g *Graph) {
	t.compiled.graphs++
	t.fds.EndEpoch(g)
}

// predictGraph returns predictions in label units.
func (t *trainer) predictGraph(scope *model.Scope, in []*Node) []*Node {
	t.compiled.graphs++
	z := t.task.Encode(scope.At(encoderScope), in, false)
	if t.dense != nil {
		z = t.dense.Feature(scope.At(regressorScope), z, false)
	}
	prediction := t.task.Regress(scope.At(regressorScope), z)
	if t.dense != nil {
		prediction = t.dense.Enlarge(prediction)
	}
	return []*Node{MulScalar(prediction, t.run.Config.Recipe.LabelScale)}
}
