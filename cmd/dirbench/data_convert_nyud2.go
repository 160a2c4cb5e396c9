package main

import (
	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert"
)

func newConvertNYUD2Cmd() *cobra.Command {
	var opts convert.NYUD2Options
	var encode, depth, testDepth string
	cmd := &cobra.Command{
		Use:   "nyud2 DIR",
		Short: "Convert NYUD2-DIR from the official lists and frames",
		Long: `Convert NYUD2-DIR from nyu2_train.csv, nyu2_test.csv and the images and depth files that they name. DIR is the folder
that holds data/, or data/ itself. Frames become 320×240 pixels, depth is kept in millimetres. An image that has this
size already keeps its bytes.

The official code has no validation set. Here 5 % of the training frames are held out for one, by whole scene folders
where there are several. The training subset for FDS statistics is nyu2_train_FDS_subset.csv, where that is present, else
600 frames at random. The evaluated test pixels follow the official rule: from every bin between 0.7 and 10 m as many, at
random, as the smallest has. Validation takes at least 500 a bin, or all where a bin has fewer, since a few frames may
hold hardly any pixel of some bin.

Frames that cannot be read are left out and listed in rejected.csv beside dataset.yaml.` + convertResumes + convertExits,
		Example: `  dirbench data convert nyud2 nyud2-dir
  dirbench data convert nyud2 nyud2-dir/data --encode jpeg --seed 1 --name nyud2-seed1`,
		Args: exactArgs(1),
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
