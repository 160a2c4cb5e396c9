package datasets

import (
	"errors"
	"fmt"
	"image"
	"math"
	"unicode/utf8"

	"github.com/dirbench/dirbench/datasets/table"
	"github.com/dirbench/dirbench/datasets/transform"
)

// Sample is one row of a split. Which of the inputs it has depends on the modality.
type Sample struct {
	ID        string
	Label     float32   // not used where labels are dense
	Image     []byte    // encoded JPEG or PNG; image and depth
	Sentences [2]string // text; the second one is empty where there is one
	Depth     []byte    // depth: a 16-bit grey PNG as large as the image, millimetres, 0 where unknown
	Mask      []byte    // depth: an 8-bit grey PNG that is not 0 at evaluated pixels, or nothing to evaluate all
	Subset    bool      // depth: in the training subset that the benchmark names for feature statistics
	// Signals holds a series for each channel group, time × channels.
	Signals [][]float32
	// Features are the elements of a table's columns, see [Feature].
	Features []float32
}

// check reports the first thing wrong with a sample of a dataset, given the ids that are used already.
func (s Sample) check(meta Meta, ids map[string]Split) error {
	if s.ID == "" || !utf8.ValidString(s.ID) {
		return errors.New("the id is empty or not UTF-8")
	}
	if before, used := ids[s.ID]; used {
		return fmt.Errorf("the id is already used in split %s", before)
	}
	if err := s.checkInput(meta); err != nil {
		return err
	}
	return meta.checkLabel(s)
}

// checkRead checks what training relies on in a sample that was read.
func (m Meta) checkRead(s Sample) error {
	if m.Modality == Table {
		if err := s.checkFeatures(m.Features); err != nil {
			return err
		}
	}
	return m.checkLabel(s)
}

// checkLabel checks the label, where a sample has one.
func (m Meta) checkLabel(s Sample) error {
	if m.Modality.Dense() {
		return nil
	}
	return m.LabelSpace.Check(s.Label)
}

func (s Sample) checkInput(meta Meta) error {
	switch meta.Modality {
	case Image, Depth:
		if len(s.Image) == 0 {
			return errors.New("the image is empty")
		}
	case Text:
		for i, text := range s.Sentences[:meta.SentenceCount()] {
			if text == "" || !utf8.ValidString(text) {
				return fmt.Errorf("sentence %d is empty or not UTF-8", i+1)
			}
		}
	case Signal:
		return s.checkSignals(meta.Groups)
	case Table:
		return s.checkFeatures(meta.Features)
	}
	return nil
}

// checkSignals checks that every channel group has a whole number of time steps and only finite values.
func (s Sample) checkSignals(groups []ChannelGroup) error {
	if len(s.Signals) != len(groups) {
		return fmt.Errorf("%d signals: expected one for each of the %d channel groups", len(s.Signals), len(groups))
	}
	for i, series := range s.Signals {
		name, channels := groups[i].Name, len(groups[i].Channels)
		if len(series) == 0 || len(series)%channels != 0 {
			return fmt.Errorf("signal %s: %d values: expected a positive multiple of its %d channels", name, len(series),
				channels)
		}
		for at, v := range series {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return fmt.Errorf("signal %s: time step %d is not a finite number", name, at/channels+1)
			}
		}
	}
	return nil
}

// size is about the number of bytes of the input.
func (s Sample) size() int {
	n := len(s.Image) + len(s.Depth) + len(s.Mask) + len(s.Sentences[0]) + len(s.Sentences[1]) + 4*len(s.Features)
	for _, series := range s.Signals {
		n += 4 * len(series)
	}
	return n
}

// set stores the value of an id, a text or a binary column.
func (s *Sample) set(column string, v table.Value) {
	switch column {
	case colID:
		s.ID = v.Text
	case colImage:
		s.Image = v.Bytes
	case colDepth:
		s.Depth = v.Bytes
	case colMask:
		s.Mask = v.Bytes
	case colSentence1:
		s.Sentences[0] = v.Text
	case colSentence2:
		s.Sentences[1] = v.Text
	}
}

// value returns the value of an id or input column.
func (s *Sample) value(column string) []byte {
	switch column {
	case colID:
		return []byte(s.ID)
	case colImage:
		return s.Image
	case colDepth:
		return s.Depth
	case colMask:
		return s.Mask
	case colSentence1:
		return []byte(s.Sentences[0])
	}
	return []byte(s.Sentences[1])
}

// count adds the labels of a checked sample to the counts per bin: its own label, or those of its pixels. After an
// error the counts are as before.
func (s Sample) count(meta Meta, split Split, counts []int) error {
	if !meta.Modality.Dense() {
		counts[meta.LabelSpace.Bin(s.Label)]++
		return nil
	}
	frame, err := s.Frame()
	if err != nil {
		return err
	}
	evaluated := split != Train && frame.Mask != nil
	for _, at := range frame.view() {
		if depth := frame.Depth.Millimetres[at]; depth > 0 && (!evaluated || frame.Mask.On[at]) {
			counts[meta.LabelSpace.Bin(Metres(depth))]++
		}
	}
	return nil
}

// Metres converts a value of a depth map to a label.
func Metres(millimetres uint16) float32 { return float32(float64(millimetres) / 1000) }

// Frame is the decoded label side of a sample of modality depth.
type Frame struct {
	Depth transform.DepthMap
	Mask  *transform.Mask // nil: every pixel of the field of view with a depth is evaluated
	View  image.Rectangle // field of view
}

// Frame decodes and checks the depth map and the mask: of one size with the image, the mask inside the field of view.
func (s Sample) Frame() (Frame, error) {
	depth, err := transform.DecodeDepth(s.Depth)
	if err != nil {
		return Frame{}, fmt.Errorf("depth: %w", err)
	}
	size, err := transform.Size(s.Image)
	if err != nil {
		return Frame{}, fmt.Errorf("image: %w", err)
	}
	if size != (image.Point{X: depth.Width, Y: depth.Height}) {
		return Frame{}, fmt.Errorf("the depth map has %d×%d pixels, the image %d×%d", depth.Width, depth.Height, size.X,
			size.Y)
	}
	frame := Frame{Depth: depth, View: transform.FieldOfView(depth.Width, depth.Height)}
	if len(s.Mask) == 0 {
		return frame, nil
	}
	mask, err := transform.DecodeMask(s.Mask)
	if err != nil {
		return Frame{}, fmt.Errorf("mask: %w", err)
	}
	frame.Mask = &mask
	return frame, frame.checkMask()
}

func (f Frame) checkMask() error {
	if f.Mask.Width != f.Depth.Width || f.Mask.Height != f.Depth.Height {
		return fmt.Errorf("the mask has %d×%d pixels, the depth map %d×%d", f.Mask.Width, f.Mask.Height, f.Depth.Width,
			f.Depth.Height)
	}
	for at, on := range f.Mask.On {
		if on && !(image.Point{X: at % f.Depth.Width, Y: at / f.Depth.Width}).In(f.View) {
			return errors.New("the mask reaches beyond the field of view, the centre with 19/20 of width and height")
		}
	}
	return nil
}

// view lists the positions of the field of view in the depth map, row by row.
func (f Frame) view() []int {
	at := make([]int, 0, f.View.Dx()*f.View.Dy())
	for y := f.View.Min.Y; y < f.View.Max.Y; y++ {
		for x := f.View.Min.X; x < f.View.Max.X; x++ {
			at = append(at, y*f.Depth.Width+x)
		}
	}
	return at
}
