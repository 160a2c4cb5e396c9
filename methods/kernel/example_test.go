package kernel_test

import (
	"fmt"

	"github.com/dirbench/dirbench/methods/kernel"
)

// The window of the published recipes, for label densities (peak 1) and for feature statistics (sum 1).
func ExampleKernel() {
	k := kernel.Default()
	fmt.Printf("%.3f\n%.3f\n", k.LDSWindow(), k.FDSWindow())
	// Output:
	// [0.858 0.946 1.000 0.946 0.858]
	// [0.186 0.205 0.217 0.205 0.186]
}

// A bin without samples between two full ones is not as hard as its count says.
func ExampleKernel_Smooth() {
	triangle := kernel.Kernel{Kind: kernel.Triangle, Size: 3}
	fmt.Println(triangle.Smooth([]float64{10, 0, 10}, kernel.ZeroPadding))
	// Output: [10 10 10]
}
