package convert

import (
	"fmt"
	"strconv"

	"github.com/dirbench/dirbench/datasets"
)

// parseLabel reads a label as the official code does, by way of a 64-bit number, and checks its range.
func parseLabel(text string, space datasets.LabelSpace) (float32, error) {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("label %.40q: expected a number", text)
	}
	label := float32(value)
	return label, space.Check(label)
}
