package libjpeg

import (
	"errors"
	"fmt"
)

// lookBits is the length of codes that are found in one step.
const lookBits = 9

// huffman is a table of codes (annex C).
type huffman struct {
	look   [1 << lookBits]uint16 // length << 8 | value, or 0, by the next bits of the file
	last   [17]int32             // the last code of a length, or -1
	offset [17]int32             // index of a code's value less the code, by length
	values []byte
}

// huffmanTables reads tables of codes (B.2.4.2).
func (d *decoder) huffmanTables(content []byte) error {
	for len(content) > 0 {
		if len(content) < 17 {
			return errDamagedCodes
		}
		class, number, total := content[0]>>4, content[0]&15, 0
		for _, n := range content[1:17] {
			total += int(n)
		}
		if class > 1 || number > 3 || total > 256 || len(content) < 17+total {
			return errDamagedCodes
		}
		table, err := newHuffman(content[1:17], content[17:17+total])
		if err != nil {
			return err
		}
		if class == 0 {
			d.dc[number] = table
		} else {
			d.ac[number] = table
		}
		content = content[17+total:]
	}
	return nil
}

var errDamagedCodes = errors.New("damaged Huffman table")

// newHuffman makes codes of the number of them of each length, from 1 to 16 bits, and their values.
func newHuffman(counts, values []byte) (*huffman, error) {
	h := &huffman{values: values}
	code, index := int32(0), int32(0)
	for i, n := range counts {
		length := i + 1
		h.offset[length] = index - code
		for range n {
			if length <= lookBits {
				first := code << (lookBits - length)
				for j := range int32(1) << (lookBits - length) {
					if int(first+j) >= len(h.look) {
						return nil, errDamagedCodes
					}
					h.look[first+j] = uint16(length)<<8 | uint16(values[index])
				}
			}
			code, index = code+1, index+1
		}
		if code > 1<<length {
			return nil, errDamagedCodes
		}
		h.last[length] = code - 1
		code <<= 1
	}
	return h, nil
}

// bits reads a scan bit by bit. Beyond its end there are zeros; failed tells that some were used.
type bits struct {
	data   []byte
	at     int
	window uint64 // its n last bits are the next ones
	n      int
	beyond int // bits of the window, the last ones, that lie beyond the end
	bad    bool
}

// fill makes at least 57 bits ready.
func (b *bits) fill() {
	for b.n <= 56 {
		value := byte(0)
		if next, ok := b.next(); ok {
			value = next
		} else {
			b.beyond += 8
		}
		b.window, b.n = b.window<<8|uint64(value), b.n+8
	}
}

// next returns a byte of the scan. 0xff is followed by 0, else it begins a marker.
func (b *bits) next() (byte, bool) {
	if b.at >= len(b.data) {
		return 0, false
	}
	value := b.data[b.at]
	if value != 0xff {
		b.at++
		return value, true
	}
	end := b.at + 1
	for end < len(b.data) && b.data[end] == 0xff {
		end++
	}
	if end == len(b.data) || b.data[end] != 0 {
		return 0, false
	}
	b.at = end + 1
	return value, true
}

func (b *bits) failed() bool { return b.bad || b.n < b.beyond }

// symbol returns the value of the next code.
func (b *bits) symbol(h *huffman) byte {
	if b.n < 32 { // a code and the bits that may follow it
		b.fill()
	}
	if found := h.look[b.window>>(b.n-lookBits)&(1<<lookBits-1)]; found != 0 {
		b.n -= int(found >> 8)
		return byte(found)
	}
	for length := lookBits + 1; length <= 16; length++ {
		code := int32(b.window >> (b.n - length) & (1<<length - 1))
		if code <= h.last[length] {
			b.n -= length
			return h.values[code+h.offset[length]]
		}
	}
	b.bad = true
	return 0
}

// number returns the next count bits, at most 16.
func (b *bits) number(count int) int32 {
	if b.n < count {
		b.fill()
	}
	b.n -= count
	return int32(b.window >> b.n & (1<<count - 1))
}

// signed returns a number of count bits; the lower half of them stands for negative ones (F.2.2.1).
func (b *bits) signed(count int) int32 {
	v := b.number(count)
	if count > 0 && v < 1<<(count-1) {
		v += 1 - 1<<count
	}
	return v
}

// resume goes on behind restart marker number i, and skips what is before it.
func (b *bits) resume(i int) error {
	b.window, b.n, b.beyond = 0, 0, 0
	for ; b.at+1 < len(b.data); b.at++ {
		marker := b.data[b.at+1]
		if b.data[b.at] != 0xff || marker == 0 || marker == 0xff {
			continue
		}
		if marker != rst0+byte(i%8) {
			return fmt.Errorf("marker %#x in place of a restart marker", marker)
		}
		b.at += 2
		return nil
	}
	return errTruncated
}
