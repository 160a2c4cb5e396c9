//go:build amd64 && goexperiment.simd

package kernels

import "simd/archsimd"

// cellForward dispatches on what the processor has. The vector form reads and writes without bounds checks, so the ends
// are checked here. The last units, fewer than a vector, are computed in arrays as wide as one.
func cellForward(gates, cell, hidden, before, z, bias []float32) {
	h := len(cell)
	_, _, _, _, _ = gates[4*h-1], hidden[h-1], before[h-1], z[4*h-1], bias[4*h-1]
	n := whole(h)
	for k := 0; k < n; k += 8 {
		cellForward8(&gates[k], &cell[k], &hidden[k], &before[k], &z[k], &bias[k], h)
	}
	if n == h || !haveAVX2 {
		cellForwardGeneric(gates, cell, hidden, before, z, bias, n)
		return
	}
	var g, s, b [32]float32
	var c, y, c0 [8]float32
	for k := range 4 {
		copy(g[8*k:], gates[k*h+n:][:h-n])
		copy(s[8*k:], z[k*h+n:][:h-n])
		copy(b[8*k:], bias[k*h+n:][:h-n])
	}
	copy(c0[:], before[n:])
	cellForward8(&g[0], &c[0], &y[0], &c0[0], &s[0], &b[0], 8)
	for k := range 4 {
		copy(gates[k*h+n:][:h-n], g[8*k:])
	}
	copy(cell[n:], c[:])
	copy(hidden[n:], y[:])
}

// cellForward8 computes eight units; gates are h values apart.
func cellForward8(gates, cell, hidden, before, z, bias *float32, h int) {
	sum := func(k int) archsimd.Float32x8 { return load8(gates, k).Add(load8(z, k)).Add(load8(bias, k)) }
	i, f, g, o := logistic8(sum(0)), logistic8(sum(h)), tanh8(sum(2*h)), logistic8(sum(3*h))
	store8(gates, 0, i)
	store8(gates, h, f)
	store8(gates, 2*h, g)
	store8(gates, 3*h, o)
	c := f.MulAdd(load8(before, 0), i.Mul(g))
	store8(cell, 0, c)
	store8(hidden, 0, o.Mul(tanh8(c)))
}

// cellBackward dispatches like cellForward.
func cellBackward(dz, dCell, dState, dHidden, gates, cell, before []float32) {
	h := len(cell)
	_, _, _, _, _, _ = dz[4*h-1], dCell[h-1], dState[h-1], dHidden[h-1], gates[4*h-1], before[h-1]
	n := whole(h)
	for k := 0; k < n; k += 8 {
		cellBackward8(&dz[k], &dCell[k], &dState[k], &dHidden[k], &gates[k], &cell[k], &before[k], h)
	}
	if n == h || !haveAVX2 {
		cellBackwardGeneric(dz, dCell, dState, dHidden, gates, cell, before, n)
		return
	}
	var g, s [32]float32
	var dc, ds, dh, c, c0 [8]float32
	for k := range 4 {
		copy(g[8*k:], gates[k*h+n:][:h-n])
	}
	copy(dc[:], dCell[n:])
	copy(ds[:], dState[n:])
	copy(dh[:], dHidden[n:])
	copy(c[:], cell[n:])
	copy(c0[:], before[n:])
	cellBackward8(&s[0], &dc[0], &ds[0], &dh[0], &g[0], &c[0], &c0[0], 8)
	for k := range 4 {
		copy(dz[k*h+n:][:h-n], s[8*k:])
	}
	copy(dCell[n:], dc[:])
}

// cellBackward8 computes eight units.
func cellBackward8(dz, dCell, dState, dHidden, gates, cell, before *float32, h int) {
	one := spreadValue(1)
	i, f, g, o := load8(gates, 0), load8(gates, h), load8(gates, 2*h), load8(gates, 3*h)
	t := tanh8(load8(cell, 0))
	slope := load8(dState, 0).Add(load8(dHidden, 0))
	d := slope.Mul(o).Mul(one.Sub(t.Mul(t))).Add(load8(dCell, 0))
	store8(dz, 0, d.Mul(g).Mul(i).Mul(one.Sub(i)))
	store8(dz, h, d.Mul(load8(before, 0)).Mul(f).Mul(one.Sub(f)))
	store8(dz, 2*h, d.Mul(i).Mul(one.Sub(g.Mul(g))))
	store8(dz, 3*h, slope.Mul(t).Mul(o).Mul(one.Sub(o)))
	store8(dCell, 0, d.Mul(f))
}
