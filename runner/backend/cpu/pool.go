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
	mu    sync.Mutex
	kinds map[shapeKey]kind
	free  [][]compute.Buffer // by kind
	most  []int
}

// kind is the number of a shape in a pool.
type kind int

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

// kindOf returns the kind of a shape.
func (p *pool) kindOf(shape shapes.Shape) kind {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := keyOf(shape)
	k, known := p.kinds[key]
	if !known {
		if p.kinds == nil {
			p.kinds = map[shapeKey]kind{}
		}
		k = kind(len(p.free))
		p.kinds[key], p.free, p.most = k, append(p.free, nil), append(p.most, 0)
	}
	return k
}

// reserve allows for a computation's needs.
func (p *pool) reserve(needs map[kind]int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for k, n := range needs {
		p.most[k] = max(p.most[k], n)
	}
}

func (p *pool) take(b compute.Backend, k kind, shape shapes.Shape) (compute.Buffer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if all := p.free[k]; len(all) > 0 {
		p.free[k] = all[:len(all)-1]
		return all[len(all)-1], nil
	}
	buffer, _, err := b.NewSharedBuffer(0, shape)
	return buffer, err
}

// give takes a buffer that nothing reads any more, and frees it if there are enough.
func (p *pool) give(k kind, buffer compute.Buffer) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free[k]) >= p.most[k] {
		return buffer.Finalize()
	}
	p.free[k] = append(p.free[k], buffer)
	return nil
}
