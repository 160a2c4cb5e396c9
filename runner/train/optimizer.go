package train

import (
	"path"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/dirbench/dirbench/benchmarks/task"
)

// update takes a step of the recipe's optimiser with PyTorch's conventions: weight decay is added to the gradient,
// whose global norm is clipped before that; AdamW takes its share of the variable instead, rate times weight decay. A
// variable of factors moves by so many of the recipe's steps, a scalar.
func (t *trainer) update(scope *model.Scope, loss, rate *Node, factors map[*model.Variable]*Node) {
	recipe := t.run.Config.Recipe
	gradients := scope.BuildTrainableVariablesGradientsGraph(loss)
	if recipe.ClipNorm > 0 {
		gradients = clipNorm(gradients, recipe.ClipNorm)
	}
	trained := trainedVariables(scope, loss.Graph())
	decoupled := recipe.Optimizer == task.AdamW && recipe.WeightDecay > 0
	if recipe.WeightDecay > 0 && !decoupled {
		for i, v := range trained {
			gradients[i] = Add(gradients[i], MulScalar(v.NodeValue(loss), recipe.WeightDecay))
		}
	}
	before := map[*model.Variable]*Node{}
	for v := range factors {
		before[v] = v.NodeValue(loss)
	}
	if decoupled {
		for _, v := range trained {
			before[v] = v.NodeValue(loss)
		}
	}
	if recipe.Optimizer == task.SGD {
		sgd(scope, trained, gradients, rate, recipe.Momentum)
	} else {
		adam(scope, gradients, rate, recipe.LR)
	}
	if decoupled {
		for _, v := range trained {
			v.SetNodeValue(Sub(v.NodeValue(loss), Mul(MulScalar(rate, recipe.WeightDecay), before[v])))
		}
	}
	for v, factor := range factors { // the step of either optimiser is proportional to the rate
		moved := Mul(Sub(v.NodeValue(loss), before[v]), factor)
		v.SetNodeValue(Add(before[v], moved))
	}
}

// trainedVariables returns the variables that have a gradient, in the order of their gradients.
func trainedVariables(scope *model.Scope, g *Graph) (trained []*model.Variable) {
	for v := range scope.IterVariables() {
		if v.Trainable && v.InUseByGraph(g) {
			trained = append(trained, v)
		}
	}
	return trained
}

// adam is Adam with epsilon 1e-8.
func adam(scope *model.Scope, gradients []*Node, rate *Node, first float64) {
	optimizer.LearningRateVar(scope, dtypes.Float32, first).SetNodeValue(rate)
	optimizer.Adam().Epsilon(1e-8).Done().(interface {
		UpdateGraphWithGradients(*model.Scope, []*Node, dtypes.DType)
	}).UpdateGraphWithGradients(scope, gradients, dtypes.Float32)
}

// sgd is stochastic gradient descent with momentum as torch.optim.SGD has it, without dampening and Nesterov: the
// velocity becomes momentum times itself plus the gradient, and the variable moves by -rate times the velocity.
func sgd(scope *model.Scope, trained []*model.Variable, gradients []*Node, rate *Node, momentum float64) {
	for i, v := range trained {
		step := gradients[i]
		if momentum > 0 {
			velocity := scope.Store().Scope(path.Join("/sgd", v.Scope())).WithInitializer(initializer.Zero).
				VariableWithShape(v.Name()+"_velocity", v.Shape()).SetTrainable(false)
			step = Add(MulScalar(velocity.NodeValue(step), momentum), step)
			velocity.SetNodeValue(step)
		}
		v.SetNodeValue(Sub(v.NodeValue(step), Mul(rate, step)))
	}
}

// clipNorm scales gradients to a global norm of at most limit, as torch.nn.utils.clip_grad_norm_ does it: by limit /
// (norm + 1e-6), at most 1.
func clipNorm(gradients []*Node, limit float64) []*Node {
	total := ScalarZero(gradients[0].Graph(), dtypes.Float32)
	for _, g := range gradients {
		total = Add(total, ReduceAllSum(Square(g)))
	}
	factor := MinScalar(Div(ConstAs(total, limit), AddScalar(Sqrt(total), 1e-6)), 1)
	for i := range gradients {
		gradients[i] = Mul(gradients[i], factor)
	}
	return gradients
}
