package models

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Linear is the regressor: z [..., D] to [..., out], initialised as torch.nn.Linear is.
func Linear(scope *model.Scope, z *Node, out int) *Node {
	in := z.Shape().Dim(-1)
	weight := Param(scope, z, "weight", TorchLinear(in), in, out)
	bias := Param(scope, z, "bias", TorchLinear(in), out)
	dims := append([]int{}, z.Shape().Dimensions...)
	dims[len(dims)-1] = out
	rows := graph.MatMul(graph.Reshape(z, -1, in), weight)
	return graph.Reshape(graph.Add(rows, asRow(bias)), dims...)
}
