package cpu

import (
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// pool holds buffers that nothing reads, by shape: at most as many as kernels of an execution need.
type pool struct {
	mu   sync.Mutex
	free map[string][]compute.Buffer
	most map[string]int
}

// count prepares for one more output of a shape.
func (p *pool) count(shape shapes.Shape) {
	if p.free == nil {
		p.free, p.most = map[string][]compute.Buffer{}, map[string]int{}
	}
	p.most[shape.String()]++
}

func (p *pool) take(b compute.Backend, shape shapes.Shape) (compute.Buffer, error) {
	key := shape.String()
	p.mu.Lock()
	defer p.mu.Unlock()
	if all := p.free[key]; len(all) > 0 {
		p.free[key] = all[:len(all)-1]
		return all[len(all)-1], nil
	}
	buffer, _, err := b.NewSharedBuffer(0, shape)
	return buffer, err
}

func (p *pool) give(buffer compute.Buffer) error {
	shape, err := buffer.Shape()
	if err != nil {
		return err
	}
	key := shape.String()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free[key]) >= p.most[key] {
		return buffer.Finalize()
	}
	p.free[key] = append(p.free[key], buffer)
	return nil
}
