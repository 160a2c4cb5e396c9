package wfdb

import (
	"encoding/binary"
	"math"
	"slices"
)

// coding is how a file holds samples.
type coding struct {
	invalid int // the value that stands for a missing sample
	// group samples take bytes; 212 has pairs.
	group, bytes int
	decode       func(raw []byte, i int) int // sample i
}

// codings are those of the formats whose samples have a fixed size. Formats 8 (differences), 310, 311 (three samples in
// four bytes) and 508, 516, 524 (FLAC) are not among them.
var codings = map[string]coding{
	"16":  {math.MinInt16, 1, 2, func(b []byte, i int) int { return int(int16(binary.LittleEndian.Uint16(b[2*i:]))) }},
	"24":  {-1 << 23, 1, 3, decode24},
	"32":  {math.MinInt32, 1, 4, func(b []byte, i int) int { return int(int32(binary.LittleEndian.Uint32(b[4*i:]))) }},
	"61":  {math.MinInt16, 1, 2, func(b []byte, i int) int { return int(int16(binary.BigEndian.Uint16(b[2*i:]))) }},
	"80":  {math.MinInt8, 1, 1, func(b []byte, i int) int { return int(b[i]) - 1<<7 }},
	"160": {math.MinInt16, 1, 2, func(b []byte, i int) int { return int(binary.LittleEndian.Uint16(b[2*i:])) - 1<<15 }},
	"212": {-1 << 11, 2, 3, decode212},
}

func decode24(b []byte, i int) int {
	b = b[3*i:]
	return int(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24) >> 8)
}

// decode212 takes a sample out of a pair of 12 bits each: the middle one of three bytes has the upper four bits of the
// first sample in its lower half, those of the second in its upper half.
func decode212(b []byte, i int) int {
	b = b[i/2*3:]
	value := uint16(b[0]) | uint16(b[1]&0x0f)<<8
	if i%2 == 1 {
		value = uint16(b[2]) | uint16(b[1]&0xf0)<<4
	}
	return int(int16(value<<4) >> 4)
}

// size is the number of bytes of the first samples of a file. The first of a pair takes two bytes.
func (c coding) size(samples int64) int64 {
	size := samples / int64(c.group) * int64(c.bytes)
	if samples%int64(c.group) == 1 {
		size += 2
	}
	return size
}

// samples is the number of samples in so many bytes.
func (c coding) samples(bytes int64) int64 {
	samples := bytes / int64(c.bytes) * int64(c.group)
	if c.group == 2 && bytes%int64(c.bytes) == 2 {
		samples++
	}
	return samples
}

// formats lists the supported ones.
func formats() (names []string) {
	for name := range codings {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return int(a[0]) - int(b[0])
	})
	return names
}
