package datasets

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Binning says how labels that belong to no published benchmark are divided into bins. At most one of the first five
// fields is set. The zero value takes a bin for each value where labels are numbers on a grid with few steps, such as
// whole numbers or half points, else 20 to 50 bins of a round width.
//
// Bins follow from the training labels. Where they have one width, more of them hold the labels of validation and test
// that lie beyond, at most 100 unless the width is given; otherwise the first and the last reach as far as labels do.
type Binning struct {
	Bins      int       // so many of one width
	Width     float64   // bins of this width, which begin at its multiples
	Edges     []float64 // the borders of all bins, ascending; labels beyond them are an error
	Quantiles int       // so many that hold about as many training labels each
	Log       int       // so many of one width in the logarithm of the label
	// Low and High, which come together, are the range, beyond which labels are an error.
	Low, High *float64
}

// DefaultLogBins is the number of bins of labels with a heavy tail.
const DefaultLogBins = 30

// The most bins of a default of one width, of whole numbers and of other grids.
const (
	roundBins = 50
	wholeBins = 121 // as many as ages have
	gridBins  = 50
)

// mostBeyond is the most bins of the same width that labels beyond those of training get; more would be for a label far
// off, which one bin at the end holds.
const mostBeyond = 100

// Validate reports the first thing wrong, by the names of the command line's flags.
func (b Binning) Validate() error {
	given := 0
	for _, set := range []bool{b.Bins != 0, b.Width != 0, len(b.Edges) > 0, b.Quantiles != 0, b.Log != 0} {
		if set {
			given++
		}
	}
	switch {
	case given > 1:
		return errors.New("bins, --bin-width, --edges, --quantile-bins: expected at most one of them")
	case b.Bins < 0 || b.Bins > mostBins:
		return fmt.Errorf("bins %d: expected 1 to %d, or log", b.Bins, mostBins)
	case b.Log < 0 || b.Log > mostBins:
		return fmt.Errorf("bins log:%d: expected 1 to %d", b.Log, mostBins)
	case b.Quantiles < 0 || b.Quantiles > mostBins:
		return fmt.Errorf("quantile-bins %d: expected 1 to %d", b.Quantiles, mostBins)
	case !(b.Width >= 0) || math.IsInf(b.Width, 0):
		return fmt.Errorf("bin-width %g: expected a positive number", b.Width)
	case len(b.Edges) == 1 || !slices.IsSorted(b.Edges) || slices.ContainsFunc(b.Edges,
		func(e float64) bool { return math.IsNaN(e) || math.IsInf(e, 0) }):
		return fmt.Errorf("edges %v: expected two or more finite numbers in ascending order", b.Edges)
	case len(b.Edges) > 0 && b.Low != nil:
		return errors.New("label-range: edges are a range themselves: expected one of them")
	case (b.Low == nil) != (b.High == nil) || b.Low != nil && !(*b.Low < *b.High && !math.IsInf(*b.High-*b.Low, 0)):
		return errors.New("label-range: expected LOW,HIGH, two finite numbers")
	}
	return nil
}

// Range returns the range that is given, beyond which labels are an error; infinite ends without.
func (b Binning) Range() (low, high float64) {
	switch {
	case b.Low != nil:
		return *b.Low, *b.High
	case len(b.Edges) > 0:
		return b.Edges[0], b.Edges[len(b.Edges)-1]
	}
	return math.Inf(-1), math.Inf(1)
}

// Aligned reports whether bins of one width begin at multiples of it, but for a shift by half a bin that no label
// notices.
func (b Binning) Aligned() bool { return b.Bins == 0 && b.Low == nil }

