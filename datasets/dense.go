package datasets

import (
	"errors"
	"fmt"
	"image"
	"math"

	"github.com/dirbench/dirbench/datasets/transform"
)

// count adds the labels of a checked sample to the counts per bin: its own label, or those of its pixels. After an error
// the counts are as before.
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
		return Frame{}, fmt.Errorf("the depth map has %d×%d pixels, the image %d×%d", depth.Width, depth.Height, size.X, size.Y)
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
		return fmt.Errorf("the mask has %d×%d pixels, the depth map %d×%d", f.Mask.Width, f.Mask.Height, f.Depth.Width, f.Depth.Height)
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

// denseStats describes a split whose labels are known by their bins only.
func denseStats(m Meta, split Split, regions []Region) SplitStats {
	part, space := m.Splits[split], m.LabelSpace
	s := SplitStats{Split: split, Rows: part.Rows}
	total, below, first := 0, 0, true
	for _, n := range part.Counts {
		total += n
	}
	for bin, n := range part.Counts {
		if n == 0 {
			continue
		}
		if first {
			s.Min, first = float32(space.Lower(bin)), false
		}
		if 2*below < total {
			s.Median = binCentre(space, bin)
		}
		below += n
		s.Max = float32(space.Lower(bin) + space.Width)
	}
	s.addRegions(part.Counts, regions)
	return s
}

func binCentre(space LabelSpace, bin int) float32 { return float32(space.Lower(bin) + space.Width/2) }

func (s *SplitStats) addDenseMAE(median float32, counts []int, regions []Region, space LabelSpace) {
	sums := make([]float64, len(s.Regions))
	for bin, n := range counts {
		sums[regions[bin]] += float64(n) * math.Abs(float64(binCentre(space, bin)-median))
	}
	s.setMAE(sums)
}
