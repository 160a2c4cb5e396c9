package main

import (
	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert"
)

func newConvertSTSBCmd() *cobra.Command {
	var opts convert.Options
	cmd := &cobra.Command{
		Use:   "stsb DIR",
		Short: "Convert STS-B-DIR from the official tsv files",
		Long: `Convert STS-B-DIR from the official files train_new.tsv, dev_new.tsv and test_new.tsv, in DIR or in glue_data/STS-B
below it. The dataset is called sts-b. The genres of the pairs are kept in genres.csv beside dataset.yaml, for dirbench eval --by
genre.` + convertDrops + convertExits,
		Example: `  dirbench data convert stsb imbalanced-regression/sts-b-dir
  dirbench data convert stsb glue_data/STS-B --out /data/dir --force`,
		Args: exactArgs(1),
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
