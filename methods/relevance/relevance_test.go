package relevance

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The medcouple by its definition: all kernels, sorted.
func naive(sorted []float64) float64 {
	k := newMedcoupleKernel(sorted)
	var all []float64
	for i := range k.low {
		for j := range k.high {
			all = append(all, k.at(i, j))
		}
	}
	slices.Sort(all)
	return all[(len(all)-1)/2]
}

func TestMedcouple(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := 1; n < 130; n++ {
		for _, draw := range []func() float64{
			random.ExpFloat64,
			func() float64 { return math.Round(3 * random.NormFloat64()) }, // ties, at the median too
			func() float64 { return 1e6 + random.Float64() },
			func() float64 { return max(0, random.NormFloat64()) },
		} {
			x := make([]float64, n)
			for i := range x {
				x[i] = draw()
			}
			slices.Sort(x)
			if got, want := lowerMedcouple(x), naive(x); math.Abs(got-want) > 1e-12 {
				t.Fatalf("%v: medcouple %v, want %v", x, got, want)
			}
		}
	}
	symmetric := []float64{-9, -2, -2, 0, 0, 0, 2, 2, 9}
	if got := medcouple(symmetric); got != 0 {
		t.Errorf("symmetric labels: medcouple %v", got)
	}
	long := make([]float64, 200_000) // all pairs would be 10^10
	for i := range long {
		long[i] = math.Sqrt(float64(i))
	}
	if got := medcouple(long); !(got < 0) {
		t.Errorf("left-skewed labels: medcouple %v", got)
	}
}

func TestControlPoints(t *testing.T) {
	skewed := []float64{0, 1, 2, 2, 3, 3, 3, 4, 4, 5, 30} // hinges 2 and 4, whiskers 0 and 5
	b, err := NewBoxplot(skewed)
	if err != nil || b.Numbers != [5]float64{0, 2, 3, 4, 30} || b.Whiskers != [2]float64{0, 5} {
		t.Fatalf("%+v, %v", b, err)
	}
	for extremes, want := range map[Extremes][]Point{
		"": {{0, 0, 0}, {3, 0, 0}, {5, 1, 0}}, High: {{0, 0, 0}, {3, 0, 0}, {5, 1, 0}},
		Low: {{0, 0, 0}, {3, 0, 0}, {30, 0, 0}},
	} {
		if got := b.Points(Plain, extremes); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", extremes, got, want)
		}
	}
	f, err := b.Relevance(Plain, "")
	if err != nil {
		t.Fatal(err)
	}
	for label, want := range map[float64]float64{-1: 0, 0: 0, 2: 0, 3: 0, 4: 0.5, 5: 1, 99: 1} {
		if got := f.At(label); got != want {
			t.Errorf("relevance of %v is %v, want %v", label, got, want)
		}
	}
	fences := b.Fences()
	if want := (Point{fences[1], 1, 0}); b.Points(Adjusted, Both)[2] != want || fences[1] < 4 {
		t.Errorf("%v, want %v", b.Points(Adjusted, Both), want)
	}
}

// Labels of which half are 0 have no lower end apart from the median; equal labels have no relevance at all.
func TestCoincidentPoints(t *testing.T) {
	zeros := []float64{0, 0, 0, 0, 0, 0, 1, 2, 3, 50}
	b, err := NewBoxplot(zeros)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := b.Relevance(Plain, Both); err != nil || f.At(0) != 0 || f.At(3) != 1 {
		t.Errorf("%v, %v", f, err)
	}
	same, err := NewBoxplot([]float64{7, 7, 7})
	if err != nil {
		t.Fatal(err)
	}
	for form, want := range map[Form]string{Adjusted: "label 7 has the relevances 1 and 0",
		Plain: "fewer than two control points"} {
		if _, err := same.Relevance(form, Both); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", form, err, want)
		}
	}
	for _, labels := range [][]float64{nil, {1, math.NaN()}, {math.Inf(1)}} {
		if _, err := NewBoxplot(labels); err == nil {
			t.Errorf("%v: no error", labels)
		}
	}
}

func TestParse(t *testing.T) {
	f, err := Parse("2:1, 5:0,9:0.3,12:1")
	if want := "[{2 1 -0} {5 0 0.129167} {9 0.3 0.154167} {12 1 0}]"; err != nil || rounded(f) != want {
		t.Errorf("%s, %v, want %s", rounded(f), err, want)
	}
	if y := f.At(4.684); math.Abs(y+0.00172285774814829) > 1e-12 { // of the authors' code
		t.Errorf("relevance %v left of a valley", y)
	}
	steep, err := New([]Point{{0, 0, 50}, {1, 1, 50}}) // limited to the circle of radius 3
	if err != nil {
		t.Fatal(err)
	}
	last := 0.0
	for x := 0.0; x <= 1; x += 0.01 {
		if y := steep.At(x); y < last || y > 1 {
			t.Errorf("the curve turns at %v: %v after %v", x, y, last)
		} else {
			last = y
		}
	}
	for text, want := range map[string]string{
		"2:1":       "fewer than two",
		"a:1,2:0":   `"a:1": expected control points`,
		"1,2:0":     `"1": expected control points`,
		"2:1,2:0":   "label 2 has the relevances 1 and 0",
		"2:1,1:0":   "control point 1 comes after 2",
		"1:0,2:1.5": "control point 2:1.5: expected a label and a relevance from 0 to 1",
		"1:0,inf:1": "control point +Inf:1",
	} {
		if _, err := Parse(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func rounded(f Function) string {
	points := f.Points()
	for i := range points {
		points[i].Slope = math.Round(points[i].Slope*1e6) / 1e6
	}
	return fmt.Sprint(points)
}
