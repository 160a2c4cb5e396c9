package cmd

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods/kernel"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
	"github.com/dirbench/dirbench/reports/charts"
)

// densityOptions are the flags and arguments of dirbench analyze density.
type densityOptions struct {
	analyzeFlags
	kernel    kernel.Kernel
	ownKernel bool // no flag about the kernel was given: that of the runs
	sigma     bool // one about its width was
	metric    string
	bins      bool
	plot      string
}

func newAnalyzeDensityCmd() *cobra.Command {
	opts := densityOptions{kernel: kernel.Default()}
	cmd := &cobra.Command{
		Use:   "density STORE|RUN",
		Short: "Relate the error of each bin to the density of training labels",
		Long: `Compute the error in every bin of the label space from stored predictions and correlate it, over the bins that
have samples, with two densities of the training labels: the empirical one, the counts, and the effective one, the
counts smoothed as label distribution smoothing (LDS) does. Yang et al. 2021 (section 3.1) show with it that for a
continuous label the raw density explains errors poorly and the smoothed one well: r -0.83 on IMDB-WIKI.

The argument is a store or the folder of one suite, benchmark or run; seeds of a method are averaged. The kernel is the
one that a method's runs smooth with, and for methods without LDS that of every published recipe: gaussian, 5 taps,
sigma 2. With a flag about it, all methods have the same.

EXIT STATUS
  0  success
  1  the store is missing, has no finished run, or a run cannot be read: the others are printed all the same
  2  usage`,
		Example: `  dirbench analyze density results/smoke
  dirbench analyze density results/smoke/agedb-dir --method vanilla --plot density.svg
  dirbench analyze density results --kernel laplace --ks 9 --sigma 2 --bins`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.root = args[0]
			opts.ownKernel = !slices.ContainsFunc([]string{"kernel", "ks", "sigma"}, cmd.Flags().Changed)
			opts.sigma = cmd.Flags().Changed("sigma")
			return runAnalyzeDensity(opts, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	opts.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&opts.kernel.Kind, "kernel", opts.kernel.Kind,
		"kernel of the effective density: gaussian, triang or laplace")
	flags.IntVar(&opts.kernel.Size, "ks", opts.kernel.Size, "taps of the kernel, an odd number of bins")
	flags.Float64Var(&opts.kernel.Sigma, "sigma", opts.kernel.Sigma, "width of a gaussian or laplace kernel, in bins")
	flags.StringVar(&opts.metric, "metric", "", "error of a bin: "+metrics.Names(metrics.ByBin)+" (default: the "+
		"benchmark's first)")
	flags.BoolVar(&opts.bins, "bins", false, "also print every bin of every method")
	flags.StringVar(&opts.plot, "plot", "", "draw the bins of one benchmark into this .svg or .png file")
	return cmd
}

// options checks the flags; mistakes are usage errors.
func (o *densityOptions) options() (opts analysis.DensityOptions, err error) {
	if err := o.check(); err != nil {
		return opts, err
	}
	if err := checkPlot(o.plot); err != nil {
		return opts, err
	}
	if o.metric != "" {
		if opts.Metric = metrics.Metric(o.metric); !slices.Contains(metrics.ByBin, opts.Metric) {
			return opts, usagef("--metric %q: expected one of %s", o.metric, metrics.Names(metrics.ByBin))
		}
	}
	if !o.ownKernel {
		if err := o.kernel.Validate(); err != nil {
			return opts, usagef("--kernel, --ks, --sigma: %w", err)
		}
		if o.sigma && o.kernel.Kind == kernel.Triangle {
			return opts, usagef("--sigma: a %s kernel has none, its width is --ks", kernel.Triangle)
		}
		opts.Kernel = &o.kernel
	}
	return opts, nil
}

// checkFigure makes sure that one figure can show the tables.
func (o *densityOptions) checkFigure(tables []analysis.Table) error {
	switch {
	case o.plot == "":
		return nil
	case len(tables) > 1:
		return usagef("--plot: %s holds %d tables: name the folder of one benchmark, such as %s", o.root, len(tables),
			filepath.Join(o.root, tables[0].Manifest().Benchmark))
	case len(tables[0].Methods) > charts.Colours:
		return usagef("--plot: %d methods: a figure has colours for %d: choose some with --method",
			len(tables[0].Methods), charts.Colours)
	}
	return nil
}

func runAnalyzeDensity(opts densityOptions, stdout, stderr io.Writer) error {
	choice, err := opts.options()
	if err != nil {
		return err
	}
	tables, damaged, err := opts.tables()
	if err != nil {
		return err
	}
	if err := opts.checkFigure(tables); err != nil {
		return err
	}
	all, sheets := []analysis.Density{}, []reports.Sheet{}
	for _, t := range tables {
		list, err := densities(t, datasets.Split(opts.split), choice)
		if err != nil {
			return err
		}
		all, sheets = append(all, list...), append(sheets, analysis.DensitySheet(t, list))
		for i := range list {
			if opts.bins {
				sheets = append(sheets, analysis.BinsSheet(t, list[i]))
			}
		}
	}
	if opts.plot != "" {
		if err := plotDensity(opts.plot, tables[0], all, stderr); err != nil {
			return err
		}
	}
	if err := opts.print(stdout, all, sheets); err != nil {
		return err
	}
	return unreadableError(damaged)
}

func densities(t analysis.Table, split datasets.Split, opts analysis.DensityOptions) ([]analysis.Density, error) {
	var list []analysis.Density
	for _, m := range t.Methods {
		d, err := analysis.NewDensity(m, split, opts)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

// plotDensity draws a table's bins, each method with its two correlations in the key.
func plotDensity(path string, t analysis.Table, list []analysis.Density, stderr io.Writer) error {
	var series []charts.Series
	first := list[0]
	for i, d := range list {
		name := fmt.Sprintf("%s: r %s empirical, %s effective", d.Method, analysis.CorrelationText(d.Empirical.OfMean),
			analysis.CorrelationText(d.Effective.OfMean))
		series = append(series, charts.ErrorSeries(name, i, analysis.Mean(t.Methods[i].Bins), d.Metric))
	}
	title := fmt.Sprintf("%s: error by bin, %s split", first.Title, first.Split)
	figure, err := charts.ErrorByBin(title, first.Metric.Label()+analysis.UnitText(first.Space, first.Metric),
		charts.NewLabels(t.Manifest().Dataset, first.Smoothing), series)
	if err != nil {
		return err
	}
	return savePlot(path, figure, stderr)
}
