package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBinning(t *testing.T) {
	low, high := 0.0, 0.1
	ageLow, ageHigh := 0.0, 120.0
	millions := []float32{1.1e6, 3.05e6}
	ramp := make([]float32, 100)
	for i := range ramp {
		ramp[i] = float32(i) * float32(i) / 7
	}
	for name, test := range map[string]struct {
		binning       Binning
		train, others []float32
		want          LabelSpace
	}{
		"whole": {Binning{}, []float32{-3, 20, 5}, nil,
			LabelSpace{Rule: BinInteger, Min: -3, Max: 20, Bins: 24, Width: 1}},
		"one value": {Binning{}, []float32{7, 7}, nil, LabelSpace{Rule: BinInteger, Min: 7, Max: 8, Bins: 1, Width: 1}},
		"whole beyond": {Binning{}, []float32{0, 10}, []float32{-2, 12},
			LabelSpace{Rule: BinInteger, Min: -2, Max: 12, Bins: 15, Width: 1}},
		"whole, wide": {Binning{}, []float32{0, 1, 1000}, nil,
			LabelSpace{Rule: BinEdges, Min: 0, Max: 1020, Bins: 51, Width: 20}},
		"half points": {Binning{}, []float32{1, 1.5, 5}, nil,
			LabelSpace{Rule: BinEdges, Min: 0.75, Max: 5.25, Bins: 9, Width: 0.5}},
		"continuous": {Binning{}, []float32{0.5, 3.33, 99.7}, nil,
			LabelSpace{Rule: BinEdges, Min: 0, Max: 100, Bins: 50, Width: 2}},
		"a fraction": {Binning{}, []float32{2.5, 2.5}, nil, LabelSpace{Rule: BinEdges, Min: 2, Max: 3, Bins: 1, Width: 1}},
		"millions": {Binning{}, append(millions, 1234567), nil,
			LabelSpace{Rule: BinEdges, Min: 1.1e6, Max: 3.1e6, Bins: 40, Width: 50000}},
		"negative": {Binning{}, []float32{-1e-3, -0.5e-3, -9.77e-3}, nil,
			LabelSpace{Rule: BinEdges, Min: -0.0098, Max: -0.0004, Bins: 47, Width: 0.0002}},
		"width": {Binning{Width: 5}, []float32{12, 30}, nil,
			LabelSpace{Rule: BinEdges, Min: 10, Max: 35, Bins: 5, Width: 5}},
		"width 1": {Binning{Width: 1}, []float32{12, 30}, []float32{400},
			LabelSpace{Rule: BinInteger, Min: 12, Max: 400, Bins: 389, Width: 1}},
		"decimal": {Binning{Width: 0.1}, []float32{0.3, 0.7}, nil,
			LabelSpace{Rule: BinEdges, Min: 0.3, Max: 0.8, Bins: 5, Width: 0.1}},
		"range": {Binning{Width: 0.01, Low: &low, High: &high}, []float32{0.1}, nil,
			LabelSpace{Rule: BinEdges, Min: 0, Max: 0.1, Bins: 10, Width: 0.01}},
		"ages": {Binning{Low: &ageLow, High: &ageHigh}, []float32{20, 30}, nil,
			LabelSpace{Rule: BinInteger, Min: 0, Max: 120, Bins: 121, Width: 1}},
		"bins": {Binning{Bins: 4}, []float32{1, 3}, nil,
			LabelSpace{Rule: BinEdges, Min: 1, Max: 3, Bins: 4, Width: 0.5}},
		"bins beyond": {Binning{Bins: 4}, []float32{1, 3}, []float32{0.2, 3.1},
			LabelSpace{Rule: BinEdges, Min: 0, Max: 3.5, Bins: 7, Width: 0.5}},
		"far beyond": {Binning{}, []float32{0.5, 1.33, 3.1}, []float32{-0.2, 1e6},
			LabelSpace{Rule: BinEdges, Min: -0.2, Max: 1e6, Bins: 29,
				Edges: []float64{-0.2, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2, 2.1, 2.2, 2.3,
					2.4, 2.5, 2.6, 2.7, 2.8, 2.9, 3, 3.1, 3.2, 1e6}}},
		"bins far beyond": {Binning{Bins: 2}, []float32{1, 3}, []float32{1e6},
			LabelSpace{Rule: BinEdges, Min: 1, Max: 1e6, Bins: 3,
				Edges: []float64{1, 2, 3, 1e6}}},
		"bins, range": {Binning{Bins: 4, Low: &low, High: &high}, []float32{0.05}, nil,
			LabelSpace{Rule: BinEdges, Min: 0, Max: 0.1, Bins: 4, Width: 0.025}},
		"edges": {Binning{Edges: []float64{-5, 0, 0.1, 50}}, []float32{3}, []float32{-5, 50},
			LabelSpace{Rule: BinEdges, Min: -5, Max: 50, Bins: 3, Edges: []float64{-5, 0, 0.1, 50}}},
		"quantiles": {Binning{Quantiles: 4}, []float32{1, 2, 3, 4, 5, 6, 7, 800}, []float32{-9, 900},
			LabelSpace{Rule: BinEdges, Min: -9, Max: 900, Bins: 4, Edges: []float64{-9, 3, 5, 7, 900}}},
		"ties": {Binning{Quantiles: 4}, []float32{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.7, 9}, nil,
			LabelSpace{Rule: BinEdges, Min: 0.1, Max: 9, Bins: 2, Edges: []float64{0.1, 0.7, 9}}},
		"log": {Binning{Log: 3}, []float32{1, 1000}, []float32{0.5, 5000},
			LabelSpace{Rule: BinEdges, Min: 0.5, Max: 5000, Bins: 3, Edges: []float64{0.5, 10, 100, 5000}}},
	} {
		t.Run(name, func(t *testing.T) {
			test.want.Unit = "u"
			got, err := test.binning.Space("u", test.train, test.others)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("%v: %s", err, diff)
			}
			for _, label := range slices.Concat(test.train, test.others) {
				if err := got.Check(label); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if _, err := (Binning{}).Space("", ramp, nil); err != nil {
		t.Error(err)
	}
}

func TestBinningErrors(t *testing.T) {
	one, two := 1.0, 2.0
	for _, test := range []struct {
		binning Binning
		labels  []float32
		want    string
	}{
		{Binning{Bins: 3, Width: 1}, nil, "bins, --bin-width, --edges, --quantile-bins: expected at most one"},
		{Binning{Bins: -3}, nil, "bins -3: expected 1 to 1000000, or log"},
		{Binning{Width: math.NaN()}, nil, "bin-width NaN: "},
		{Binning{Edges: []float64{3, 1}}, nil, "edges [3 1]: expected two or more finite numbers in ascending order"},
		{Binning{Edges: []float64{3, 4}, Low: &one, High: &two}, nil, "label-range: edges are a range themselves"},
		{Binning{Low: &two, High: &one}, nil, "label-range: expected LOW,HIGH"},
		{Binning{Low: &one, High: &two}, []float32{1.5, 3}, "label 3 is outside [1, 2]"},
		{Binning{Edges: []float64{1, 2}}, []float32{0}, "label 0 is outside [1, 2]"},
		{Binning{Edges: []float64{1, 1, 2}}, []float32{1},
			"edges 1 and 1: expected ascending numbers that are apart in 32 bits"},
		{Binning{Edges: []float64{2e7, 2e7 + 0.5, 3e7}}, []float32{2e7}, "apart in 32 bits"},
		{Binning{Width: 0.25}, []float32{2e7}, "apart in 32 bits"},
		{Binning{Log: 5}, []float32{0, 3}, "label 0: expected labels above 0 for logarithmic bins"},
		{Binning{Width: 1e-9}, []float32{0, 1},
			"labels from 0 to 1 have too many bins of width 1e-09: expected a larger --bin-width"},
	} {
		err := test.binning.Validate()
		if err == nil && test.labels != nil {
			_, err = test.binning.Space("", test.labels, nil)
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: error %v, want %s", test.binning, err, test.want)
		}
	}
}

// TestBinsHoldTheirLabels: whatever the rule and the labels, a label lies between the ends of its bin, as labels are
// kept.
func TestBinsHoldTheirLabels(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	makers := map[string]func() float64{
		"years":    func() float64 { return float64(random.IntN(100)) },
		"halves":   func() float64 { return float64(random.IntN(12)) / 2 },
		"decimals": func() float64 { return float64(random.IntN(500))/10 - 20 },
		"normal":   func() float64 { return random.NormFloat64() },
		"tail":     func() float64 { return 1e5 * math.Exp(2*random.NormFloat64()) },
		"millions": func() float64 { return 3e6 + float64(random.IntN(20000)) },
		"tiny":     func() float64 { return -1e-6 * random.ExpFloat64() },
	}
	edges := []float64{-1e9, -7.7, -0.1, 0, 0.3, 55, 1e5, 1e9}
	for name, label := range makers {
		for _, binning := range []Binning{{}, {Bins: 37}, {Quantiles: 20}, {Log: 25}, {Edges: edges}} {
			if binning.Log > 0 && name != "tail" && name != "millions" {
				continue
			}
			t.Run(fmt.Sprintf("%s %+v", name, binning), func(t *testing.T) {
				labels := make([]float32, 900)
				for i := range labels {
					labels[i] = float32(label())
				}
				space, err := binning.Space("", labels[:500], labels[500:])
				if err != nil {
					t.Fatal(err)
				}
				total := 0
				for _, n := range space.Count(labels) {
					total += n
				}
				if total != len(labels) {
					t.Errorf("%d labels in bins", total)
				}
				for _, y := range labels {
					bin := space.Bin(y)
					lower, upper := float32(space.Lower(bin)), float32(space.Upper(bin))
					if last := bin == space.Bins-1; space.Check(y) != nil || y < lower || y > upper || y == upper && !last {
						t.Fatalf("label %v is in bin %d of %d, [%v, %v): %v", y, bin, space.Bins, lower, upper, space.Check(y))
					}
					if c := space.Center(bin); c < space.Lower(bin) || c > space.Upper(bin) {
						t.Fatalf("centre %v of bin %d, [%v, %v)", c, bin, lower, upper)
					}
				}
			})
		}
	}
}

// TestQuantileShots: bins with samples are ranked by their number, equal ones stay together, empty ones are few.
func TestQuantileShots(t *testing.T) {
	for _, test := range []struct {
		counts []int
		want   string
	}{
		{[]int{9, 1, 0, 5, 4, 2, 8}, "many few few medium medium few many"},
		{[]int{3, 3, 3}, "medium medium medium"},
		{[]int{1, 1, 1, 1, 7}, "medium medium medium medium many"},
		{[]int{5}, "medium"},
		{[]int{0, 0}, "few few"},
	} {
		var got []string
		for _, region := range ThirdsShots().Regions(test.counts) {
			got = append(got, region.String())
		}
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%v: %s, want %s", test.counts, text, test.want)
		}
	}
	for rule, want := range map[*ShotRule]string{
		{Quantiles: []float64{0.5}}:                   "quantiles [0.5]: expected two ascending shares",
		{Quantiles: []float64{0.9, 0.1}}:              "expected two ascending shares",
		{Quantiles: []float64{0.1, 0.9}, Many: 3}:     "expected no thresholds and no lists beside them",
		{Quantiles: []float64{0.1, math.NaN()}}:       "expected two ascending shares",
		{ManyBins: []int{4}, Quantiles: []float64{0}}: "no lists beside them",
	} {
		if err := rule.Validate(3); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %s", rule, err, want)
		}
	}
}
