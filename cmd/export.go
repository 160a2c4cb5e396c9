package cmd

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// exportOptions are the flags and arguments of dirbench export.
type exportOptions struct {
	run    string
	store  string
	data   string
	format string
	output string
}

// The formats of dirbench export.
const (
	formatSafetensors = "safetensors"
	formatGoMLX       = "gomlx"
)

func newExportCmd() *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export RUN",
		Short: "Write a trained network for other programs",
		Long: `Export writes the best checkpoint of a finished run in a form that other programs read, with the preparation of
inputs and the meaning of outputs as JSON.

  safetensors  a file for PyTorch, with parameters in its layout under the names of the benchmark's official code, so
               that load_state_dict takes them with strict=True; networks that have no official code keep dirbench's
               names; the JSON is the metadata entry "dirbench"
  gomlx        a folder with a GoMLX checkpoint; the JSON is the parameter "dirbench" of its root scope

RUN is a run's folder, SUITE/BENCHMARK/METHOD/SEED in the store (SUITE/BENCHMARK:DATASET/METHOD/SEED where the suite
trains a general benchmark on several datasets), or the first digits of its hash. The run's dataset must be below
--data: words and channel groups are told by it.

EXIT STATUS
  0  success
  1  the run or its dataset cannot be used; nothing was written
  2  usage`,
		Example: `  dirbench export smoke/agedb-dir/lds/0 --format safetensors -o ages.safetensors
  dirbench export 3f2a9c1e --format gomlx -o ages`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.run = args[0]
			return runExport(o, cmd.ErrOrStderr())
		},
	}
	addDataRootFlag(cmd, &o.data)
	flags := cmd.Flags()
	flags.StringVar(&o.store, "store", defaultOut, "root of the run store, for runs by name or hash")
	flags.StringVar(&o.format, "format", formatSafetensors, "safetensors or gomlx")
	flags.StringVarP(&o.output, "output", "o", "", "file, or of gomlx the folder, to write")
	return cmd
}

func runExport(o exportOptions, stderr io.Writer) error {
	switch {
	case !slices.Contains([]string{formatSafetensors, formatGoMLX}, o.format):
		return usagef("--format %q: expected %s or %s", o.format, formatSafetensors, formatGoMLX)
	case o.output == "":
		return usagef("--output is missing: name what to write")
	}
	if _, err := os.Lstat(o.output); err == nil && o.format == formatGoMLX {
		return usagef("--output: %s is there already: name a new folder", o.output)
	}
	run, err := oneRun(o.store, o.run)
	if err != nil {
		return err
	}
	network, err := train.Export(run, o.data)
	if err != nil {
		return err
	}
	if o.format == formatGoMLX {
		err = network.Checkpoint(o.output)
	} else {
		err = store.WriteFile(o.output, network.Safetensors)
	}
	if err == nil {
		fmt.Fprintf(stderr, "wrote %s: %s\n", o.output, run.Dir)
	}
	return err
}

// oneRun returns the finished run that RUN names.
func oneRun(root, name string) (store.Run, error) {
	folders, err := runFolders(root, name)
	if err != nil {
		return store.Run{}, err
	}
	runs, err := finishedRuns(folders)
	if err != nil {
		return store.Run{}, err
	}
	if len(runs) > 1 {
		return store.Run{}, usagef("%s names %d runs: name one of them", name, len(runs))
	}
	return runs[0], nil
}
