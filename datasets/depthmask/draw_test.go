package depthmask

import (
	"errors"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets/transform"
)

// frames returns n depth maps of 40×20 pixels; all are far more often at 1 m than farther.
func frames(n int) []transform.DepthMap {
	rng := rand.New(rand.NewPCG(1, 2))
	list := make([]transform.DepthMap, n)
	for i := range list {
		depths := make([]uint16, 40*20)
		for at := range depths {
			far := rng.Float64()
			depths[at] = uint16(1050+2000*far*far*far*far) | 1 // bins 10 to 30, never on an edge
		}
		depths[0] = 9000 // outside the field of view
		depths[5*40+5], depths[5*40+6] = 650, 0
		list[i] = transform.DepthMap{Width: 40, Height: 20, Millimetres: depths}
	}
	return list
}

func sequence(list []transform.DepthMap) iter.Seq2[transform.DepthMap, error] {
	return func(yield func(transform.DepthMap, error) bool) {
		for _, m := range list {
			if !yield(m, nil) {
				return
			}
		}
	}
}

func draw(t *testing.T, list []transform.DepthMap, floor int, seed uint64) []transform.Mask {
	t.Helper()
	var masks []transform.Mask
	for mask, err := range Draw(sequence(list), floor, seed) {
		if err != nil {
			t.Fatal(err)
		}
		masks = append(masks, mask)
	}
	return masks
}

// tally counts the pixels by tenths of a metre, all in the inner 38×19 pixels and those of the masks.
func tally(list []transform.DepthMap, masks []transform.Mask) (all, drawn map[int]int) {
	all, drawn = map[int]int{}, map[int]int{}
	for i, m := range list {
		for at, mm := range m.Millimetres {
			if x, y := at%40, at/40; x >= 1 && x < 39 && y < 19 {
				all[int(mm)/100]++
			}
			if masks[i].On[at] {
				drawn[int(mm)/100]++
			}
		}
	}
	return all, drawn
}

func TestDrawBalances(t *testing.T) {
	list := frames(6)
	for _, test := range []struct {
		name  string
		floor int
	}{{"official rule", 1}, {"floor above the rarest bin", 80}, {"all of them", 100000}} {
		t.Run(test.name, func(t *testing.T) {
			all, drawn := tally(list, draw(t, list, test.floor, 3))
			rarest := 1 << 30
			for bin, n := range all {
				if bin >= firstBin {
					rarest = min(rarest, n)
				}
			}
			for bin, n := range all {
				want := min(n, max(rarest, test.floor))
				if bin < firstBin {
					want = 0
				}
				if drawn[bin] != want {
					t.Errorf("bin %d: %d of %d pixels, want %d", bin, drawn[bin], n, want)
				}
			}
			if drawn[90] != 0 {
				t.Error("a pixel outside the field of view was drawn")
			}
		})
	}
}

func TestDrawIsSeeded(t *testing.T) {
	list := frames(3)
	same := func(a, b []transform.Mask) bool {
		return slices.EqualFunc(a, b, func(x, y transform.Mask) bool { return slices.Equal(x.On, y.On) })
	}
	first := draw(t, list, 30, 5)
	if !same(first, draw(t, list, 30, 5)) {
		t.Error("the same seed draws other pixels")
	}
	if same(first, draw(t, list, 30, 6)) {
		t.Error("two seeds draw the same pixels")
	}
}

// TestDrawIsUniform checks that every frame gets its share of a common bin.
func TestDrawIsUniform(t *testing.T) {
	list := frames(10)
	perFrame := make([]int, len(list))
	for seed := range uint64(40) {
		for i, mask := range draw(t, list, 50, seed) {
			for at, on := range mask.On {
				if on && list[i].Millimetres[at]/100 == 10 {
					perFrame[i]++
				}
			}
		}
	}
	for i, n := range perFrame { // 40 × 50 pixels in ten frames: 200 each, standard deviation 13
		if n < 140 || n > 260 {
			t.Errorf("frame %d has %d pixels of bin 10 in all draws, expected about 200", i, n)
		}
	}
}

func TestDrawErrors(t *testing.T) {
	damaged := errors.New("row 2: damaged PNG")
	readings := 0
	tests := []struct {
		name string
		maps iter.Seq2[transform.DepthMap, error]
		want string
	}{
		{"reading", func(yield func(transform.DepthMap, error) bool) {
			if yield(frames(1)[0], nil) {
				yield(transform.DepthMap{}, damaged)
			}
		}, "damaged PNG"},
		{"size", sequence([]transform.DepthMap{{Width: 4, Height: 3, Millimetres: make([]uint16, 5)}}),
			"4×3 pixels with 5 values"},
		{"other maps the second time", func(yield func(transform.DepthMap, error) bool) {
			readings++
			yield(frames(readings)[readings-1], nil)
		}, "differ between the two readings"},
	}
	for _, test := range tests {
		var last error
		for _, err := range Draw(test.maps, 1, 0) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, last, test.want)
		}
	}
	for range Draw(sequence(nil), 1, 0) {
		t.Error("a mask without a map")
	}
}
