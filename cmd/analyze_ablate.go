package cmd

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
	"github.com/dirbench/dirbench/reports/charts"
)

type ablateOptions struct {
	root   string
	metric string
	region string
	split  string
	plot   string
	json   bool
}

func newAnalyzeAblateCmd() *cobra.Command {
	o := ablateOptions{}
	cmd := &cobra.Command{
		Use:   "ablate [STORE]",
		Short: "Compare the kernels of LDS and FDS that a suite sweeps",
		Long: `Compare finished runs of a method that differ in nothing but the kernels of label or feature distribution
smoothing (LDS, FDS) and in their seeds: kind, number of taps ks, sigma. One table for each benchmark and method of the
store (default ./results; it may also be the folder of one suite, benchmark or method): a row for each combination, mean
± standard deviation over n seeds, the best in bold. Runs that differ in another field too are in a table of their own,
with a note that names it.

A suite trains such runs with a sweep: "sweep: {lds: {kind: [gaussian, laplace], size: [5, 9], sigma: [1, 2]}}" beside a
benchmark makes one entry of each combination; fds takes the same lists. The built-in suite ablation-lds is one.

--plot draws one table as a heat map: a panel for each kind of kernel, or LDS against FDS where both vary.

EXIT STATUS
  0  success
  1  the store is missing or holds no two kernels of a method, or a run cannot be read
  2  usage`,
		Example: `  dirbench run --suite ablation-lds
  dirbench analyze ablate results/ablation-lds --region few --plot kernels.svg
  dirbench analyze ablate results --metric gm --json`,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.root = defaultOut; len(args) == 1 {
				o.root = args[0]
			}
			return runAnalyzeAblate(o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.metric, "metric", "", "metric to compare (default: the benchmark's first)")
	flags.StringVar(&o.region, "region", datasets.Few.String(),
		"all, many, medium or few: where the best is looked for, and what --plot draws")
	flags.StringVar(&o.split, "split", string(datasets.Test), "train, val or test")
	flags.StringVar(&o.plot, "plot", "", "draw the heat map of one table into this .svg or .png file")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// options checks the flags; mistakes are usage errors.
func (o ablateOptions) options() (opts analysis.AblationOptions, err error) {
	opts = analysis.AblationOptions{Split: datasets.Split(o.split)}
	if err := checkSplit(o.split); err != nil {
		return opts, err
	}
	if opts.Region, err = datasets.ParseRegion(o.region); err != nil {
		return opts, usagef("--%w", err)
	}
	if o.metric != "" {
		if opts.Metric, err = metrics.ParseMetric(o.metric); err != nil {
			return opts, usagef("--metric: %w", err)
		}
	}
	return opts, checkPlot(o.plot)
}

func runAnalyzeAblate(o ablateOptions, stdout, stderr io.Writer) error {
	opts, err := o.options()
	if err != nil {
		return err
	}
	runs, damaged, err := readStore(o.root)
	if err != nil {
		return err
	}
	ablations, err := analysis.Ablations(runs, opts)
	if err != nil {
		return err
	}
	switch {
	case len(ablations) == 0 && len(damaged) > 0:
		return damagedError(damaged)
	case len(ablations) == 0:
		return fmt.Errorf("%s: no method with two kernels of LDS or FDS, all else equal: expected runs of a suite "+
			"with a sweep", o.root)
	case o.plot != "" && len(ablations) > 1:
		return usagef("--plot: %s holds %d tables: name the folder of one, such as %s", o.root, len(ablations),
			filepath.Dir(filepath.Dir(ablations[0].Dir)))
	case o.plot != "":
		if err := savePlot(o.plot, charts.Ablation(ablations[0]), stderr); err != nil {
			return err
		}
	}
	if o.json {
		err = printJSON(stdout, ablations)
	} else {
		sheets := make([]reports.Sheet, len(ablations))
		for i, a := range ablations {
			sheets[i] = a.Sheet()
		}
		err = printSheets(stdout, sheets, "")
	}
	if err != nil {
		return err
	}
	return damagedError(damaged)
}
