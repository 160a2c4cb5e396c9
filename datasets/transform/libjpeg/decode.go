// Package libjpeg decodes JPEG images to the values that libjpeg and libjpeg-turbo give, and with them Pillow,
// torchvision and OpenCV: the accurate integer cosine transform and, where chroma has less than the image's resolution,
// the triangle filter. The decoder of image/jpeg rounds its transform otherwise, which becomes 3 of 255 levels in red,
// green and blue.
//
// Sequential and progressive images of 8 bits with Huffman codes are read, grey or of three components. The format is
// that of ITU-T T.81; numbers of sections below are its own.
package libjpeg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
)

// ErrUnsupported is returned for forms of JPEG that the package does not read: CMYK, arithmetic codes, 12 bits a value,
// and a height that follows the image.
var ErrUnsupported = errors.New("form of JPEG that is not supported")

// Decode returns an image as *image.Gray, *image.YCbCr or, where the file holds red, green and blue, *image.RGBA.
// Chroma of an *image.YCbCr is as the file has it, unless its resolution has no [image.YCbCrSubsampleRatio]: then it is
// made as large as the image ([Plane.Row]). Memory is bounded by the length of data, whatever the image claims to be.
func Decode(data []byte) (image.Image, error) {
	if len(data) < 2 || data[0] != 0xff || data[1] != soi {
		return nil, errors.New("it does not begin as JPEG images do")
	}
	d := &decoder{data: data, at: 2}
	for {
		marker, err := d.nextMarker()
		if err != nil {
			return nil, err
		}
		if marker == eoi {
			return d.image()
		}
		if err := d.segment(marker); err != nil {
			return nil, err
		}
	}
}

// Markers (table B.1).
const (
	sof0, sof1, sof2, dht, rst0, rst7 = 0xc0, 0xc1, 0xc2, 0xc4, 0xd0, 0xd7
	soi, eoi, sos, dqt, dri           = 0xd8, 0xd9, 0xda, 0xdb, 0xdd
	app0, app14, app15, com           = 0xe0, 0xee, 0xef, 0xfe
)

// decoder is what the segments before a place in the file say.
type decoder struct {
	data []byte
	at   int

	quantisation [4]*[64]uint16 // in the order of the file, as all coefficients here
	dc, ac       [4]*huffman
	restart      int  // interval between restart markers in MCUs, or 0
	jfif         bool // it has JFIF's segment
	adobe        byte // the transform of Adobe's segment
	hasAdobe     bool

	width, height int
	progressive   bool
	components    []*component
}

// component is one of brightness, chroma and their like.
type component struct {
	Plane                            // whole blocks, at least the values that lie in the image
	id, table            byte        // table is the number of its quantisation table
	h, v                 int         // sampling factors
	blocksAcross, blocks int         // blocks of the plane in a row and in all
	coefficients         []int16     // of a progressive image, 64 a block
	quantisation         *[64]uint16 // from its first scan on
	predicted            int32       // the last DC coefficient
}

// nextMarker skips what is no marker, as libjpeg does, and restart markers that are left over.
func (d *decoder) nextMarker() (byte, error) {
	for ; d.at+1 < len(d.data); d.at++ {
		marker := d.data[d.at+1]
		if d.data[d.at] != 0xff || marker == 0 || marker == 0xff {
			continue
		}
		if rst0 <= marker && marker <= rst7 {
			continue
		}
		d.at += 2
		return marker, nil
	}
	return 0, errTruncated
}

var errTruncated = errors.New("it ends too early")

// segment reads what follows a marker.
func (d *decoder) segment(marker byte) error {
	if len(d.data)-d.at < 2 {
		return errTruncated
	}
	length := int(binary.BigEndian.Uint16(d.data[d.at:]))
	if length < 2 || d.at+length > len(d.data) {
		return errTruncated
	}
	content := d.data[d.at+2 : d.at+length]
	d.at += length
	switch marker {
	case sof0, sof1, sof2:
		d.progressive = marker == sof2
		return d.frame(content)
	case dht:
		return d.huffmanTables(content)
	case dqt:
		return d.quantisationTables(content)
	case dri:
		if len(content) != 2 {
			return errors.New("restart interval of another length than 2 bytes")
		}
		d.restart = int(binary.BigEndian.Uint16(content))
		return nil
	case sos:
		return d.scan(content)
	case app0:
		d.jfif = d.jfif || len(content) >= 5 && string(content[:5]) == "JFIF\x00"
		return nil
	case app14:
		if len(content) >= 12 && string(content[:5]) == "Adobe" {
			d.hasAdobe, d.adobe = true, content[11]
		}
		return nil
	}
	if marker == com || app0 <= marker && marker <= app15 {
		return nil
	}
	return fmt.Errorf("%w: marker %#x", ErrUnsupported, marker)
}

// frame reads the size of the image and its components (B.2.2).
func (d *decoder) frame(content []byte) error {
	if d.components != nil {
		return errors.New("it has two frames")
	}
	if len(content) < 6 || len(content) != 6+3*int(content[5]) {
		return errors.New("frame header of a wrong length")
	}
	d.height, d.width = int(binary.BigEndian.Uint16(content[1:])), int(binary.BigEndian.Uint16(content[3:]))
	if bits, n := content[0], content[5]; bits != 8 || n != 1 && n != 3 || d.height == 0 {
		return fmt.Errorf("%w: %d components of %d bits, %d rows", ErrUnsupported, n, bits, d.height)
	}
	if d.width == 0 {
		return errors.New("it has no pixels")
	}
	for rest := content[6:]; len(rest) > 0; rest = rest[3:] {
		c := &component{id: rest[0], h: int(rest[1] >> 4), v: int(rest[1] & 15), table: rest[2]}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.table > 3 {
			return fmt.Errorf("component with sampling %d×%d and table %d", c.h, c.v, c.table)
		}
		if content[5] == 1 {
			c.h, c.v = 1, 1 // A.2.2: the factors of a single component are of no effect
		}
		d.components = append(d.components, c)
	}
	return d.allocate()
}