// Space returns the label space of labels, of which there is at least one of training. Others are those of validation
// and test. An error names a label that does not fit.
func (b Binning) Space(unit string, train, others []float32) (LabelSpace, error) {
	if err := b.Validate(); err != nil {
		return LabelSpace{}, err
	}
	train = slices.Sorted(slices.Values(train))
	all := slices.Compact(slices.Sorted(slices.Values(slices.Concat(train, others))))
	if err := b.checkRange(all); err != nil {
		return LabelSpace{}, err
	}
	var s LabelSpace
	switch cuts := []float64(nil); {
	case len(b.Edges) > 0:
		s = edged(slices.Clone(b.Edges))
	case b.Quantiles > 0:
		for k := 1; k < b.Quantiles; k++ {
			cuts = append(cuts, decimal(train[k*len(train)/b.Quantiles]))
		}
		s = b.cut(cuts, all)
	case b.Log > 0:
		low, high := b.ends(train)
		if lowest, _ := b.ends(all); !(lowest > 0) {
			return s, fmt.Errorf("label %v: expected labels above 0 for logarithmic bins; use --quantile-bins or --edges",
				lowest)
		}
		s = b.cut(logCuts(low, high, b.Log), all)
	default:
		s = b.even(train, all)
	}
	if s.Unit = unit; s.Bins > mostBins {
		lowest, highest := b.ends(all)
		return s, fmt.Errorf("labels from %g to %g have too many bins of width %g: expected a larger --bin-width", lowest,
			highest, s.Width)
	}
	return s, s.Validate()
}

// checkRange finds a label beyond a range that is given.
func (b Binning) checkRange(all []float32) error {
	low, high := b.Range()
	for _, label := range []float32{all[0], all[len(all)-1]} {
		if label < float32(low) || label > float32(high) {
			return fmt.Errorf("label %v is outside [%v, %v]", label, low, high)
		}
	}
	return nil
}

// ends returns the range that is given, else that of ascending labels.
func (b Binning) ends(labels []float32) (low, high float64) {
	if b.Low != nil {
		return *b.Low, *b.High
	}
	return decimal(labels[0]), decimal(labels[len(labels)-1])
}

// even returns a label space with bins of one width.
func (b Binning) even(train, all []float32) LabelSpace {
	low, high := b.ends(train)
	lowest, highest := b.ends(all)
	if b.Bins > 0 {
		return b.numbered(low, high, all)
	}
	width, step := b.Width, gridStep(all)
	if width == 0 {
		width = step
	}
	if width == 1 && wholeNumbers(all) && low == math.Trunc(low) && high == math.Trunc(high) {
		return LabelSpace{Rule: BinInteger, Width: 1, Min: lowest, Max: max(highest, lowest+1),
			Bins: countOf(highest - lowest + 1)}
	}
	s := LabelSpace{Rule: BinEdges, Width: width}
	if width == 0 {
		s.Width = RoundWidth(high-low, roundBins)
	}
	switch {
	case b.Low != nil:
		s.Min, s.Max, s.Bins = low, high, countOf(math.Ceil((high-low)/s.Width-1e-9))
	case b.Width == 0 && step > 0: // values are the middles of their bins
		s.Min = tidy(lowest - step/2)
		s.Bins = countOf(math.Round((highest-lowest)/step) + 1)
		s.Max = tidy(s.Min + float64(s.Bins)*step)
	default:
		first, last := BinNumber(lowest, s.Width), BinNumber(highest, s.Width)
		if float32(first*s.Width) > all[0] { // a label that is hardly below a border
			first--
		}
		trainFirst, trainLast := BinNumber(low, s.Width), BinNumber(high, s.Width)
		if b.Width == 0 && last-first-(trainLast-trainFirst) > mostBeyond {
			return b.cut(steps(trainFirst*s.Width, s.Width, int(trainLast-trainFirst)+1), all)
		}
		s.Min, s.Max, s.Bins = tidy(first*s.Width), tidy((last+1)*s.Width), countOf(last-first+1)
	}
	return s
}

// numbered returns a label space of so many bins of one width from low to high, and more where labels lie beyond.
func (b Binning) numbered(low, high float64, all []float32) LabelSpace {
	lowest, highest := b.ends(all)
	s := LabelSpace{Rule: BinEdges, Width: tidy((high - low) / float64(b.Bins))}
	if high == low {
		s.Width = 1
	}
	below := math.Ceil((low-lowest)/s.Width - 1e-9)
	if float32(low-below*s.Width) > all[0] {
		below++
	}
	above := max(0, math.Ceil((highest-low)/s.Width-1e-9)-float64(b.Bins))
	if below+above > mostBeyond {
		return b.cut(steps(low, s.Width, b.Bins), all)
	}
	s.Min, s.Bins = tidy(low-below*s.Width), countOf(float64(b.Bins)+below+above)
	s.Max = max(highest, tidy(s.Min+float64(s.Bins)*s.Width))
	return s
}

