//go:build amd64 && goexperiment.simd

package kernels

import "simd/archsimd"

// addValues is y = a + b.
func addValues(y, a, b []float32, aStep, bStep int) {
	n := whole(len(y))
	for i := 0; i < n; i += 8 {
		store8(&y[i], 0, load8(&a[i*aStep], 0).Add(load8(&b[i*bStep], 0)))
	}
	addGeneric(y[n:], a[n*aStep:], b[n*bStep:], aStep, bStep)
}

// tanh8 is the hyperbolic tangent: near 0 by a polynomial, which keeps its digits there, beyond as 2·logistic(2x) - 1.
func tanh8(v archsimd.Float32x8) archsimd.Float32x8 {
	one, half := spreadValue(1), spreadValue(0.625)
	square := v.Mul(v)
	p := spreadValue(-5.70498872745e-3)
	for _, c := range tanhNearZero {
		p = p.MulAdd(square, spreadValue(c))
	}
	near := p.Mul(square).MulAdd(v, v)
	l := logistic8(v.Add(v))
	far := l.Add(l).Sub(one)
	return orNaN(near.Merge(far, square.Less(half.Mul(half))), v)
}

// The coefficients are those of tanhf and expf in Moshier's Cephes library.
var (
	tanhNearZero = [...]float32{2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1}
	expNearZero  = [...]float32{1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}
)

func spreadValue(v float32) archsimd.Float32x8 { return archsimd.BroadcastFloat32x8(v) }

// logistic8 is 1/(1 + exp(-x)).
func logistic8(x archsimd.Float32x8) archsimd.Float32x8 {
	one := spreadValue(1)
	return orNaN(one.Div(one.Add(exp8(spreadValue(0).Sub(x)))), x)
}

// orNaN keeps what is not a number in x: the limits of exp8 lose it.
func orNaN(y, x archsimd.Float32x8) archsimd.Float32x8 { return x.Merge(y, x.IsNaN()) }

// exp8 is exp(x) = 2ⁿ·exp(r), with x limited to where both are normal numbers.
func exp8(x archsimd.Float32x8) archsimd.Float32x8 {
	limited := x.Min(spreadValue(88)).Max(spreadValue(-87))
	n := limited.Mul(spreadValue(1.44269504088896341)).Round()
	r := n.MulAdd(spreadValue(-0.693359375), limited) // ln 2 in two parts
	r = n.MulAdd(spreadValue(2.12194440e-4), r)
	p := spreadValue(1.9875691500e-4)
	for _, c := range expNearZero {
		p = p.MulAdd(r, spreadValue(c))
	}
	p = p.Mul(r).MulAdd(r, r).Add(spreadValue(1))
	power := n.ConvertToInt32().Add(archsimd.BroadcastInt32x8(127)).ShiftAllLeft(23).AsFloat32x8()
	return p.Mul(power)
}

// aboveValues is y = a where x is above the limit and b elsewhere.
func aboveValues(y, x []float32, limit float32, a, b []float32, aStep, bStep int) {
	n, least := whole(len(x)), archsimd.BroadcastFloat32x8(limit)
	for i := 0; i < n; i += 8 {
		above := load8(&x[i], 0).Greater(least)
		store8(&y[i], 0, load8(&a[i*aStep], 0).Merge(load8(&b[i*bStep], 0), above))
	}
	aboveGeneric(y[n:], x[n:], limit, a[n*aStep:], b[n*bStep:], aStep, bStep)
}
