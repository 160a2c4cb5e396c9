package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
)

func newDataStatsCmd() *cobra.Command {
	var root string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "stats DIR|NAME",
		Short: "Show the label distribution and the shot regions of a dataset",
		Long: `Show how many samples each split has, how many of them lie in the many-, medium- and few-shot region and in how many
bins, what predicting the training median for every sample would cost there (MAE), and a histogram of the training labels.`,
		Example: `  dirbench data stats agedb
  dirbench data stats data/sts-b --json`,
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := findDataset(root, args[0])
			if err != nil {
				return err
			}
			stats, err := d.Stats()
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), stats)
			}
			return printStats(cmd.OutOrStdout(), stats)
		},
	}
	addDataRootFlag(cmd, &root)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, with every bin")
	return cmd
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
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "split\trows\tmin\tmedian\tmax\tregion\tbins\t%s\tmedian's MAE\t\n", labelled(s))
	for _, split := range s.Splits {
		fmt.Fprintf(table, "%s\t%s\t%.4g\t%.4g\t%.4g\t", split.Split, thousands(split.Rows), split.Min, split.Median, split.Max)
		for i, region := range split.Regions {
			if i > 0 {
				fmt.Fprint(table, "\t\t\t\t\t")
			}
			fmt.Fprintf(table, "%s\t%d\t%s\t%s\t\n", region.Region, region.Bins, thousands(region.Samples), optional(region.MedianMAE))
		}
	}
	return table.Flush()
}

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
	return fmt.Sprintf("%.4g", *value)
}

func shotRuleText(r datasets.ShotRule) string {
	if len(r.ManyBins)+len(r.MediumBins) > 0 {
		return "fixed lists of bins"
	}
	return fmt.Sprintf("many above %d training samples a bin, few below %d", r.Many, r.Few)
}
