// Package depthmask draws the pixels on which a depth benchmark is evaluated: about equally many of every distance, so
// that the common distances do not decide the figures.
package depthmask

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

// firstBin is the nearest bin that NYUD2-DIR evaluates, 0.7 m; the nearer ones are empty in its training set.
const firstBin = 7

// Draw yields a mask for each depth map of a test split, in the same order. It follows the rule of NYUD2-DIR's
// test_balanced_mask.npy: of the pixels in the field of view, the same number is drawn at random from every bin of 0.1
// m from 0.7 m on, namely as many as the rarest bin that is not empty has. Where that is below floor, floor pixels are
// drawn, or all that a bin has. The same maps, floor and seed give the same masks.
//
// The maps are read twice, once to count and once while masks are taken, so only one is held at a time; both times they
// must be the same. An error of theirs ends the sequence.
func Draw(maps iter.Seq2[transform.DepthMap, error], floor int, seed uint64) iter.Seq2[transform.Mask, error] {
	return func(yield func(transform.Mask, error) bool) {
		left, err := countPixels(maps)
		if err != nil {
			yield(transform.Mask{}, err)
			return
		}
		s := newSelection(left, floor, seed)
		for depth, err := range maps {
			mask := transform.Mask{}
			if err == nil {
				mask, err = s.mask(depth)
			}
			if !yield(mask, err) || err != nil {
				return
			}
		}
	}
}

// countPixels returns the pixels of each bin in the field of view.
func countPixels(maps iter.Seq2[transform.DepthMap, error]) ([]int, error) {
	table := binTable()
	counts := make([]int, datasets.NYUD2Space().Bins)
	for depth, err := range maps {
		if err != nil {
			return nil, err
		}
		if err := visit(depth, table, func(_, bin int) { counts[bin]++ }); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// binTable returns the bin of every depth in millimetres, -1 where none is evaluated.
func binTable() []int {
	table := make([]int, math.MaxUint16+1)
	space := datasets.NYUD2Space()
	for mm := range table {
		table[mm] = space.Bin(datasets.Metres(uint16(mm)))
		if table[mm] < firstBin {
			table[mm] = -1
		}
	}
	return table
}

// visit calls f with the position and bin of every pixel in the field of view that can be evaluated.
func visit(depth transform.DepthMap, table []int, f func(at, bin int)) error {
	if depth.Width < 1 || depth.Height < 1 || len(depth.Millimetres) != depth.Width*depth.Height {
		return fmt.Errorf("depth map of %d×%d pixels with %d values", depth.Width, depth.Height, len(depth.Millimetres))
	}
	view := transform.FieldOfView(depth.Width, depth.Height)
	for y := view.Min.Y; y < view.Max.Y; y++ {
		for x := view.Min.X; x < view.Max.X; x++ {
			at := y*depth.Width + x
			if bin := table[depth.Millimetres[at]]; bin >= 0 {
				f(at, bin)
			}
		}
	}
	return nil
}

// selection draws exactly wanted of the left pixels of each bin as they pass: each with the probability wanted / left
// (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S).
type selection struct {
	left, wanted []int
	table        []int
	rng          *rand.Rand
}

func newSelection(left []int, floor int, seed uint64) *selection {
	rarest := math.MaxInt
	for _, n := range left {
		if n > 0 {
			rarest = min(rarest, n)
		}
	}
	s := &selection{left: left, table: binTable(), rng: datasets.Stream(seed, "depth mask")}
	for _, n := range left {
		s.wanted = append(s.wanted, min(n, max(rarest, floor)))
	}
	return s
}

func (s *selection) mask(depth transform.DepthMap) (transform.Mask, error) {
	mask := transform.Mask{Width: depth.Width, Height: depth.Height, On: make([]bool, len(depth.Millimetres))}
	changed := false
	err := visit(depth, s.table, func(at, bin int) {
		if s.left[bin] <= 0 {
			changed = true
			return
		}
		if s.rng.IntN(s.left[bin]) < s.wanted[bin] {
			mask.On[at] = true
			s.wanted[bin]--
		}
		s.left[bin]--
	})
	if err == nil && changed {
		err = errors.New("the depth maps differ between the two readings")
	}
	return mask, err
}
