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
	// safe is SMOGN's safe radius, half the median distance to all other rows of the region, as in the authors' package UBL;
	// infinite for a row alone.
	safe float64
}

// neighbourhoods compares all rows of a region with each other, on all cores. The effort is of the order of n² d, but only
// regions of less than half the training set are filled.
func neighbourhoods(rows []int, describe func(int) []float32, k int, safe bool) []neighbourhood {
	descriptors := make([][]float32, len(rows))
	for i, row := range rows {
		descriptors[i] = describe(row)
	}
	found := make([]neighbourhood, len(rows))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			others, sorted := make([]other, 0, len(rows)), make([]float32, 0, len(rows))
			for i := int(next.Add(1)) - 1; i < len(rows); i = int(next.Add(1)) - 1 {
				others = others[:0]
				for j := range rows {
					if j != i {
						others = append(others, other{rows[j], squaredDistance(descriptors[i], descriptors[j])})
					}
				}
				found[i] = nearest(others, k)
				if safe && len(others) > 0 {
					found[i].safe = medianDistance(others, sorted) / 2
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

// nearest finds the k nearest of the others, equally near ones in the order of their rows.
func nearest(others []other, k int) neighbourhood {
	byDistance := func(a, b other) int { return cmp.Or(cmp.Compare(a.squared, b.squared), a.row-b.row) }
	var best []other
	for _, o := range others {
		if len(best) == k && byDistance(o, best[k-1]) >= 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, o, byDistance)
		best = slices.Insert(best, at, o)[:min(len(best)+1, k)]
	}
	found := neighbourhood{safe: math.Inf(1)}
	for _, o := range best {
		found.rows = append(found.rows, o.row)
		found.distances = append(found.distances, math.Sqrt(float64(o.squared)))
	}
	return found
}

// medianDistance returns the median distance to the others; sorted is empty and has room for all of them.
func medianDistance(others []other, sorted []float32) float64 {
	for _, o := range others {
		sorted = append(sorted, o.squared)
	}
	slices.Sort(sorted)
	lower, upper := sorted[(len(sorted)-1)/2], sorted[len(sorted)/2]
	return (math.Sqrt(float64(lower)) + math.Sqrt(float64(upper))) / 2
}

// squaredDistance adds up four sums, since one would wait for each addition.
func squaredDistance(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	for len(a) >= 4 && len(b) >= 4 {
		d0, d1, d2, d3 := a[0]-b[0], a[1]-b[1], a[2]-b[2], a[3]-b[3]
		s0, s1, s2, s3 = s0+d0*d0, s1+d1*d1, s2+d2*d2, s3+d3*d3
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		d := v - b[i]
		s0 += d * d
	}
	return s0 + s1 + s2 + s3
}
