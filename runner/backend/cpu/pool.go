package cpu

import (
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// pool holds buffers that nothing reads, for the outputs of kernels, by shape: of each shape as many as the computation
// that needs most of them has at once. Computations of a backend share it, for they seldom run at the same time.
type pool struct {
	mu   sync.Mutex
	free map[shapeKey][]compute.Buffer
	most map[shapeKey]int
}

// shapeKey is a shape of at most eight axes in a form that maps take and that is made fast. No network here has more.
type shapeKey struct {
	dtype dtypes.DType
	rank  int
	dims  [8]int
}

func keyOf(shape shapes.Shape) shapeKey {
	k := shapeKey{dtype: shape.DType, rank: shape.Rank()}
	copy(k.dims[:], shape.Dimensions)
	return k
}

// reserve allows for a computation's needs.
func (p *pool) reserve(needs map[shapeKey]int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free == nil {
		p.free, p.most = map[shapeKey][]compute.Buffer{}, map[shapeKey]int{}
	}
	for shape, n := range needs {
		p.most[shape] = max(p.most[shape], n)
	}
}

func (p *pool) take(b compute.Backend, shape shapes.Shape) (compute.Buffer, error) {
	key := keyOf(shape)
	p.mu.Lock()
	defer p.mu.Unlock()
	if all := p.free[key]; len(all) > 0 {
		p.free[key] = all[:len(all)-1]
		return all[len(all)-1], nil
	}
	buffer, _, err := b.NewSharedBuffer(0, shape)
	return buffer, err
}

// give takes a buffer that nothing reads any more, and frees it if there are enough.
func (p *pool) give(buffer compute.Buffer) error {
	shape, err := buffer.Shape()
	if err != nil {
		return err
	}
	key := keyOf(shape)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free[key]) >= p.most[key] {
		return buffer.Finalize()
	}
	p.free[key] = append(p.free[key], buffer)
	return nil
}
