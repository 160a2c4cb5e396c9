package datasets

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// LabelRange is an interval of labels, both ends included; an open end is infinite.
type LabelRange struct{ Low, High float64 }

// LabelRanges is a union of intervals, written "30-40,85-": an end left out is open, and "50" is the label 50 alone.
// The zero value is empty.
type LabelRanges []LabelRange

var rangeForm = regexp.MustCompile(`^(\d+(?:\.\d+)?)?(?:(-)(\d+(?:\.\d+)?)?)?$`)

// ParseLabelRanges reads ranges in the written form. Errors name the range.
func ParseLabelRanges(text string) (LabelRanges, error) {
	var ranges LabelRanges
	for part := range strings.SplitSeq(text, ",") {
		r, err := parseLabelRange(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		ranges = append(ranges, r)
	}
	return ranges, nil
}

func parseLabelRange(text string) (r LabelRange, err error) {
	match := rangeForm.FindStringSubmatch(text)
	if match == nil || match[1] == "" && match[3] == "" {
		return r, fmt.Errorf("range %.40q: expected LOW-HIGH, LOW-, -HIGH or a label, such as 30-40", text)
	}
	low, dash, high := match[1], match[2], match[3]
	if dash == "" {
		high = low
	}
	if r.Low, err = end(low, math.Inf(-1)); err == nil {
		r.High, err = end(high, math.Inf(1))
	}
	if err != nil {
		return r, fmt.Errorf("range %.40q: %w", text, err)
	}
	if r.Low > r.High {
		return r, fmt.Errorf("range %.40q: %v is above %v", text, r.Low, r.High)
	}
	return r, nil
}

// end reads an end of a range; one that is left out is open.
func end(text string, open float64) (float64, error) {
	if text == "" {
		return open, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, errors.New("the number is too large")
	}
	return v, nil
}

// Check returns an error if a range begins or ends outside the label space, as after a slip of units.
func (r LabelRanges) Check(space LabelSpace) error {
	for _, one := range r {
		for _, v := range []float64{one.Low, one.High} {
			if !math.IsInf(v, 0) && (v < space.Min || v > space.Max) {
				return fmt.Errorf("range %s: %v is outside the labels [%v, %v]", one, v, space.Min, space.Max)
			}
		}
	}
	return nil
}

// Contains reports whether a label lies in one of the ranges. Ends are compared in float32, as labels are stored: 0.3
// is the label 0.3.
func (r LabelRanges) Contains(label float32) bool {
	for _, one := range r {
		if float32(one.Low) <= label && label <= float32(one.High) {
			return true
		}
	}
	return false
}

// ContainsBin reports whether one of the ranges holds every label of a bin.
func (r LabelRanges) ContainsBin(space LabelSpace, bin int) bool {
	for _, one := range r {
		low, high := float32(space.Lower(bin)), float32(space.Upper(bin))
		if space.Rule == BinInteger {
			high = low // whole numbers
		}
		if float32(one.Low) <= low && high <= float32(one.High) {
			return true
		}
	}
	return false
}

// String returns the written form.
func (r LabelRange) String() string {
	if r.Low == r.High {
		return number(r.Low)
	}
	text := "-"
	if !math.IsInf(r.Low, -1) {
		text = number(r.Low) + text
	}
	if !math.IsInf(r.High, 1) {
		text += number(r.High)
	}
	return text
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// String returns the written form; of no ranges it is empty.
func (r LabelRanges) String() string {
	parts := make([]string, len(r))
	for i, one := range r {
		parts[i] = one.String()
	}
	return strings.Join(parts, ",")
}

// Set and Type make ranges a flag.
func (r *LabelRanges) Set(text string) (err error) {
	*r, err = ParseLabelRanges(text)
	return err
}

// Type names the value in help.
func (r *LabelRanges) Type() string { return "ranges" }

// UnmarshalYAML reads the written form.
func (r *LabelRanges) UnmarshalYAML(node *yaml.Node) error {
	var text string
	if err := node.Decode(&text); err != nil {
		return fmt.Errorf("line %d: expected ranges of labels such as 30-40,85-", node.Line)
	}
	return r.Set(text)
}