// allocate takes memory for the planes. A block takes two bits of the file at least, or one where it is progressive: an
// image that claims more is refused first.
func (d *decoder) allocate() error {
	maxH, maxV := d.sampling()
	blocks := 0
	for _, c := range d.components {
		if maxH%c.h != 0 || maxV%c.v != 0 {
			return fmt.Errorf("%w: sampling %d×%d of %d×%d", ErrUnsupported, c.h, c.v, maxH, maxV)
		}
		c.Across, c.Down = maxH/c.h, maxV/c.v
		c.Columns, c.Rows = ceil(d.width, c.Across), ceil(d.height, c.Down)
		blocks += ceil(c.Columns, 8) * ceil(c.Rows, 8)
	}
	if blocks > 8*len(d.data) {
		return fmt.Errorf("%d×%d pixels in a file of %d bytes", d.width, d.height, len(d.data))
	}
	mcusAcross, mcusDown := ceil(d.width, 8*maxH), ceil(d.height, 8*maxV)
	for _, c := range d.components {
		c.blocksAcross = mcusAcross * c.h
		c.blocks = c.blocksAcross * mcusDown * c.v
		c.Stride = 8 * c.blocksAcross
		c.Values = make([]uint8, 64*c.blocks)
		if d.progressive {
			c.coefficients = make([]int16, 64*c.blocks)
		}
	}
	return nil
}

// sampling returns the largest factors.
func (d *decoder) sampling() (h, v int) {
	for _, c := range d.components {
		h, v = max(h, c.h), max(v, c.v)
	}
	return h, v
}

func ceil(n, by int) int { return (n + by - 1) / by }

// quantisationTables reads the factors of coefficients (B.2.4.1).
func (d *decoder) quantisationTables(content []byte) error {
	for len(content) > 0 {
		size, number := 1+int(content[0]>>4), content[0]&15
		if size > 2 || number > 3 || len(content) < 1+64*size {
			return errors.New("damaged quantisation table")
		}
		table := new([64]uint16)
		for i := range table {
			if size == 1 {
				table[i] = uint16(content[1+i])
			} else {
				table[i] = binary.BigEndian.Uint16(content[1+2*i:])
			}
		}
		d.quantisation[number], content = table, content[1+64*size:]
	}
	return nil
}

// image returns the image when its last scan is read.
func (d *decoder) image() (image.Image, error) {
	if d.components == nil {
		return nil, errors.New("it has no frame")
	}
	for _, c := range d.components {
		if c.quantisation == nil {
			return nil, errors.New("a component is missing")
		}
		if d.progressive {
			c.transform()
		}
	}
	bounds, first := image.Rect(0, 0, d.width, d.height), d.components[0]
	if len(d.components) == 1 {
		return &image.Gray{Pix: first.Values, Stride: first.Stride, Rect: bounds}, nil
	}
	if d.isRGB() {
		return d.rgb(bounds), nil
	}
	cb, cr := d.components[1].Plane, d.components[2].Plane
	ratio, ok := ratios[[2]int{cb.Across, cb.Down}]
	if !ok || first.Across*first.Down > 1 || cb.Across != cr.Across || cb.Down != cr.Down {
		first.Plane, cb, cr, ratio = d.enlarged(first.Plane), d.enlarged(cb), d.enlarged(cr), image.YCbCrSubsampleRatio444
	}
	return &image.YCbCr{Y: first.Values, Cb: cb.Values, Cr: cr.Values, YStride: first.Stride, CStride: cb.Stride,
		SubsampleRatio: ratio, Rect: bounds}, nil
}

var ratios = map[[2]int]image.YCbCrSubsampleRatio{
	{1, 1}: image.YCbCrSubsampleRatio444, {2, 1}: image.YCbCrSubsampleRatio422, {2, 2}: image.YCbCrSubsampleRatio420,
	{1, 2}: image.YCbCrSubsampleRatio440, {4, 1}: image.YCbCrSubsampleRatio411, {4, 2}: image.YCbCrSubsampleRatio410,
}

// isRGB tells what three components are, by libjpeg's rules.
func (d *decoder) isRGB() bool {
	switch {
	case d.jfif:
		return false
	case d.hasAdobe:
		return d.adobe == 0
	}
	c := d.components
	return c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B'
}

// rgb puts planes of red, green and blue together.
func (d *decoder) rgb(bounds image.Rectangle) image.Image {
	img := image.NewRGBA(bounds)
	for channel, c := range d.components {
		plane := d.enlarged(c.Plane)
		for y := range d.height {
			for x, v := range plane.Values[y*plane.Stride:][:d.width] {
				img.Pix[y*img.Stride+4*x+channel], img.Pix[y*img.Stride+4*x+3] = v, 255
			}
		}
	}
	return img
}

// enlarged makes a plane as large as the image.
func (d *decoder) enlarged(p Plane) Plane {
	if p.Across*p.Down == 1 {
		return p
	}
	large := Plane{Values: make([]uint8, d.width*d.height), Stride: d.width, Columns: d.width, Rows: d.height, Across: 1,
		Down: 1}
	var sums []uint16
	for y := range d.height {
		p.Row(large.Values[y*d.width:][:d.width], y, &sums)
	}
	return large
}
