package methods

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// neighbourhood is what surrounds a row in its region.
type neighbourhood struct {
	rows      []int     // the k nearest, nearest first
	distances []float64 // to each of them
	// safe is SMOGN's safe radius, half the median distance to all other rows of the region, as in the authors' package
	// UBL; infinite for a row alone.
	safe float64
}

// neighbourhoods compares all rows of a region with each other, on all cores; squared is the squared distance between
// two of them, by their places. The effort is of the order of n² d, but only regions of less than half the training set
// are filled.
func neighbourhoods(rows []int, squared func(i, j int) float32, k int, safe bool) []neighbourhood {
	found := make([]neighbourhood, len(rows))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			squares := make([]float32, len(rows))
			for i := int(next.Add(1)) - 1; i < len(rows); i = int(next.Add(1)) - 1 {
				for j := range rows {
					squares[j] = squared(i, j)
				}
				found[i] = nearest(rows, squares, i, k)
				if safe && len(rows) > 1 {
					squares[i] = squares[len(rows)-1]
					found[i].safe = medianDistance(squares[:len(rows)-1]) / 2
				}
			}
		})
	}
	workers.Wait()
	return found
}

// other is another row of the region.
type other struct {
	row     int
	squared float32 // distance
}

// nearest finds the k rows nearest to the ith, equally near ones in the order of their rows.
func nearest(rows []int, squares []float32, i, k int) neighbourhood {
	byDistance := func(a, b other) int { return cmp.Or(cmp.Compare(a.squared, b.squared), a.row-b.row) }
	var best []other
	furthest := float32(math.Inf(1)) // of the k best so far
	for j, d := range squares {
		if d > furthest || j == i {
			continue
		}
		o := other{rows[j], d}
		at, _ := slices.BinarySearchFunc(best, o, byDistance)
		best = slices.Insert(best, at, o)[:min(len(best)+1, k)]
		if len(best) == k {
			furthest = best[k-1].squared
		}
	}
	found := neighbourhood{safe: math.Inf(1)}
	for _, o := range best {
		found.rows = append(found.rows, o.row)
		found.distances = append(found.distances, math.Sqrt(float64(o.squared)))
	}
	return found
}

// medianDistance returns the median of distances from their squares, whose order it changes.
func medianDistance(squares []float32) float64 {
	upper := selectNth(squares, len(squares)/2)
	lower := upper
	if len(squares)%2 == 0 {
		lower = slices.Max(squares[:len(squares)/2])
	}
	return (math.Sqrt(float64(lower)) + math.Sqrt(float64(upper))) / 2
}

// selectNth returns the nth smallest value, n from 0, and moves the smaller ones before it (Hoare's selection). None is
// NaN.
func selectNth(values []float32, n int) float32 {
	low, high := 0, len(values)-1
	for low < high {
		pivot := median3(values[low], values[(low+high)/2], values[high])
		i, j := low, high
		for i <= j {
			for values[i] < pivot {
				i++
			}
			for values[j] > pivot {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case n <= j:
			high = j
		case n >= i:
			low = i
		default:
			return values[n]
		}
	}
	return values[n]
}

func median3(a, b, c float32) float32 { return max(min(a, b), min(max(a, b), c)) }

// squaredDistance adds up four sums, since one would wait for each addition.
func squaredDistance(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	i := 0
	for ; i+7 < len(a); i += 8 {
		x, y := a[i:i+8:i+8], b[i:i+8:i+8]
		d0, d1, d2, d3 := x[0]-y[0], x[1]-y[1], x[2]-y[2], x[3]-y[3]
		s0, s1, s2, s3 = s0+d0*d0, s1+d1*d1, s2+d2*d2, s3+d3*d3
		d0, d1, d2, d3 = x[4]-y[4], x[5]-y[5], x[6]-y[6], x[7]-y[7]
		s0, s1, s2, s3 = s0+d0*d0, s1+d1*d1, s2+d2*d2, s3+d3*d3
	}
	if i+3 < len(a) {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		d0, d1, d2, d3 := x[0]-y[0], x[1]-y[1], x[2]-y[2], x[3]-y[3]
		s0, s1, s2, s3 = s0+d0*d0, s1+d1*d1, s2+d2*d2, s3+d3*d3
		i += 4
	}
	for ; i < len(a); i++ {
		d := a[i] - b[i]
		s0 += d * d
	}
	return s0 + s1 + s2 + s3
}
