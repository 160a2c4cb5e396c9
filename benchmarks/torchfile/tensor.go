package torchfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// element is a type of numbers in a storage: its size in bytes and, unless it is left out, how it is read.
type element struct {
	size   int
	decode func([]byte) float32
}

var (
	float32Element = element{4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }}
	float64Element = element{8, func(b []byte) float32 {
		return float32(math.Float64frombits(binary.LittleEndian.Uint64(b)))
	}}
	bfloat16Element = element{2, func(b []byte) float32 {
		return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16)
	}}
	float16Element = element{2, func(b []byte) float32 { return halfToFloat(binary.LittleEndian.Uint16(b)) }}
)

// halfToFloat converts an IEEE 754 half.
func halfToFloat(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15), int(h>>10&31), uint32(h&1023)
	value := float64(fraction) / 1024
	switch exponent {
	case 0:
		value = math.Ldexp(value, -14)
	case 31:
		return math.Float32frombits(sign<<31 | 255<<23 | fraction<<13)
	default:
		value = math.Ldexp(1+value, exponent-15)
	}
	if sign == 1 {
		value = -value
	}
	return float32(value)
}

// storage is a run of numbers, a part of the file's bytes, which several tensors may share.
type storage struct {
	kind element
	data []byte
}

// tensor is a strided view of a storage; offset and strides count elements.
type tensor struct {
	storage       *storage
	offset        int
	shape, stride []int
}

// values gathers the elements of a tensor row by row.
func (t tensor) values() (models.TorchTensor, error) {
	size, err := t.check()
	if err != nil {
		return models.TorchTensor{}, err
	}
	out := models.TorchTensor{Shape: t.shape, Values: make([]float32, 0, size)}
	if size > 0 {
		t.gather(0, t.offset, &out.Values)
	}
	return out, nil
}

// maxAxes is above the rank of any parameter.
const maxAxes = 16

// check returns the number of elements. A tensor must lie within its storage and have no more elements than that: one
// that repeats elements could ask for any amount of memory.
func (t tensor) check() (int, error) {
	available := len(t.storage.data) / t.storage.kind.size
	size, last := 1, t.offset
	if len(t.shape) != len(t.stride) || t.offset < 0 || t.offset > available || len(t.shape) > maxAxes {
		return 0, errors.New("a tensor's shape, strides and offset do not fit")
	}
	if len(t.shape) > 0 && slices.Min(t.shape) == 0 {
		return 0, nil
	}
	for axis, dim := range t.shape {
		stride := t.stride[axis]
		if dim < 0 || stride < 0 || dim > available || stride > available {
			return 0, fmt.Errorf("a tensor of shape %v with strides %v does not fit its %d stored values", t.shape, t.stride,
				available)
		}
		size *= dim
		last += (dim - 1) * stride
		if size > available || last > available {
			return 0, fmt.Errorf("a tensor of shape %v with strides %v does not fit its %d stored values", t.shape, t.stride,
				available)
		}
	}
	if last >= available {
		return 0, fmt.Errorf("a tensor of shape %v at %d does not fit its %d stored values", t.shape, t.offset, available)
	}
	return size, nil
}

func (t tensor) gather(axis, at int, out *[]float32) {
	if axis == len(t.shape) {
		size := t.storage.kind.size
		*out = append(*out, t.storage.kind.decode(t.storage.data[at*size:][:size]))
		return
	}
	for i := range t.shape[axis] {
		t.gather(axis+1, at+i*t.stride[axis], out)
	}
}
