package methods

import "math"

// Relevance returns phi of each bin, from 0 where training samples are densest to 1 where they are scarcest:
// phi = (max(q) - q) / (max(q) - min(q)), with q the training count of the bin, smoothed by LDS when a kernel is given
// (padding as for re-weighting). The minimum is over bins with samples; the others have at most 1. If q is the same
// everywhere, phi is 0.
//
// Torgo et al. 2013 leave the relevance function to the user and draw theirs through the quartiles of a box plot, which
// finds the two tails of a distribution and no gaps inside it; a density does both. Its normalisation is that of
// DenseWeight (Steininger et al. 2021), without which the smoothed counts of STS-B-DIR, nowhere below a fifth of their
// maximum, would have nothing rare.
func Relevance(counts []int, lds *Kernel, padding Padding) []float64 {
	q := make([]float64, len(counts))
	for i, n := range counts {
		q[i] = float64(n)
	}
	if lds != nil {
		q = Weighting{LDS: lds, Padding: padding}.smooth(q)
	}
	lowest, highest := math.Inf(1), 0.0
	for i, v := range q {
		highest = max(highest, v)
		if counts[i] > 0 {
			lowest = min(lowest, v)
		}
	}
	phi := make([]float64, len(q))
	for i, v := range q {
		if highest > lowest {
			phi[i] = min(1, (highest-v)/(highest-lowest))
		}
	}
	return phi
}

// region is a run of neighbouring bins that are all rare or all normal.
type region struct {
	rare bool
	rows []int // in ascending order
}

// regions divides the rows of the given bins by the relevance of their bins. As in the paper a run goes over the values
// that occur: a bin without rows neither ends nor begins a region.
func regions(bins []int, phi []float64, threshold float64) []region {
	rowsOf := make([][]int, len(phi))
	for row, bin := range bins {
		rowsOf[bin] = append(rowsOf[bin], row)
	}
	var all []region
	for bin, rows := range rowsOf {
		if len(rows) == 0 {
			continue
		}
		rare := phi[bin] >= threshold
		if len(all) == 0 || all[len(all)-1].rare != rare {
			all = append(all, region{rare: rare})
		}
		last := &all[len(all)-1]
		last.rows = append(last.rows, rows...)
	}
	return all
}

// sizes returns the size of each region after resampling. Of R regions each is to hold 1/R of all rows or, inverted, a
// share that is the larger the fewer it has: larger normal ones are cut down to that, smaller rare ones filled up.
func sizes(all []region, inverted bool) []int {
	rows, inverse := 0, 0.0
	for _, g := range all {
		rows += len(g.rows)
		inverse += 1 / float64(len(g.rows))
	}
	after := make([]int, len(all))
	for i, g := range all {
		parts := float64(len(all))
		if inverted {
			parts = float64(len(g.rows)) * inverse
		}
		wanted := max(1, int(math.Round(float64(rows)/parts)))
		after[i] = min(len(g.rows), wanted)
		if g.rare {
			after[i] = max(len(g.rows), wanted)
		}
	}
	return after
}
