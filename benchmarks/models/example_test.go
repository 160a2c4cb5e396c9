package models_test

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// An encoder and a regressor in one graph: two images to two predictions.
func ExampleTinyResNet() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer backend.Finalize()
	store := model.NewStore()
	store.RootScope().SetParam(models.InitSeedParam, int64(1))
	exec := model.MustNewExec(backend, store, func(scope *model.Scope, images *graph.Node) (z, prediction *graph.Node) {
		z = models.TinyResNet(scope.At("encoder"), images, models.TinyConfig{Width: 4, Blocks: 2}, false)
		return z, models.Linear(scope.At("regressor"), z, 1)
	})
	out := exec.MustCall(tensors.FromShape(shapes.Make(dtypes.Float32, 2, 32, 32, 3)))
	fmt.Println(out[0].Shape().Dimensions, out[1].Shape().Dimensions)
	// Output: [2 16] [2 1]
}

// Where the parameters of the official age network are in a store with the scopes encoder and regressor.
func ExampleJoinTorchNames() {
	names := models.JoinTorchNames(models.ResNet50Names().In("", "encoder"),
		models.LinearNames().In("linear.", "regressor"))
	fmt.Println(names["conv1.weight"].Path)
	fmt.Println(names["linear.bias"].Path)
	// Output:
	// encoder/stem/kernel
	// regressor/bias
}
