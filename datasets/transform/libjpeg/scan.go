package libjpeg

import (
	"errors"
	"fmt"
)

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
