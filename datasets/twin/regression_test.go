package twin

import (
	"math"
	"slices"
	"testing"
)

// linear fits labels by features and an intercept with least squares, by the normal equations.
func linear(t *testing.T, features [][]float64, labels []float64) func([]float64) float64 {
	t.Helper()
	n := len(features[0]) + 1
	m := make([][]float64, n) // augmented matrix
	for i := range m {
		m[i] = make([]float64, n+1)
	}
	for k, row := range features {
		x := append(slices.Clone(row), 1)
		for i := range n {
			for j := range n {
				m[i][j] += x[i] * x[j]
			}
			m[i][n] += x[i] * labels[k]
		}
	}
	for i := range n {
		if math.Abs(m[i][i]) < 1e-12 {
			t.Fatal("the features depend on each other")
		}
		for k := range n {
			if factor := m[k][i] / m[i][i]; k != i {
				for j := range n + 1 {
					m[k][j] -= factor * m[i][j]
				}
			}
		}
	}
	return func(x []float64) float64 {
		y := m[n-1][n] / m[n-1][n-1]
		for i, v := range x {
			y += v * m[i][n] / m[i][i]
		}
		return y
	}
}

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
