package cpu_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/runner/backend/cpu"
)

// backends returns the backend and the pure Go one that it must agree with.
func backends(t testing.TB) (own, plain compute.Backend) {
	t.Helper()
	own, err := cpu.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	if plain, err = gobackend.New("ops_sequential"); err != nil {
		t.Fatal(err)
	}
	return own, plain
}

func noise(seed uint64, dims ...int) *tensors.Tensor {
	random := rand.New(rand.NewPCG(seed, 0))
	values := make([]float32, shapes.Make(dtypes.Float32, dims...).Size())
	for i := range values {
		values[i] = float32(random.NormFloat64())
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

func call(t testing.TB, b compute.Backend, fn func(in []*Node) []*Node, in ...*tensors.Tensor) [][]float32 {
	t.Helper()
	args := make([]any, len(in))
	for i := range in {
		args[i] = must(in[i].LocalClone()) // a tensor stays with one backend
	}
	exec := MustNewExec(b, fn)
	defer exec.Finalize()
	return flats(exec.MustCall(args...))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func flats(out []*tensors.Tensor) (all [][]float32) {
	for _, o := range out {
		all = append(all, tensors.MustCopyFlatData[float32](o))
	}
	return all
}

func compare(t *testing.T, got, want [][]float32) {
	t.Helper()
	for k := range want {
		for i, w := range want[k] {
			if !(math.Abs(float64(got[k][i]-w)) <= 1e-4*(1+math.Abs(float64(w)))) {
				t.Fatalf("output %d, value %d: got %g, want %g", k, i, got[k][i], w)
			}
		}
	}
}

// TestConvolutions: all forms agree with the pure Go backend, those with a kernel and those without.
func TestConvolutions(t *testing.T) {
	own, plain := backends(t)
	for _, c := range []struct {
		x, w    []int
		strides int
		pad     [][2]int
		change  func(*ConvolutionBuilder)
	}{
		{x: []int{2, 6, 7, 3}, w: []int{3, 3, 3, 5}, strides: 1, pad: [][2]int{{1, 1}, {1, 1}}},
		{x: []int{3, 9, 8, 4}, w: []int{3, 3, 4, 20}, strides: 2, pad: [][2]int{{1, 1}, {1, 1}}},
		{x: []int{2, 8, 8, 3}, w: []int{7, 7, 3, 16}, strides: 2, pad: [][2]int{{3, 3}, {3, 3}}},
		{x: []int{2, 8, 6, 4}, w: []int{1, 1, 4, 40}, strides: 2},
		{x: []int{2, 5, 5, 2}, w: []int{2, 4, 2, 3}, strides: 1, pad: [][2]int{{0, 1}, {2, 1}}},
		{x: []int{2, 9, 9, 2}, w: []int{3, 3, 2, 3}, strides: 1, pad: [][2]int{{2, 2}, {2, 2}},
			change: func(c *ConvolutionBuilder) { c.Dilations(2) }},
		{x: []int{2, 6, 6, 4}, w: []int{3, 3, 2, 4}, strides: 1, pad: [][2]int{{1, 1}, {1, 1}},
			change: func(c *ConvolutionBuilder) { c.ChannelGroupCount(2) }},
	} {
		t.Run(fmt.Sprint(c.x, c.w, c.strides, c.change != nil), func(t *testing.T) {
			fn := func(in []*Node) []*Node {
				conv := Convolve(in[0], in[1]).Strides(c.strides)
				if c.pad != nil {
					conv.PaddingPerDim(c.pad)
				} else {
					conv.NoPadding()
				}
				if c.change != nil {
					c.change(conv)
				}
				y := conv.Done()
				return append([]*Node{y}, Gradient(ReduceAllSum(Square(y)), in[0], in[1])...)
			}
			x, w := noise(1, c.x...), noise(2, c.w...)
			compare(t, call(t, own, fn, x, w), call(t, plain, fn, x, w))
		})
	}
}

// TestLargeElementwise: large tensors take kernels, with operands of any kind.
func TestLargeElementwise(t *testing.T) {
	own, plain := backends(t)
	fn := func(in []*Node) []*Node {
		x, y, s := in[0], in[1], in[2]
		zero := ScalarZero(x.Graph(), x.DType())
		relu := Where(GreaterThan(x, zero), x, zero)
		chosen := Where(GreaterThan(x, y), Add(x, s), BroadcastToDims(s, x.Shape().Dimensions...))
		loss := ReduceAllSum(Mul(Add(relu, chosen), y))
		filled := BroadcastToDims(s, x.Shape().Dimensions...)
		// Nothing has the shape but what was broadcast to it.
		scalars := Where(GreaterThan(filled, zero), Tanh(Sigmoid(filled)), Add(filled, s))
		return append([]*Node{relu, chosen, scalars, ConvertDType(GreaterThan(s, x), x.DType())}, Gradient(loss, x, y, s)...)
	}
	x, y := noise(1, 300, 500), noise(2, 300, 500)
	s := tensors.FromScalar(float32(0.3))
	compare(t, call(t, own, fn, x, y, s), call(t, plain, fn, x, y, s))
}

// TestBroadcasts: large results of operands that repeat along any axes are those of the pure Go backend, bit for bit.
func TestBroadcasts(t *testing.T) {
	own, plain := backends(t)
	for _, c := range []struct{ x, y []int }{
		{[]int{40, 1, 33}, []int{40, 30, 1}}, {[]int{40, 30, 1}, []int{40, 1, 33}}, {[]int{1, 300, 1}, []int{200, 1, 5}},
		{[]int{7, 1, 9, 33}, []int{7, 20, 1, 33}}, {[]int{200, 1}, []int{1, 300}}, {[]int{1, 30, 33}, []int{40, 30, 33}},
		{[]int{40, 1, 33}, []int{1, 30, 33}},
	} {
		t.Run(fmt.Sprint(c.x, c.y), func(t *testing.T) {
			fn := func(in []*Node) []*Node {
				difference := Sub(in[0], in[1])
				return []*Node{difference, BroadcastToDims(in[0], difference.Shape().Dimensions...),
					BroadcastToDims(in[1], difference.Shape().Dimensions...)}
			}
			x, y := noise(1, c.x...), noise(2, c.y...)
			got, want := call(t, own, fn, x, y), call(t, plain, fn, x, y)
			for k := range want {
				if !slices.Equal(got[k], want[k]) {
					t.Errorf("output %d differs", k)
				}
			}
		})
	}
}

// TestSmallArithmetic: the steps of an optimiser that run as one kernel, in a small computation or at the end of a
// large one, are those of the pure Go backend, bit for bit.
func TestSmallArithmetic(t *testing.T) {
	step := func(in []*Node) []*Node {
		value, first, second, rate := in[0], in[1], in[2], in[3]
		gradient := Mul(Sub(value, first), rate)
		first = Add(MulScalar(first, 0.9), MulScalar(gradient, 0.1))
		second = Add(MulScalar(second, 0.999), MulScalar(Square(gradient), 0.001))
		debias := Reciprocal(OneMinus(rate))
		moved := Div(Mul(Mul(first, debias), rate), AddScalar(Sqrt(second), 1e-8))
		decayed := Sub(value, Mul(BroadcastToDims(MulScalar(rate, 0.01), 5, 7), value))
		return []*Node{Sub(decayed, moved), first, second, debias, Dot(in[4], in[4]).Product()}
	}
	own, plain := backends(t)
	for _, n := range []int{3, 400} {
		in := []*tensors.Tensor{noise(1, 5, 7), noise(2, 5, 7), noise(3, 5, 7), tensors.FromScalar(float32(0.01)),
			noise(4, n, n)}
		got, want := call(t, own, step, in...), call(t, plain, step, in...)
		for i := range 4 {
			if !slices.EqualFunc(got[i], want[i],
				func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }) {
				t.Errorf("beside %d×%d values, output %d: %v, want %v", n, n, i, got[i], want[i])
			}
		}
	}
}

// TestSmallOperations: the operations that have a kernel in a small computation, in the forms in which operands meet.
func TestSmallOperations(t *testing.T) {
	own, plain := backends(t)
	fn := func(in []*Node) []*Node {
		x, row, column, product := in[0], in[1], in[2], Dot(in[0], in[3]).Product() // [9, 6], [1, 6], [9, 1] and [9, 4]
		g := x.Graph()
		zero, whole := ScalarZero(g, x.DType()), Iota(g, shapes.Make(dtypes.Int32, 9, 6), 1)
		positive := func(x *Node) *Node { return AddScalar(Abs(x), 0.1) }
		all := []*Node{
			Add(x, row), Sub(column, x), Mul(row, column), Div(x, positive(column)), Max(x, row), Min(column, row), Neg(x),
			Sign(x), Sqrt(positive(x)), Exp(x), Log(positive(x)), Cos(x), Sin(x), Pow(positive(x), row),
			Where(GreaterThan(x, zero), x, zero), Where(LessThan(x, row), x, Neg(x)),
			ConvertDType(LogicalAnd(GreaterOrEqual(x, row), LogicalNot(Equal(x, column))), x.DType()),
			ConvertDType(Max(Add(whole, whole), AddScalar(Neg(whole), 3)), x.DType()),
			ReduceSum(x, 0), ReduceSum(x, 1), ReduceAllSum(x), ReduceMax(x, 0), ReduceMax(x, 1), ReduceAllMax(x),
			Transpose(x, 0, 1), Reshape(x, 6, 9), Concatenate([]*Node{x, product}, 1), SliceAxis(x, 1, AxisRange(1, 4)),
			BroadcastToDims(Reshape(row, 1, 6), 9, 6), product, DotGeneral(x, []int{0}, nil, product, []int{0}, nil),
			Sub(InsertAxes(x, 1), InsertAxes(x, 0)), Tanh(x), Iota(g, shapes.Make(dtypes.Float32, 9, 6), 0),
		}
		return append(all, Gradient(Add(ReduceAllSum(Square(product)), ReduceAllSum(all[14])), x, in[3])...)
	}
	in := []*tensors.Tensor{noise(1, 9, 6), noise(2, 1, 6), noise(3, 9, 1), noise(4, 6, 4)}
	compare(t, call(t, own, fn, in...), call(t, plain, fn, in...))
}

// TestResults: results may be parameters, constants and each other.
func TestResults(t *testing.T) {
	own, _ := backends(t)
	out := call(t, own, func(in []*Node) []*Node {
		c := Const(in[0].Graph(), []float32{7, 8})
		sum := Add(in[0], c)
		return []*Node{in[0], c, sum, sum, in[0], in[1]}
	}, tensors.FromValue([]float32{1, 2}), tensors.FromValue([]float32{5}))
	for i, want := range [][]float32{{1, 2}, {7, 8}, {8, 10}, {8, 10}, {1, 2}, {5}} {
		for j := range want {
			if out[i][j] != want[j] {
				t.Errorf("result %d is %v, want %v", i, out[i], want)
			}
		}
	}
}

// network has kernels at many levels, random numbers, and results that are used on.
func network(in []*Node) []*Node {
	x, w := in[0], in[1]
	scale, offset := Ones(x.Graph(), shapes.Make(dtypes.Float32, 16)), Zeros(x.Graph(), shapes.Make(dtypes.Float32, 16))
	var mean *Node
	for range 3 {
		y := Convolve(x, w).PaddingPerDim([][2]int{{1, 1}, {1, 1}}).Done()
		y, mean, _ = InternalBatchNormForTraining(y, scale, offset, 1e-5, -1)
		x = Add(x, Where(GreaterThan(y, ScalarZero(y.Graph(), y.DType())), y, ScalarZero(y.Graph(), y.DType())))
	}
	loss := ReduceAllMean(Square(x))
	return append([]*Node{loss, mean}, Gradient(loss, in[0], w)...)
}

// TestReuse: memory that is used again, by many executions at once, holds nothing that anybody still reads.
func TestReuse(t *testing.T) {
	own, _ := backends(t)
	exec := MustNewExec(own, network)
	inputs := [][]any{{noise(1, 8, 32, 32, 16), noise(2, 3, 3, 16, 16)}, {noise(3, 8, 32, 32, 16), noise(4, 3, 3, 16, 16)}}
	want := [][][]float32{flats(exec.MustCall(inputs[0]...)), flats(exec.MustCall(inputs[1]...))}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for range 3 {
				got := flats(exec.MustCall(inputs[worker%2]...))
				for k := range got {
					for i := range got[k] {
						if got[k][i] != want[worker%2][k][i] {
							t.Errorf("result %d differs at %d", k, i)
							return
						}
					}
				}
			}
		})
	}
	wg.Wait()
}

