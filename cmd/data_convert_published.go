package cmd

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert"
)

// ageConverter is convert.AgeDB or convert.IMDBWIKI.
type ageConverter func(context.Context, string, convert.AgeOptions) (*datasets.Dataset, []convert.Rejection, error)

const ageRejects = `

A list that was drawn with replacement has an image in several rows of a split. Each is a sample: the id of the first is the
path, of the others PATH#2, PATH#3 and so on, in the order of the list. An image in two splits is an error, but --val-in-train
allows it in train and val. So are two ages of one image.

Rows whose image is missing or cannot be decoded are left out and listed in rejected.csv beside dataset.yaml.

Images are stored as the files are or, with --size, as PNG. --encode jpeg stores JPEG of quality 95 instead, a tenth of
the size at a small loss; --encode png or jpeg without --size changes the form only.`

func newConvertAgeDBCmd() *cobra.Command {
	return newConvertAgeCmd(convert.AgeDB, &cobra.Command{
		Use:   "agedb CSV",
		Short: "Convert AgeDB-DIR, or images with ages in the same form",
		Long: `Convert AgeDB-DIR from agedb.csv of the official code, whose columns are age, path and split, and the images
that it names. Other images with ages come in the same way under another --name.`,
		Example: `  dirbench data convert agedb agedb.csv --images AgeDB-root --size 256
  dirbench data convert agedb agedb.csv --labels-only --name agedb-labels
  dirbench data convert agedb faces.csv --name faces --title "UTKFace (AgeDB protocol)" --source UTKFace \
    --many 50 --few 10`,
	})
}

func newConvertIMDBWIKICmd() *cobra.Command {
	return newConvertAgeCmd(convert.IMDBWIKI, &cobra.Command{
		Use:   "imdb-wiki CSV",
		Short: "Convert IMDB-WIKI-DIR",
		Long: `Convert IMDB-WIKI-DIR from imdb_wiki.csv of the official code, whose columns are age, path and split, and the
face crops that it names. Ages up to 200 are kept, as in the original.`,
		Example: `  dirbench data convert imdb-wiki imdb_wiki.csv --images IMDB-WIKI-root
  dirbench data convert imdb-wiki imdb_wiki.csv --images IMDB-WIKI-root --size 224 --encode jpeg
  dirbench data convert imdb-wiki imdb_wiki.csv --labels-only --name imdb-wiki-labels`,
	})
}

// newConvertAgeCmd completes a command with what the age benchmarks share.
func newConvertAgeCmd(converter ageConverter, cmd *cobra.Command) *cobra.Command {
	var opts convert.AgeOptions
	var encode string
	cmd.Long += ageRejects + convertDrops + convertResumes + convertExits
	cmd.Args = arguments(1, 1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := completeAgeOptions(&opts, encode, args[0]); err != nil {
			return err
		}
		return runConverter(cmd, &opts.Options, "images", func() (*datasets.Dataset, []convert.Rejection, error) {
			return converter(cmd.Context(), args[0], opts)
		})
	}
	addConvertFlags(cmd, &opts.Options)
	shots := datasets.AgeShots()
	flags := cmd.Flags()
	flags.StringVar(&opts.Images, "images", "", "folder that the paths are relative to (default: that of CSV)")
	flags.BoolVar(&opts.LabelsOnly, "labels-only", false, "keep ids and labels only, for statistics; needs no images")
	flags.BoolVar(&opts.Strict, "strict", false, "an image that cannot be read is an error")
	flags.BoolVar(&opts.ValInTrain, "val-in-train", false, "an image may be in train and in val")
	flags.IntVar(&opts.Size, "size", 0, "store images of N×N pixels (default: their own size)")
	flags.StringVar(&encode, "encode", "", "store images as raw (the file's bytes), png or jpeg (default: raw, with "+
		"--size png)")
	flags.IntVar(&opts.Shots.Many, "many", shots.Many, "many-shot: ages with more training samples than this")
	flags.IntVar(&opts.Shots.Few, "few", shots.Few, "few-shot: ages with fewer training samples than this")
	return cmd
}

func completeAgeOptions(opts *convert.AgeOptions, encode, csvPath string) (err error) {
	if encode != "" {
		if opts.Encode, err = convert.ParseEncoding(encode, convert.Raw, convert.PNG, convert.JPEG); err != nil {
			return usagef("--encode %w", err)
		}
	}
	if err := opts.Validate(); err != nil {
		return usagef("--%w", err)
	}
	if opts.LabelsOnly && (opts.Images != "" || opts.Size > 0 || encode != "") {
		return usagef("--labels-only reads no images: leave out --images, --size and --encode")
	}
	if err := opts.Shots.Validate(datasets.AgeSpace().Bins); err != nil {
		return usagef("--many, --few: %w", err)
	}
	if err := checkDropTrain(opts.Options, datasets.AgeSpace()); err != nil {
		return err
	}
	if opts.Images == "" {
		opts.Images = filepath.Dir(csvPath)
	}
	return nil
}

