package cpu

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/dirbench/dirbench/runner/backend/cpu/kernels"
)

// A computation is small if it has at most so many floating-point operations and no larger value. The pure Go backend
// would spend most of its time on starting operations.
const (
	smallOperations = 1 << 25
	smallValue      = 1 << 18
)

func (p *plan) isSmall() bool {
	for op := range p.needed() {
		if slices.ContainsFunc(op.outputs, func(v *value) bool { return v.shape.Size() > smallValue }) {
			return false
		}
	}
	return p.floatingPoint() <= smallOperations
}

// shrink gives an operation a kernel on one core, if there is one that is as fast as can be for small values.
func (op *operation) shrink() {
	if op.kernel == nil {
		before := *op
		before.inputs = slices.Clone(op.inputs)
		switch op.method {
		case "Transpose":
			op.swap()
		case "Where":
			op.above()
		}
		if op.kernel = op.small(); op.kernel == nil {
			*op = before
			return
		}
		op.seeThrough()
	}
	op.fused = true
}

// swap makes the transposition of a product, as gradients of weights have it, the product of swapped operands. Its sums
// are the same.
func (op *operation) swap() {
	product, order := op.inputs[0].of, op.args[1].([]int)
	if product.method != "DotGeneral" || !slices.Equal(order, []int{1, 0}) || len(product.args[2].([]int)) > 0 {
		return
	}
	a := product.args
	op.method, op.args, op.inputs = product.method, []any{a[3], a[4], a[5], a[0], a[1], a[2], a[6]},
		[]*value{a[3].(*value), a[0].(*value)}
}

// above makes a choice by a comparison with one value, as in a ReLU and its gradient, an operation of its own.
func (op *operation) above() {
	test := op.inputs[0].of
	if test.method != greater {
		return
	}
	x, limit := test.inputs[0].shape, test.inputs[1].shape
	if x.DType == dtypes.Float32 && limit.Size() == 1 && x.Size() == op.outputs[0].shape.Size() {
		op.method, op.inputs = "above", []*value{test.inputs[0], test.inputs[1], op.inputs[1], op.inputs[2]}
	}
}

// small returns the operation's kernel, or nil.
func (op *operation) small() kernel {
	if len(op.outputs) != 1 || op.outputs[0].shape.Size() == 0 {
		return nil
	}
	out := op.outputs[0].shape
	if op.method == numbered {
		return numbering(out, op.args[1].(int))
	}
	if len(op.inputs) == 0 {
		return nil
	}
	var in []shapes.Shape
	for _, v := range op.inputs {
		in = append(in, v.shape)
	}
	switch op.method {
	case reshape, identity:
		return stridedKernel(out, []int{out.Size()}, []int{1}, 0)
	case "BroadcastInDim", "Transpose", "Slice":
		return op.strided(in[0], out)
	case "DotGeneral":
		return op.product(in[0], in[1])
	case "ReduceSum", "ReduceMax":
		return op.reduction(in[0])
	case "Where", "above":
		return op.choice(out)
	case "ConvertDType":
		return conversion(in[0].DType, out.DType)
	case "Concatenate":
		return op.concatenation(in, out)
	}
	return op.elementwise(out)
}

// narrow reads an operand that is one value everywhere as one, and returns the operands' shapes.
func (op *operation) narrow() (in []shapes.Shape) {
	for i, v := range op.inputs {
		for v.of.method == reshape || v.of.method == "BroadcastInDim" && v.of.inputs[0].shape.Size() == 1 {
			v = v.of.inputs[0]
		}
		if v.shape.Size() == 1 {
			op.inputs[i] = v
		}
		in = append(in, op.inputs[i].shape)
	}
	return in
}

// arithmetic are the operations of [kernels.Arithmetic].
var arithmetic = map[string]kernels.Op{
	"Add": kernels.OpAdd, "Sub": kernels.OpSub, "Mul": kernels.OpMul, "Div": kernels.OpDiv, "Max": kernels.OpMax,
	"Min": kernels.OpMin, "Sqrt": kernels.OpSqrt, "Neg": kernels.OpNeg, "Abs": kernels.OpAbs, "Sign": kernels.OpSign,
	"Pow": kernels.OpPow, "Exp": kernels.OpExp, "Log": kernels.OpLog, "Cos": kernels.OpCos, "Sin": kernels.OpSin,
}

