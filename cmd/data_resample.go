package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets/table"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/methods/relevance"
	"github.com/dirbench/dirbench/runner/resample"
)

// resampleOptions are the flags of data resample that are parsed further.
type resampleOptions struct {
	resample.Options
	method, sizes, relevance, extremes string
	out                                string
	force                              bool
}

func newDataResampleCmd() *cobra.Command {
	o := resampleOptions{Options: resample.Options{Settings: methods.DefaultResample()}}
	cmd := &cobra.Command{
		Use:   "resample FILE --method smoter|smogn --label COL",
		Short: "Resample a table by SMOTER or SMOGN, for training elsewhere",
		Long: `Resample a table for training elsewhere: rows with rare labels are over-sampled, those with frequent labels
under-sampled, by SMOTER (Torgo et al. 2013) or SMOGN (Branco et al. 2017). FILE is .csv, .tsv, .parquet, .arrow or
.jsonl. The new table is printed as CSV or written to --out, by its extension: .csv, .tsv, .parquet or .arrow.

Labels are rare from --threshold of their relevance on, which is 0 at the median and 1 at the whiskers of a box plot
where labels lie beyond them (--relevance boxplot), at the fences of the box plot adjusted for skewness (adjusted), or a
curve through points of your own, LABEL:RELEVANCE,…. By density it is one less the kernel density of the label, scaled
to 0 to 1 (DenseWeight, Steininger et al. 2021), which also finds rare labels between frequent ones. Runs of rare and of
frequent labels are regions; with --sizes balance all regions become as large, with extreme the rarest the largest.

Distances are HEOM: numbers as shares of the range of their column, categories 0 or 1, a missing value 1. A column of
text is a category. A synthetic row lies between a rare row and one of its --k nearest, or, for SMOGN and neighbours
beyond half the median distance, has Gaussian noise: numbers stay within the range of their column, and whole where all
of them are; categories are those of one of both rows or, with noise, of a row of the region. A missing value stays
missing: no number is made up for it. Kept rows come first, their cells as they were; then synthetic ones.

The same seed gives the same rows on any number of cores.

EXIT STATUS
  0  the table is written
  1  error: the table cannot be used, no label is rare, --out exists
  2  usage`,
		Example: `  dirbench data resample prices.csv --method smogn --label price --without id > resampled.csv
  dirbench data resample houses.parquet --method smoter --label price --relevance 100:0,900:1 --out more.parquet --mark synthetic`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.complete(); err != nil {
				return err
			}
			return runDataResample(cmd, args[0], o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.method, "method", "", "smoter or smogn (required)")
	flags.StringVar(&o.Label, "label", "", "column of the label (required)")
	flags.StringSliceVar(&o.Without, "without", nil,
		"columns without a part in distances, such as ids; they are empty in synthetic rows")
	flags.StringSliceVar(&o.Categories, "categories", nil, "columns whose numbers stand for categories")
	flags.IntVar(&o.Settings.K, "k", o.Settings.K, "neighbours to choose from")
	flags.Float64Var(&o.Settings.Threshold, "threshold", o.Settings.Threshold, "relevance from which a label is rare")
	flags.Float64Var(&o.Settings.Perturbation, "noise", o.Settings.Perturbation,
		"of SMOGN: noise as a share of the standard deviation")
	flags.StringVar(&o.sizes, "sizes", "balance", "sizes of regions: balance or extreme")
	flags.StringVar(&o.relevance, "relevance", string(relevance.Plain),
		"boxplot, adjusted, density, or points LABEL:RELEVANCE,…")
	flags.StringVar(&o.extremes, "extremes", string(relevance.Both), "of a box plot: rare labels are both, high or low")
	flags.Uint64Var(&o.Seed, "seed", 0, "seed of everything random")
	flags.StringVar(&o.Mark, "mark", "", "name of a new column that is 1 in synthetic rows, 0 in the others")
	flags.StringVar(&o.out, "out", "", "file to write (default: stdout, as CSV)")
	flags.BoolVar(&o.force, "force", false, "replace the file --out")
	return cmd
}

func (o *resampleOptions) complete() error {
	o.Kind, o.Inverted, o.Extremes = methods.Resample(o.method), o.sizes == "extreme", relevance.Extremes(o.extremes)
	switch form := relevance.Form(o.relevance); form {
	case relevance.Plain, relevance.Adjusted, resample.Density:
		o.Form = form
	default:
		given, err := relevance.Parse(o.relevance)
		if err != nil {
			return usagef("--relevance: expected boxplot, adjusted, density, or points: %w", err)
		}
		o.Given = &given
	}
	if err := o.Validate(); err != nil {
		return usagef("--%w", err)
	}
	if o.sizes != "balance" && o.sizes != "extreme" {
		return usagef("--sizes %q: expected balance or extreme", o.sizes)
	}
	if o.out != "" && !slices.Contains(table.WriteFormats, table.Format(o.out)) {
		return usagef("--out %s: expected a name that ends in one of %s", o.out, strings.Join(table.WriteFormats, ", "))
	}
	return nil
}

func runDataResample(cmd *cobra.Command, path string, o resampleOptions) error {
	o.Warn = func(text string) { fmt.Fprintf(cmd.ErrOrStderr(), "dirbench: warning: %s\n", text) }
	result, err := resample.Table(path, o.Options)
	if err != nil {
		return err
	}
	if err := printRows(cmd.OutOrStdout(), result, o.out, o.force); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s, of which %s rare: %s kept, %s made\n",
		count(result.Rows, "row"), thousands(result.Rare), thousands(result.Kept), thousands(result.Made))
	return nil
}
