package conformance

import (
	"maps"
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// resNet50 is the vector of the age benchmarks' network.
type resNet50 struct {
	network
	Labels      []float32 // of the training step; without them they are generated
	EvalOutput  []float64 `json:"eval_output"`
	TrainOutput []float64 `json:"train_output"`
	TrainLoss   *float64  `json:"train_l1_loss"`
	RunningMean []float64 `json:"running_mean_after_bn1"`
	RunningVar  []float64 `json:"running_var_after_bn1"`
}

func checkResNet50(c *comparison, content []byte) error {
	var v resNet50
	if err := decode(content, &v); err != nil {
		return err
	}
	return v.check(c, v.parameters())
}

func (v resNet50) check(c *comparison, params map[string]models.TorchTensor) error {
	names := models.JoinTorchNames(models.ResNet50Names().In("", "encoder"), models.LinearNames().In("linear.", "linear"))
	store, err := load(names, params)
	if err != nil {
		return err
	}
	regress := func(scope *model.Scope, x *Node, training bool) *Node {
		z := models.ResNet50(scope.At("encoder"), x, training)
		return Squeeze(models.Linear(scope.At("linear"), z, 1), -1)
	}
	evaluated, err := c.outputs(store, func(scope *model.Scope, in []*Node) []*Node {
		return []*Node{regress(scope, in[0], false)}
	}, v.images())
	if err != nil {
		return err
	}
	if err := c.add("evaluation", evaluated[0], v.EvalOutput); err != nil {
		return err
	}
	if v.TrainOutput == nil {
		return nil // the file has no training step
	}
	return v.checkTraining(c, names, store, regress)
}

// checkTraining compares a training step.
func (v resNet50) checkTraining(c *comparison, names models.TorchNames, store *model.Store,
	regress func(scope *model.Scope, x *Node, training bool) *Node) error {
	wanted := slices.Sorted(maps.Keys(v.GradNorm))
	labels := v.Labels
	for i := len(labels); i < v.InputShape[0]; i++ {
		labels = append(labels, float32(100*uniform(v.Seed, labelStream, i)))
	}
	train := func(scope *model.Scope, in []*Node) []*Node {
		y := regress(scope, in[0], true)
		loss := ReduceAllMean(Abs(Sub(y, Const(y.Graph(), labels))))
		var parameters []*Node
		for _, name := range wanted {
			parameters = append(parameters, store.GetVariable("/"+names[name].Path).NodeValue(y))
		}
		return append([]*Node{y, loss}, Gradient(loss, parameters...)...)
	}
	trained, err := c.outputs(store, train, v.images())
	if err != nil {
		return err
	}
	if err := c.add("training", trained[0], v.TrainOutput); err != nil {
		return err
	}
	if err := c.addResults("training", trained[1:2], expected{"loss", scalar(v.TrainLoss)}); err != nil {
		return err
	}
	// The file has the first channels of these, as many as it likes.
	stem := func(name string, channels int) []float64 {
		all := widen(tensors.MustCopyFlatData[float32](store.GetVariable("/encoder/stem/" + name).MustValue()))
		return all[:min(channels, len(all))]
	}
	if err := c.add("running mean", stem("running_mean", len(v.RunningMean)), v.RunningMean); err != nil {
		return err
	}
	if err := c.add("running variance", stem("running_var", len(v.RunningVar)), v.RunningVar); err != nil {
		return err
	}
	return c.addNorms(wanted, trained[2:], func() ([][]float64, error) {
		rounded, err := c.outputs(store, train, v.rounded())
		if err != nil {
			return nil, err
		}
		return rounded[2:], nil
	}, v.GradNorm)
}

// addNorms compares gradient norms. Batch normalisation over few samples and terms that cancel make some of them
// sensitive to rounding: each may miss by [roundingRoom] times the change of itself, or of their mean, under a rounded
// input, by 0.2 % at least. That of bn1.weight, whose terms cancel, may miss by 2 %.
func (c *comparison) addNorms(names []string, gradients [][]float64, rounded func() ([][]float64, error),
	want map[string]float64) error {
	moved, err := rounded()
	if err != nil {
		return err
	}
	changes, mean := make([]float64, len(names)), 0.0
	for i := range names {
		changes[i] = change(norm(gradients[i]), norm(moved[i]))
		mean += changes[i] / float64(len(names))
	}
	for i, name := range names {
		slack := max(2, roundingRoom*max(changes[i], mean)/c.tolerance)
		if name == "bn1.weight" {
			slack = max(slack, 20)
		}
		if err := c.addLoosely("gradient norm of "+name, norm(gradients[i]), []float64{want[name]}, slack); err != nil {
			return err
		}
	}
	return nil
}

// roundingRoom is how many times the change that a rounded input makes a figure may miss. PyTorch's float32 norms are
// up to twice that change off.
const roundingRoom = 4

// change is the largest difference of two results, relative to the root mean square of the first.
func change(got, moved []float64) float64 {
	largest := 0.0
	for i := range got {
		largest = max(largest, math.Abs(got[i]-moved[i]))
	}
	return largest / max(norm(got)[0]/math.Sqrt(float64(len(got))), 1e-12)
}
