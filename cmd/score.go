package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/score"
	"github.com/dirbench/dirbench/runner/store"
)

// scoreOptions are the flags and arguments of dirbench score.
type scoreOptions struct {
	tableFlags
	predictions string
	read        score.Options
	columns     map[string]string
	seed        int64

	dataset   string
	data      string
	benchmark string
	protocol  score.Protocol
	semantics string
	ofTable   string // the flag of --scale and --semantics that is set, which only the table of a benchmark has
	out       string

	labels, trainLabels string
	bins                labelFlags // for --labels
}

func newScoreCmd() *cobra.Command {
	var o scoreOptions
	cmd := &cobra.Command{
		Use:   "score PREDICTIONS",
		Short: "Score predictions of any program by region, as runs of the store",
		Long: `Score reads predictions that another program made, compares them with a split of a prepared dataset, prints
their table and stores them as finished runs of the suite "external", which eval, report, check and analyze take like
any other.

PREDICTIONS is a .csv or .tsv file with a header, .jsonl, .parquet or .arrow; - reads text from standard input, CSV, TSV
or JSON Lines by its first line. Columns: id and prediction; optionally method and seed, each pair of which makes a run;
label, which must then be the dataset's; and split, whose rows of other splits are passed over. So are other columns.

On a dataset of depth maps the rows are evaluated pixels, with ids FRAME@x,y as dirbench predict writes them; or frames,
whose prediction is a list of all pixels, row by row, of the frame or of its field of view; or PREDICTIONS is a .npy
file of shape (frames, height, width), with the frames in the order of the dataset.

Each run needs exactly one finite prediction for every row of the split. If anything is missing, unknown, doubled or no
number, one line says what, how often and where first, and nothing is written. The same predictions again change
nothing.

Runs stand in the table of their benchmark, scale and semantics, beside the runs of dirbench that have the same.

With --labels and --train-labels there is no dataset and nothing is stored: PREDICTIONS is scored against a file with id
and label, in bins and by shot regions that follow from the training labels: see dirbench data convert columns --help.

EXIT STATUS
  0  success
  1  the predictions or the dataset cannot be used; nothing was written
  2  usage`,
		Example: `  dirbench score lightgbm.csv --dataset agedb --method lightgbm
  dirbench score all-seeds.parquet --dataset sts-b --scale small --semantics official
  python predict.py | dirbench score - --dataset agedb --method mine --seed 3 --columns id=path,prediction=age
  dirbench score predictions.csv --labels test.csv --train-labels train.csv --columns label=price`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.predictions, o.read.Stopped = args[0], cmd.Context().Err
			if cmd.Flags().Changed("seed") {
				o.read.Seed = &o.seed
			}
			if err := o.check(cmd); err != nil {
				return err
			}
			return runScore(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	o.register(cmd)
	addDataRootFlag(cmd, &o.data)
	flags := cmd.Flags()
	flags.StringVar(&o.dataset, "dataset", "", "folder or name of the prepared dataset")
	flags.StringVar(&o.benchmark, "benchmark", "", "benchmark of the table (default: the dataset's, if it has one)")
	flags.StringVar(&o.protocol.Scale, "scale", "full", "scale of the table, for a benchmark")
	flags.StringVar(&o.semantics, "semantics", string(task.Paper),
		"semantics of the table, for a benchmark: paper or official")
	flags.StringVar(&o.read.Method, "method", "", "name of the method (default: the column method, else the file's name)")
	flags.Int64Var(&o.seed, "seed", 0, "seed (default: the column seed, else 0)")
	flags.StringToStringVar(&o.columns, "columns", nil,
		"columns of other names, as `NAME=COL`,… such as id=path,prediction=age")
	flags.StringVar(&o.out, "out", defaultOut, "root of the run store")
	flags.StringVar(&o.labels, "labels", "", "file with id and label, in place of a dataset")
	flags.StringVar(&o.trainLabels, "train-labels", "", "file with the training labels, for --labels")
	o.bins.register(flags)
	return cmd
}

// check finds flags that are wrong or do not go together.
func (o *scoreOptions) check(cmd *cobra.Command) error {
	o.read.Columns = score.Columns{}
	for role, name := range o.columns {
		if !slices.Contains(score.Roles, score.Role(role)) {
			return usagef("--columns %s=%s: expected one of %q", role, name, score.Roles)
		}
		o.read.Columns[score.Role(role)] = name
	}
	if o.read.Method != "" {
		if err := score.CheckMethod(o.read.Method); err != nil {
			return usage(err)
		}
	}
	if o.predictions == score.Stdin && (o.labels == score.Stdin || o.trainLabels == score.Stdin) {
		return usagef("standard input can be one file only: expected - once")
	}
	for _, name := range []string{"scale", "semantics"} {
		if cmd.Flags().Changed(name) {
			o.ofTable = name
		}
	}
	of := func(names ...string) error {
		for _, name := range names {
			if cmd.Flags().Changed(name) {
				return usagef("--%s does not go with the other flags: expected --dataset and its table, or --labels and "+
					"--train-labels",
					name)
			}
		}
		return nil
	}
	switch {
	case o.labels != "" && o.trainLabels != "":
		if err := o.bins.complete(cmd.Flags()); err != nil {
			return err
		}
		return of("dataset", "benchmark", "scale", "semantics", "out", "data", "published", "split")
	case o.labels != "" || o.trainLabels != "":
		return usagef("--labels and --train-labels: expected both")
	case o.dataset == "":
		return usagef("--dataset is missing: name a prepared dataset, or give --labels and --train-labels")
	}
	return of(labelFlagNames...)
}

func runScore(ctx context.Context, o scoreOptions, stdout, stderr io.Writer) error {
	choice, err := o.options()
	if err != nil {
		return err
	}
	runs, err := o.runs(ctx, choice.Split, stderr)
	if err != nil {
		return err
	}
	report, err := reports.New(runs, nil, choice)
	if err != nil {
		return err
	}
	if err := o.checkBaseline(report.Tables); err != nil {
		return err
	}
	return printReport(stdout, report, o.format)
}

// runs returns the scored runs; those of a dataset are in the store.
func (o *scoreOptions) runs(ctx context.Context, split datasets.Split, stderr io.Writer) ([]store.Run, error) {
	if o.dataset == "" {
		return o.unstored()
	}
	dataset, err := findDataset(o.data, o.dataset)
	if err != nil {
		return nil, err
	}
	if err := o.findBenchmark(dataset); err != nil {
		return nil, err
	}
	common, err := o.protocol.Manifest(dataset)
	if err != nil {
		return nil, usage(err)
	}
	targets, err := score.SplitTargets(dataset, split)
	if err != nil {
		return nil, err
	}
	scored, err := o.score(common, targets)
	if err != nil {
		return nil, err
	}
	if err := o.store(ctx, scored, stderr); err != nil {
		return nil, err
	}
	return plainRuns(scored), nil
}

// findBenchmark looks up the benchmark of the flag, else the one that the dataset, or its twin, is made for.
func (o *scoreOptions) findBenchmark(d *datasets.Dataset) (err error) {
	o.protocol.Fidelity = task.Fidelity(o.semantics)
	if o.benchmark != "" {
		o.protocol.Benchmark, err = benchmarks.Lookup(o.benchmark)
		return usage(err)
	}
	for _, name := range benchmarks.Published() {
		b, err := benchmarks.Lookup(name)
		if err != nil {
			return err
		}
		if b.Dataset == strings.TrimSuffix(d.Meta.Name, "-twin") {
			o.protocol.Benchmark = b
		}
	}
	if o.protocol.Benchmark.Name == "" && o.ofTable != "" {
		return usagef("--%s: no benchmark is made for %s: name one with --benchmark, or leave the flag out", o.ofTable,
			d.Meta.Name)
	}
	return nil
}

// unstored scores against a file of labels.
func (o *scoreOptions) unstored() ([]store.Run, error) {
	train, err := score.ReadTrainLabels(o.trainLabels, o.read.Columns)
	if err != nil {
		return nil, err
	}
	targets, err := score.ReadTargets(o.labels, o.read.Columns)
	if err != nil {
		return nil, err
	}
	common, err := score.Regression(targets, train, o.bins.Binning, o.bins.Shots)
	if err != nil {
		return nil, usage(err)
	}
	delete(o.read.Columns, score.Label) // of the files of labels
	scored, err := o.score(common, targets)
	return plainRuns(scored), err
}

// score reads the predictions and makes runs of them.
func (o *scoreOptions) score(common store.Manifest, targets score.Targets) ([]score.Run, error) {
	predictions, from, err := score.Read(o.predictions, targets, o.read)
	if err != nil {
		return nil, err
	}
	var scored []score.Run
	for _, p := range predictions {
		run, err := score.NewRun(common, targets, p, from)
		if err != nil {
			return nil, err
		}
		scored = append(scored, run)
	}
	return scored, nil
}

// store writes the runs that are not there before, once it is clear that all of them can be.
func (o *scoreOptions) store(ctx context.Context, scored []score.Run, stderr io.Writer) error {
	before := make([]bool, len(scored))
	for i := range scored {
		var err error
		if before[i], err = scored[i].Place(o.out); err != nil {
			return err
		}
	}
	for i := range scored {
		name, dir := scored[i].Name(), scored[i].Dir
		if before[i] {
			fmt.Fprintf(stderr, "%s was scored before: %s\n", name, dir)
			continue
		}
		if err := scored[i].Write(ctx); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "%s: %s\n", name, dir)
	}
	return nil
}

func plainRuns(scored []score.Run) []store.Run {
	runs := make([]store.Run, len(scored))
	for i, r := range scored {
		runs[i] = r.Run
	}
	return runs
}
