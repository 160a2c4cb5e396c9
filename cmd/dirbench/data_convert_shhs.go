package main

import (
	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert"
)

func newConvertSHHSCmd() *cobra.Command {
	var opts convert.SHHSOptions
	cmd := &cobra.Command{
		Use:   "shhs DIR",
		Short: "Convert SHHS-DIR (re-implemented protocol) from NSRR's files",
		Long: `Convert SHHS-DIR from NSRR's folder of the Sleep Heart Health Study, visit 2: recordings in
polysomnography/edfs/shhs2/*.edf and the general health score gh_s2 in datasets/shhs2-dataset-*.csv. Signals are scaled to
physical units and resampled: two EEG channels at 64 Hz, the ECG at 125 Hz, airflow, thorax and abdomen at 8 Hz.

The code of SHHS-DIR was never released, so the split is this project's: for each 5 points of the score the balanced rule
of the age benchmarks (see dirbench data split).

A subject without a score above 0 or without a usable recording is left out: no file, a channel missing, less than 30 s, a
truncated or damaged file. So is a recording without a subject. All are listed in rejected.csv beside dataset.yaml.

A night takes about 35 MB.` + convertDrops + convertResumes + convertExits,
		Example: `  dirbench data convert shhs nsrr/shhs
  dirbench data convert shhs nsrr/shhs --labels scores.csv --cap 20 --seed 1 --name shhs-seed1`,
		Args: exactArgs(1),
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
	flags.StringVar(&opts.Labels, "labels", "", "table with nsrrid and gh_s2 (default: the one datasets/shhs2-dataset-*.csv)")
	flags.IntVar(&opts.Cap, "cap", 50, "most subjects of a 5-point bin in val, and in test")
	flags.Uint64Var(&opts.Seed, "seed", 0, "seed of the split")
	return cmd
}
