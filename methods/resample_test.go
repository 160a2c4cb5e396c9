package methods

import (
	"math"
	"math/rand/v2"
	deep "reflect" // the package has a function reflect
	"slices"
	"strings"
	"testing"
)

// uneven returns labels of three bins: as many rows in each as n says, labels spread over [bin, bin+1).
func uneven(n ...int) (labels []float32, bins []int) {
	for bin, rows := range n {
		for i := range rows {
			labels, bins = append(labels, float32(bin)+float32(i)/float32(rows)), append(bins, bin)
		}
	}
	return labels, bins
}

// onALine places row i at i².
func onALine(row int) []float32 { return []float32{float32(row * row)} }

// TestResampleBalances: 24 rows in three regions make 8 each.
func TestResampleBalances(t *testing.T) {
	labels, bins := uneven(12, 2, 10)
	for _, kind := range []Resample{ResampleSMOTER, ResampleSMOGN} {
		got, err := Resampler{Kind: kind, Options: DefaultResample()}.Apply(labels, bins, 3, onALine, 1)
		if err != nil {
			t.Fatal(err)
		}
		kept, from := make([]int, 3), map[int]int{}
		for _, row := range got.Keep {
			kept[bins[row]]++
		}
		for _, s := range got.Synthetic {
			from[s.First]++
		}
		if !deep.DeepEqual(kept, []int{8, 2, 8}) || !slices.IsSorted(got.Keep) {
			t.Errorf("%s keeps %v, by bin %v, want 8, 2 and 8", kind, got.Keep, kept)
		}
		if !deep.DeepEqual(from, map[int]int{12: 3, 13: 3}) {
			t.Errorf("%s: synthetic rows by first parent %v, want 3 of each rare row", kind, from)
		}
	}
}

// TestResampleLeaves: 72 rows in three regions make 24 each; a rare region of 30 and a normal one of 12 stay as they
// are.
func TestResampleLeaves(t *testing.T) {
	labels, bins := uneven(30, 6, 6, 6, 6, 6, 12)
	got, err := Resampler{Kind: ResampleSMOTER, Options: DefaultResample()}.Apply(labels, bins, 7, onALine, 1)
	if err != nil || len(got.Synthetic) != 0 || len(got.Keep) != 24+30+12 {
		t.Errorf("%d rows kept, %d synthetic (%v), want 66 and none", len(got.Keep), len(got.Synthetic), err)
	}
}

// TestSMOTERLabel compares with the formula of Torgo et al. 2013: the parents' labels, each weighted by the distance to
// the other parent.
func TestSMOTERLabel(t *testing.T) {
	labels, bins := uneven(40, 6)
	got, err := Resampler{Kind: ResampleSMOTER, Options: DefaultResample()}.Apply(labels, bins, 2, onALine, 3)
	if err != nil || len(got.Synthetic) != 23-6 {
		t.Fatalf("%d synthetic rows (%v), want 17", len(got.Synthetic), err)
	}
	for _, s := range got.Synthetic {
		first, second := float64(onALine(s.First)[0]), float64(onALine(s.Second)[0])
		x := first + s.Share*(second-first)
		d1, d2 := math.Abs(x-first), math.Abs(x-second)
		if want := (d2*float64(labels[s.First]) + d1*float64(labels[s.Second])) / (d1 + d2); !near(float64(s.Label), want,
			1e-6) {
			t.Errorf("%+v: label %g, want %g", s, s.Label, want)
		}
		if s.Noise != 0 || s.First == s.Second {
			t.Errorf("%+v: SMOTER interpolates between two rows without noise", s)
		}
	}
}

