package models_test

import (
	"fmt"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

var convCases = []struct{ height, width, in, out, kernel, stride int }{
	{5, 7, 2, 3, 3, 1}, {6, 6, 2, 3, 3, 2}, {7, 5, 3, 2, 3, 2}, {9, 8, 3, 4, 7, 2}, {8, 8, 2, 2, 5, 1}, {6, 4, 3, 5, 1, 1},
	{7, 6, 3, 5, 1, 2},
}

func TestConv2D(t *testing.T) {
	for _, c := range convCases {
		t.Run(fmt.Sprintf("%dx%d_k%d_s%d", c.height, c.width, c.kernel, c.stride), func(t *testing.T) {
			store := model.NewStore()
			x := wave(2, c.height, c.width, c.in)
			kernel, err := store.CreateVariable("/kernel", wave(c.kernel, c.kernel, c.in, c.out))
			if err != nil {
				t.Fatal(err)
			}
			own := func(scope *model.Scope, x *graph.Node) *graph.Node {
				return models.Conv2D(scope, x, c.out, c.kernel, c.stride, models.Zeros)
			}
			native := func(_ *model.Scope, x *graph.Node) *graph.Node {
				pad := [2]int{c.kernel / 2, c.kernel / 2}
				return graph.Convolve(x, kernel.NodeValue(x)).Strides(c.stride).PaddingPerDim([][2]int{pad, pad}).Done()
			}
			got := run(t, store, withGradients(own, kernel), x)
			want := run(t, store, withGradients(native, kernel), x)
			for i, what := range []string{"y", "dx", "dw"} {
				near(t, what, got[i], want[i], 1e-4)
			}
			near(t, "loop", got[0], convLoop(x, kernel.MustValue(), c.stride), 1e-4)
		})
	}
}

// withGradients returns y = fn(x) and the gradients of sum(y³) with respect to x and v.
func withGradients(fn func(*model.Scope, *graph.Node) *graph.Node, v *model.Variable) graphFn {
	return func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		y := fn(scope, in[0])
		loss := graph.ReduceAllSum(graph.Mul(y, graph.Square(y)))
		return append([]*graph.Node{y}, graph.Gradient(loss, in[0], v.NodeValue(y))...)
	}
}

func convLoop(x, w *tensors.Tensor, stride int) []float32 {
	xd, wd, xs, ws := x.Shape().Dimensions, w.Shape().Dimensions, flat(x), flat(w)
	height, width, in, kernel, out := xd[1], xd[2], xd[3], wd[0], wd[3]
	pad := kernel / 2
	var y []float32
	for b := range xd[0] {
		for top := -pad; top+kernel <= height+pad; top += stride {
			for left := -pad; left+kernel <= width+pad; left += stride {
				for o := range out {
					sum := float32(0)
					for k := range kernel * kernel * in {
						row, col, c := k/(kernel*in), k/in%kernel, k%in
						r, l := top+row, left+col
						if r >= 0 && r < height && l >= 0 && l < width {
							sum += xs[((b*height+r)*width+l)*in+c] * ws[k*out+o]
						}
					}
					y = append(y, sum)
				}
			}
		}
	}
	return y
}

// By hand: zeros beyond both ends, at stride 1 and 2, and two channels.
func TestConv1D(t *testing.T) {
	for _, c := range []struct {
		x      *tensors.Tensor
		kernel *tensors.Tensor
		stride int
		want   []float32
	}{
		{tensors.FromFlatDataAndDimensions([]float32{1, 2, 3, 4}, 1, 4, 1),
			tensors.FromFlatDataAndDimensions([]float32{1, 10, 100}, 3, 1, 1), 1, []float32{210, 321, 432, 43}},
		{tensors.FromFlatDataAndDimensions([]float32{1, 2, 3, 4, 5}, 1, 5, 1),
			tensors.FromFlatDataAndDimensions([]float32{1, 10, 100}, 3, 1, 1), 2, []float32{210, 432, 54}},
		{tensors.FromFlatDataAndDimensions([]float32{1, 2, 3, 4}, 1, 2, 2),
			tensors.FromFlatDataAndDimensions([]float32{1, 10}, 1, 2, 1), 1, []float32{21, 43}},
	} {
		store := model.NewStore()
		kernel, err := store.CreateVariable("/kernel", c.kernel)
		if err != nil {
			t.Fatal(err)
		}
		out := run(t, store, withGradients(func(scope *model.Scope, x *graph.Node) *graph.Node {
			return models.Conv1D(scope, x, 1, c.kernel.Shape().Dim(0), c.stride, models.Zeros)
		}, kernel), c.x)
		near(t, "y", out[0], c.want, 1e-6)
		if len(out[1]) != c.x.Size() || len(out[2]) != c.kernel.Size() {
			t.Errorf("gradients of %d and %d values", len(out[1]), len(out[2]))
		}
	}
}
