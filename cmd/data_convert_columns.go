package cmd

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert"
)

// columnsFlags are the flags of convert columns that are parsed further.
type columnsFlags struct {
	encode  string
	missing string
	signals []string
	labels  labelFlags
}

func newConvertColumnsCmd() *cobra.Command {
	var opts convert.ColumnsOptions
	var raw columnsFlags
	cmd := &cobra.Command{
		Use:   "columns PATH...",
		Short: "Convert Parquet, Arrow, CSV, TSV and JSON Lines files of any origin",
		Long: `Convert tables that say in one column what a model is to predict and in others from what: images, one or two
sentences, signals, or numbers and categories. PATH is a file, a pattern or a folder, also one of Hugging Face's
save_to_disk; formats may be mixed. Known are .parquet, .arrow (also .feather, .ipc, files and streams), .csv (separated
by commas or, where the header has none, by semicolons or tabs), .tsv and .jsonl (also .ndjson, and .json, which may be
an array of objects).

Columns are read by what their type means, whoever wrote them: numbers of every width, decimals, dictionaries, lists.
An image is its bytes, a path (relative to --images or to the file that has it), or Hugging Face's struct of both. A
signal is a list of numbers; --signal c3+c4:64 joins columns whose 64 values a second were sampled together. A cell that
is missing, or of another type, is an error that names file, row and column.

--features takes columns of numbers, categories (text, dictionaries, true and false) and lists of numbers, such as
embeddings. A category has an element for each of the values in the training split, 100 at most; a value of val or test
that is none of them has 0 in all, with a note. A missing number becomes the median of the training split, with a note and
an element that tells where that is so; a missing category is a category. A dataset keeps numbers as they are: a network
standardises them by its training split. In CSV files a column is numbers if all cells are, but empty ones, NA, NaN,
null, None and "?".

Splits are those of the --split column, whose values are train, val (valid, validation, dev) and test; or of the names
of files, as in train-00000-of-00004.parquet; or, with --cap, drawn by the balanced rule of dirbench data split.

Bins follow from the training labels (from all where --cap draws the splits): one for each value where labels are whole
numbers or another grid of few values, else 20 to 50 of a round width. --bins, --bin-width, --edges or --quantile-bins
say otherwise; --bins log is for labels with a heavy tail. Labels of val and test beyond the training labels get bins of
the same width, or widen the first and last bin where bins differ in width. Shot regions are thirds of the bins that
hold training labels, by their number, unless --many and --few, --shot-quantiles or --many-bins say otherwise. Labels
are kept in 32 bits: one that would move by more than a quarter of its bin is an error. Ids are the numbers of the rows,
from 1, or --id.

With --in-place only dataset.yaml is written, with the columns, the rows of each split and hashes: the files are used
where they lie and must stay as they are. All commands take such a dataset, and it trains to the same predictions.

An image that cannot be read is left out and listed in rejected.csv beside dataset.yaml.` + convertDrops + convertExits,
		Example: `  dirbench data convert columns faces.parquet --name faces --label age --image image --cap 30
  dirbench data convert columns hub/data --name pairs --label score --text sentence1,sentence2 --label-range 0,5 --bin-width 0.1
  dirbench data convert columns houses.csv --name houses --label price --features all --without url --cap 20
  dirbench data convert columns ecg.arrow --name ecg --label age --split fold --signal I+II:100 --format arrow
  dirbench data convert columns faces.parquet --name faces --label age --image image --cap 30 --in-place`,
		Args: arguments(1, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := completeColumnsOptions(cmd.Flags(), &opts, &raw); err != nil {
				return err
			}
			return runConverter(cmd, &opts.Options, "rows", func() (*datasets.Dataset, []convert.Rejection, error) {
				return convert.Columns(cmd.Context(), args, opts)
			})
		},
	}
	addConvertFlags(cmd, &opts.Options)
	flags := cmd.Flags()
	for name, usage := range map[string]string{"name": "name of the dataset and of its folder (required)",
		"title": "name that tables print (default: --name)", "source": "where the files came from",
		"licence": "licence of the files"} {
		flags.Lookup(name).Usage = usage // those of the other converters speak of a benchmark
	}
	flags.StringVar(&opts.Label, "label", "", "column of the label (required)")
	flags.StringVar(&opts.ID, "id", "", "column of the ids (default: the numbers of the rows)")
	flags.StringVar(&opts.Split, "split", "", "column of the split (default: as the names of the files say)")
	flags.IntVar(&opts.Cap, "cap", 0, "draw splits with at most so many rows of a label bin in val, and in test")
	flags.Uint64Var(&opts.Seed, "split-seed", 0, "seed of the splits that --cap draws")
	flags.StringVar(&opts.Image, "image", "", "column of images")
	flags.StringVar(&opts.Images, "images", "", "folder that paths of images are relative to (default: that of the file)")
	flags.IntVar(&opts.Size, "size", 0, "store images of N×N pixels (default: their own size)")
	flags.StringVar(&raw.encode, "encode", "",
		"store images as raw (their bytes), png or jpeg (default: raw, with --size png)")
	flags.BoolVar(&opts.Strict, "strict", false, "an image that cannot be read is an error")
	flags.StringSliceVar(&opts.Text, "text", nil, "column of sentences, or the two of sentence pairs, as A,B")
	flags.StringArrayVar(&raw.signals, "signal", nil,
		"column of a signal and its rate, as `COL:RATE` or COL+COL:RATE; repeat it for each group of channels")
	flags.BoolVar(&opts.InPlace, "in-place", false, "write dataset.yaml only, and use the files where they lie")
	flags.StringSliceVar(&opts.Features, "features", nil,
		"columns of numbers, categories and lists of numbers, as A,B, or all but label, id and split: all")
	flags.StringSliceVar(&opts.Without, "without", nil, "columns that --features leaves out")
	flags.StringSliceVar(&opts.Categories, "categories", nil, "columns of --features whose numbers stand for categories")
	flags.StringVar(&raw.missing, "missing", "", "missing numbers of --features: median (of the training split, with an "+
		"element that tells) or refuse (default: median)")
	flags.BoolVar(&opts.LabelsOnly, "labels-only", false, "keep ids and labels only, for statistics")
	raw.labels.register(flags)
	return cmd
}

func completeColumnsOptions(flags *pflag.FlagSet, opts *convert.ColumnsOptions, raw *columnsFlags) (err error) {
	if raw.encode != "" {
		if opts.Encode, err = convert.ParseEncoding(raw.encode, convert.Raw, convert.PNG, convert.JPEG); err != nil {
			return usagef("--encode %w", err)
		}
	}
	for _, text := range raw.signals {
		signal, err := convert.ParseSignalColumns(text)
		if err != nil {
			return usagef("--signal %w", err)
		}
		opts.Signals = append(opts.Signals, signal)
	}
	opts.Missing = convert.Missing(raw.missing)
	if err := raw.labels.complete(flags); err != nil {
		return err
	}
	opts.Binning, opts.Shots = raw.labels.Binning, raw.labels.Shots
	if err := opts.Validate(); err != nil {
		return usagef("--%w", err)
	}
	return nil
}
