package methods_test

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/methods"
)

// Weights of label distribution smoothing from nothing but the number of training samples per bin: bins 0 to 5, of
// which bin 3 is empty and bin 5 is rare.
func ExampleWeighting() {
	kernel := methods.DefaultKernel()
	rule := methods.Weighting{Reweight: methods.ReweightSqrtInv, LDS: &kernel}
	weights, err := rule.BinWeights([]int{40, 90, 40, 0, 10, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", weights)
	// Output: [0.96 0.92 0.85 1.10 2.08 4.97]
}

// Feature distribution smoothing inside a plain GoMLX model: calibrate between encoder and regressor while training,
// then, after each epoch, collect the features and close the epoch.
func ExampleFDS() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		fmt.Println(err)
		return
	}
	store := model.NewStore()
	store.RootScope().SetParam(model.ParamInitialSeed, int64(1))               // the same initial weights each time
	fds, err := methods.NewFDS(store.RootScope(), methods.DefaultFDS(0, 9), 4) // bins 0 to 9, features of 4 values
	if err != nil {
		fmt.Println(err)
		return
	}
	encode := func(scope *model.Scope, x *Node) *Node { return Tanh(layers.Dense(scope.At("encoder"), x, true, 4)) }
	forward := model.MustNewExec(backend, store, func(scope *model.Scope, x, bins *Node) *Node {
		z := fds.Calibrate(encode(scope, x), bins)
		return layers.Dense(scope.At("regressor"), z, true, 1)
	})
	collect := model.MustNewExec(backend, store, func(scope *model.Scope, x, bins *Node) {
		fds.Collect(encode(scope, x), bins)
	})
	endEpoch := model.MustNewExec(backend, store, func(_ *model.Scope, g *Graph) { fds.EndEpoch(g) })

	x := [][]float32{{1, 0}, {0, 1}, {1, 1}, {0.5, 0}}
	bins := []int32{2, 3, 3, 7}
	for epoch := range 3 { // of one batch, without a weight update
		before := forward.MustCall(x, bins)[0].Value().([][]float32)
		collect.MustCall(x, bins)
		endEpoch.MustCall()
		after := forward.MustCall(x, bins)[0].Value().([][]float32)
		fmt.Printf("epoch %d: calibration moved the prediction: %v\n", epoch,
			math.Abs(float64(after[1][0]-before[1][0])) > 1e-4)
	}
	// Output:
	// epoch 0: calibration moved the prediction: false
	// epoch 1: calibration moved the prediction: true
	// epoch 2: calibration moved the prediction: false
}
