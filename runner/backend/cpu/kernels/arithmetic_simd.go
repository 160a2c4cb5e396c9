//go:build amd64 && goexperiment.simd

package kernels

import (
	"math"
	"simd/archsimd"
)

// arithmetic computes eight values at once, the last of which may have been computed before.
func arithmetic(op Op, y, a, b []float32, aStep, bStep int) {
	if len(y) < 8 || !haveAVX2 || op == OpPow {
		arithmeticFrom(0, op, y, a, b, aStep, bStep)
		return
	}
	last := len(y) - 8
	next := func(i int) int {
		if i < last {
			return min(i+8, last)
		}
		return len(y)
	}
	switch op {
	case OpAdd:
		for i := 0; i <= last; i = next(i) {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Add(load8(&b[i*bStep], 0)))
		}
	case OpSub:
		for i := 0; i <= last; i = next(i) {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Sub(load8(&b[i*bStep], 0)))
		}
	case OpMul:
		for i := 0; i <= last; i = next(i) {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Mul(load8(&b[i*bStep], 0)))
		}
	case OpDiv:
		for i := 0; i <= last; i = next(i) {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Div(load8(&b[i*bStep], 0)))
		}
	case OpMax:
		for i := 0; i <= last; i = next(i) {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Max(load8(&b[i*bStep], 0)))
		}
	case OpMin:
		for i := 0; i <= last; i = next(i) {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Min(load8(&b[i*bStep], 0)))
		}
	case OpSqrt:
		for i := 0; i <= last; i = next(i) {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Sqrt())
		}
	case OpNeg:
		for i := 0; i <= last; i = next(i) {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Neg())
		}
	case OpAbs:
		for i := 0; i <= last; i = next(i) {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Abs())
		}
	case OpSign:
		zero, one, minusOne := spreadValue(0), spreadValue(1), spreadValue(-1)
		for i := 0; i <= last; i = next(i) {
			v := load8(&a[i*aStep], 0)
			store8(&y[i], 0, one.Merge(minusOne.Merge(zero, v.Less(zero)), v.Greater(zero)))
		}
	default:
		for i := 0; i <= last; i = next(i) {
			if v, ok := function8(op, load8(&a[i*aStep], 0)); ok {
				store8(&y[i], 0, v)
			} else {
				arithmeticFrom(0, op, y[i:i+8], a[i*aStep:], b[i*bStep:], aStep, bStep)
			}
		}
	}
}

// function8 returns a function of eight values, if it is known for all of them.
func function8(op Op, x archsimd.Float32x8) (y archsimd.Float32x8, ok bool) {
	within := func(least, most float32) bool {
		return x.GreaterEqual(spreadValue(least)).And(x.LessEqual(spreadValue(most))).ToBits() == 0xff
	}
	switch op {
	case OpExp:
		return exp8(x), within(-87, 88)
	case OpLog:
		return log8(x), within(0x1p-126, math.MaxFloat32)
	case OpCos:
		return cos8(x, 0), within(-8192, 8192)
	case OpSin:
		return cos8(x, 3), within(-8192, 8192)
	}
	return y, false
}

// cos8 is the cosine of x less so many quarters of a turn, 0 to 3, less than 4: of the rest r of x to the next quarter
// of a turn it takes sine or cosine.
func cos8(x archsimd.Float32x8, quarters int32) archsimd.Float32x8 {
	n := x.Mul(spreadValue(2 / math.Pi)).Round()
	r := n.MulAdd(spreadValue(4.37113883e-8), n.MulAdd(spreadValue(-1.57079637), x)) // π/2 in two parts
	square := r.Mul(r)
	sine := spreadValue(-1.9515295891e-4).MulAdd(square, spreadValue(8.3321608736e-3)).MulAdd(square,
		spreadValue(-1.6666654611e-1))
	sine = sine.Mul(square).MulAdd(r, r)
	cosine := spreadValue(2.443315711809948e-5).MulAdd(square, spreadValue(-1.388731625493765e-3)).MulAdd(square,
		spreadValue(4.166664568298827e-2))
	cosine = cosine.Mul(square).MulAdd(square, spreadValue(-0.5).MulAdd(square, spreadValue(1)))
	one := archsimd.BroadcastInt32x8(1)
	quarter := n.ConvertToInt32().Add(archsimd.BroadcastInt32x8(quarters))
	y := sine.Merge(cosine, quarter.And(one).Equal(one))
	sign := quarter.Add(one).And(archsimd.BroadcastInt32x8(2)).ShiftAllLeft(30)
	return y.AsInt32x8().Xor(sign).AsFloat32x8()
}

// logNearOne are the coefficients of logf in Moshier's Cephes library, as those of sine and cosine are its.
var logNearOne = [...]float32{-1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
	2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1}

// log8 is the logarithm of positive normal numbers: x = 2ⁿ·(1 + f), with 1 + f from √½ to √2.
func log8(x archsimd.Float32x8) archsimd.Float32x8 {
	bits := x.AsInt32x8()
	one := spreadValue(1)
	m := bits.And(archsimd.BroadcastInt32x8(0x7fffff)).Or(one.AsInt32x8()).AsFloat32x8()
	n := bits.ShiftAllRight(23).Sub(archsimd.BroadcastInt32x8(127)).ConvertToFloat32()
	large := m.Greater(spreadValue(math.Sqrt2))
	f := m.Mul(spreadValue(0.5)).Merge(m, large).Sub(one)
	n = n.Add(one).Merge(n, large)
	square, p := f.Mul(f), spreadValue(7.0376836292e-2)
	for _, c := range logNearOne {
		p = p.MulAdd(f, spreadValue(c))
	}
	rest := n.MulAdd(spreadValue(-2.12194440e-4), p.Mul(f).Mul(square)) // ln 2 in two parts
	rest = square.MulAdd(spreadValue(-0.5), rest)
	return n.MulAdd(spreadValue(0.693359375), f.Add(rest))
}
