package twin

import (
	"math"
	"testing"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

// rooms is the NYUD2 twin: pixels per bin of each split, those of the mask in the test split.
type rooms struct {
	counts   map[datasets.Split][]int
	subset   int
	features map[datasets.Split][][]float64 // of some pixels
	depths   map[datasets.Split][]float64   // of the same pixels in metres
}

func readRooms(t *testing.T, o Options) rooms {
	t.Helper()
	r := rooms{map[datasets.Split][]int{}, 0, map[datasets.Split][][]float64{}, map[datasets.Split][]float64{}}
	space := datasets.NYUD2Space()
	err := Generate("nyud2", o, func(split datasets.Split, s datasets.Sample) error {
		frame, err := s.Frame()
		if err != nil {
			return err
		}
		pixels, err := transform.DecodeRGB(s.Image, frameWidth, frameHeight)
		if err != nil {
			return err
		}
		if r.counts[split] == nil {
			r.counts[split] = make([]int, space.Bins)
		}
		if s.Subset {
			r.subset++
		}
		for y := frame.View.Min.Y; y < frame.View.Max.Y; y++ {
			for x := frame.View.Min.X; x < frame.View.Max.X; x++ {
				at := y*frameWidth + x
				if frame.Mask != nil && !frame.Mask.On[at] {
					continue
				}
				depth := datasets.Metres(frame.Depth.Millimetres[at])
				r.counts[split][space.Bin(depth)]++
				if frame.Mask != nil || at%17 == 0 {
					r.features[split] = append(r.features[split], pixelFeatures(pixels, x, y))
					r.depths[split] = append(r.depths[split], float64(depth))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// pixelFeatures are the mean colour, its blueness and the contrast of the 5×5 pixels about a pixel, and its height.
func pixelFeatures(pixels []uint8, x, y int) []float64 {
	var mean, square rgb
	for dy := -2; dy <= 2; dy++ {
		for dx := -2; dx <= 2; dx++ {
			at := 3 * (max(0, min(frameHeight-1, y+dy))*frameWidth + max(0, min(frameWidth-1, x+dx)))
			for k := range mean {
				v := float64(pixels[at+k]) / 255
				mean[k] += v / 25
				square[k] += v * v / 25
			}
		}
	}
	blue := mean[2] / (mean[0] + mean[1] + 0.1)
	contrast := math.Sqrt(max(0, square[0]-mean[0]*mean[0]))
	return []float64{mean[0], mean[1], mean[2], blue, blue * blue, contrast, float64(y) / frameHeight}
}

// TestRooms checks the depths of the twin against what is known of NYUD2-DIR: 87.7, 7.6 and 4.7 % of the training
// pixels are in many-, medium- and few-shot bins, none is nearer than 0.7 m, and the subset and the masks follow their
// rules.
func TestRooms(t *testing.T) {
	r := readRooms(t, Options{})
	train := r.counts[datasets.Train]
	share := shares(train)
	for region, want := range [][2]float64{{0.85, 0.92}, {0.05, 0.1}, {0.03, 0.06}} {
		if share[region] < want[0] || share[region] > want[1] {
			t.Errorf("share of %s-shot pixels is %.3f, want %v", datasets.Region(region), share[region], want)
		}
	}
	for bin, n := range train {
		if (n > 0) != (bin >= 7) {
			t.Errorf("training has %d pixels in bin %d", n, bin)
		}
	}
	if r.subset != nyud2Size/4 {
		t.Errorf("%d frames in the subset, want %d", r.subset, nyud2Size/4)
	}
	for bin, n := range r.counts[datasets.Test] {
		if n > maskFloor || (n == 0 && bin >= 8) || (bin >= 10 && bin <= 50 && n != maskFloor) {
			t.Errorf("%d masked test pixels in bin %d", n, bin)
		}
	}
	checkDepthFromPixels(t, r)
}

func shares(counts []int) [3]float64 {
	var share [3]float64
	total := 0
	for _, n := range counts {
		total += n
	}
	for bin, region := range datasets.NYUD2Shots().Regions(counts) {
		share[region] += float64(counts[bin]) / float64(total)
	}
	return share
}

// checkDepthFromPixels fits the depth of training pixels by the colours about them: the pixels tell the depth, and
// few-shot depths are harder for a plain loss.
func checkDepthFromPixels(t *testing.T, r rooms) {
	t.Helper()
	predict := linear(t, r.features[datasets.Train], r.depths[datasets.Train])
	middle := median(r.depths[datasets.Train])
	regions := datasets.NYUD2Shots().Regions(make([]int, 100))
	var fitted, constant, n [3]float64
	for i, depth := range r.depths[datasets.Test] {
		region := regions[datasets.NYUD2Space().Bin(float32(depth))]
		fitted[region] += math.Abs(predict(r.features[datasets.Test][i]) - depth)
		constant[region] += math.Abs(middle - depth)
		n[region]++
	}
	mae, guess := sum(fitted[:])/sum(n[:]), sum(constant[:])/sum(n[:])
	many, few := fitted[datasets.Many]/n[datasets.Many], fitted[datasets.Few]/n[datasets.Few]
	t.Logf("test MAE %.2f m (many %.2f, few %.2f), of the median %.2f m (many %.2f, few %.2f)", mae, many, few, guess,
		constant[datasets.Many]/n[datasets.Many], constant[datasets.Few]/n[datasets.Few])
	if mae > 0.7*guess || few < 1.5*many {
		t.Errorf("test MAE %.2f m (many %.2f, few %.2f), of the median %.2f m", mae, many, few, guess)
	}
}

// TestCast checks depths that geometry gives: a room of 4 × 8 × 3 m seen along its length, 1.5 m from the left wall.
func TestCast(t *testing.T) {
	s := scene{room: block{hi: vec{4, 8, 3}}, eye: vec{1.5, 1, 1.5}}
	s.aim(math.Pi/2, 0)
	box, behind := block{lo: vec{1.4, 4, 0}, hi: vec{1.6, 5, 3}}, block{lo: vec{1, 6, 0}, hi: vec{2, 7, 3}}
	for _, test := range []struct {
		name      string
		dir       vec
		furniture []block
		want      float64
		axis      int
	}{
		{"far wall", s.forward, nil, 7, 1},
		{"right wall", s.forward.add(s.right, 0.5), nil, 5, 0}, // 2.5 m to the side at half a metre a metre
		{"left wall", s.forward.add(s.right, -0.5), nil, 3, 0},
		{"floor", s.forward.add(s.up, -0.5), nil, 3, 2}, // 1.5 m down
		{"box", s.forward, []block{box, behind}, 3, 1},
		{"box, listed last", s.forward, []block{behind, box}, 3, 1},
		{"beside the box", s.forward.add(s.right, 0.2), []block{box}, 7, 1},
	} {
		s.furniture = test.furniture
		if got := s.cast(test.dir); math.Abs(got.depth-test.want) > 1e-9 || got.axis != test.axis {
			t.Errorf("%s: depth %v across axis %d, want %v, %d", test.name, got.depth, got.axis, test.want, test.axis)
		}
	}
}
