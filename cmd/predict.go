package cmd

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"
	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert"
	"github.com/dirbench/dirbench/datasets/table"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/score"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// predictOptions are the flags and arguments of dirbench predict.
type predictOptions struct {
	run      string
	inputs   string
	store    string
	data     string
	split    string
	ensemble bool
	columns  map[string]string
	output   string
	vectors  string
	backend  string
}

func newPredictCmd() *cobra.Command {
	var o predictOptions
	cmd := &cobra.Command{
		Use:   "predict RUN INPUTS",
		Short: "Predict with a trained network",
		Long: `Predict takes the best checkpoint of a finished run and writes what it predicts for each input: id and
prediction, as CSV on stdout or in the format of --output, in label units. A method that knows the standard deviation
of its predictions adds it as the column spread. Inputs are prepared as in the run's training.

RUN is a run's folder, SUITE/BENCHMARK/METHOD/SEED in the store (SUITE/BENCHMARK:DATASET/METHOD/SEED where the suite
trains a general benchmark on several datasets), or the first digits of its hash. INPUTS is a prepared dataset, of which
one split is predicted; a folder of images, whose paths are the ids; or a .csv, .tsv, .jsonl, .parquet or .arrow file
with the columns of the modality (image: bytes, or a path relative to the file; sentence1, of pairs also sentence2; a
list of numbers for each channel; the columns of a table) and, unless its rows are to be numbered, id. On the run's own
dataset the numbers are those of its predictions.parquet; on backend go they are the same bytes.

With --ensemble RUN is a method's folder, and the predictions of its seeds are averaged; the column spread is the
standard deviation of their mixture (Lakshminarayanan et al. 2017). A single seed is predicted as without the flag.

A run of text needs its own dataset below --data as well, for the vocabulary, and so does any file but one of images.

EXIT STATUS
  0    success
  1    the run, the inputs or the backend cannot be used; nothing was written
  2    usage
  130  interrupted`,
		Example: `  dirbench predict smoke/agedb-dir/lds/0 photos > ages.csv
  dirbench predict results/own/text/lds/seed=0 pairs.csv --columns sentence1=a,sentence2=b
  dirbench predict 3f2a9c1e agedb --split val --output ages.parquet
  dirbench predict results/paper/sts-b-dir/lds sts-b --ensemble --output scores.jsonl`,
		Args: arguments(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.run, o.inputs = args[0], args[1]
			return runPredict(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addDataRootFlag(cmd, &o.data)
	flags := cmd.Flags()
	flags.StringVar(&o.store, "store", defaultOut, "root of the run store, for runs by name or hash")
	flags.StringVar(&o.split, "split", string(datasets.Test), "split of a dataset to predict: train, val or test")
	flags.BoolVar(&o.ensemble, "ensemble", false, "average the seeds of a method")
	flags.StringToStringVar(&o.columns, "columns", nil,
		"columns of other names in a file, as `NAME=COL`,… such as id=name,image=path")
	flags.StringVarP(&o.output, "output", "o", "",
		"file to write, .csv, .tsv, .jsonl or .parquet (default: CSV on stdout)")
	flags.StringVar(&o.vectors, "embeddings", "", "the word vectors that the run was trained with, if it was")
	flags.StringVar(&o.backend, "backend", "auto", "backend, as for dirbench run")
	return cmd
}

func runPredict(ctx context.Context, o predictOptions, stdout, stderr io.Writer) error {
	if err := checkSplit(o.split); err != nil {
		return err
	}
	if o.output != "" {
		if _, err := (score.Output{}).Writer(o.output); err != nil {
			return usagef("--output: %w", err)
		}
		if err := store.CheckWritable(o.output); err != nil {
			return fmt.Errorf("--output: %w", err)
		}
	}
	runs, err := o.runs()
	if err != nil {
		return err
	}
	inputs, remove, err := o.open(ctx, runs[0])
	if err != nil {
		return err
	}
	defer remove()
	backend, err := openBackend(o.backend)
	if err != nil {
		return err
	}
	defer backend.Finalize()
	out, err := o.predict(ctx, backend, runs, inputs, stderr)
	if err != nil {
		return err
	}
	return o.print(out, stdout, stderr)
}

// print writes predictions to --output, or as CSV to stdout.
func (o *predictOptions) print(out score.Output, stdout, stderr io.Writer) error {
	write, err := out.Writer(cmp.Or(o.output, ".csv"))
	if err != nil {
		return err
	}
	if o.output == "" {
		return write(stdout)
	}
	if err := store.WriteFile(o.output, write); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "wrote %s: %s\n", o.output, count(len(out.IDs), "prediction"))
	return nil
}

// runs returns the run that is named or, of an ensemble, the seeds of one method in one configuration.
func (o *predictOptions) runs() ([]store.Run, error) {
	folders, err := runFolders(o.store, o.run)
	if err != nil {
		return nil, err
	}
	runs, err := finishedRuns(folders)
	if err != nil {
		return nil, err
	}
	if len(runs) > 1 && !o.ensemble {
		return nil, usagef("%s names %d runs: name one of them, or average its seeds with --ensemble", o.run, len(runs))
	}
	first, err := runs[0].ConfigHash()
	if err != nil {
		return nil, err
	}
	for _, r := range runs[1:] {
		if config, err := r.ConfigHash(); err != nil || config != first {
			return nil, usagef("%s and %s differ in more than their seeds: name the folder of one method", runs[0].Dir, r.Dir)
		}
	}
	return runs, nil
}

// runFolders finds the folders that RUN names: one that is there or is in the store, those of a general benchmark's runs on
// a dataset, or that of a run by its hash.
func runFolders(root, name string) ([]string, error) {
	parent, seed := filepath.Split(filepath.Clean(name))
	for _, dir := range []string{name, filepath.Join(root, name), filepath.Join(root, parent, "seed="+seed)} {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return []string{dir}, nil
		}
	}
	if strings.Contains(name, ":") {
		return foldersOf(root, func(m store.Manifest) bool {
			full := m.Suite + "/" + m.RunName()
			return store.MatchName(name, full) || store.MatchName(parent+"seed="+seed, full)
		}, usagef("run %q: no run in %s has this name", name, root))
	}
	const fewest = 6 // digits that tell runs apart
	if len(name) < fewest || strings.Trim(name, "0123456789abcdef") != "" {
		return nil, usagef("run %q: neither a folder nor SUITE/BENCHMARK/METHOD/SEED in %s, nor %d or more digits of a hash",
			name, root, fewest)
	}
	return foldersOf(root, func(m store.Manifest) bool { return strings.HasPrefix(m.Hash, name) },
		usagef("run %q: no run in %s has a hash that begins so "+
			"(a report lists the hashes of configurations, which all seeds share): expected SUITE/BENCHMARK/METHOD/SEED",
			name, root))
}

// foldersOf returns the folders of the runs in a store that match; none is the error.
func foldersOf(root string, match func(store.Manifest) bool, none error) (dirs []string, err error) {
	all, _, err := store.Scan(root)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if match(r.Manifest) {
			dirs = append(dirs, r.Dir)
		}
	}
	if len(dirs) == 0 {
		return nil, none
	}
	return dirs, nil
}

