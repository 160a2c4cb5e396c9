package cmd

import (
	"os"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/reports"
)

// Formats of [reports.Formats] that the commands name themselves.
const (
	formatMarkdown = "md"
	formatJSON     = "json"
)

// The baseline of tables unless a flag names another, and the flag's word for none.
const (
	defaultBaseline = "vanilla"
	noBaseline      = "none"
)

// tableFlags are the flags of every command that prints tables.
type tableFlags struct {
	format    string
	json      bool
	metrics   []string
	split     string
	interval  string
	level     float64
	baseline  string
	test      string
	alpha     float64
	published bool
}

func (f *tableFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "", reports.FormatNames()+" (default: term on a terminal, else md)")
	flags.BoolVar(&f.json, "json", false, "the same as --format json")
	flags.StringSliceVar(&f.metrics, "metrics", nil, "metrics to show, or all (default: those of the benchmark's papers)")
	flags.StringVar(&f.split, "split", string(datasets.Test), "train, val or test")
	flags.StringVar(&f.interval, "interval", reports.IntervalStd,
		"behind the means: std (standard deviation), t (Student's interval) or bca (bootstrap)")
	flags.Float64Var(&f.level, "level", 0.95, "confidence level of intervals")
	flags.StringVar(&f.baseline, "baseline", defaultBaseline, "method to compare with, or none")
	flags.StringVar(&f.test, "test", reports.TestT, "paired test that decides about significance: t or wilcoxon")
	flags.Float64Var(&f.alpha, "alpha", 0.05, "significance level")
	flags.BoolVar(&f.published, "published", false,
		"add published results, beside measured ones of the same protocol only")
}

// options checks the flags; mistakes are usage errors.
func (f *tableFlags) options() (reports.Options, error) {
	opts := reports.Options{Split: datasets.Split(f.split), Interval: f.interval, Level: f.level, Test: f.test,
		Alpha: f.alpha, Published: f.published}
	if err := f.check(); err != nil {
		return opts, err
	}
	if f.json {
		f.format = formatJSON
	}
	if f.baseline != noBaseline {
		if m, err := methods.Parse(f.baseline); err == nil {
			f.baseline = m.String() // else a method of another program, or one that no table has: see checkBaseline
		}
		opts.Baseline = f.baseline
	}
	for _, name := range f.metrics {
		if name == "all" {
			opts.Metrics = metrics.Known
			return opts, nil
		}
		m, err := metrics.ParseMetric(name)
		if err != nil {
			return opts, usagef("--metrics: %w", err)
		}
		opts.Metrics = append(opts.Metrics, m)
	}
	return opts, nil
}

// tablesOnly reports whether the format has nothing but result tables.
func (f *tableFlags) tablesOnly() bool {
	format, err := reports.FormatOf(f.format)
	return err == nil && format.Tables
}

func (f *tableFlags) check() error {
	if f.format != "" {
		if _, err := reports.FormatOf(f.format); err != nil {
			return usagef("--%w", err)
		}
	}
	switch {
	case f.published && f.tablesOnly():
		return usagef("--published: %s has measured rows only; expected --format %s", f.format, reports.SheetFormats())
	case f.json && f.format != "" && f.format != formatJSON:
		return usagef("--json and --format %s: expected one of them", f.format)
	case !slices.Contains(reports.Intervals, f.interval):
		return usagef("--interval %q: expected one of %s", f.interval, strings.Join(reports.Intervals, ", "))
	case !slices.Contains(reports.Tests, f.test):
		return usagef("--test %q: expected one of %s", f.test, strings.Join(reports.Tests, ", "))
	case !(f.level > 0 && f.level < 1):
		return usagef("--level %g: expected a number between 0 and 1, such as 0.95", f.level)
	case !(f.alpha > 0 && f.alpha < 1):
		return usagef("--alpha %g: expected a number between 0 and 1, such as 0.05", f.alpha)
	}
	return checkSplit(f.split)
}

// checkBaseline finds out whether a baseline that somebody asked for is there at all.
func (f *tableFlags) checkBaseline(tables []reports.Table) error {
	has := func(r reports.Row) bool { return r.Method == f.baseline }
	if f.baseline == defaultBaseline || f.baseline == noBaseline ||
		slices.ContainsFunc(tables, func(t reports.Table) bool { return slices.ContainsFunc(t.Rows, has) }) {
		return nil
	}
	if _, err := methods.Parse(f.baseline); err != nil {
		return usagef("--baseline %s: no table has it, and %w; or none", f.baseline, err)
	}
	return usagef("--baseline %s: no table has that method", f.baseline)
}

// dataRootEnv names the folder of prepared datasets.
const dataRootEnv = "DIRBENCH_DATASETS"

// defaultDataRoot is the root of prepared datasets where no flag says otherwise.
func defaultDataRoot() string {
	if root := os.Getenv(dataRootEnv); root != "" {
		return root
	}
	return "data"
}

// addDataRootFlag adds --data.
func addDataRootFlag(cmd *cobra.Command, root *string) {
	cmd.Flags().StringVar(root, "data", defaultDataRoot(), "root of prepared datasets, for names (environment: "+
		dataRootEnv+")")
}

// addSuiteFlag adds --suite.
func addSuiteFlag(cmd *cobra.Command, suite *string) {
	cmd.Flags().StringVar(suite, "suite", "", "built-in suite or a YAML file (dirbench list suites)")
}

// addFileFlags adds the files that some networks need beside the dataset.
func addFileFlags(cmd *cobra.Command, load *task.LoadOptions) {
	addEmbeddingsFlag(cmd, load)
	cmd.Flags().StringVar(&load.Encoder, "encoder", "", "pretrained ResNet-50 for NYUD2-DIR, .pth or .safetensors")
}

// addEmbeddingsFlag adds --embeddings.
func addEmbeddingsFlag(cmd *cobra.Command, load *task.LoadOptions) {
	cmd.Flags().StringVar(&load.Embeddings, "embeddings", "", "word vectors in GloVe text format, plain, .gz or .zip")
}

// hideEmpty keeps "(default [])" of flags without a value out of the help of a command and of those below it. Of lists
// of words and of whole numbers pflag itself does.
func hideEmpty(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.DefValue == "[]" && !slices.Contains([]string{"stringSlice", "stringArray", "intSlice"}, f.Value.Type()) {
			f.DefValue = ""
		}
	})
	for _, sub := range cmd.Commands() {
		hideEmpty(sub)
	}
}

// defaultOut is the root of run stores where no flag says otherwise.
const defaultOut = "results"

// checkSplit finds a split that no dataset has.
func checkSplit(name string) error {
	if !slices.Contains(datasets.Splits, datasets.Split(name)) {
		return usagef("--split %q: expected train, val or test", name)
	}
	return nil
}

// checkGlob finds a pattern of methods that cannot be read.
func checkGlob(flag, glob string) error {
	if _, err := path.Match(glob, ""); err != nil {
		return usagef("%s %q: expected a glob such as lds*", flag, glob)
	}
	return nil
}
