package cmd

import (
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

// convertExits is the end of every converter's help.
const convertExits = `

EXIT STATUS
  0    the dataset is complete
  1    error: a list or table is malformed, nothing can be used, a dataset is in the way
  2    usage
  130  interrupted; nothing is published`

// convertDrops is the part of help about --drop-train.
const convertDrops = `

With --drop-train, training samples of the given labels are left out, as in the curated sets of the paper: LOW-HIGH, both ends
included, LOW-, -HIGH or one label, separated by commas. Validation and test stay as they are, so that dirbench analyze
zero-shot can tell what a method does there. The title says so, unless --title is given, and a bin that loses all training samples
becomes few-shot.`

// convertResumes is the part of help about conversions that take long.
const convertResumes = `

An interrupted conversion keeps what is finished in a hidden folder .NAME.partial beside the dataset; the same command
goes on from there and removes it at the end. Files that have changed in between are read again. Room is needed for twice
the dataset while it is made.`

func newDataConvertCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "convert",
		Short: "Convert official raw files, or tables of your own, to a prepared dataset",
		Args:  noSubcommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConvertColumnsCmd(), newConvertSTSBCmd(), newConvertAgeDBCmd(), newConvertIMDBWIKICmd(),
		newConvertNYUD2Cmd(), newConvertSHHSCmd(), newConvertPTBXLCmd())
	return cmd
}

func addConvertFlags(cmd *cobra.Command, opts *convert.Options) {
	flags := cmd.Flags()
	flags.StringVar(&opts.Out, "out", defaultDataRoot(), "root of prepared datasets (environment: "+dataRootEnv+")")
	flags.StringVar(&opts.Name, "name", "", "name of the dataset and of its folder (default: the benchmark's)")
	flags.StringVar(&opts.Title, "title", "", "name that tables print (default: the benchmark's, or --name)")
	flags.StringVar(&opts.Source, "source", "",
		"where the raw files came from (default: the benchmark's publication; none with --name)")
	flags.StringVar(&opts.Licence, "licence", "", "licence of the raw files (default: the benchmark's; none with --name)")
	flags.Var(&opts.DropTrain, "drop-train", "leave out training samples with labels in these ranges, such as 30-40,85-")
	flags.Var((*formatFlag)(&opts.Format), "format", "write splits as parquet or arrow (default parquet)")
	flags.BoolVar(&opts.Overwrite, "force", false, "replace a dataset of that name")
}

// formatFlag is the format of splits as a flag.
type formatFlag datasets.Format

func (f *formatFlag) Set(name string) error {
	format, err := datasets.ParseFormat(name)
	*f = formatFlag(format)
	return err
}

func (f *formatFlag) String() string { return strings.TrimPrefix(string(*f), ".") }
func (f *formatFlag) Type() string   { return "format" }

// runConverter completes the options, shows the progress of the conversion and prints what came of it; things are what
// it converts.
func runConverter(cmd *cobra.Command, opts *convert.Options, things string,
	run func() (*datasets.Dataset, []convert.Rejection, error)) error {
	stderr := cmd.ErrOrStderr()
	opts.Made = madeBy(cmd)
	show, end := newProgress(stderr, things)
	opts.Progress = show
	var warnings []string
	opts.Warn = func(text string) { warnings = append(warnings, text) }
	resumed := 0
	opts.Resumed = func(rows int) { resumed = rows }
	repeated := 0
	opts.Repeated = func(rows int) { repeated = rows }
	d, rejected, err := run()
	end()
	for _, text := range warnings {
		fmt.Fprintf(stderr, "dirbench: warning: %s\n", text)
	}
	if resumed > 0 {
		fmt.Fprintf(stderr, "dirbench: %s taken over from an interrupted conversion\n", count(resumed, "row"))
	}
	if err != nil {
		return adviseForce(err)
	}
	if repeated > 0 {
		fmt.Fprintf(stderr, "dirbench: images repeated in %s: their ids end in #2, #3 and so on\n", count(repeated, "row"))
	}
	if len(rejected) > 0 {
		fmt.Fprintf(stderr, "dirbench: warning: %s left out: see %s\n",
			count(len(rejected), "row"), filepath.Join(d.Dir, convert.RejectedFile))
	}
	return printConverted(cmd.OutOrStdout(), d)
}

func printConverted(w io.Writer, d *datasets.Dataset) error {
	parts := d.Meta.Splits
	_, err := fmt.Fprintf(w, "%s: %s train, %s val, %s test\n", d.Dir,
		thousands(parts[datasets.Train].Rows), thousands(parts[datasets.Val].Rows), thousands(parts[datasets.Test].Rows))
	return err
}

// checkDropTrain finds ranges that the label space does not have.
func checkDropTrain(opts convert.Options, space datasets.LabelSpace) error {
	if err := opts.DropTrain.Check(space); err != nil {
		return usagef("--drop-train: %w", err)
	}
	return nil
}

// madeBy is the command line without paths, which mean nothing elsewhere.
func madeBy(cmd *cobra.Command) string {
	words := []string{cmd.CommandPath()}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "out", "images", "labels", "force":
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
