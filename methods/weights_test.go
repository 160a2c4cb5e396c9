package methods

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance*math.Max(1, math.Abs(b)) }

func TestWeightsMeanOne(t *testing.T) {
	counts := []int{0, 3, 50, 200, 7, 0, 1}
	kernel := DefaultKernel()
	for _, reweight := range []Reweight{ReweightInv, ReweightSqrtInv} {
		for _, lds := range []*Kernel{nil, &kernel} {
			weights, err := Weighting{Reweight: reweight, LDS: lds}.BinWeights(counts)
			if err != nil {
				t.Fatal(err)
			}
			sum, n := 0.0, 0
			for i, c := range counts {
				sum += weights[i] * float64(c)
				n += c
			}
			if !near(sum/float64(n), 1, 1e-6) {
				t.Errorf("%s lds=%v: mean weight %g over the training set, want 1", reweight, lds != nil, sum/float64(n))
			}
		}
	}
}

// Smoothed inverse counts lose their fraction in the released code; in the paper they keep it.
func TestOfficialTruncation(t *testing.T) {
	counts, kernel := []int{1, 1, 1, 1, 1, 1, 1, 100}, Kernel{Kind: Gaussian, Size: 3, Sigma: 1}
	official, err := Weighting{Reweight: ReweightInv, LDS: &kernel, Truncate: true}.BinWeights(counts)
	if err != nil {
		t.Fatal(err)
	}
	paper, err := Weighting{Reweight: ReweightInv, LDS: &kernel}.BinWeights(counts)
	if err != nil {
		t.Fatal(err)
	}
	window := kernel.LDSWindow()
	inner := 1 + 2*window[0]
	end := 100 + window[0]
	if want := math.Trunc(end) / math.Trunc(inner); !near(official[1]/official[7], want, 1e-5) {
		t.Errorf("official weight ratio %g, want %g", official[1]/official[7], want)
	}
	if want := end / inner; !near(paper[1]/paper[7], want, 1e-5) {
		t.Errorf("paper weight ratio %g, want %g", paper[1]/paper[7], want)
	}
}

// stsbCounts are the bin counts of the official STS-B-DIR training set.
var stsbCounts = []int{428, 4, 96, 2, 98, 9, 86, 14, 97, 1, 203, 1, 139, 7, 117, 22, 111, 17, 118, 1, 186, 3, 192, 7,
	111, 27, 150, 35, 143, 1, 357, 6, 332, 22, 239, 55, 209, 71, 257, 5, 352, 3, 229, 4, 126, 20, 115, 25, 133, 263}

// The extreme weights of the official STS-B-DIR training set, from its 50 bin counts.
func TestOfficialSTSBWeights(t *testing.T) {
	kernel := DefaultKernel()
	for _, tt := range []struct {
		lds      *Kernel
		min, max float64
	}{{nil, 0.24528, 104.98}, {&kernel, 0.57896, 2.58307}} {
		weights, err := Weighting{Reweight: ReweightInv, LDS: tt.lds, Truncate: true}.BinWeights(stsbCounts)
		if err != nil {
			t.Fatal(err)
		}
		if !near(slices.Min(weights), tt.min, 1e-5) || !near(slices.Max(weights), tt.max, 1e-5) {
			t.Errorf("lds=%v: weights from %.6g to %.6g, want %g to %g", tt.lds != nil, slices.Min(weights), slices.Max(weights),
				tt.min, tt.max)
		}
	}
}

func TestWeightingRefuses(t *testing.T) {
	tests := []struct {
		rule   Weighting
		counts []int
		want   string
	}{
		{Weighting{Reweight: "cube"}, []int{1}, "none, inv or sqinv"},
		{Weighting{Reweight: ReweightInv}, []int{0, 0}, "no training sample"},
		{Weighting{Reweight: ReweightInv, FirstBin: 2}, []int{1, 1}, "first bin 2"},
	}
	for _, tt := range tests {
		if _, err := tt.rule.BinWeights(tt.counts); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: error %v, want one with %q", tt.rule, err, tt.want)
		}
	}
}

// TestDensity smooths the bins in use and gives the first one's density to those below.
func TestDensity(t *testing.T) {
	counts := []int{0, 4, 2, 0}
	smooth := Weighting{Reweight: ReweightNone, FirstBin: 1, LDS: &Kernel{Kind: Triangle, Size: 3}, Padding: ZeroPadding}
	for want, rule := range map[[4]float64]Weighting{{4, 4, 2, 0}: {FirstBin: 1}, {5, 5, 4, 1}: smooth, {0, 4, 2, 0}: {}} {
		if got, err := rule.Density(counts); err != nil || !slices.Equal(got, want[:]) {
			t.Errorf("%+v: density %v, error %v, want %v", rule, got, err, want)
		}
	}
}

func TestParse(t *testing.T) {
	tests := []struct {
		in, want, first string
		rule            Reweight
	}{
		{"vanilla", "vanilla", "", ReweightNone},
		{"lds", "lds", "", ReweightSqrtInv},
		{"vanilla+lds", "lds", "", ReweightSqrtInv},
		{"fds+lds", "lds+fds", "", ReweightSqrtInv},
		{"fds", "fds", "", ReweightNone},
		{"sqinv", "sqinv", "", ReweightSqrtInv},
		{"inv+lds", "inv+lds", "", ReweightInv},
		{"focal-r", "focal-r", "", ReweightNone},
		{"focal-r+lds", "focal-r+lds", "", ReweightSqrtInv},
		{"smoter", "smoter", "", ReweightNone},
		{"smogn+fds+lds", "smogn+lds+fds", "", ReweightSqrtInv},
		{"rrt", "rrt", "vanilla", ReweightSqrtInv},
		{"rrt+lds+fds", "rrt+lds+fds", "fds", ReweightSqrtInv},
		{"fds+lds+inv+focal-r+rrt", "inv+focal-r+rrt+lds+fds", "fds", ReweightInv},
		{"lds+rrt", "rrt+lds", "vanilla", ReweightSqrtInv},
		{"fds+vanilla+smogn", "smogn+fds", "", ReweightNone},
	}
	for _, tt := range tests {
		m, err := Parse(tt.in)
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		first := ""
		if f, staged := m.FirstStage(); staged {
			first = f.String()
		}
		if rule := m.WeightRule(ReweightSqrtInv); m.String() != tt.want || first != tt.first || rule != tt.rule {
			t.Errorf("%s: got %s, first stage %q, rule %s; want %s, %q, %s", tt.in, m, first, rule, tt.want, tt.first, tt.rule)
		}
	}
	for _, bad := range []string{"", "+", "ldss", "lds+lds", "smoter+smogn", "vanilla+", "LDS", "inv+sqinv",
		"rrt+rrt", "lds()", "lds(sigma=2)", "lds(", "lds)", "+lds"} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestNamesRoundTrip(t *testing.T) {
	names := Names()
	for _, name := range names {
		if m, err := Parse(name); err != nil || m.String() != name {
			t.Errorf("%s parses as %v, %v", name, m, err)
		}
	}
	if slices.Sort(names); len(slices.Compact(names)) != len(Names()) {
		t.Error("a name is listed twice")
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		m, err := Parse(name)
		if err != nil {
			return
		}
		if again, err := Parse(m.String()); err != nil || again.String() != m.String() {
			t.Errorf("%q gives %v, which parses as %v, %v", name, m, again, err)
		}
	})
}
