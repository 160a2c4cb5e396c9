// Package cpu is the compute backend "go": the pure Go backend of compute, except that convolution, batch
// normalisation, LSTMs, ranks, and large sums over rows, copies and choices run in package kernels, on all cores and
// with vector instructions where there are any.
//
// A computation is recorded and cut into segments that the pure Go backend compiles; between them run the kernels. In a
// small computation most operations have one, and those that need not wait for a segment run as one program.
// Importing the package registers the backend under the name of the pure Go one, whose configurations it takes.
package cpu

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"

	"github.com/dirbench/dirbench/runner/backend/cpu/kernels"
	_ "github.com/dirbench/dirbench/runner/backend/cpu/lanes" // before compute loads its first vector
)

//go:generate sh -c "go run ./genforward > forward_gen.go"

func init() { compute.Register(gobackend.BackendName, New) }

// Backend computes on the CPU.
type Backend struct {
	compute.Backend
	// Compiled, unless nil, is told of every computation that is compiled.
	Compiled func(Computation)

	free pool
}

// Computation describes a compiled computation.
type Computation struct {
	Name string
	// Operations are those of its convolutions and matrix products in floating point, a multiplication and an addition
	// being two.
	Operations float64
}

// New returns a backend over a pure Go backend with the given configuration.
func New(config string) (compute.Backend, error) {
	inner, err := gobackend.New(config)
	if err != nil {
		return nil, err
	}
	return &Backend{Backend: inner}, nil
}

// Description names the instructions that the kernels use.
func (b *Backend) Description() string {
	return fmt.Sprintf("%s, kernels: %s", b.Backend.Description(), kernels.Instructions())
}

// Capabilities are those of the pure Go backend without functions, which a recorded computation cannot hold, without
// variables as constants, and with what has a kernel.
func (b *Backend) Capabilities() compute.Capabilities {
	all := b.Backend.Capabilities().Clone()
	all.Functions = false
	// A prediction graph is compiled once and reads the variables of every epoch.
	all.PreferConstantsForVariables = false
	for _, op := range []compute.OpType{compute.OpTypeCall, compute.OpTypeSort, compute.OpTypeWhile, compute.OpTypeIf} {
		delete(all.Operations, op)
	}
	for op := range all.Operations {
		if op >= compute.OpTypeFusedSoftmax {
			delete(all.Operations, op)
		}
	}
	for _, op := range []compute.OpType{compute.OpTypeBatchNormForInference, compute.OpTypeBatchNormForTraining,
		compute.OpTypeBatchNormGradient} {
		all.Operations[op] = true
	}
	return all
}

// Builder returns a builder that records a computation.
func (b *Backend) Builder(name string) compute.Builder { return newBuilder(b, name) }

// BufferFromFlatData copies values to a new buffer.
func (b *Backend) BufferFromFlatData(device compute.DeviceNum, flat any, shape shapes.Shape) (compute.Buffer, error) {
	inner, err := b.Backend.BufferFromFlatData(device, flat, shape)
	return b.own(inner), err
}

// NewSharedBuffer returns a new buffer and its values.
func (b *Backend) NewSharedBuffer(device compute.DeviceNum, shape shapes.Shape) (compute.Buffer, any, error) {
	inner, flat, err := b.Backend.NewSharedBuffer(device, shape)
	return b.own(inner), flat, err
}

// buffer is a buffer of the pure Go backend that names this one as its own.
type buffer struct {
	compute.Buffer
	backend *Backend
}

func (b *Backend) own(inner compute.Buffer) compute.Buffer {
	if inner == nil {
		return nil
	}
	return &buffer{inner, b}
}

// Backend returns the backend that the buffer belongs to.
func (b *buffer) Backend() compute.Backend { return b.backend }

// CopyToDevice copies the buffer.
func (b *buffer) CopyToDevice(device compute.DeviceNum) (compute.Buffer, error) {
	inner, err := b.Buffer.CopyToDevice(device)
	return b.backend.own(inner), err
}

var errForeign = errors.New("cpu: the buffer belongs to another backend")

func unwrap(b compute.Buffer) (compute.Buffer, error) {
	own, ok := b.(*buffer)
	if !ok {
		return nil, errForeign
	}
	return own.Buffer, nil
}
