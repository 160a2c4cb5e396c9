package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert"
)

func newDataConvertCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "convert",
		Short: "Convert official raw files to a prepared dataset",
		Args:  noSubcommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConvertSTSBCmd(), newConvertAgeDBCmd())
	return cmd
}

func newConvertSTSBCmd() *cobra.Command {
	var opts convert.Options
	cmd := &cobra.Command{
		Use:   "stsb DIR",
		Short: "Convert STS-B-DIR from the official tsv files",
		Long: `Convert STS-B-DIR from the official files train_new.tsv, dev_new.tsv and test_new.tsv, in DIR or in glue_data/STS-B
below it. The dataset is called sts-b.`,
		Example: `  dirbench data convert stsb imbalanced-regression/sts-b-dir
  dirbench data convert stsb glue_data/STS-B --out /data/dir --force`,
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.Made = madeBy(cmd)
			show, end := newProgress(cmd.ErrOrStderr(), "sentence pairs")
			opts.Progress = show
			d, err := convert.STSB(cmd.Context(), args[0], opts)
			end()
			if err != nil {
				return adviseForce(err)
			}
			return printConverted(cmd.OutOrStdout(), d)
		},
	}
	addConvertFlags(cmd, &opts)
	return cmd
}

func newConvertAgeDBCmd() *cobra.Command {
	var opts convert.AgeDBOptions
	cmd := &cobra.Command{
		Use:   "agedb CSV",
		Short: "Convert AgeDB-DIR, or images with ages in the same form",
		Long: `Convert AgeDB-DIR from agedb.csv of the official code, whose columns are age, path and split, and the images that it
names. Other images with ages come in the same way under another --name.

Rows whose image is missing or cannot be decoded are left out and listed in rejected.csv beside dataset.yaml.`,
		Example: `  dirbench data convert agedb agedb.csv --images AgeDB-root --size 256
  dirbench data convert agedb agedb.csv --labels-only --name agedb-labels
  dirbench data convert agedb faces.csv --name faces --title "UTKFace (AgeDB protocol)" --source UTKFace \
    --many 50 --few 10`,
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runConvertAgeDB(cmd.Context(), cmd, args[0], opts)
		},
	}
	addConvertFlags(cmd, &opts.Options)
	shots := datasets.AgeShots()
	flags := cmd.Flags()
	flags.StringVar(&opts.Images, "images", "", "folder that the paths are relative to (default: that of CSV)")
	flags.BoolVar(&opts.LabelsOnly, "labels-only", false, "keep ids and labels only, for statistics; needs no images")
	flags.BoolVar(&opts.Strict, "strict", false, "an image that cannot be read is an error")
	flags.IntVar(&opts.Size, "size", 0, "store images as PNG of N×N pixels (default: the files as they are)")
	flags.IntVar(&opts.Shots.Many, "many", shots.Many, "many-shot: ages with more training samples than this")
	flags.IntVar(&opts.Shots.Few, "few", shots.Few, "few-shot: ages with fewer training samples than this")
	return cmd
}

func runConvertAgeDB(ctx context.Context, cmd *cobra.Command, csvPath string, opts convert.AgeDBOptions) error {
	if opts.Size < 0 || opts.Size > 4096 {
		return usagef("--size %d: expected 1 to 4096 pixels", opts.Size)
	}
	if opts.LabelsOnly && (opts.Images != "" || opts.Size > 0) {
		return usagef("--labels-only reads no images: leave out --images and --size")
	}
	if err := opts.Shots.Validate(datasets.AgeSpace().Bins); err != nil {
		return usagef("--many, --few: %w", err)
	}
	if opts.Images == "" {
		opts.Images = filepath.Dir(csvPath)
	}
	opts.Made = madeBy(cmd)
	show, end := newProgress(cmd.ErrOrStderr(), "rows")
	opts.Progress = show
	d, rejected, err := convert.AgeDB(ctx, csvPath, opts)
	end()
	if err != nil {
		return adviseForce(err)
	}
	if len(rejected) > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "dirbench: warning: %s left out, whose images are missing or damaged: see %s\n",
			count(len(rejected), "row"), filepath.Join(d.Dir, convert.RejectedFile))
	}
	return printConverted(cmd.OutOrStdout(), d)
}

func addConvertFlags(cmd *cobra.Command, opts *convert.Options) {
	flags := cmd.Flags()
	flags.StringVar(&opts.Out, "out", defaultDataRoot(), "root of prepared datasets (environment: "+dataRootEnv+")")
	flags.StringVar(&opts.Name, "name", "", "name of the dataset and of its folder (default: the benchmark's)")
	flags.StringVar(&opts.Title, "title", "", "name that tables print (default: the benchmark's, or --name)")
	flags.StringVar(&opts.Source, "source", "", "where the raw files came from (default: the benchmark's publication; none with --name)")
	flags.StringVar(&opts.Licence, "licence", "", "licence of the raw files (default: the benchmark's; none with --name)")
	flags.BoolVar(&opts.Overwrite, "force", false, "replace a dataset of that name")
}

// madeBy is the command line without paths, which mean nothing elsewhere.
func madeBy(cmd *cobra.Command) string {
	words := []string{cmd.CommandPath()}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "out", "images", "force":
		default:
			words = append(words, fmt.Sprintf("--%s=%s", f.Name, quote(f.Value.String())))
		}
	})
	return strings.Join(words, " ")
}

// quote puts a word in quotes if a shell would split it.
func quote(word string) string {
	if strings.ContainsAny(word, " \t\"'()") {
		return fmt.Sprintf("%q", word)
	}
	return word
}

// adviseForce tells how to replace a dataset that is in the way.
func adviseForce(err error) error {
	if errors.Is(err, datasets.ErrExists) {
		return fmt.Errorf("%w: replace it with --force or choose another --name", err)
	}
	return err
}

func printConverted(w io.Writer, d *datasets.Dataset) error {
	parts := d.Meta.Splits
	_, err := fmt.Fprintf(w, "%s: %s train, %s val, %s test\n", d.Dir,
		thousands(parts[datasets.Train].Rows), thousands(parts[datasets.Val].Rows), thousands(parts[datasets.Test].Rows))
	return err
}
