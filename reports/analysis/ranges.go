package analysis

import (
	"strings"

	"github.com/dirbench/dirbench/datasets"
)

// labelRange names the labels of neighbouring bins: "30" or "30–34" where bins are whole numbers, else "1.2–1.4", whose end
// belongs to the next bin. The last bin of whole numbers, which pools what is above, is "120+".
func labelRange(space datasets.LabelSpace, first, last int) string {
	from := number(space.Lower(first))
	if space.Rule != datasets.BinInteger {
		return from + "–" + number(space.Upper(last))
	}
	switch {
	case last == space.Bins-1 && space.Max > space.Lower(last)+1:
		if first < last {
			return from + "–" + number(space.Lower(last)) + "+"
		}
		return from + "+"
	case first < last:
		return from + "–" + number(space.Lower(last))
	}
	return from
}

// labelRanges names the bins that a function chooses, neighbours together.
func labelRanges(space datasets.LabelSpace, chosen func(bin int) bool) string {
	var parts []string
	for first := 0; first < space.Bins; first++ {
		if !chosen(first) {
			continue
		}
		last := first
		for last+1 < space.Bins && chosen(last+1) {
			last++
		}
		parts = append(parts, labelRange(space, first, last))
		first = last
	}
	return strings.Join(parts, ", ")
}
