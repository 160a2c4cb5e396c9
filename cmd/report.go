package cmd

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/page"
	"github.com/dirbench/dirbench/reports/trackers"
	"github.com/dirbench/dirbench/runner/store"
)

// reportOptions are the flags and arguments of dirbench report.
type reportOptions struct {
	tableFlags
	pageFlags
	stores []string
	output string
}

func newReportCmd() *cobra.Command {
	var opts reportOptions
	cmd := &cobra.Command{
		Use:   "report [STORE...]",
		Short: "Print result tables of finished runs",
		Long: `Print one table for each benchmark, dataset, scale, semantics and selection rule among the runs of the
stores (default ./results). A store may also be the folder of one suite or of one run.

Rows are methods, columns are metrics over all samples and by many-, medium- and few-shot region: mean ± standard
deviation over n seeds, the best value of a column in bold, — where a value does not exist. Runs that failed, have not
finished or cannot be read are counted in footnotes and listed in a table of their own with the reason and how to go on;
runs of different configurations are never averaged together.

Methods are compared with --baseline over the seeds that both have: ▲ significantly better, ▼ significantly worse, ~ not
significant, after Holm's adjustment. Of several configurations of --baseline the one with the scale's own recipe counts,
so that --baseline fds reads an ablation of fds. --interval puts an interval of the mean in place of the standard deviation.
--published adds results of the literature with their sources: beside measured rows where protocol, dataset and scale are
the same, otherwise in tables of their own with the reason.

On a terminal tables are drawn in boxes (best values with a star if NO_COLOR is set), otherwise written in Markdown.
--format csv has one line for each table, method, metric and region, with all numbers and without footnotes.

With --html the report becomes one HTML file that needs no network: tables to sort, errors by bin over the density of
training labels, gains over the baseline, learning curves, predictions against labels, where the runs come from and what
is not done. --plots writes its figures as files. With either of them tables are printed only if --format, --json or
--output asks for them.

--format tensorboard and mlflow write no tables but what these trackers open, into the folder of --output: event files, or
a file store. Both have the loss, the validation metric and the learning rate of each validation, the final metrics by
region and the settings of every run. Nothing is sent anywhere; the same runs again replace their files.

EXIT STATUS
  0  success
  1  a store is missing or empty, a run cannot be read or a figure not be drawn: the others are there all the same
  2  usage`,
		Example: `  dirbench report
  dirbench report results/smoke --metrics mae,gm,bmae --output smoke.md
  dirbench report --metrics all --json
  dirbench report results/smoke --interval t --format latex --output table.tex
  dirbench report results/paper-agedb --published
  dirbench report results/smoke --html smoke.html --plots figures --plot-methods 'vanilla,lds*'
  dirbench report results/smoke --format tensorboard --output runs && tensorboard --logdir runs
  dirbench report results/smoke --format mlflow --output mlruns && mlflow ui --backend-store-uri mlruns`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if opts.stores = args; len(args) == 0 {
				opts.stores = []string{defaultOut}
			}
			if write := trackers.Formats[opts.format]; write != nil {
				return runTracker(cmd, opts, write)
			}
			return runReport(opts, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	opts.tableFlags.register(cmd)
	opts.pageFlags.register(cmd)
	cmd.Flags().StringVarP(&opts.output, "output", "o", "",
		"write to this file, without --format in the format of its ending, instead of stdout")
	cmd.Flags().Lookup("format").Usage += "; or tensorboard, mlflow, which write a folder"
	return cmd
}

// runTracker writes the runs for a tracker.
func runTracker(cmd *cobra.Command, opts reportOptions, write func(string, []store.Run) error) error {
	if opts.output == "" {
		return usagef("--format %s writes a folder: name it with --output", opts.format)
	}
	var other string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Name != "format" && f.Name != "output" {
			other = f.Name
		}
	})
	if other != "" {
		return usagef("--%s: --format %s writes all that runs hold, and no tables: leave one of them out", other, opts.format)
	}
	runs, damaged, err := readStores(opts.stores)
	if err != nil {
		return err
	}
	if err := write(opts.output, runs); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s into %s\n", count(len(runs), "run"), opts.output)
	return damagedError(damaged)
}

func runReport(opts reportOptions, stdout, stderr io.Writer) error {
	choice, err := opts.options()
	if err == nil {
		err = opts.pageFlags.check()
	}
	if err != nil {
		return err
	}
	runs, damaged, err := readStores(opts.stores)
	if err != nil {
		return err
	}
	report, err := reports.New(runs, damaged, choice)
	if err != nil {
		return err
	}
	if err := cmp.Or(opts.checkBaseline(report.Tables), opts.checkMethods(report.Tables)); err != nil {
		return err
	}
	if err := opts.write(stdout, report); err != nil {
		return err
	}
	return cmp.Or(opts.pageFlags.write(report, choice, stderr), damagedError(damaged))
}

