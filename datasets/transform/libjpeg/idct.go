package libjpeg

// natural gives the place of coefficient i of the file in its block, row by row (figure A.6).
var natural = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// Fractional bits: of the constants, and of the values between the transforms of columns and rows.
const (
	constantBits = 13
	columnBits   = 2
)

// transform makes the values of a progressive image's plane of its coefficients.
func (c *component) transform() {
	for i := range c.blocks {
		c.inverse((*[64]int16)(c.coefficients[64*i:]), i%c.blocksAcross, i/c.blocksAcross)
	}
}

// inverse writes the values of block x, y: the inverse cosine transform of its coefficients times their factors, in the
// whole numbers of libjpeg's accurate method (jidctint.c, "islow"), from which every rounding follows.
func (c *component) inverse(coefficients *[64]int16, x, y int) {
	var work [64]int32
	for i, v := range coefficients {
		work[natural[i]] = int32(v) * int32(c.quantisation[i])
	}
	for i := range 8 {
		if work[8+i]|work[16+i]|work[24+i]|work[32+i]|work[40+i]|work[48+i]|work[56+i] == 0 {
			flat := work[i] << columnBits
			for j := range 8 {
				work[8*j+i] = flat
			}
			continue
		}
		work[i], work[8+i], work[16+i], work[24+i], work[32+i], work[40+i], work[48+i], work[56+i] = inverse8(
			constantBits-columnBits, work[i], work[8+i], work[16+i], work[24+i], work[32+i], work[40+i], work[48+i], work[56+i])
	}
	for j := range 8 {
		w := (*[8]int32)(work[8*j:])
		v0, v1, v2, v3, v4, v5, v6, v7 := inverse8(
			constantBits+columnBits+3, w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7])
		dst := (*[8]uint8)(c.Values[(8*y+j)*c.Stride+8*x:])
		dst[0], dst[1], dst[2], dst[3] = level(v0), level(v1), level(v2), level(v3)
		dst[4], dst[5], dst[6], dst[7] = level(v4), level(v5), level(v6), level(v7)
	}
}

// level shifts a value, which is around 0, to 0 to 255.
func level(v int32) uint8 {
	v += 128
	if uint32(v) > 255 {
		v = max(0, min(v, 255))
	}
	return uint8(v)
}

// inverse8 is the transform in one direction, after C. Loeffler, A. Ligtenberg and G. Moschytz, Practical Fast 1-D DCT
// Algorithms with 11 Multiplications, ICASSP 1989, with 12 of them. Results are divided by 1 << shift and rounded.
func inverse8(shift int, x0, x1, x2, x3, x4, x5, x6, x7 int32) (y0, y1, y2, y3, y4, y5, y6, y7 int32) {
	// The even coefficients: a rotation of 2 and 6 by 3π/8, in units of 1/8192.
	z := (x2 + x6) * 4433                 // 0.541196100
	even2, even3 := z-x6*15137, z+x2*6270 // 1.847759065, 0.765366865
	half := int32(1) << (shift - 1)
	even0, even1 := (x0+x4)<<constantBits+half, (x0-x4)<<constantBits+half
	a0, a3 := even0+even3, even0-even3
	a1, a2 := even1+even2, even1-even2

	// The odd ones.
	z5 := (x7 + x3 + x5 + x1) * 9633 // 1.175875602
	z1 := (x7 + x1) * -7373          // 0.899976223
	z2 := (x5 + x3) * -20995         // 2.562915447
	z3 := (x7+x3)*-16069 + z5        // 1.961570560
	z4 := (x5+x1)*-3196 + z5         // 0.390180644
	b3 := x7*2446 + z1 + z3          // 0.298631336
	b2 := x5*16819 + z2 + z4         // 2.053119869
	b1 := x3*25172 + z2 + z3         // 3.072711026
	b0 := x1*12299 + z1 + z4         // 1.501321110

	return (a0 + b0) >> shift, (a1 + b1) >> shift, (a2 + b2) >> shift, (a3 + b3) >> shift,
		(a3 - b3) >> shift, (a2 - b2) >> shift, (a1 - b1) >> shift, (a0 - b0) >> shift
}
