package cpu

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/notimplemented"
	"github.com/gomlx/compute/shapes"
)

// builder records one computation.
type builder struct {
	notimplemented.Builder
	backend *Backend
	name    string
	inner   compute.Builder // of the computation on the side; it is never compiled
	main    *function
}

func newBuilder(b *Backend, name string) *builder {
	inner := b.Backend.Builder(name)
	built := &builder{backend: b, name: name, inner: inner}
	built.ErrFn = notImplemented
	built.main = &function{&recorder{builder: built, inner: inner.Main()}}
	built.main.ErrFn = notImplemented
	return built
}

func (b *builder) Name() string { return b.name }

func (b *builder) Main() compute.Function { return b.main }

func (b *builder) OpShape(v compute.Value) (shapes.Shape, error) { return v.(*value).shape, nil }

func (b *builder) DeviceAssignment(devices ...compute.DeviceNum) error {
	return b.inner.DeviceAssignment(devices...)
}

func (b *builder) Compile() (compute.Executable, error) { return compile(b) }

func notImplemented(op compute.OpType) error {
	return fmt.Errorf("backend go: %w: %s", compute.ErrNotImplemented, op)
}