// open returns the inputs as a dataset, a temporary one of a folder or a file, and what removes it.
func (o *predictOptions) open(ctx context.Context, there store.Run) (d *datasets.Dataset, remove func(), err error) {
	if !o.isFolder() && !o.isFile() {
		if len(o.columns) > 0 {
			return nil, nil, usagef("--columns is about files: %s is none", o.inputs)
		}
		d, err = findDataset(o.data, o.inputs)
		return d, func() {}, err
	}
	temp, err := os.MkdirTemp("", "dirbench-predict-*")
	if err != nil {
		return nil, nil, err
	}
	into := filepath.Join(temp, "inputs")
	if o.isFile() {
		d, err = o.openFile(ctx, there, into)
	} else {
		d, err = convert.ImageFolder(ctx, o.inputs, into, there.Manifest.Dataset.LabelSpace, there.Manifest.Dataset.Shots)
	}
	if err != nil {
		os.RemoveAll(temp)
	}
	o.split = string(datasets.Test)
	return d, func() { os.RemoveAll(temp) }, err
}

// openFile makes a dataset of the rows of a file, in the form of that which the run was trained on. Of images the
// manifest says enough.
func (o *predictOptions) openFile(ctx context.Context, there store.Run, into string) (*datasets.Dataset, error) {
	m := there.Manifest.Dataset
	meta := datasets.Meta{Name: m.Name, Modality: m.Modality, LabelSpace: m.LabelSpace, Shots: m.Shots}
	if m.Modality != datasets.Image {
		own, err := plan.DatasetOf(there, o.data)
		if err != nil {
			return nil, err
		}
		meta = own.Meta
	}
	return convert.InputFile(ctx, o.inputs, into, meta, o.columns)
}

// isFile reports whether the inputs are a file of a table.
func (o *predictOptions) isFile() bool {
	info, err := os.Stat(o.inputs)
	return err == nil && !info.IsDir() && table.Format(o.inputs) != ""
}

// isFolder reports whether the inputs are a folder that holds no dataset.
func (o *predictOptions) isFolder() bool {
	info, err := os.Stat(o.inputs)
	if err != nil || !info.IsDir() {
		return false
	}
	for _, dir := range []string{o.inputs, filepath.Join(o.data, o.inputs)} {
		if _, err := os.Stat(filepath.Join(dir, datasets.MetaFile)); err == nil {
			return false
		}
	}
	return true
}

// predict returns the predictions of a run, or of several as a mixture.
func (o *predictOptions) predict(
	ctx context.Context, backend compute.Backend, runs []store.Run, inputs *datasets.Dataset, stderr io.Writer,
) (out score.Output, err error) {
	var all []train.Predicted
	for _, run := range runs {
		fmt.Fprintf(stderr, "predicting with %s on backend %s\n", run.Dir, backend)
		show, end := newProgress(stderr, "inputs")
		p, err := train.Predict(ctx, backend, run, train.PredictOptions{
			Inputs: inputs, Split: datasets.Split(o.split), Data: o.data, Embeddings: o.vectors,
			Note: func(text string) { fmt.Fprintln(stderr, text) }, Progress: show,
		})
		end()
		if err != nil {
			return out, err
		}
		all = append(all, p)
	}
	if len(all) == 1 {
		return score.Output(all[0]), nil
	}
	return mixture(all), nil
}

// mixture returns mean and standard deviation of the mixture of several networks' predictions, of which each has the
// weight 1/M: variance = mean(spread² + value²) - mean(value)².
func mixture(all []train.Predicted) score.Output {
	n, share := len(all[0].IDs), 1/float64(len(all))
	out := score.Output{IDs: all[0].IDs, Values: make([]float32, n), Spreads: make([]float32, n)}
	for i := range n {
		mean, variance := 0.0, 0.0
		for _, p := range all {
			mean += share * float64(p.Values[i])
		}
		for _, p := range all {
			off := float64(p.Values[i]) - mean
			variance += share * off * off
			if p.Spreads != nil {
				variance += share * float64(p.Spreads[i]) * float64(p.Spreads[i])
			}
		}
		out.Values[i], out.Spreads[i] = float32(mean), float32(math.Sqrt(variance))
	}
	return out
}
