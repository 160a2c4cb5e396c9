package libjpeg

// Plane holds values of one component of an image.
type Plane struct {
	Values        []uint8
	Stride        int // values from one row to the next
	Columns, Rows int // values that belong to the image
	Across, Down  int // pixels that go with a value
}

// Row makes row y as wide as the image: the triangle filter of libjpeg ("fancy upsampling", jdsample.c), which takes
// 3/4 of the nearer value and 1/4 of the next one in each direction where there are half as many values. Where libjpeg
// does not filter, with one or two columns or fewer values than half, values are repeated. Sums is memory.
func (p Plane) Row(dst []uint8, y int, sums *[]uint16) {
	row := func(i int) []uint8 { return p.Values[min(max(i, 0), p.Rows-1)*p.Stride:][:p.Columns] }
	near := row(y / p.Down)
	if p.Across == 1 && (p.Down == 1 || p.Down > 2) {
		copy(dst, near)
		return
	}
	if p.Across > 2 || p.Down > 2 || p.Across == 2 && p.Columns <= 2 {
		for x := range dst {
			dst[x] = near[x/p.Across]
		}
		return
	}
	far, bias := row(y/2-1), uint16(1)
	if y%2 == 1 {
		far, bias = row(y/2+1), 2
	}
	if cap(*sums) < p.Columns {
		*sums = make([]uint16, p.Columns)
	}
	s := (*sums)[:p.Columns]
	switch {
	case p.Down == 1:
		for i, v := range near {
			s[i] = uint16(v)
		}
		widen(dst, s, 2, 1, 2)
	case p.Across == 1:
		for i, v := range near {
			dst[i] = uint8((3*uint16(v) + uint16(far[i]) + bias) >> 2)
		}
	default:
		for i, v := range near {
			s[i] = 3*uint16(v) + uint16(far[i])
		}
		widen(dst, s, 4, 8, 7)
	}
}

// widen doubles the number of values, each divided by 1 << shift. Left and right are added before, for rounding.
func widen(dst []uint8, s []uint16, shift, left, right uint16) {
	before := s[0]
	for i, v := range s {
		after := s[min(i+1, len(s)-1)]
		dst[2*i] = uint8((3*v + before + left) >> shift)
		if 2*i+1 < len(dst) {
			dst[2*i+1] = uint8((3*v + after + right) >> shift)
		}
		before = v
	}
}