// elementwise is the kernel of arithmetic, comparisons and logic.
func (op *operation) elementwise(out shapes.Shape) kernel {
	in := op.narrow()
	a, b := in[0], in[len(in)-1]
	g, ok := gridOf(out, a, b)
	if !ok {
		return nil
	}
	if code, known := arithmetic[op.method]; known && a.DType == dtypes.Float32 {
		return func(out, in []any) {
			kernels.Arithmetic(code, out[0].([]float32), in[0].([]float32), in[len(in)-1].([]float32), g)
		}
	}
	switch a.DType {
	case dtypes.Float32:
		return comparison[float32](op.method, g)
	case dtypes.Int32:
		if run := whole[int32](op.method, g); run != nil {
			return run
		}
		return comparison[int32](op.method, g)
	case dtypes.Int64:
		return whole[int64](op.method, g)
	case dtypes.Bool:
		switch op.method {
		case "LogicalAnd":
			return each(g, func(a, b bool) bool { return a && b })
		case "LogicalOr":
			return each(g, func(a, b bool) bool { return a || b })
		case "LogicalNot":
			return each(g, func(a, _ bool) bool { return !a })
		}
	}
	return nil
}

func comparison[T float32 | int32](method string, g kernels.Grid) kernel {
	switch method {
	case "Equal":
		return each(g, func(a, b T) bool { return a == b })
	case "NotEqual":
		return each(g, func(a, b T) bool { return a != b })
	case greater:
		return each(g, func(a, b T) bool { return a > b })
	case "GreaterOrEqual":
		return each(g, func(a, b T) bool { return a >= b })
	case "LessThan":
		return each(g, func(a, b T) bool { return a < b })
	case "LessOrEqual":
		return each(g, func(a, b T) bool { return a <= b })
	}
	return nil
}

// whole is the kernel of arithmetic on whole numbers.
func whole[T int32 | int64](method string, g kernels.Grid) kernel {
	switch method {
	case "Add":
		return each(g, func(a, b T) T { return a + b })
	case "Sub":
		return each(g, func(a, b T) T { return a - b })
	case "Max":
		return each(g, func(a, b T) T { return max(a, b) })
	case "Min":
		return each(g, func(a, b T) T { return min(a, b) })
	}
	return nil
}

func each[R, T any](g kernels.Grid, f func(a, b T) R) kernel {
	return func(out, in []any) { kernels.Each(out[0].([]R), in[0].([]T), in[len(in)-1].([]T), g, f) }
}

// gridOf returns how operands a and b meet, if the axes along which they repeat are some first ones and some last ones.
func gridOf(out, a, b shapes.Shape) (g kernels.Grid, ok bool) {
	type repeats struct{ a, b bool }
	var parts []repeats // of runs of axes
	var sizes []int
	for axis, n := range out.Dimensions {
		if n == 1 {
			continue
		}
		repeated := func(x shapes.Shape) bool { return x.Size() == 1 || x.Rank() == out.Rank() && x.Dimensions[axis] == 1 }
		here := repeats{repeated(a), repeated(b)}
		if last := len(parts) - 1; last >= 0 && parts[last] == here {
			sizes[last] *= n
		} else {
			parts, sizes = append(parts, here), append(sizes, n)
		}
	}
	if len(parts) > 2 {
		return g, false
	}
	for len(parts) < 2 { // one row, of one value if there are no axes
		if len(parts) == 0 {
			parts, sizes = append(parts, repeats{a.Size() == 1, b.Size() == 1}), append(sizes, 1)
		}
		parts, sizes = append([]repeats{{true, true}}, parts...), append([]int{1}, sizes...)
	}
	g.Rows, g.Columns = sizes[0], sizes[1]
	steps := func(x shapes.Shape, row, column bool) (rowStep, step int) {
		if !column {
			step = 1
		}
		if !row {
			rowStep = max(1, step*g.Columns)
		}
		return rowStep, step
	}
	g.A.Row, g.A.Column = steps(a, parts[0].a, parts[1].a)
	g.B.Row, g.B.Column = steps(b, parts[0].b, parts[1].b)
	return g, true
}

// choice is the kernel of a Where, or of one by a comparison, whose operands are as large as the result or one value.
func (op *operation) choice(out shapes.Shape) kernel {
	in := op.narrow()
	values := in[len(in)-2:]
	large := func(x shapes.Shape) bool { return x.Size() == out.Size() }
	if out.DType != dtypes.Float32 || !large(in[0]) ||
		slices.ContainsFunc(values, func(x shapes.Shape) bool { return x.Size() != 1 && !large(x) }) {
		return nil
	}
	if op.method == "Where" {
		return func(out, in []any) {
			kernels.Choose(out[0].([]float32), in[0].([]bool), in[1].([]float32), in[2].([]float32))
		}
	}
	return func(out, in []any) {
		kernels.ChooseAbove(out[0].([]float32), in[0].([]float32), in[1].([]float32)[0], in[2].([]float32), in[3].([]float32))
	}
}
