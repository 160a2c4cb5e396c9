package train

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/methods"
)

// step are the inputs of a graph by name: what a batch hands over with stepTensors, or with measureTensors to a graph
// that only measures features, which has none but the first two.
type step struct {
	inputs []*Node // of the task
	bins   *Node   // [m] int32, negative where the label is unknown; m is the number of predictions of all copies of a row
	target *Node   // [m] in network units
	weight *Node   // [m] of the loss
	rate   *Node   // scalar, the learning rate
	// progress is a scalar: epochs done before this one / epochs
	progress *Node
}

// measuringInputs names the inputs of a graph that measures features.
func measuringInputs(in []*Node) step { return step{inputs: in[:len(in)-1], bins: in[len(in)-1]} }

// trainingInputs names the inputs of a training step.
func trainingInputs(in []*Node) step {
	s := measuringInputs(in[:len(in)-4])
	last := in[len(in)-4:]
	s.target, s.weight, s.rate, s.progress = last[0], last[1], last[2], last[3]
	return s
}

// split parts a step that reads several copies of its rows: the first ones, joined to one batch, and those that are
// views beside them, joined to another, which has no inputs without any.
func (s step) split(copies, beside int) (plain, views step) {
	part := func(from, to int) step {
		part := s
		part.inputs = make([]*Node, 0, len(s.inputs)/copies)
		for i := range cap(part.inputs) {
			var same []*Node
			for c := from; c < to; c++ {
				same = append(same, s.inputs[c*cap(part.inputs)+i])
			}
			part.inputs = append(part.inputs, joined(same, 0))
		}
		for _, labels := range []**Node{&part.bins, &part.target, &part.weight} {
			m := (*labels).Shape().Size() / copies
			if to-from < copies {
				*labels = Slice(*labels, AxisRange(from*m, to*m))
			}
		}
		return part
	}
	if beside == 0 {
		return part(0, copies), step{}
	}
	return part(0, copies-beside), part(copies-beside, copies)
}

func joined(parts []*Node, axis int) *Node {
	if len(parts) == 1 {
		return parts[0]
	}
	return Concatenate(parts, axis)
}

// views returns what the network makes of the views of a batch; nil without any. FDS leaves them alone, as the released
// code of ConR does.
func (t *trainer) views(scope *model.Scope, s step) *methods.Rows {
	if s.inputs == nil {
		return nil
	}
	z := t.features(scope, s.inputs)
	prediction := t.regress(scope, z).prediction
	return &methods.Rows{Z: Reshape(z, -1, t.task.Dim()), Prediction: Reshape(prediction, -1), Target: s.target,
		Weight: s.weight, Bin: s.bins}
}

// panicWithError makes any panic one with an error. GoMLX turns only these into errors; after another one its executor
// waits for ever when it is closed.
func panicWithError() {
	p := recover()
	if p == nil {
		return
	}
	if _, ok := p.(error); !ok {
		p = fmt.Errorf("%v", p)
	}
	panic(p)
}

// stepGraph is one training step. Result: the scalar loss.
func (t *trainer) stepGraph(scope *model.Scope, in []*Node) []*Node {
	defer panicWithError()
	t.compiled.graphs++
	all, beside := t.run.Method.Copies(t.run.First != nil)
	s, ofViews := trainingInputs(in).split(all, beside)
	views := t.views(scope, ofViews)
	z := t.features(scope, s.inputs)
	if t.fds != nil {
		if t.collects() && t.online() {
			t.collectFeatures(z, s.bins)
		}
		z = t.calibrate(z, s.bins)
	}
	out := t.regress(scope, z)
	loss, ownRates := t.loss(scope, methods.Step{Z: Reshape(z, -1, t.task.Dim()), Prediction: Reshape(out.prediction, -1),
		Outputs: out.outputs, Target: s.target, Weight: s.weight, Bin: s.bins, Progress: s.progress, Views: views,
		Pixels: s.bins.Shape().Size() / s.inputs[0].Shape().Dim(0)})
	factors := map[*model.Variable]*Node{}
	for v, own := range ownRates { // a cosine may end at a rate of 0, where these stand still too
		factors[v] = Div(ConstAs(s.rate, own), MaxScalar(s.rate, 1e-12))
	}
	for v, factor := range out.rates {
		factors[v] = ConstAs(s.rate, factor)
	}
	t.update(scope, loss, s.rate, factors)
	return []*Node{loss}
}

