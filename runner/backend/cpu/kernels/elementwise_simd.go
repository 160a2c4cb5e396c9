//go:build amd64 && goexperiment.simd

package kernels

import (
	"math"
	"simd/archsimd"
)

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

// cosLimit is the largest argument for which an octant has exact multiples of π/4 in cos4. Larger ones, infinities and what is
// not a number are left to package math.
const cosLimit = 1 << 20

// cosValues is y = cos(x).
func cosValues(y, x []float32) {
	n := whole(len(x))
	for i := 0; i < n; i += 8 {
		v := load8(&x[i], 0)
		if v.Abs().LessEqual(spreadValue(cosLimit)).ToBits() != 0xff {
			endVectors()
			cosGeneric(y[i:i+8], x[i:i+8])
			continue
		}
		low, high := cos4(v.GetLo().ConvertToFloat64()), cos4(v.GetHi().ConvertToFloat64())
		var whole archsimd.Float32x8
		store8(&y[i], 0, whole.SetLo(low.ConvertToFloat32()).SetHi(high.ConvertToFloat32()))
	}
	cosGeneric(y[n:], x[n:])
}

// The coefficients are those of sin and cos in Moshier's Cephes library, and π/4 is in three parts.
var (
	sinTerms    = [...]float64{1.58962301576546568060e-10, -2.50507477628578072866e-8, 2.75573136213857245213e-6, -1.98412698295895385996e-4, 8.33333333332211858878e-3, -1.66666666666666307295e-1}
	cosTerms    = [...]float64{-1.13585365213876817300e-11, 2.08757008419747316778e-9, -2.75573141792967388112e-7, 2.48015872888517045348e-5, -1.38888888888730564116e-3, 4.16666666666665929218e-2}
	quarterOfPi = [...]float64{7.85398125648498535156e-1, 3.77489470793079817668e-8, 2.69515142907905952645e-15}
)

// cos4 takes the steps of math.Cos in their order, without a fused multiplication and addition: each value has the same bits.
func cos4(x archsimd.Float64x4) archsimd.Float64x4 {
	one, integer := archsimd.BroadcastFloat64x4(1), archsimd.BroadcastInt32x4(1)
	x = x.Abs()
	octant := x.Mul(archsimd.BroadcastFloat64x4(4 / math.Pi)).Trunc().ConvertToInt32()
	octant = octant.Add(octant.And(integer)) // odd ones belong to the next
	j := octant.ConvertToFloat64()
	z := x
	for _, part := range quarterOfPi {
		z = z.Sub(j.Mul(archsimd.BroadcastFloat64x4(part)))
	}
	square := z.Mul(z)
	sin := z.Add(z.Mul(square).Mul(polynomial4(square, sinTerms)))
	cos := one.Sub(archsimd.BroadcastFloat64x4(0.5).Mul(square)).Add(square.Mul(square).Mul(polynomial4(square, cosTerms)))
	// Octants 2 and 6 have the sine; 2 and 4 the other sign.
	two := archsimd.BroadcastInt32x4(2)
	bySine := octant.And(two).ConvertToFloat64().Greater(archsimd.BroadcastFloat64x4(0))
	negative := octant.Add(two).And(archsimd.BroadcastInt32x4(4)).ConvertToFloat64().Greater(archsimd.BroadcastFloat64x4(0))
	y := sin.Merge(cos, bySine)
	return y.Neg().Merge(y, negative)
}

// polynomial4 is c[0]·x⁵ + c[1]·x⁴ + … + c[5].
func polynomial4(x archsimd.Float64x4, c [6]float64) archsimd.Float64x4 {
	p := archsimd.BroadcastFloat64x4(c[0])
	for _, next := range c[1:] {
		p = p.Mul(x).Add(archsimd.BroadcastFloat64x4(next))
	}
	return p
}