// TestFunctionsAreRefused: a recorded computation holds no functions, and says so.
func TestFunctionsAreRefused(t *testing.T) {
	own, _ := backends(t)
	if own.Capabilities().Functions {
		t.Error("functions are promised")
	}
	if _, err := own.Builder("x").Main().Closure(); !compute.IsNotImplemented(err) {
		t.Errorf("got %v", err)
	}
}

// TestProducts: sums over rows of one or two axes, with and without batches, and other forms, large and small.
func TestProducts(t *testing.T) {
	own, plain := backends(t)
	fn := func(in []*Node) []*Node {
		a, b := in[0], in[1]
		rows := DotGeneral(a, []int{1}, []int{0}, b, []int{1}, []int{0})
		both := DotGeneral(a, []int{0, 1}, nil, b, []int{0, 1}, nil)
		across := DotGeneral(a, []int{0, 1}, nil, TransposeAllAxes(b, 1, 0, 2), []int{1, 0}, nil)
		return []*Node{rows, both, across}
	}
	for _, size := range [][3]int{{800, 40, 50}, {200, 40, 50}, {5, 2, 9}, {1, 1, 8}, {7, 3, 40}, {64, 16, 1}} {
		a, b := noise(1, 3, size[0], size[1]), noise(2, 3, size[0], size[2])
		compare(t, call(t, own, fn, a, b), call(t, plain, fn, a, b))
	}
}

