package metrics

import (
	"fmt"
	"math"

	"github.com/dirbench/dirbench/datasets"
)

// CheckIdentity tests that the MAE and the MSE over all samples are the size-weighted means of the regions' values,
// which holds for any correct evaluation because regions partition the samples. tol is relative: 1e-6 for stored
// scores, the rounding of the print for published ones. It returns nil or an error naming the first violation.
func CheckIdentity(scores ByRegion, tol float64) error {
	for _, m := range []Metric{MAE, MSE} {
		all := scores[All]
		stated, ok := all.Values[m]
		if !ok || !stated.Defined() {
			continue
		}
		n, weighted := pooled(scores, m)
		if n != all.N {
			return fmt.Errorf("the regions hold %d samples, all %d", n, all.N)
		}
		if diff := math.Abs(weighted - float64(stated)); !(diff <= tol*math.Abs(float64(stated))) {
			return fmt.Errorf("%s over all samples is %.6g, the regions give %.6g", m.Label(), float64(stated), weighted)
		}
	}
	return nil
}

// pooled returns the number of samples in all regions and the size-weighted mean of their values.
func pooled(scores ByRegion, m Metric) (n int, mean float64) {
	for _, r := range datasets.Regions {
		part := scores[r.String()]
		if part.N > 0 {
			n += part.N
			mean += float64(part.N) * float64(part.Values[m])
		}
	}
	return n, mean / float64(n)
}
