package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var geometries = []Conv{
	{Batch: 2, In: [2]int{5, 7}, InChannels: 2, OutChannels: 3, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1},
		Pad: [2]int{1, 1}, Out: [2]int{5, 7}},
	{Batch: 3, In: [2]int{8, 8}, InChannels: 3, OutChannels: 16, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1},
		Pad: [2]int{1, 1}, Out: [2]int{8, 8}},
	{Batch: 2, In: [2]int{9, 8}, InChannels: 16, OutChannels: 32, Kernel: [2]int{3, 3}, Stride: [2]int{2, 2},
		Pad: [2]int{1, 1}, Out: [2]int{5, 4}},
	{Batch: 2, In: [2]int{9, 10}, InChannels: 3, OutChannels: 70, Kernel: [2]int{7, 7}, Stride: [2]int{2, 2},
		Pad: [2]int{3, 3}, Out: [2]int{5, 5}},
	{Batch: 1, In: [2]int{6, 5}, InChannels: 33, OutChannels: 17, Kernel: [2]int{5, 5}, Stride: [2]int{1, 1},
		Pad: [2]int{2, 2}, Out: [2]int{6, 5}},
	{Batch: 2, In: [2]int{7, 6}, InChannels: 4, OutChannels: 48, Kernel: [2]int{1, 1}, Stride: [2]int{2, 2},
		Out: [2]int{4, 3}},
	{Batch: 2, In: [2]int{8, 8}, InChannels: 8, OutChannels: 16, Kernel: [2]int{1, 1}, Stride: [2]int{2, 2},
		Out: [2]int{4, 4}},
	{Batch: 2, In: [2]int{7, 9}, InChannels: 3, OutChannels: 4, Kernel: [2]int{1, 3}, Stride: [2]int{3, 3},
		Out: [2]int{3, 3}},
	{Batch: 5, In: [2]int{1, 23}, InChannels: 2, OutChannels: 5, Kernel: [2]int{1, 15}, Stride: [2]int{1, 4},
		Pad: [2]int{0, 7}, Out: [2]int{1, 6}},
	{Batch: 2, In: [2]int{2, 2}, InChannels: 8, OutChannels: 8, Kernel: [2]int{3, 3}, Stride: [2]int{2, 2},
		Pad: [2]int{1, 1}, Out: [2]int{1, 1}},
}

func (c Conv) String() string {
	return fmt.Sprintf("%d×%v×%d→%d k%v s%v", c.Batch, c.In, c.InChannels, c.OutChannels, c.Kernel, c.Stride)
}

func (c Conv) sizes() (x, w, y int) {
	return c.Batch * c.In[0] * c.In[1] * c.InChannels, c.Kernel[0] * c.Kernel[1] * c.InChannels * c.OutChannels,
		c.Batch * c.Out[0] * c.Out[1] * c.OutChannels
}

// each visits the products of a convolution: y[o] sums x[i] times w[k].
func (c Conv) each(visit func(o, i, k int)) {
	_, _, size := c.sizes()
	for o := range size {
		n, col, row, b := o%c.OutChannels, o/c.OutChannels%c.Out[1], o/c.OutChannels/c.Out[1]%c.Out[0],
			o/c.OutChannels/c.Out[1]/c.Out[0]
		for t := range c.Kernel[0] * c.Kernel[1] * c.InChannels {
			in, j, i := t%c.InChannels, t/c.InChannels%c.Kernel[1], t/c.InChannels/c.Kernel[1]
			r, s := row*c.Stride[0]+i-c.Pad[0], col*c.Stride[1]+j-c.Pad[1]
			if r >= 0 && r < c.In[0] && s >= 0 && s < c.In[1] {
				visit(o, ((b*c.In[0]+r)*c.In[1]+s)*c.InChannels+in, t*c.OutChannels+n)
			}
		}
	}
}

func noise(n int, seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 0))
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(random.NormFloat64())
	}
	return values
}

func compare(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	for i := range got {
		if math.Abs(float64(got[i])-want[i]) > 1e-4*(1+math.Abs(want[i])) {
			t.Errorf("%s[%d] is %g, want %g", what, i, got[i], want[i])
			return
		}
	}
}

// TestConv compares the three computations with their definition, in buffers full of rubbish.
func TestConv(t *testing.T) {
	for _, c := range geometries {
		t.Run(c.String(), func(t *testing.T) {
			nx, nw, ny := c.sizes()
			x, w, dy := noise(nx, 1), noise(nw, 2), noise(ny, 3)
			y, dx, dw := make([]float64, ny), make([]float64, nx), make([]float64, nw)
			c.each(func(o, i, k int) {
				y[o] += float64(x[i]) * float64(w[k])
				dx[i] += float64(dy[o]) * float64(w[k])
				dw[k] += float64(dy[o]) * float64(x[i])
			})
			gotY, gotX, gotW := noise(ny, 4), noise(nx, 5), noise(nw, 6)
			c.Forward(gotY, x, w)
			c.InputGradient(gotX, dy, w)
			c.KernelGradient(gotW, x, dy)
			compare(t, "y", gotY, y)
			compare(t, "dx", gotX, dx)
			compare(t, "dw", gotW, dw)
		})
	}
}

// BenchmarkConv runs the layers of the tiny and small ResNets and some of ResNet-50, with the floating-point operations
// per second.
func BenchmarkConv(b *testing.B) {
	same := func(batch, size, in, out int) Conv {
		return Conv{Batch: batch, In: [2]int{size, size}, InChannels: in, OutChannels: out, Kernel: [2]int{3, 3},
			Stride: [2]int{1, 1}, Pad: [2]int{1, 1}, Out: [2]int{size, size}}
	}
	for _, c := range []Conv{same(64, 32, 3, 16), same(64, 32, 16, 16), same(64, 16, 32, 32), same(64, 8, 64, 64),
		same(8, 14, 256, 256),
		{Batch: 64, In: [2]int{32, 32}, InChannels: 16, OutChannels: 32, Kernel: [2]int{3, 3}, Stride: [2]int{2, 2},
			Pad: [2]int{1, 1}, Out: [2]int{16, 16}}} {
		nx, nw, ny := c.sizes()
		x, w, dy := noise(nx, 1), noise(nw, 2), noise(ny, 3)
		for _, pass := range []struct {
			name string
			run  func()
		}{
			{"forward", func() { c.Forward(dy, x, w) }},
			{"dx", func() { c.InputGradient(x, dy, w) }},
			{"dw", func() { c.KernelGradient(w, x, dy) }},
		} {
			b.Run(c.String()+"/"+pass.name, func(b *testing.B) {
				for range b.N {
					pass.run()
				}
				operations := 2 * float64(ny) * float64(c.Kernel[0]*c.Kernel[1]*c.InChannels) * float64(b.N)
				b.ReportMetric(operations/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
	}
}
