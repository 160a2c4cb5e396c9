package train

// BucketStatistics are the moments of features in each bin of the label space, the buckets of feature distribution smoothing
// (which pools those at the ends; here they are apart).
type BucketStatistics struct {
	Counts   []int       // features in each bin: samples, or pixels of a dense label
	Mean     [][]float64 // [bins][Dim]; nil for a bin without features
	Variance [][]float64 // [bins][Dim], denominator n-1; nil for a bin with fewer than two
}

// bucketMeter accumulates them by Welford's recurrence (1962) in float64: memory does not grow with the number of features.
type bucketMeter struct {
	dim           int
	counts        []int
	mean, squares [][]float64 // squares: summed squared deviations from the mean
}

func newBucketMeter(bins, dim int) *bucketMeter {
	return &bucketMeter{dim: dim, counts: make([]int, bins), mean: make([][]float64, bins), squares: make([][]float64, bins)}
}

// add takes in a feature [Dim] for each bin; z may have more of them, for padding. A negative bin stands for an unknown label.
func (m *bucketMeter) add(z []float32, bins []int32) {
	for i, bin := range bins {
		if bin < 0 {
			continue
		}
		if m.mean[bin] == nil {
			m.mean[bin], m.squares[bin] = make([]float64, m.dim), make([]float64, m.dim)
		}
		m.counts[bin]++
		n, mean, squares := float64(m.counts[bin]), m.mean[bin], m.squares[bin]
		for j, v := range z[i*m.dim:][:m.dim] {
			deviation := float64(v) - mean[j]
			mean[j] += deviation / n
			squares[j] += deviation * (float64(v) - mean[j])
		}
	}
}

func (m *bucketMeter) statistics() BucketStatistics {
	s := BucketStatistics{Counts: m.counts, Mean: m.mean, Variance: make([][]float64, len(m.counts))}
	for bin, n := range m.counts {
		if n < 2 {
			continue
		}
		s.Variance[bin] = make([]float64, m.dim)
		for j, sum := range m.squares[bin] {
			s.Variance[bin][j] = sum / float64(n-1)
		}
	}
	return s
}