// TestCores: the number of cores changes no bit.
func TestCores(t *testing.T) {
	own, _ := backends(t)
	x, w := noise(1, 8, 32, 32, 16), noise(2, 3, 3, 16, 16)
	var want [][]float32
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, cores := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(cores)
		got := call(t, own, network, x, w)
		for k := range want {
			if !slices.Equal(got[k], want[k]) {
				t.Errorf("%d cores: result %d differs", cores, k)
			}
		}
		want = got
	}
}

// TestOperations: operands that a kernel reads through a reshape count by the shapes that the operation has.
func TestOperations(t *testing.T) {
	own, _ := backends(t)
	counted := 0.0
	own.(*cpu.Backend).Compiled = func(c cpu.Computation) { counted = c.Operations }
	call(t, own, func(in []*Node) []*Node {
		convolved := Convolve(InsertAxes(in[0], 1), InsertAxes(in[1], 0)).PaddingPerDim([][2]int{{0, 0}, {1, 1}}).Done()
		product := DotGeneral(Reshape(in[2], 2, -1, 10), []int{2}, []int{0}, in[3], []int{1}, []int{0})
		return []*Node{convolved, product}
	}, noise(1, 4, 50, 3), noise(2, 3, 3, 8), noise(3, 2, 50, 40, 10), noise(4, 2, 10, 16))
	if want := float64(2*4*50*8*3*3 + 2*2*2000*10*16); counted != want {
		t.Errorf("%g operations, want %g", counted, want)
	}
}