// TestSMOGNChoice has the rare rows 20 to 23 at 0, 1, 3 and 7 (see TestNeighbourhoods): 20 and 21 are within each
// other's safe radius or on it, and nothing is near 22 or 23.
func TestSMOGNChoice(t *testing.T) {
	labels, bins := uneven(20, 4)
	at := map[int]float32{20: 0, 21: 1, 22: 3, 23: 7}
	options := ResampleOptions{K: 2, Threshold: 0.8, Perturbation: 0.02}
	interpolated := 0
	for seed := range uint64(20) {
		got, err := Resampler{Kind: ResampleSMOGN, Options: options}.Apply(labels, bins, 2,
			func(row int) []float32 { return []float32{at[row]} }, seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range got.Synthetic {
			switch {
			case s.Noise == 0 && (s.First != 20 || s.Second != 21):
				t.Errorf("%+v is interpolated; only 21 is within the safe radius of another row, 20", s)
			case s.Noise == 0:
				interpolated++
			case s.Noise != 0.02 || s.Second != s.First || s.Share != 0:
				t.Errorf("%+v: want noise of 0.02 about one row", s)
			case math.Abs(float64(s.Label-labels[s.First])) > 6*0.02*0.33:
				t.Errorf("%+v: label moved from %g", s, labels[s.First])
			}
		}
	}
	if interpolated < 15 || interpolated > 35 { // half of those of row 20, which are 40 or more
		t.Errorf("%d rows interpolated", interpolated)
	}
}

// TestSMOGNNoise: rows nearer to each other than the perturbation get no more noise than their safe radius.
func TestSMOGNNoise(t *testing.T) {
	labels, bins := uneven(20, 2)
	got, err := Resampler{Kind: ResampleSMOGN, Options: DefaultResample()}.Apply(labels, bins, 2,
		func(row int) []float32 { return []float32{float32(row) * 0.01} }, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range got.Synthetic {
		if !near(s.Noise, 0.005, 1e-6) {
			t.Errorf("%+v: noise, want half the distance 0.01", s)
		}
	}
}

// TestResampleLoneRow: a row alone in its region has no neighbour.
func TestResampleLoneRow(t *testing.T) {
	labels, bins := uneven(9, 1)
	for kind, noise := range map[Resample]float64{ResampleSMOTER: 0, ResampleSMOGN: 0.02} {
		got, err := Resampler{Kind: kind, Options: DefaultResample()}.Apply(labels, bins, 2, onALine, 1)
		if err != nil || len(got.Synthetic) != 4 {
			t.Fatalf("%s: %d synthetic rows (%v), want 4", kind, len(got.Synthetic), err)
		}
		for _, s := range got.Synthetic {
			if s.First != 9 || s.Second != 9 || s.Noise != noise || s.Label != labels[9] {
				t.Errorf("%s: %+v, want row 9 with noise %g", kind, s, noise)
			}
		}
	}
}

// TestResampleInvariants draws training sets at random.
func TestResampleInvariants(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	kernel := DefaultKernel()
	for trial := range 200 {
		counts := make([]int, 2+random.IntN(12))
		for i := range counts {
			counts[i] = int(math.Exp(5 * random.Float64()))
		}
		labels, bins := uneven(counts...)
		r := Resampler{Kind: ResampleSMOTER, Options: ResampleOptions{K: 1 + random.IntN(6), Threshold: 0.7,
			Perturbation: 0.5}}
		if trial%2 == 0 {
			r.Kind = ResampleSMOGN
		}
		if trial%3 == 0 {
			r.LDS = &kernel
		}
		points := make([][]float32, len(labels))
		for i := range points {
			points[i] = []float32{random.Float32(), random.Float32(), random.Float32()}
		}
		apply := func(seed uint64) (Resampled, error) {
			return r.Apply(labels, bins, len(counts), func(row int) []float32 { return points[row] }, seed)
		}
		got, err := apply(uint64(trial))
		if err != nil {
			if !strings.Contains(err.Error(), "nothing to over-sample") ||
				slices.Max(Relevance(counts, r.LDS, ZeroPadding)) >= 0.7 {
				t.Fatalf("counts %v: %v", counts, err)
			}
			continue
		}
		checkResampled(t, got, labels, regions(bins, Relevance(counts, r.LDS, ZeroPadding), 0.7))
		if want := r.Rows(counts); want != len(got.Keep)+len(got.Synthetic) {
			t.Fatalf("counts %v: %d rows foreseen, %d kept and %d made", counts, want, len(got.Keep), len(got.Synthetic))
		}
		if again, _ := apply(uint64(trial)); !deep.DeepEqual(again, got) {
			t.Fatal("the same seed gives another result")
		}
		if other, _ := apply(uint64(trial) + 1); len(got.Synthetic) > 0 && deep.DeepEqual(other, got) {
			t.Fatal("another seed gives the same result")
		}
	}
}

// checkResampled checks sizes, parents and labels against the regions of the original rows.
func checkResampled(t *testing.T, got Resampled, labels []float32, all []region) {
	t.Helper()
	regionOf, after := map[int]int{}, make([]int, len(all))
	for i, g := range all {
		for _, row := range g.rows {
			regionOf[row] = i
		}
	}
	for _, row := range got.Keep {
		after[regionOf[row]]++
	}
	low, high := slices.Min(labels), slices.Max(labels)
	for _, s := range got.Synthetic {
		i := regionOf[s.First]
		after[i]++
		if regionOf[s.Second] != i || !all[i].rare {
			t.Fatalf("%+v: parents of region %d and %d, rare: %v", s, i, regionOf[s.Second], all[i].rare)
		}
		if s.Label < low || s.Label > high || s.Share < 0 || s.Share > 1 || s.Noise < 0 {
			t.Fatalf("%+v: labels range from %g to %g", s, low, high)
		}
	}
	size := int(math.Round(float64(len(labels)) / float64(len(all))))
	for i, g := range all {
		want := min(len(g.rows), size)
		if g.rare {
			want = max(len(g.rows), size)
		}
		if after[i] != want {
			t.Fatalf("region %d: %d rows of %d (rare: %v), want %d", i, after[i], len(g.rows), g.rare, want)
		}
	}
}

func TestResampleRefuses(t *testing.T) {
	fine := DefaultResample()
	tests := []struct {
		r      Resampler
		labels []float32
		bins   []int
		want   string
	}{
		{Resampler{Kind: ResampleNone, Options: fine}, []float32{1}, []int{0}, "expected smoter or smogn"},
		{Resampler{Kind: ResampleSMOTER}, []float32{1}, []int{0}, "k 0: expected at least 1"},
		{Resampler{Kind: ResampleSMOTER, Options: ResampleOptions{K: 1, Threshold: 1}}, []float32{1}, []int{0},
			"threshold 1: "},
		{Resampler{Kind: ResampleSMOTER, Options: ResampleOptions{K: 1, Threshold: math.NaN()}}, []float32{1}, []int{0},
			"threshold NaN: "},
		{Resampler{Kind: ResampleSMOTER, Options: ResampleOptions{K: 1, Threshold: 0.5, Perturbation: -1}}, []float32{1},
			[]int{0}, "perturbation -1: "},
		{Resampler{Kind: ResampleSMOTER, Options: fine, LDS: &Kernel{}}, []float32{1}, []int{0}, "kernel"},
		{Resampler{Kind: ResampleSMOTER, Options: fine}, []float32{1, 2}, []int{0}, "2 labels, 1 bins"},
		{Resampler{Kind: ResampleSMOTER, Options: fine}, nil, nil, "at least one"},
		{Resampler{Kind: ResampleSMOTER, Options: fine}, []float32{1}, []int{2}, "row 0: bin 2: expected 0 to 1"},
		{Resampler{Kind: ResampleSMOGN, Options: fine}, []float32{1, 2}, []int{0, 1},
			"smogn: no label has a relevance of 0.8 or more"},
	}
	for _, tt := range tests {
		if _, err := tt.r.Apply(tt.labels, tt.bins, 2, onALine, 1); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: error %v, want one with %q", tt.r, err, tt.want)
		}
	}
}
