package methods

import (
	"math"
	"math/rand/v2"
	deep "reflect" // the package has a function reflect
	"testing"
)

var gone = math.NaN()

// TestHEOM compares with sums by hand.
func TestHEOM(t *testing.T) {
	columns := []Column{
		{Numbers: []float64{0, 5, 10}},         // range 10
		{Numbers: []float64{-1e308, 0, 1e308}}, // a range beyond 64 bits
		{Numbers: []float64{7, 7, 7}},          // constant
		{Numbers: []float64{1, gone, 3}},       // range 2
		{Numbers: []float64{gone, 4, gone}},    // a single number
		{Levels: []int{0, 0, 1}},
		{Levels: []int{-1, 2, -1}},
	}
	squared := HEOM(columns, 3)
	for _, tt := range []struct {
		a, b int
		want float64
	}{
		{0, 1, 0.25 + 0.25 + 1 + 1 + 0 + 1},
		{1, 2, 0.25 + 0.25 + 1 + 1 + 1 + 1},
		{0, 2, 1 + 1 + 1 + 1 + 1 + 1},
	} {
		if got := squared(tt.a, tt.b); !near(float64(got), tt.want, 1e-6) || got != squared(tt.b, tt.a) {
			t.Errorf("rows %d and %d: %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

// TestMix follows the papers: a number between the parents, a category of one of them, noise in the spread of the
// region.
func TestMix(t *testing.T) {
	numbers := Column{Numbers: []float64{0.5, 1, 2, 4, gone, -100, 100}}
	whole := Column{Numbers: []float64{1, 2, 4, 8, gone, -100, 100}}
	levels := Column{Levels: []int{0, 1, 2, 2, -1, 5, 6}}
	r := Resampled{Filled: [][]int{{5}, {0, 1, 2, 3}}}
	for seed := range uint64(200) {
		r.Synthetic = append(r.Synthetic, Synthetic{First: 1, Second: 3, Region: 1, Share: 0.25, Seed: seed},
			Synthetic{First: 1, Second: 4, Region: 1, Share: 0.25, Seed: seed},
			Synthetic{First: 2, Second: 2, Region: 1, Noise: 0.1, Seed: seed})
	}
	mixed, wholes, chosen := numbers.Mix(r, 0), whole.Mix(r, 1), levels.Mix(r, 2)
	seen := map[[2]int]int{}
	var squares float64
	for i := range r.Synthetic {
		v := mixed.Numbers[i]
		switch i % 3 {
		case 0:
			if v != 1.75 || wholes.Numbers[i] != 4 { // 2 + (8-2)/4 = 3.5
				t.Fatalf("between 1 and 4: %v; between 2 and 8: %v", v, wholes.Numbers[i])
			}
		case 1:
			if v != 1 && !math.IsNaN(v) {
				t.Fatalf("1 beside a missing number: %v", v)
			}
			seen[[2]int{-1, int(max(0, v-v+1))}]++
		case 2:
			squares += (v - 2) * (v - 2)
			if wholes.Numbers[i] != math.Trunc(wholes.Numbers[i]) {
				t.Fatalf("a whole number with noise: %v", wholes.Numbers[i])
			}
		}
		seen[[2]int{i % 3, chosen.Levels[i]}]++
	}
	// The standard deviation of 0.5, 1, 2 and 4 is 1.5478.
	if got := math.Sqrt(squares / 200); math.Abs(got-0.15478) > 0.03 {
		t.Errorf("noise with a standard deviation of %v, want a tenth of that of the region, 0.155", got)
	}
	for of, n := range map[[2]int]int{{0, 1}: 100, {0, 2}: 100, {1, 1}: 100, {1, -1}: 100, {2, 0}: 50, {2, 1}: 50,
		{2, 2}: 100} {
		if got := seen[of]; math.Abs(float64(got-n)) > 35 {
			t.Errorf("kind %d: level %d is drawn %d times of 200, want about %d", of[0], of[1], got, n)
		}
	}
	if again := numbers.Mix(r, 0); !deep.DeepEqual(again.Numbers[0], mixed.Numbers[0]) {
		t.Error("the same seeds give other numbers")
	}
	r.Synthetic = []Synthetic{{First: 5, Second: 5, Region: 0, Noise: 1, Seed: 1}}
	if edge := numbers.Mix(r, 0).Numbers[0]; edge != -100 {
		t.Errorf("a row alone in its region: %v, want no noise", edge)
	}
}

// TestInverted: 60 rows in regions of 40, 4 and 16 become shares of 1/40, 1/4 and 1/16.
func TestInverted(t *testing.T) {
	labels, bins := uneven(40, 4, 16)
	r := Resampler{Kind: ResampleSMOTER, Options: DefaultResample(), Phi: []float64{0, 1, 0}, Inverted: true}
	columns := []Column{{Numbers: make([]float64, 60)}}
	for i := range columns[0].Numbers {
		columns[0].Numbers[i] = rand.New(rand.NewPCG(uint64(i), 1)).Float64()
	}
	r.Squared = HEOM(columns, 60)
	got, err := r.Apply(labels, bins, 3, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	kept := make([]int, 3)
	for _, row := range got.Keep {
		kept[bins[row]]++
	}
	// 60/(1/40+1/4+1/16) = 177.8 times the shares: 4.4, 44.4, 11.1.
	if want := []int{4, 4, 11}; !deep.DeepEqual(kept, want) || len(got.Synthetic) != 40 || len(got.Filled) != 1 {
		t.Errorf("%v kept and %d made, want %v and 40", kept, len(got.Synthetic), want)
	}
	if r.Phi = r.Phi[:2]; true {
		if _, err := r.Apply(labels, bins, 3, nil, 1); err == nil {
			t.Error("a relevance for two of three bins is accepted")
		}
	}
}

// BenchmarkHEOM has an eighth of a table of 28,000 rows and 59 columns.
func BenchmarkHEOM(b *testing.B) {
	const rows = 3500
	random := rand.New(rand.NewPCG(1, 1))
	columns := make([]Column, 59)
	for i := range columns {
		for range rows {
			if i < 50 {
				columns[i].Numbers = append(columns[i].Numbers, random.Float64())
			} else {
				columns[i].Levels = append(columns[i].Levels, random.IntN(5))
			}
		}
	}
	all := make([]int, rows)
	for i := range all {
		all[i] = i
	}
	for b.Loop() {
		neighbourhoods(all, HEOM(columns, rows), 5, true)
	}
}