// TestGradientOperations: a convolution and its two gradients have as many operations each, also with strides along an
// axis of length 1.
func TestGradientOperations(t *testing.T) {
	own, _ := backends(t)
	counted := 0.0
	own.(*cpu.Backend).Compiled = func(c cpu.Computation) { counted = c.Operations }
	call(t, own, func(in []*Node) []*Node {
		y := Convolve(in[0], in[1]).PaddingPerDim([][2]int{{0, 0}, {1, 1}}).Strides(2).Done()
		return Gradient(ReduceAllSum(Square(y)), in[0], in[1])
	}, noise(1, 4, 1, 48, 3), noise(2, 1, 3, 3, 8))
	if want := float64(3 * 2 * 4 * 24 * 8 * 3 * 3); counted != want {
		t.Errorf("%g operations, want %g", counted, want)
	}
}

// TestRandomBits: random numbers, and those that follow, are those of the pure Go backend.
func TestRandomBits(t *testing.T) {
	own, plain := backends(t)
	for _, dims := range [][]int{{}, {1}, {7}, {6, 4}, {300, 201}} {
		fn := func(in []*Node) []*Node {
			state, first := RandomUniform(in[0], shapes.Make(dtypes.Float32, dims...))
			_, second := RandomUniform(state, shapes.Make(dtypes.Float32, dims...))
			return []*Node{first, second}
		}
		numbers := func(b compute.Backend) [][]float32 { return call(t, b, fn, tensors.FromValue([]uint64{3, 5, 8})) }
		got, want := numbers(own), numbers(plain)
		for k := range want {
			if !slices.Equal(got[k], want[k]) {
				t.Errorf("%v: draw %d differs", dims, k)
			}
		}
	}
}
