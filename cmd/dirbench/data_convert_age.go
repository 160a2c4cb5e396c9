package main

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

Rows whose image is missing or cannot be decoded are left out and listed in rejected.csv beside dataset.yaml.

Images are stored as the files are or, with --size, as PNG. --encode jpeg stores JPEG of quality 95 instead, a tenth of
the size at a small loss; --encode png or jpeg without --size changes the form only.`

func newConvertAgeDBCmd() *cobra.Command {
	return newConvertAgeCmd(convert.AgeDB, &cobra.Command{
		Use:   "agedb CSV",
		Short: "Convert AgeDB-DIR, or images with ages in the same form",
		Long: `Convert AgeDB-DIR from agedb.csv of the official code, whose columns are age, path and split, and the images that it
names. Other images with ages come in the same way under another --name.`,
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
		Long: `Convert IMDB-WIKI-DIR from imdb_wiki.csv of the official code, whose columns are age, path and split, and the face
crops that it names. Ages up to 200 are kept, as in the original.`,
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
	cmd.Args = exactArgs(1)
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
	flags.IntVar(&opts.Size, "size", 0, "store images of N×N pixels (default: their own size)")
	flags.StringVar(&encode, "encode", "", "store images as raw (the file's bytes), png or jpeg (default: raw, with --size png)")
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
