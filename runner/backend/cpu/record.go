package cpu

import (
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/notimplemented"
	"github.com/gomlx/compute/shapes"
)

// operation is a recorded operation: a parameter of the computation, a call of a method of compute.Function, or a
// kernel.
type operation struct {
	method     string // of compute.Function
	args       []any  // of the method, with *value for values
	inputs     []*value
	outputs    []*value
	kernel     kernel  // nil if the pure Go backend computes it
	operations float64 // floating-point operations of a kernel that no method stands for
	fused      bool    // its kernel runs in a program
	atEnd      bool    // nothing but such operations depends on it
}

// kernel computes outputs from inputs, both as flat values of a []T.
type kernel func(outputs, inputs []any)

// value is an output of an operation.
type value struct {
	of       *operation
	shape    shapes.Shape
	inner    compute.Value // of the computation that is built on the side for its checks and shapes
	recorder *recorder
}

// The methods that are looked for by name.
const (
	parameter = "Parameter"
	constant  = "Constant"
	identity  = "Identity"
	greater   = "GreaterThan"
	reshape   = "Reshape"
	numbered  = "Iota"
)

// recorder is a compute.Function that records what it is asked to compute. Every operation is also added to a
// computation of the pure Go backend, which checks it and tells its shapes.
type recorder struct {
	notimplemented.Function
	builder    *builder
	inner      compute.Function
	operations []*operation
	parameters []*value
	names      []string
	results    []*value
}

// record adds a call of a method.
func (r *recorder) record(method string, args ...any) ([]compute.Value, error) {
	op := &operation{method: method, args: args}
	for i, arg := range args {
		if list, ok := arg.([]compute.Value); ok {
			op.args[i] = slices.Clone(list)
			for _, v := range list {
				op.inputs = append(op.inputs, v.(*value))
			}
		} else if v, ok := arg.(*value); ok {
			op.inputs = append(op.inputs, v)
		}
	}
	inner, err := op.call(r.inner, func(v *value) (compute.Value, error) { return v.inner, nil })
	if err != nil {
		return nil, err
	}
	return r.add(op, inner)
}

// add appends an operation with its outputs.
func (r *recorder) add(op *operation, inner []compute.Value) ([]compute.Value, error) {
	outputs := make([]compute.Value, len(inner))
	for i, v := range inner {
		shape, err := r.builder.inner.OpShape(v)
		if err != nil {
			return nil, err
		}
		out := &value{of: op, shape: shape, inner: v, recorder: r}
		op.outputs, outputs[i] = append(op.outputs, out), out
	}
	r.operations = append(r.operations, op)
	return outputs, nil
}

// call calls the operation's method of f with translated values.
func (op *operation) call(f compute.Function, translate func(*value) (compute.Value, error)) ([]compute.Value, error) {
	method := methodOf(reflect.ValueOf(f), op.method)
	args := make([]reflect.Value, len(op.args))
	for i, arg := range op.args {
		arg, err := translated(arg, translate)
		if err != nil {
			return nil, err
		}
		if arg != nil {
			args[i] = reflect.ValueOf(arg)
		} else {
			args[i] = reflect.Zero(method.Type().In(i))
		}
	}
	call := method.Call
	if method.Type().IsVariadic() {
		call = method.CallSlice
	}
	results := call(args)
	if err, _ := results[len(results)-1].Interface().(error); err != nil {
		return nil, err
	}
	if list, ok := results[0].Interface().([]compute.Value); ok {
		return list, nil
	}
	var outputs []compute.Value
	for _, result := range results[:len(results)-1] {
		outputs = append(outputs, result.Interface())
	}
	return outputs, nil
}

// methodOf is f's method of a name. To look a name up takes longer than most calls.
func methodOf(f reflect.Value, name string) reflect.Value {
	type key struct {
		of   reflect.Type
		name string
	}
	if known, ok := methodNumbers.Load(key{f.Type(), name}); ok {
		return f.Method(known.(int))
	}
	method, _ := f.Type().MethodByName(name)
	methodNumbers.Store(key{f.Type(), name}, method.Index)
	return f.Method(method.Index)
}

var methodNumbers sync.Map

func translated(arg any, translate func(*value) (compute.Value, error)) (any, error) {
	switch arg := arg.(type) {
	case *value:
		return translate(arg)
	case []compute.Value:
		list := make([]compute.Value, len(arg))
		for i, v := range arg {
			var err error
			if list[i], err = translate(v.(*value)); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return arg, nil
}

func (r *recorder) one(method string, args ...any) (compute.Value, error) {
	out, err := r.record(method, args...)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

func (r *recorder) two(method string, args ...any) (a, b compute.Value, err error) {
	out, err := r.record(method, args...)
	if err != nil {
		return nil, nil, err
	}
	return out[0], out[1], nil
}

func (r *recorder) three(method string, args ...any) (a, b, c compute.Value, err error) {
	out, err := r.record(method, args...)
	if err != nil {
		return nil, nil, nil, err
	}
	return out[0], out[1], out[2], nil
}

// Name, Builder, Shape and the rest of what a function is beside its operations.

func (r *recorder) Name() string { return compute.MainName }

func (r *recorder) Builder() compute.Builder { return r.builder }

func (r *recorder) Shape(v compute.Value) (shapes.Shape, error) { return v.(*value).shape, nil }

func (r *recorder) Constant(flat any, dims ...int) (compute.Value, error) {
	return r.one(constant, flat, dims)
}

func (r *recorder) Parameter(name string, shape shapes.Shape, sharding *compute.ShardingSpec) (compute.Value, error) {
	inner, err := r.inner.Parameter(name, shape, sharding)
	if err != nil {
		return nil, err
	}
	out, err := r.add(&operation{method: parameter}, []compute.Value{inner})
	if err != nil {
		return nil, err
	}
	r.parameters, r.names = append(r.parameters, out[0].(*value)), append(r.names, name)
	return out[0], nil
}

// Return ends the recording. A result that is a parameter or another result gets a copy of its own.
func (r *recorder) Return(outputs []compute.Value, shardings []*compute.ShardingSpec) error {
	if len(shardings) > 0 {
		return fmt.Errorf("cpu: %w: sharding", compute.ErrNotImplemented)
	}
	for _, out := range outputs {
		v := out.(*value)
		if v.of.method == parameter || v.of.method == constant || slices.Contains(r.results, v) {
			copied, err := r.one(identity, v)
			if err != nil {
				return err
			}
			v = copied.(*value)
		}
		r.results = append(r.results, v)
	}
	return nil
}