func newConvertSTSBCmd() *cobra.Command {
	var opts convert.Options
	cmd := &cobra.Command{
		Use:   "stsb DIR",
		Short: "Convert STS-B-DIR from the official tsv files",
		Long: `Convert STS-B-DIR from the official files train_new.tsv, dev_new.tsv and test_new.tsv, in DIR or in
glue_data/STS-B below it. The dataset is called sts-b. The genres of the pairs are kept in genres.csv beside
dataset.yaml, for dirbench eval --by genre.` + convertDrops + convertExits,
		Example: `  dirbench data convert stsb imbalanced-regression/sts-b-dir
  dirbench data convert stsb glue_data/STS-B --out /data/dir --force`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkDropTrain(opts, datasets.STSBSpace()); err != nil {
				return err
			}
			return runConverter(cmd, &opts, "sentence pairs", func() (*datasets.Dataset, []convert.Rejection, error) {
				d, err := convert.STSB(cmd.Context(), args[0], opts)
				return d, nil, err
			})
		},
	}
	addConvertFlags(cmd, &opts)
	return cmd
}

func newConvertNYUD2Cmd() *cobra.Command {
	var opts convert.NYUD2Options
	var encode, depth, testDepth string
	cmd := &cobra.Command{
		Use:   "nyud2 DIR",
		Short: "Convert NYUD2-DIR from the official lists and frames",
		Long: `Convert NYUD2-DIR from nyu2_train.csv, nyu2_test.csv and the images and depth files that they name. DIR is the
folder that holds data/, or data/ itself. Frames become 320×240 pixels, depth is kept in millimetres. An image that has
this size already keeps its bytes.

The official code has no validation set. Here 5 % of the training frames are held out for one, by whole scene folders
where there are several. The training subset for FDS statistics is nyu2_train_FDS_subset.csv, where that is present,
else 600 frames at random. The evaluated test pixels follow the official rule: from every bin between 0.7 and 10 m as
many, at random, as the smallest has. Validation takes at least 500 a bin, or all where a bin has fewer, since a few
frames may hold hardly any pixel of some bin.

Frames that cannot be read are left out and listed in rejected.csv beside dataset.yaml.` + convertResumes + convertExits,
		Example: `  dirbench data convert nyud2 nyud2-dir
  dirbench data convert nyud2 nyud2-dir/data --encode jpeg --seed 1 --name nyud2-seed1`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(opts.DropTrain) > 0 {
				return usagef("--drop-train: a frame of NYUD2-DIR has a label for each pixel, so that none can be removed")
			}
			if err := completeNYUD2Options(&opts, encode, depth, testDepth); err != nil {
				return err
			}
			return runConverter(cmd, &opts.Options, "frames", func() (*datasets.Dataset, []convert.Rejection, error) {
				return convert.NYUD2(cmd.Context(), args[0], opts)
			})
		},
	}
	addConvertFlags(cmd, &opts.Options)
	flags := cmd.Flags()
	flags.BoolVar(&opts.Strict, "strict", false, "a frame that cannot be read is an error")
	flags.StringVar(&encode, "encode", string(convert.PNG), "store images that are resized as png or jpeg")
	flags.StringVar(&depth, "depth-encoding", string(convert.DepthAuto),
		"what depth files hold: 8bit (metres = value/255·10), mm (millimetres), auto (by each file's bits a pixel)")
	flags.StringVar(&testDepth, "test-depth-encoding", "", "the same for the test frames (default: --depth-encoding)")
	flags.Uint64Var(&opts.Seed, "seed", 0, "seed of the held-out frames, the subset and the evaluated pixels")
	return cmd
}

func completeNYUD2Options(opts *convert.NYUD2Options, encode, depth, testDepth string) (err error) {
	if opts.Encode, err = convert.ParseEncoding(encode, convert.PNG, convert.JPEG); err != nil {
		return usagef("--encode %w", err)
	}
	if opts.Depth, err = convert.ParseDepthEncoding(depth); err != nil {
		return usagef("--depth-encoding %w", err)
	}
	if testDepth == "" {
		return nil
	}
	if opts.TestDepth, err = convert.ParseDepthEncoding(testDepth); err != nil {
		return usagef("--test-depth-encoding %w", err)
	}
	return nil
}

