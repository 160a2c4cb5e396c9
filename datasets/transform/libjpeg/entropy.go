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

// scan is a part of the file with some coefficients of some components (B.2.3).
type scan struct {
	bits
	components  []*component
	dc, ac      []*huffman
	first, last int  // coefficients
	low         int  // bits that later scans add
	refines     bool // the scan adds a bit to what earlier ones gave
	endOfBand   int  // blocks that have no more coefficients
}

// scan reads a scan: its header and its blocks, MCU by MCU (A.2).
func (d *decoder) scan(header []byte) error {
	s, err := d.newScan(header)
	if err != nil {
		return err
	}
	maxH, maxV := d.sampling()
	across, down := ceil(d.width, 8*maxH), ceil(d.height, 8*maxV)
	alone := len(s.components) == 1
	if alone { // then blocks beyond the image are not there
		c := s.components[0]
		across, down = ceil(c.Columns, 8), ceil(c.Rows, 8)
	}
	for i := range across * down {
		if d.restart > 0 && i > 0 && i%d.restart == 0 {
			if err := s.resume(i/d.restart - 1); err != nil {
				return err
			}
			s.reset()
		}
		x, y := i%across, i/across
		for k, c := range s.components {
			if alone {
				d.block(s, k, x, y)
				continue
			}
			for j := range c.h * c.v {
				d.block(s, k, x*c.h+j%c.h, y*c.v+j/c.h)
			}
		}
		if s.failed() {
			return errors.New("damaged codes")
		}
	}
	d.at = s.at
	return nil
}

func (s *scan) reset() {
	for _, c := range s.components {
		c.predicted = 0
	}
	s.endOfBand = 0
}

// newScan reads the header of a scan.
func (d *decoder) newScan(header []byte) (*scan, error) {
	if d.components == nil || len(header) < 6 || len(header) != 4+2*int(header[0]) {
		return nil, errors.New("damaged scan header")
	}
	s := &scan{bits: bits{data: d.data, at: d.at}, last: 63}
	rest := header[1:]
	for range header[0] {
		if err := d.join(s, rest[0], rest[1]>>4, rest[1]&15); err != nil {
			return nil, err
		}
		rest = rest[2:]
	}
	if d.progressive {
		s.first, s.last = int(rest[0]), int(rest[1])
		s.low, s.refines = int(rest[2]&15), rest[2]>>4 != 0
	}
	if s.first > s.last || s.last > 63 || s.low > 13 || d.progressive && s.first == 0 && s.last > 0 ||
		s.first > 0 && len(s.components) > 1 {
		return nil, errors.New("scan of impossible coefficients")
	}
	for k := range s.components {
		if s.dc[k] == nil && s.first == 0 && !s.refines || s.ac[k] == nil && s.last > 0 {
			return nil, errors.New("scan without its Huffman table")
		}
	}
	s.reset()
	return s, nil
}

// join adds a component to a scan, with the numbers of its tables.
func (d *decoder) join(s *scan, id, dc, ac byte) error {
	for _, c := range d.components {
		if c.id != id {
			continue
		}
		if c.quantisation == nil {
			c.quantisation = d.quantisation[c.table]
		}
		for _, other := range s.components {
			if other == c {
				return errors.New("a component twice in a scan")
			}
		}
		if dc > 3 || ac > 3 || c.quantisation == nil {
			return errors.New("scan without its tables")
		}
		s.components, s.dc, s.ac = append(s.components, c), append(s.dc, d.dc[dc]), append(s.ac, d.ac[ac])
		return nil
	}
	return fmt.Errorf("scan of component %d, which is not there", id)
}

// block reads block x, y of a component.
func (d *decoder) block(s *scan, k, x, y int) {
	c := s.components[k]
	if !d.progressive {
		var coefficients [64]int16
		coefficients[0] = int16(s.difference(c, s.dc[k]))
		s.sequential(&coefficients, s.ac[k])
		c.inverse(&coefficients, x, y)
		return
	}
	coefficients := (*[64]int16)(c.coefficients[64*(y*c.blocksAcross+x):])
	switch {
	case s.first > 0 && s.refines:
		s.refine(coefficients, s.ac[k])
	case s.first > 0:
		s.band(coefficients, s.ac[k])
	case s.refines:
		coefficients[0] |= int16(s.number(1) << s.low)
	default:
		coefficients[0] = int16(s.difference(c, s.dc[k]) << s.low)
	}
}

// difference returns a DC coefficient, of which the file has the difference to the one before (F.2.2.1).
func (s *scan) difference(c *component, table *huffman) int32 {
	size := int(s.symbol(table))
	if size > 15 {
		s.bad = true
		return 0
	}
	c.predicted += s.signed(size)
	return c.predicted
}

// sequential reads all coefficients of a block but the first (F.2.2.2).
func (s *scan) sequential(coefficients *[64]int16, table *huffman) {
	for i := 1; i < 64; i++ {
		code := s.symbol(table)
		zeros, size := int(code>>4), int(code&15)
		if size == 0 {
			if zeros < 15 {
				return
			}
			i += 15
			continue
		}
		i += zeros
		coefficients[min(i, 63)] = int16(s.signed(size)) // beyond the last one as libjpeg has it
	}
}

// band reads the higher bits of some coefficients (G.1.2.2).
func (s *scan) band(coefficients *[64]int16, table *huffman) {
	if s.endOfBand > 0 {
		s.endOfBand--
		return
	}
	for i := s.first; i <= s.last; i++ {
		code := s.symbol(table)
		zeros, size := int(code>>4), int(code&15)
		if size == 0 {
			if zeros < 15 {
				s.endOfBand = 1<<zeros + int(s.number(zeros)) - 1
				return
			}
			i += 15
			continue
		}
		i += zeros
		coefficients[min(i, 63)] = int16(s.signed(size) << s.low)
	}
}

// refine reads one more bit of some coefficients (G.1.2.3).
func (s *scan) refine(coefficients *[64]int16, table *huffman) {
	i := s.first
	for ; i <= s.last && s.endOfBand == 0; i++ {
		code := s.symbol(table)
		zeros, size := int(code>>4), code&15
		if size > 1 || s.bad {
			s.bad = true
			return
		}
		if size == 0 && zeros < 15 {
			s.endOfBand = 1<<zeros + int(s.number(zeros))
			break
		}
		value := int16(0)
		if size == 1 {
			value = int16(2*s.number(1)-1) << s.low
		}
		if i = s.correct(coefficients, i, zeros); value != 0 {
			coefficients[min(i, 63)] = value
		}
	}
	if s.endOfBand > 0 {
		s.correct(coefficients, i, 64)
		s.endOfBand--
	}
}

// correct reads a bit for each coefficient from i on that is not zero, and returns the place behind as many zeros.
func (s *scan) correct(coefficients *[64]int16, i, zeros int) int {
	for ; i <= s.last; i++ {
		c := &coefficients[i]
		if *c == 0 {
			if zeros == 0 {
				break
			}
			zeros--
			continue
		}
		if s.number(1) == 0 {
			continue
		}
		if *c > 0 {
			*c += 1 << s.low
		} else {
			*c -= 1 << s.low
		}
	}
	return i
}
