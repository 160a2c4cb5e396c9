package cmd

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/twin"
)

type twinOptions struct {
	twin.Options
	out   string
	force bool
}

func newDataTwinCmd() *cobra.Command {
	var opts twinOptions
	cmd := &cobra.Command{
		Use:   "twin NAME",
		Short: "Generate the synthetic twin of a benchmark's dataset",
		Long: `Generate the synthetic twin of a benchmark's dataset, NAME being one of ` + strings.Join(twin.Names(), ", ") + `.

A twin has the schema, label range, bin rule and kind of imbalance of the real dataset, and inputs that are drawn or
composed from the label: faces whose look follows the age, sentence pairs whose overlap follows the similarity, rooms
drawn with their depth, two minutes of a sleeper's signals that follow the health score. It needs no download, is the
same for the same --size and --seed, and is called NAME-twin. Its numbers say nothing about the real data.`,
		Example: `  dirbench data twin agedb
  dirbench data twin sts-b --size 3000 --seed 1 --out /data/dir --force`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return runDataTwin(cmd, args[0], opts) },
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.out, "out", defaultDataRoot(), "root of prepared datasets (environment: "+dataRootEnv+")")
	flags.IntVar(&opts.Size, "size", 0, "training samples; validation and test grow with them (default: "+twinSizes()+")")
	flags.Uint64Var(&opts.Seed, "seed", 0, "seed of everything random in the dataset")
	flags.Var(&opts.DropTrain, "drop-train", "leave out training samples with labels in these ranges, such as 30-40,85-")
	flags.BoolVar(&opts.force, "force", false, "replace a dataset of that name")
	return cmd
}

// twinSizes lists the default size of each twin.
func twinSizes() string {
	var sizes []string
	for _, name := range twin.Names() {
		sizes = append(sizes, fmt.Sprintf("%s %d", name, twin.DefaultSize(name)))
	}
	return strings.Join(sizes, ", ")
}

func runDataTwin(cmd *cobra.Command, name string, opts twinOptions) error {
	meta, err := twin.Meta(name, opts.Options)
	if err != nil {
		return usage(err)
	}
	dir := filepath.Join(opts.out, meta.Name)
	err = twin.Write(dir, name, opts.Options, opts.force)
	if errors.Is(err, datasets.ErrExists) {
		return fmt.Errorf("%w: replace it with --force or choose another --out", err)
	}
	if err != nil {
		return err
	}
	d, err := datasets.Open(dir)
	if err != nil {
		return err
	}
	return printConverted(cmd.OutOrStdout(), d)
}
