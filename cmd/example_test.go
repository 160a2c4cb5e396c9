package cmd_test

import (
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/dirbench/dirbench/cmd"
	"github.com/dirbench/dirbench/methods"
)

// A program beside a method of its own has all commands of dirbench, and the method in its lists, suites and tables:
//
//	go run ./mine run --suite mine.yaml
func ExampleMain() {
	methods.Register(methods.Method{
		Name: "pseudo-huber", Summary: "a loss that is quadratic near zero and linear far from it",
		Loss: func(s *methods.Step) *Node {
			e := Sub(s.Prediction, s.Target)
			return ReduceAllMean(Mul(s.Weight, AddScalar(Sqrt(AddScalar(Square(e), 1)), -1)))
		},
	})
	cmd.Main()
}
