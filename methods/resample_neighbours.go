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
			others := make([]other, 0, len(rows))
			for i := int(next.Add(1)) - 1; i < len(rows); i = int(next.Add(1)) - 1 {
				others = others[:0]
				for j := range rows {
					if j != i {
						others = append(others, other{rows[j], squaredDistance(descriptors[i], descriptors[j])})
					}
				}
				found[i] = nearest(others, k, safe)
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

// nearest finds the k nearest of the others, which it reorders; equally near ones in the order of their rows.
func nearest(others []other, k int, safe bool) neighbourhood {
	found := neighbourhood{safe: math.Inf(1)}
	byDistance := func(a, b other) int { return cmp.Or(cmp.Compare(a.squared, b.squared), a.row-b.row) }
	var best []other
	for _, o := range others {
		if len(best) == k && byDistance(o, best[k-1]) >= 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, o, byDistance)
		best = slices.Insert(best, at, o)[:min(len(best)+1, k)]
	}
	for _, o := range best {
		found.rows = append(found.rows, o.row)
		found.distances = append(found.distances, math.Sqrt(float64(o.squared)))
	}
	if safe && len(others) > 0 {
		slices.SortFunc(others, byDistance)
		lower, upper := others[(len(others)-1)/2], others[len(others)/2]
		found.safe = (math.Sqrt(float64(lower.squared)) + math.Sqrt(float64(upper.squared))) / 4
	}
	return found
}

func squaredDistance(a, b []float32) float32 {
	b = b[:len(a)]
	sum := float32(0)
	for i, v := range a {
		d := v - b[i]
		sum += d * d
	}
	return sum
}