func newConvertSHHSCmd() *cobra.Command {
	var opts convert.SHHSOptions
	cmd := &cobra.Command{
		Use:   "shhs DIR",
		Short: "Convert SHHS-DIR (re-implemented protocol) from NSRR's files",
		Long: `Convert SHHS-DIR from NSRR's folder of the Sleep Heart Health Study, visit 2: recordings in
polysomnography/edfs/shhs2/*.edf and the general health score gh_s2 in datasets/shhs2-dataset-*.csv. Signals are scaled
to physical units and resampled: two EEG channels at 64 Hz, the ECG at 125 Hz, airflow, thorax and abdomen at 8 Hz.

The code of SHHS-DIR was never released, so the split is this project's: for each 5 points of the score the balanced
rule of the age benchmarks (see dirbench data split).

A subject without a score above 0 or without a usable recording is left out: no file, a channel missing, less than 30 s,
a truncated or damaged file. So is a recording without a subject. All are listed in rejected.csv beside dataset.yaml. A
recording that was cut in its last data record only is used, with a warning.

A night takes about 35 MB.` + convertDrops + convertResumes + convertExits,
		Example: `  dirbench data convert shhs nsrr/shhs
  dirbench data convert shhs nsrr/shhs --labels scores.csv --cap 20 --seed 1 --name shhs-seed1`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkDropTrain(opts.Options, datasets.SHHSSpace()); err != nil {
				return err
			}
			if opts.Cap < 1 {
				return usagef("--cap %d: expected at least 1", opts.Cap)
			}
			return runConverter(cmd, &opts.Options, "recordings", func() (*datasets.Dataset, []convert.Rejection, error) {
				return convert.SHHS(cmd.Context(), args[0], opts)
			})
		},
	}
	addConvertFlags(cmd, &opts.Options)
	flags := cmd.Flags()
	flags.StringVar(&opts.Labels, "labels", "",
		"table with nsrrid and gh_s2 (default: the one datasets/shhs2-dataset-*.csv)")
	flags.IntVar(&opts.Cap, "cap", 50, "most subjects of a 5-point bin in val, and in test")
	flags.Uint64Var(&opts.Seed, "seed", 0, "seed of the split")
	return cmd
}

func newConvertPTBXLCmd() *cobra.Command {
	var opts convert.PTBXLOptions
	cmd := &cobra.Command{
		Use:   "ptbxl DIR",
		Short: "Convert PTB-XL, age from electrocardiograms, from PhysioNet's files",
		Long: `Convert PTB-XL from PhysioNet's folder: ptbxl_database.csv and the WFDB records that it names. The label is the
patient's age. The split is that of the authors' folds: 1 to 8 train, 9 validation, 10 test, so that no patient is in
two. A recording has one series of 12 leads in millivolts, 10 s at 100 or, with --rate 500, at 500 samples a second.

A recording without an age, with the age 300, which stands for every age above 89, or that cannot be read (a file or
lead is missing, a checksum is wrong) is left out and listed in rejected.csv beside dataset.yaml.

All 21,799 recordings take 1 GB at 100 Hz.` + convertDrops + convertResumes + convertExits,
		Example: `  dirbench data convert ptbxl physionet/ptb-xl-1.0.3
  dirbench data convert ptbxl physionet/ptb-xl-1.0.3 --rate 500 --name ptbxl-500`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := opts.Validate(); err != nil {
				return usagef("--%w", err)
			}
			if err := opts.Shots.Validate(datasets.AgeSpace().Bins); err != nil {
				return usagef("--many, --few: %w", err)
			}
			if err := checkDropTrain(opts.Options, datasets.AgeSpace()); err != nil {
				return err
			}
			return runConverter(cmd, &opts.Options, "recordings", func() (*datasets.Dataset, []convert.Rejection, error) {
				return convert.PTBXL(cmd.Context(), args[0], opts)
			})
		},
	}
	addConvertFlags(cmd, &opts.Options)
	shots := datasets.AgeShots()
	flags := cmd.Flags()
	flags.IntVar(&opts.Rate, "rate", 100, "samples a second of the recordings: 100 or 500")
	flags.IntVar(&opts.Shots.Many, "many", shots.Many, "many-shot: ages with more training recordings than this")
	flags.IntVar(&opts.Shots.Few, "few", shots.Few, "few-shot: ages with fewer training recordings than this")
	return cmd
}
