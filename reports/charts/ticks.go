package charts

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// roundTicks are three to seven labelled ticks at multiples of 1, 2 or 5 times a power of ten; gonum's own may begin at 10
// and go on with 50 and 90.
type roundTicks struct {
	whole bool // no fractions
}

// Ticks implements plot.Ticker.
func (t roundTicks) Ticks(low, high float64) (ticks []plot.Tick) {
	step := roundStep(high - low)
	if t.whole {
		step = max(step, 1)
	}
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		value := i*step + 0 // not -0
		label := strconv.FormatFloat(value, 'g', 6, 64)
		ticks = append(ticks, plot.Tick{Value: value, Label: strings.Replace(label, "-", "−", 1)})
	}
	return ticks
}

// roundStep is the smallest round number that divides a range into at most six parts.
func roundStep(span float64) float64 {
	if !(span > 0) || math.IsInf(span, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(span/6)))
	for _, factor := range []float64{1, 2, 5} {
		if span/(factor*power) <= 6 {
			return factor * power
		}
	}
	return 10 * power
}
