package relevance

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Boxplot is what a box plot shows of labels, and their skewness.
type Boxplot struct {
	// Numbers are Tukey's five: minimum, lower hinge, median, upper hinge, maximum.
	Numbers [5]float64 `json:"numbers"`
	// Whiskers are the extreme labels within 1.5 times the distance of the hinges beyond them.
	Whiskers [2]float64 `json:"whiskers"`
	// Medcouple is the skewness from -1 to 1 of Brys, Hubert and Struyf (Journal of Computational and Graphical
	// Statistics 13, 2004), 0 of symmetric labels.
	Medcouple float64 `json:"medcouple"`
}

// whiskerReach is the length of a whisker in distances of the hinges.
const whiskerReach = 1.5

// NewBoxplot returns the box plot of labels. None, or one that is not finite, is an error.
func NewBoxplot(labels []float64) (Boxplot, error) {
	x := slices.Clone(labels)
	slices.Sort(x)
	n := len(x)
	if n == 0 || math.IsNaN(x[0]) || math.IsInf(x[0], 0) || math.IsInf(x[n-1], 0) {
		return Boxplot{}, fmt.Errorf("a box plot of %d labels: expected finite ones", n)
	}
	quarter := float64((n+3)/2) / 2 // the depth of the hinges, in halves
	b := Boxplot{Medcouple: medcouple(x)}
	for i, depth := range []float64{1, quarter, float64(n+1) / 2, float64(n+1) - quarter, float64(n)} {
		b.Numbers[i] = (x[int(depth)-1] + x[int(math.Ceil(depth))-1]) / 2
	}
	reach := whiskerReach * (b.Numbers[3] - b.Numbers[1])
	inside := slices.DeleteFunc(x, func(v float64) bool { return v < b.Numbers[1]-reach || v > b.Numbers[3]+reach })
	b.Whiskers = [2]float64{inside[0], inside[len(inside)-1]}
	return b, nil
}

// Fences returns the ends of the box plot adjusted for skewness, beyond which labels are outliers (Hubert and
// Vandervieren, Computational Statistics and Data Analysis 52, 2008).
func (b Boxplot) Fences() [2]float64 {
	low, high := -4.0, 3.0
	if b.Medcouple < 0 {
		low, high = -3, 4
	}
	reach := whiskerReach * (b.Numbers[3] - b.Numbers[1])
	return [2]float64{
		b.Numbers[1] - reach*math.Exp(low*b.Medcouple), b.Numbers[3] + reach*math.Exp(high*b.Medcouple),
	}
}

// Form says where a box plot puts its points of relevance 1.
type Form string

// Extremes says which ends of the labels are relevant.
type Extremes string

// The forms and extremes; the first of each is what [Boxplot.Relevance] takes if it is empty.
const (
	Adjusted Form = "adjusted" // at the fences of the adjusted box plot
	Plain    Form = "boxplot"  // at the whiskers, where there are outliers beyond them

	Both Extremes = "both"
	High Extremes = "high"
	Low  Extremes = "low"
)

// Validate reports a name that is none of the extremes.
func (e Extremes) Validate() error {
	if !slices.Contains([]Extremes{"", Both, High, Low}, e) {
		return fmt.Errorf("%q: expected both, high or low", string(e))
	}
	return nil
}

// Points returns the control points of a box plot. The median has relevance 0. At each relevant end the fence has 1 or,
// of the plain form, the whisker if there are outliers beyond it; any other end is the extreme label, with relevance 0.
func (b Boxplot) Points(form Form, extremes Extremes) []Point {
	low, high := Point{Label: b.Numbers[0]}, Point{Label: b.Numbers[4]}
	ends, has := b.Fences(), [2]bool{true, true}
	if form == Plain {
		ends, has = b.Whiskers, [2]bool{b.Whiskers[0] > b.Numbers[0], b.Whiskers[1] < b.Numbers[4]}
	}
	if extremes != High && has[0] {
		low = Point{Label: ends[0], Relevance: 1}
	}
	if extremes != Low && has[1] {
		high = Point{Label: ends[1], Relevance: 1}
	}
	return []Point{low, {Label: b.Numbers[2]}, high}
}

// Relevance returns the relevance through the control points of a box plot, an error where they coincide.
func (b Boxplot) Relevance(form Form, extremes Extremes) (Function, error) {
	return New(b.Points(form, extremes))
}

// smallSample is the number of labels up to which the medcouple of the mirrored labels is taken in, as in R's
// robustbase.
const smallSample = 100

func medcouple(sorted []float64) float64 {
	if len(sorted) > smallSample {
		return lowerMedcouple(sorted)
	}
	mirrored := make([]float64, len(sorted))
	for i, v := range sorted {
		mirrored[len(sorted)-1-i] = -v
	}
	return (lowerMedcouple(sorted) - lowerMedcouple(mirrored)) / 2
}

// lowerMedcouple returns the median of h(l, u) = ((u - m) - (m - l)) / (u - l) over all pairs of labels l ≤ m ≤ u, m
// being the median of the labels; of an even number of pairs it takes the lower middle. The kernel rises with l and
// with u, so that the pairs at or below a value are counted in one pass over both, and bisection finds the median.
func lowerMedcouple(sorted []float64) float64 {
	k := newMedcoupleKernel(sorted)
	half := (len(k.low)*len(k.high) + 1) / 2
	below, at := -1.0, 1.0
	_, value := k.upTo(at)
	for at-below > 1e-14 {
		middle := below + (at-below)/2
		if count, largest := k.upTo(middle); count >= half {
			at, value = middle, largest
		} else {
			below = middle
		}
	}
	return value
}

// medcoupleKernel holds labels less their median: those at or below it, and those at or above it, in ascending order.
type medcoupleKernel struct {
	low, high []float64
	ties      int // labels equal to the median, at the end of low and at the beginning of high
}

func newMedcoupleKernel(sorted []float64) (k medcoupleKernel) {
	n := len(sorted)
	median := (sorted[(n-1)/2] + sorted[n/2]) / 2
	for _, v := range sorted {
		d := v - median
		if d <= 0 {
			k.low = append(k.low, d)
		}
		if d >= 0 {
			k.high = append(k.high, d)
		}
		if d == 0 {
			k.ties++
		}
	}
	return k
}

// at returns the kernel of a pair. Two labels equal to the median have the sign of their places among the ties.
func (k medcoupleKernel) at(i, j int) float64 {
	l, u := k.low[i], k.high[j]
	if l == 0 && u == 0 {
		return float64(cmp.Compare(i-(len(k.low)-k.ties)+j, k.ties-1))
	}
	return (u + l) / (u - l)
}

// upTo returns the number of pairs whose kernel is at most a value, and the largest of those kernels.
func (k medcoupleKernel) upTo(value float64) (n int, largest float64) {
	largest = math.Inf(-1)
	j := len(k.high)
	for i := range k.low {
		for j > 0 && k.at(i, j-1) > value {
			j--
		}
		if j > 0 {
			n += j
			largest = max(largest, k.at(i, j-1))
		}
	}
	return n, largest
}
