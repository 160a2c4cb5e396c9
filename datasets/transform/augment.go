package transform

// channels is the number of colour channels of a pixel.
const channels = 3

// Augment crops a square image of size × size pixels after padding it with pad black pixels on each side, then
// mirrors it if flip is set: the order of the official age benchmarks. The crop begins dx pixels from the left and
// dy from the top of the padded image, 0 <= dx, dy <= 2*pad; dx = dy = pad without flip is the identity.
// dst and src hold size × size × 3 values and must not overlap.
func Augment(dst, src []uint8, size, pad int, flip bool, dx, dy int) {
	for y := range size {
		row := dst[y*size*channels : (y+1)*size*channels]
		fromY := y + dy - pad
		if fromY < 0 || fromY >= size {
			clear(row)
			continue
		}
		cropRow(row, src[fromY*size*channels:(fromY+1)*size*channels], dx-pad)
		if flip {
			mirror(row, channels)
		}
	}
}

// cropRow copies src, moved left by shift pixels, into dst and blackens what is left uncovered.
func cropRow(dst, src []uint8, shift int) {
	offset := shift * channels
	switch {
	case offset >= 0:
		n := copy(dst, src[min(offset, len(src)):])
		clear(dst[n:])
	default:
		edge := min(-offset, len(dst))
		clear(dst[:edge])
		copy(dst[edge:], src)
	}
}

// normalised holds the result of Normalise for each 8-bit value.
var normalised = func() (table [256]float32) {
	for x := range table {
		table[x] = (float32(x)/255 - 0.5) / 0.5
	}
	return table
}()

// Normalise maps 8-bit values to [-1, 1] as (x/255 - 0.5) / 0.5, keeping the order of the values.
// dst must be at least as long as src.
func Normalise(dst []float32, src []uint8) {
	for i, x := range src {
		dst[i] = normalised[x]
	}
}