// features returns z of a training batch. The frozen encoder of a second stage gets no gradient; the released code
// leaves its batch normalisation and dropout in training mode all the same.
func (t *trainer) features(scope *model.Scope, in []*Node) *Node {
	frozen := t.run.First != nil
	z := t.task.Encode(scope.At(encoderScope), in, !frozen || t.run.Config.Recipe.FrozenInTraining)
	if frozen {
		z = StopGradient(z)
	}
	return t.task.Feature(scope.At(regressorScope), z, true)
}

// collects reports whether training measures FDS's statistics. Those of a first stage stay as they are, unless its
// feature is a part of what is trained again.
func (t *trainer) collects() bool { return t.fds != nil && (t.run.First == nil || t.task.Dense()) }

// online reports whether they are measured within the training steps.
func (t *trainer) online() bool {
	return t.run.Config.Recipe.FDS.Statistics == methods.StatisticsOnline
}

// calibrate applies FDS to z [..., Dim], whose leading axes are those of the bins [m] in order.
func (t *trainer) calibrate(z, bins *Node) *Node {
	rows := t.fds.Calibrate(Reshape(z, -1, t.task.Dim()), bins)
	return ReshapeWithShape(rows, z.Shape())
}

// loss returns the loss of a batch, the benchmark's or its method's, with the penalties; and the learning rates of
// methods' own variables that have one.
func (t *trainer) loss(scope *model.Scope, step methods.Step) (*Node, map[*model.Variable]float64) {
	recipe := t.run.Config.Recipe
	base := recipe.Loss
	if t.run.Method.Focal() {
		base = recipe.Focal
	}
	_, unit := methodUnit(recipe)
	step.Rates, step.LabelScale, step.Base = map[*model.Variable]float64{}, recipe.LabelScale/unit, base
	var loss *Node
	var penalties []*Node
	for _, part := range t.run.Method.Hooks(t.run.First != nil) {
		step.Settings, step.Prepared, step.Scope = part.Values, t.prepared[part.Name],
			scope.At(methodScope).At("%s", part.Name)
		if part.Loss != nil {
			loss = part.Loss(&step)
		}
		if part.Penalty != nil {
			penalties = append(penalties, part.Penalty(&step))
		}
	}
	if loss == nil {
		loss = base.Mean(step.Prediction, step.Target, step.Weight)
	}
	for _, penalty := range penalties {
		loss = Add(loss, penalty)
	}
	return loss, step.Rates
}

// collectGraph adds a batch to FDS's statistics.
func (t *trainer) collectGraph(scope *model.Scope, in []*Node) []*Node {
	defer panicWithError()
	t.compiled.graphs++
	s := measuringInputs(in)
	z := t.features(scope, s.inputs)
	t.collectFeatures(z, s.bins)
	return []*Node{ScalarZero(z.Graph(), dtypes.Float32)}
}

// collectFeatures adds the features of the encoder, or the calibrated ones, to the statistics, as the recipe says.
func (t *trainer) collectFeatures(z, bins *Node) {
	if t.run.Config.Recipe.FDS.Features == methods.FeaturesCalibrated {
		z = t.calibrate(z, bins)
	}
	t.fds.Collect(Reshape(z, -1, t.task.Dim()), bins)
}

// endEpochGraph turns FDS's statistics of an epoch into the calibration of the next one, and calls the methods' ends of
// it.
func (t *trainer) endEpochGraph(scope *model.Scope, g *Graph) {
	defer panicWithError()
	t.compiled.graphs++
	if t.fds != nil && t.collects() {
		t.fds.EndEpoch(g)
	}
	for _, part := range t.run.Method.Hooks(t.run.First != nil) {
		if part.EndEpoch != nil {
			part.EndEpoch(&methods.Epoch{Settings: part.Values, Prepared: t.prepared[part.Name], Graph: g,
				Scope: scope.At(methodScope).At("%s", part.Name)})
		}
	}
}

// predictGraph returns predictions in label units, and their standard deviations where the method knows them.
func (t *trainer) predictGraph(scope *model.Scope, in []*Node) []*Node {
	defer panicWithError()
	t.compiled.graphs++
	z := t.task.Encode(scope.At(encoderScope), in, false)
	z = t.task.Feature(scope.At(regressorScope), z, false)
	out := t.regress(scope, z)
	predicted := []*Node{t.labelUnits(t.task.Enlarge(out.prediction))}
	if out.deviation != nil {
		predicted = append(predicted, MulScalar(out.deviation, t.run.Config.Recipe.LabelScale))
	}
	return predicted
}

// labelUnits brings predictions from network units to label units.
func (t *trainer) labelUnits(prediction *Node) *Node {
	recipe := t.run.Config.Recipe
	prediction = MulScalar(prediction, recipe.LabelScale)
	if recipe.LabelMean == 0 {
		return prediction
	}
	return AddScalar(prediction, recipe.LabelMean)
}
