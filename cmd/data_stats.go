package cmd

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
)

func newDataStatsCmd() *cobra.Command {
	var root string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "stats DIR|NAME",
		Short: "Show the label distribution and the shot regions of a dataset",
		Long: `Show how many samples each split has, how many of them lie in the many-, medium- and few-shot region and in how
many bins, what predicting the training median for every sample would cost there (MAE), and a histogram of the training
labels.`,
		Example: `  dirbench data stats agedb
  dirbench data stats data/sts-b --json`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDataStats(root, args[0], asJSON, cmd.OutOrStdout())
		},
	}
	addDataRootFlag(cmd, &root)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, with every bin")
	return cmd
}

func runDataStats(root, name string, asJSON bool, stdout io.Writer) error {
	d, err := findDataset(root, name)
	if err != nil {
		return err
	}
	stats, err := d.Stats()
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(stdout, stats)
	}
	return printStats(stdout, stats)
}

func printStats(w io.Writer, s datasets.Stats) error {
	fmt.Fprintf(w, "%s (%s, %s)\n", s.Title, s.Name, s.Modality)
	if s.Twin {
		fmt.Fprintln(w, "twin: generated data, not the real dataset")
	}
	fmt.Fprintf(w, "source: %s\nlicence: %s\n\n", s.Source, s.Licence)
	if err := printSplits(w, s); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nimbalance ratio: %.4g (largest to smallest training bin in use)\nshot rule: %s\n\n",
		s.ImbalanceRatio, shotRuleText(s.Shots))
	return printHistogram(w, s)
}

// printSplits prints a line for each split and, for each region, its bins and samples.
func printSplits(w io.Writer, s datasets.Stats) error {
	rows := [][]string{{"split", "rows", "min", "median", "max", "region", "bins", labelled(s), "median's MAE"}}
	for _, split := range s.Splits {
		cells := []string{
			string(split.Split), thousands(split.Rows), short(split.Min), short(split.Median), short(split.Max),
		}
		for _, region := range split.Regions {
			rows = append(rows, append(cells,
				region.Region, strconv.Itoa(region.Bins), thousands(region.Samples), optional(region.MedianMAE)))
			cells = make([]string, len(cells))
		}
	}
	return printNumbers(w, rows)
}

// short prints a label with four digits.
func short[T float32 | float64](v T) string { return fmt.Sprintf("%.4g", v) }

// labelled is what has labels: samples or pixels.
func labelled(s datasets.Stats) string {
	if s.Modality.Dense() {
		return "pixels"
	}
	return "samples"
}

// optional prints a number, or a dash where there is none.
func optional(value *float64) string {
	if value == nil {
		return "—"
	}
	return short(*value)
}

func shotRuleText(r datasets.ShotRule) string {
	if len(r.ManyBins)+len(r.MediumBins) > 0 {
		return "fixed lists of bins"
	}
	if text := r.QuantileText(); text != "" {
		return text
	}
	return fmt.Sprintf("many above %d training samples a bin, few below %d", r.Many, r.Few)
}

// The histogram fits a terminal of 80 columns.
const (
	maxBars  = 24
	barWidth = 40
)

// regionMarks fill the bars, by region.
var regionMarks = map[string]string{"many": "█", "medium": "▓", "few": "░"}

// bar is a line of the histogram: one bin or several neighbours.
type bar struct {
	lower, upper float64
	samples      int
	byRegion     map[string]int // training samples
}

// printHistogram prints the training samples by label. A bar is filled by shot region and names the regions in it.
func printHistogram(w io.Writer, s datasets.Stats) error {
	bars := mergeBins(s)
	largest, labelWidth, countWidth := 1, 0, 7
	for _, b := range bars {
		largest = max(largest, b.samples)
		countWidth = max(countWidth, len(thousands(b.samples)))
		labelWidth = max(labelWidth, utf8.RuneCountInString(b.label()))
	}
	fmt.Fprintf(w, "training %s by label (%s); █ many  ▓ medium  ░ few\n", labelled(s), s.LabelSpace.Unit)
	for _, b := range bars {
		fill, names := b.fill(float64(barWidth) / float64(largest))
		line := fmt.Sprintf("%*s %*s %-*s %s", labelWidth, b.label(), countWidth, thousands(b.samples), barWidth+2, fill,
			names)
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}

// mergeBins joins neighbouring bins, over the range that holds samples of any split, to at most maxBars bars whose
// bounds are multiples of a round number of bins.
func mergeBins(s datasets.Stats) []bar {
	first, last := usedRange(s.Bins)
	step := binsPerBar(first, last)
	var bars []bar
	for start := first / step * step; start <= last; start += step {
		b := bar{lower: s.Bins[start].Lower, byRegion: map[string]int{}}
		for bin := start; bin < min(start+step, len(s.Bins)); bin++ {
			b.upper = s.Bins[bin].Lower + s.LabelSpace.WidthOf(bin)
			if bin == len(s.Bins)-1 {
				b.upper = s.LabelSpace.Max // the last bin holds everything above
			}
			b.samples += s.Bins[bin].Train
			b.byRegion[s.Bins[bin].Region] += s.Bins[bin].Train
		}
		bars = append(bars, b)
	}
	return bars
}

// binsPerBar is the smallest round number of bins with which first to last fit.
func binsPerBar(first, last int) int {
	for scale := 1; ; scale *= 10 {
		for digit := 1; digit <= 5; digit++ {
			if step := digit * scale; last/step-first/step < maxBars {
				return step
			}
		}
	}
}

// usedRange returns the first and the last bin that hold a sample of any split.
func usedRange(bins []datasets.BinStats) (first, last int) {
	first = -1
	for i, b := range bins {
		if b.Train+b.Val+b.Test == 0 {
			continue
		}
		if last = i; first < 0 {
			first = i
		}
	}
	return max(first, 0), last
}

// fill draws the bar, with at least one character for each region that has samples, and names those regions.
func (b bar) fill(perSample float64) (fill, names string) {
	var used []string
	for _, region := range datasets.Regions {
		n := b.byRegion[region.String()]
		if n == 0 {
			continue
		}
		used = append(used, region.String())
		fill += strings.Repeat(regionMarks[region.String()], max(1, int(math.Round(float64(n)*perSample))))
	}
	return fill, strings.Join(used, " ")
}

// label is the half-open range of the bar: "20–25".
func (b bar) label() string { return short(b.lower) + "–" + short(b.upper) }
