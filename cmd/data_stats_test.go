package cmd

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dirbench/dirbench/datasets"
)

// statsOf makes statistics of n bins, bin i holding samples(i) training samples in changing regions.
func statsOf(space datasets.LabelSpace, samples func(bin int) int) datasets.Stats {
	s := datasets.Stats{LabelSpace: space}
	for bin := range space.Bins {
		s.Bins = append(s.Bins, datasets.BinStats{
			Lower: space.Lower(bin), Region: datasets.Regions[bin%3].String(), Train: samples(bin),
		})
	}
	return s
}

func TestHistogramFitsATerminal(t *testing.T) {
	wide := datasets.LabelSpace{Min: -5000, Max: 5000, Rule: datasets.BinWidth, Bins: 10000, Width: 1}
	for _, space := range []datasets.LabelSpace{datasets.AgeSpace(), datasets.STSBSpace(), wide} {
		t.Run(fmt.Sprint(space.Bins), func(t *testing.T) {
			var out bytes.Buffer
			if err := printHistogram(&out, statsOf(space, func(bin int) int { return 1 + 1000*(bin%7) })); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if len(lines) < 5 || len(lines) > 25 {
				t.Errorf("%d lines, want at most 25", len(lines))
			}
			for _, line := range lines {
				if n := utf8.RuneCountInString(line); n > 80 {
					t.Errorf("%d characters: %s", n, line)
				}
			}
		})
	}
}

func TestHistogram(t *testing.T) {
	space := datasets.LabelSpace{Unit: "points", Min: 0, Max: 100, Rule: datasets.BinInteger, Bins: 6, Width: 1}
	var out bytes.Buffer
	err := printHistogram(&out, statsOf(space, func(bin int) int { return []int{0, 0, 1, 400, 0, 100}[bin] }))
	want := `training samples by label (points); █ many  ▓ medium  ░ few
  2–3       1 ░                                          few
  3–4     400 ████████████████████████████████████████   many
  4–5       0
5–100     100 ░░░░░░░░░░                                 few
`
	if err != nil || out.String() != want {
		t.Errorf("%v, got\n%swant\n%s", err, out.String(), want)
	}
}
