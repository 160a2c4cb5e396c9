package methods_test

import (
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix

	"github.com/dirbench/dirbench/methods"
)

// A name is one or more methods in any order. Where no method has a rule for the weights, LDS brings the benchmark's.
func ExampleParse() {
	for _, name := range []string{"fds+lds", "rrt+fds", "smoter+smogn"} {
		method, err := methods.Parse(name)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(method, "re-weights by", method.WeightRule(methods.ReweightSqrtInv))
		if first, staged := method.FirstStage(); staged {
			fmt.Println("  and starts from the encoder of", first)
		}
	}
	// Output:
	// lds+fds re-weights by sqinv
	// rrt+fds re-weights by sqinv
	//   and starts from the encoder of fds
	// method "smoter+smogn": smoter and smogn cannot go together: both resample the training rows; take one of them
}

// Focal-R makes an error of 1 count a tenth as much as the plain loss does, and one of 20 nearly in full.
func ExampleLoss() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		fmt.Println(err)
		return
	}
	focal := methods.Loss{Kind: methods.LossFocalL1, Beta: 0.2, Gamma: 1, Activation: "sigmoid"}
	if err := focal.Validate(); err != nil {
		fmt.Println(err)
		return
	}
	losses := MustExecOnce(backend, focal.PerSample, []float32{31, 50}, []float32{30, 30})
	fmt.Printf("%.2f\n", losses.Value())
	// Output: [0.10 19.28]
}

// The feature of one sample moves from its bin's mean and variance to the smoothed ones; the ratio of variances is at
// most 2 here.
func ExampleCalibrateFeatures() {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		fmt.Println(err)
		return
	}
	calibrate := func(z, m1, v1, m2, v2 *Node) *Node {
		return methods.CalibrateFeatures(z, m1, v1, m2, v2, 0.5, 2, false)
	}
	z := MustExecOnce(backend, calibrate,
		[][]float32{{3, 3}}, // feature
		[][]float32{{1, 1}}, // mean of its bin
		[][]float32{{4, 1}}, // variance of its bin
		[][]float32{{0, 1}}, // smoothed mean
		[][]float32{{4, 9}}) // smoothed variance
	fmt.Printf("%.2f\n", z.Value())
	// Output: [[2.00 3.83]]
}

// Relevance is 1 for the rarest labels and 0 for the most frequent ones.
func ExampleRelevance() {
	fmt.Printf("%.2f\n", methods.Relevance([]int{100, 60, 20, 0}, nil, methods.ZeroPadding))
	// Output: [0.00 0.50 1.00 1.00]
}

// SMOTER on ten rows whose descriptor is their row number: the eight frequent ones are cut down to five, the two rare
// ones filled up with three interpolated ones.
func ExampleResampler() {
	resampler := methods.Resampler{Kind: methods.ResampleSMOTER, Options: methods.DefaultResample()}
	labels := []float32{0, 0, 0, 0, 0, 0, 0, 0, 1, 1}
	bins := []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 1}
	describe := func(row int) []float32 { return []float32{float32(row)} }
	resampled, err := resampler.Apply(labels, bins, 2, describe, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(resampled.Keep), "rows stay,", len(resampled.Synthetic), "are new, all with label",
		resampled.Synthetic[0].Label)
	fmt.Println("in all", resampler.Rows([]int{8, 2}))
	// Output:
	// 7 rows stay, 3 are new, all with label 1
	// in all 10
}