// write prints the report or puts it into the file of --output, unless only a page or figures are asked for.
func (o *reportOptions) write(stdout io.Writer, report reports.Report) error {
	switch {
	case o.output == "" && o.format == "" && o.drawn():
		return nil
	case o.output == "":
		return printReport(stdout, report, o.format)
	}
	format := cmp.Or(o.format, reports.FormatByExtension(o.output))
	return store.WriteFile(o.output, func(w io.Writer) error { return printReport(w, report, format) })
}

// readStores reads several stores as readStore does.
func readStores(roots []string) (runs []store.Run, damaged []store.DamagedRun, err error) {
	for _, root := range roots {
		found, unreadable, err := readStore(root)
		if err != nil {
			return nil, nil, err
		}
		runs, damaged = append(runs, found...), append(damaged, unreadable...)
	}
	return runs, damaged, nil
}

// readStore returns the runs of a store, of which there must be at least one, and those that cannot be read.
func readStore(root string) ([]store.Run, []store.DamagedRun, error) {
	runs, damaged, err := store.Scan(root)
	runs = store.WithoutEncoders(runs)
	if err == nil && len(runs)+len(damaged) == 0 {
		err = noRuns(root)
	}
	return runs, damaged, err
}

func noRuns(root string) error {
	return fmt.Errorf("%s: no runs: expected a folder that `dirbench run` wrote", root)
}

// damagedError ends a command that has printed what can be read; nil if nothing is damaged.
func damagedError(damaged []store.DamagedRun) error {
	switch len(damaged) {
	case 0:
		return nil
	case 1:
		return damaged[0].Err
	}
	return fmt.Errorf("%d runs cannot be read, listed above; the first: %w", len(damaged), damaged[0].Err)
}

// pageFlags are those of the HTML page and of the figures in it.
type pageFlags struct {
	html    string
	plots   string
	methods []string
}

func (f *pageFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.html, "html", "",
		"write the tables with figures, provenance and failures into this HTML file")
	cmd.Flags().StringVar(&f.plots, "plots", "", "write the figures into this folder, as .svg and .png")
	cmd.Flags().StringSliceVar(&f.methods, "plot-methods", nil,
		"globs of the methods in figures, the first six (default: the baseline and the best other one in the "+
			"few-shot region)")
}

// drawn reports whether a page or figures are asked for.
func (f *pageFlags) drawn() bool { return f.html != "" || f.plots != "" }

// check finds mistakes in the flags.
func (f *pageFlags) check() error {
	if f.methods != nil && !f.drawn() {
		return usagef("--plot-methods: there are no figures without --html or --plots")
	}
	for _, g := range f.methods {
		if err := checkGlob("--plot-methods", g); err != nil {
			return err
		}
	}
	return nil
}

// checkMethods finds globs that match no finished method.
func (f *pageFlags) checkMethods(tables []reports.Table) error {
	for _, glob := range f.methods {
		matched := func(r reports.Row) bool { ok, err := path.Match(glob, r.Method); return ok && err == nil && r.N > 0 }
		if !slices.ContainsFunc(tables, func(t reports.Table) bool { return slices.ContainsFunc(t.Rows, matched) }) {
			return usagef("--plot-methods %s: no finished run of a method that it matches", glob)
		}
	}
	return nil
}

// write writes what the flags ask for and says so. Figures that cannot be drawn are an error once the others are
// written.
func (f *pageFlags) write(report reports.Report, choice reports.Options, stderr io.Writer) error {
	if !f.drawn() {
		return nil
	}
	p := page.New(report, page.Options{Split: choice.Split, Baseline: choice.Baseline, Methods: f.methods})
	if f.html != "" {
		if err := store.WriteFile(f.html, p.Write); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "wrote %s\n", f.html)
	}
	if f.plots != "" {
		n, err := p.SaveFigures(f.plots)
		if err != nil {
			return err
		}
		fmt.Fprintf(stderr, "wrote %s into %s, each as .svg and .png\n", count(n, "figure"), f.plots)
	}
	for _, s := range p.Sections {
		if s.Note != "" {
			fmt.Fprintf(stderr, "%s: %s\n", s.Title, s.Note)
		}
	}
	return cmp.Or(p.Problems...)
}
