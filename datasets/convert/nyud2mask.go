package convert

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

const (
	firstMaskBin = 7 // the official evaluation ignores what is nearer than 0.7 m
	// minValPixels keeps a bin of few validation frames from dictating a handful of pixels to all others.
	minValPixels = 500
)

// visitPixels calls visit with the bin and the position of every pixel of a frame that may be evaluated, row by row: those
// of the field of view whose depth is known and in a bin of the masks.
func visitPixels(sample datasets.Sample, visit func(bin, at int)) error {
	depth, err := transform.DecodeDepth(sample.Depth)
	if err != nil {
		return err
	}
	space, view := datasets.NYUD2Space(), transform.FieldOfView(depth.Width, depth.Height)
	for y := view.Min.Y; y < view.Max.Y; y++ {
		for x := view.Min.X; x < view.Max.X; x++ {
			at := y*depth.Width + x
			if mm := depth.Millimetres[at]; mm > 0 {
				if bin := space.Bin(datasets.Metres(mm)); bin >= firstMaskBin {
					visit(bin, at)
				}
			}
		}
	}
	return nil
}

// quotas returns the number of pixels to evaluate in each bin: as many as the smallest bin has that is not empty, but at
// least least, and never more than the bin has. The official masks take the smallest (least 1).
func quotas(counts []int, least int) ([]int, error) {
	smallest := 0
	for _, n := range counts {
		if n > 0 && (smallest == 0 || n < smallest) {
			smallest = n
		}
	}
	if smallest == 0 {
		return nil, errors.New("no pixel of the field of view has a depth of 0.7 m or more")
	}
	need := make([]int, len(counts))
	for bin, n := range counts {
		need[bin] = min(n, max(smallest, least))
	}
	return need, nil
}

// drawer draws the evaluated pixels, at random, from pixels that it is shown one after the other in a fixed order:
// selection sampling (Knuth, The Art of Computer Programming, algorithm 3.4.2 S), which needs a few numbers a bin.
type drawer struct {
	left, need []int // pixels of each bin that are still to come, and to be drawn among them
	random     []*rand.Rand
}

func newDrawer(counts []int, least int, seed uint64, split string) (*drawer, error) {
	need, err := quotas(counts, least)
	if err != nil {
		return nil, err
	}
	d := &drawer{left: append([]int(nil), counts...), need: need}
	for bin := range counts {
		d.random = append(d.random, stream(seed, fmt.Sprintf("nyud2 mask %s %d", split, bin)))
	}
	return d, nil
}

// draw decides about the next pixel of a bin.
func (d *drawer) draw(bin int) bool {
	if d.left[bin] == 0 {
		return false
	}
	drawn := d.random[bin].IntN(d.left[bin]) < d.need[bin]
	d.left[bin]--
	if drawn {
		d.need[bin]--
	}
	return drawn
}

// mask draws the evaluated pixels of the next frame and returns them as an encoded mask.
func (d *drawer) mask(sample datasets.Sample) ([]byte, error) {
	m := transform.Mask{Width: frameWidth, Height: frameHeight, On: make([]bool, frameWidth*frameHeight)}
	if err := visitPixels(sample, func(bin, at int) { m.On[at] = d.draw(bin) }); err != nil {
		return nil, err
	}
	return transform.EncodeMask(m)
}