// steps returns the borders of n bins.
func steps(low, width float64, n int) []float64 {
	borders := make([]float64, n+1)
	for k := range borders {
		borders[k] = tidy(low + float64(k)*width)
	}
	return borders
}

// countOf is a number of bins that may be too large for an int.
func countOf(n float64) int { return int(min(n, 2*mostBins)) }

// BinNumber returns the number of the bin [k·width, (k+1)·width) that holds the label. Labels that are decimal numbers
// on a border, such as 0.3 for width 0.1, belong to the bin that begins there, whatever the rounding of the quotient.
func BinNumber(label, width float64) float64 {
	quotient := label / width
	if nearest := math.Round(quotient); math.Abs(quotient-nearest) <= 1e-9*math.Max(1, math.Abs(quotient)) {
		return nearest + 0 // no negative zero
	}
	return math.Floor(quotient)
}

// RoundWidth returns the smallest of 1, 2 and 5 times a power of ten that divides a range into at most so many bins; 1
// for an empty range.
func RoundWidth(span float64, bins int) float64 {
	least := span / float64(bins)
	if least == 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(least)))
	for _, digit := range []float64{1, 2, 5} {
		if digit*power >= least*(1-1e-9) {
			return tidy(digit * power)
		}
	}
	return tidy(10 * power)
}

// gridStep returns the distance of which all distances between ascending distinct labels are multiples, 0 if that is so
// small that bins of it would be too many, or if there is none. The step of a single whole number is 1.
func gridStep(all []float32) float64 {
	first, last := decimal(all[0]), decimal(all[len(all)-1])
	step, whole := math.Inf(1), wholeNumbers(all)
	values := make([]float64, len(all))
	for i, label := range all {
		values[i] = decimal(label)
		if i > 0 {
			step = min(step, values[i]-values[i-1])
		}
	}
	most := gridBins
	if whole {
		step, most = 1, wholeBins
	}
	if span := last - first; !(span/step < float64(most)) || math.IsInf(step, 0) {
		return 0
	} else if !whole {
		step = span / math.Round(span/step)
	}
	for _, v := range values {
		if q := (v - first) / step; math.Abs(q-math.Round(q)) > 1e-3 {
			return 0
		}
	}
	return tidy(step)
}

func wholeNumbers(labels []float32) bool {
	return !slices.ContainsFunc(labels, func(l float32) bool { return float64(l) != math.Trunc(float64(l)) })
}

// cut returns a label space with the given borders between bins, but for those that leave a bin without any label that
// 32 bits can hold.
func (b Binning) cut(cuts []float64, all []float32) LabelSpace {
	lowest, highest := b.ends(all)
	edges := []float64{lowest}
	for _, c := range cuts {
		if float32(c) > float32(edges[len(edges)-1]) && float32(c) < float32(highest) {
			edges = append(edges, c)
		}
	}
	if highest == lowest {
		highest++
	}
	return edged(append(edges, highest))
}

func edged(edges []float64) LabelSpace {
	last := len(edges) - 1
	return LabelSpace{Rule: BinEdges, Min: edges[0], Max: edges[last], Bins: last, Edges: edges}
}

// logCuts returns the borders between n bins of one width in the logarithm, of four digits each where that leaves them
// apart.
func logCuts(low, high float64, n int) []float64 {
	exact, short := make([]float64, n-1), make([]float64, n-1)
	for k := range exact {
		exact[k] = math.Exp(math.Log(low) + float64(k+1)/float64(n)*math.Log(high/low))
		short[k] = digits(exact[k], 4)
	}
	if len(slices.Compact(slices.Clone(short))) == len(short) {
		return short
	}
	for k := range exact {
		exact[k] = decimal(float32(exact[k]))
	}
	return exact
}

// decimal returns the shortest decimal number that 32 bits round to the label: 0.1, not 0.10000000149.
func decimal(label float32) float64 {
	v, _ := strconv.ParseFloat(strconv.FormatFloat(float64(label), 'g', -1, 32), 64)
	return v
}

// tidy takes the rounding of a computation from a number.
func tidy(v float64) float64 { return digits(v, 12) }

func digits(v float64, n int) float64 {
	short, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', n, 64), 64)
	return short
}
