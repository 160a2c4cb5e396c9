package convert

import (
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

func drawProtocol(t *testing.T, name string, labels []float64, seed uint64) []Row {
	t.Helper()
	p, err := NewProtocol(name)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := p.Draw(labels, 1, 50, seed)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// histogram counts rows by split and whole label.
func histogram(labels []float64, rows []Row) map[datasets.Split][]int {
	counts := map[datasets.Split][]int{}
	for _, split := range datasets.Splits {
		counts[split] = make([]int, 120)
	}
	for i, row := range rows {
		if row.Times > 0 {
			counts[row.Split][int(labels[i])] += row.Times
		}
	}
	return counts
}

func readLabels(t *testing.T, path ...string) (labels []float64, rows []Row) {
	t.Helper()
	file, err := os.Open(realData(t, path...))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	table, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range table[1:] {
		label, err := strconv.ParseFloat(row[0], 64)
		if err != nil {
			t.Fatal(err)
		}
		labels, rows = append(labels, label), append(rows, Row{datasets.Split(row[2]), 1})
	}
	return labels, rows
}

// TestProtocolsAgainstTheReview draws the protocols from the labels of AgeDB and compares their histograms with the
// lists that the review published: by age, within five standard deviations of a count and its twin.
func TestProtocolsAgainstTheReview(t *testing.T) {
	labels, _ := readLabels(t, "agedb", "agedb.csv")
	for _, name := range Protocols {
		published, rows := readLabels(t, "agedb", "protocols", "agedb_"+strings.ReplaceAll(name, "-", "")+".csv")
		want := histogram(published, rows)
		for seed := range uint64(3) {
			got := histogram(labels, drawProtocol(t, name, labels, seed))
			for _, split := range datasets.Splits {
				for age := range want[split] {
					g, w := float64(got[split][age]), float64(want[split][age])
					// Where test's pool of a bin is about as large as the cap, chance decides how much of the bin is there.
					edge := name != Extrapolation && age >= 65
					if !edge && math.Abs(g-w) > 5*math.Sqrt(math.Max(g+w, 1)) || split == datasets.Test && !edge && g != w {
						t.Errorf("%s seed %d: %v rows of age %d in %s, the review has %v", name, seed, g, age, split, w)
					}
				}
				g, w := sum(got[split]), sum(want[split])
				t.Logf("%s seed %d: %s %d, the review %d", name, seed, split, g, w)
			}
		}
	}
}

func sum(values []int) (total int) {
	for _, v := range values {
		total += v
	}
	return total
}

// manyAges returns labels with n rows of each age from 1 to 100.
func manyAges(n int) []float64 {
	var labels []float64
	for age := 1; age <= 100; age++ {
		labels = append(labels, slices.Repeat([]float64{float64(age)}, n)...)
	}
	return labels
}

func TestProtocolRows(t *testing.T) {
	labels := manyAges(200)
	for _, name := range Protocols {
		rows := drawProtocol(t, name, labels, 1)
		if !slices.Equal(rows, drawProtocol(t, name, labels, 1)) {
			t.Errorf("%s: the same seed draws other rows", name)
		}
		if slices.Equal(rows, drawProtocol(t, name, labels, 2)) {
			t.Errorf("%s: another seed draws the same rows", name)
		}
		counts := histogram(labels, rows)
		train, val := sum(counts[datasets.Train]), sum(counts[datasets.Val])
		if share := float64(val) / float64(train+val); share < 0.09 || share > 0.12 {
			t.Errorf("%s: %d of %d rows are in val", name, val, train+val)
		}
		if slices.IndexFunc(rows, func(r Row) bool { return r.Times > 1 }) < 0 {
			t.Errorf("%s: no row stands twice", name)
		}
		for age, n := range counts[datasets.Test] {
			if n != 0 && n != 50 {
				t.Errorf("%s: %d test rows of age %d", name, n, age)
			}
		}
	}
	// The shapes: densest at the peaks, nothing in the gap, nothing outside the range.
	if c := histogram(labels, drawProtocol(t, Extrapolation, labels, 0))[datasets.Train]; c[50] < 150 || c[30] > c[40] ||
		c[90] > 0 {
		t.Errorf("extrapolation: train %v", c)
	}
	if c := histogram(labels, drawProtocol(t, Interpolation, labels, 0))[datasets.Train]; c[52] > 10 || c[25] < 150 ||
		c[80] < 150 {
		t.Errorf("interpolation: train %v", c)
	}
	blind := histogram(labels, drawProtocol(t, BlindSpot, labels, 0))
	for age, n := range blind[datasets.Train] {
		if inside := age >= 20 && age <= 73 && !(age >= 47 && age <= 53); inside != (n > 0) {
			t.Errorf("blind-spot: %d training rows of age %d", n, age)
		}
	}
	if blind[datasets.Test][50] != 50 || blind[datasets.Val][50] != 0 {
		t.Errorf("blind-spot: age 50 has %d rows in test and %d in val", blind[datasets.Test][50], blind[datasets.Val][50])
	}
}

// TestProtocolOtherLabels draws from scores, with a gap of their own.
func TestProtocolOtherLabels(t *testing.T) {
	var labels []float64
	for _, age := range manyAges(60) {
		labels = append(labels, age/20)
	}
	p := Protocol{Name: BlindSpot, Gap: datasets.LabelRanges{{Low: 2, High: 3}}}
	rows, err := p.Draw(labels, 0.5, 20, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if row.Times > 0 && row.Split != datasets.Test && labels[i] >= 2 && labels[i] <= 3 {
			t.Errorf("label %g is in %s", labels[i], row.Split)
		}
	}
}

func TestProtocolErrors(t *testing.T) {
	ages := Protocol{Name: Extrapolation, Peaks: []float64{50}, Decay: 0.01}
	tests := []struct {
		name   string
		change func(*Protocol)
		labels []float64
		want   string
	}{
		{"too few rows", func(*Protocol) {}, manyAges(20), "no label bin of width 1 has 50 rows left for test"},
		{"peak far away", func(p *Protocol) { p.Peaks = []float64{5000} }, manyAges(60),
			"protocol extrapolation leaves no train rows"},
		{"all in the gap", func(p *Protocol) { p.Gap = datasets.LabelRanges{{Low: 0, High: 120}} }, manyAges(200),
			"leaves no train rows"},
		{"nothing in range", func(p *Protocol) { p.Range = datasets.LabelRanges{{Low: 110, High: 120}} }, manyAges(60),
			"no label bin"},
	}
	for _, test := range tests {
		p := ages
		test.change(&p)
		if _, err := p.Draw(test.labels, 1, 50, 0); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.want)
		}
	}
	if _, err := NewProtocol("gap"); err == nil ||
		!strings.Contains(err.Error(), "expected one of extrapolation, interpolation, blind-spot") {
		t.Error(err)
	}
	for _, p := range []Protocol{{Peaks: []float64{1}}, {Peaks: []float64{math.NaN()}, Decay: 1}} {
		if p.Validate() == nil {
			t.Errorf("%+v: no error", p)
		}
	}
}
