package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/configs"
	"github.com/dirbench/dirbench/runner/launch"
)

func newLaunchKubernetesCmd() *cobra.Command {
	var k launch.Kubernetes
	cmd := &cobra.Command{
		Use:   "kubernetes --suite NAME|FILE.yaml --tasks N --image IMAGE --claim PVC [-- FLAGS OF RUN]",
		Short: "Write an Indexed Job and the ConfigMap with its suite",
		Long: `Kubernetes prints a manifest for kubectl apply: a ConfigMap that holds the suite, and a Job with one index for
each task. The volume of the claim holds results and data and is the working directory, so that further flags name files
in it; its access mode must let all nodes of the tasks write.

A pod that is evicted or whose node is lost is replaced and goes on from its checkpoints. A task that ends with 2 (usage)
or 3 (some runs failed) fails at once, any other one after three attempts; the other tasks go on.
The manifest needs Kubernetes 1.29 or later.

EXIT STATUS
  0  success
  1  error
  2  usage`,
		Example: `  dirbench launch kubernetes --suite paper-agedb --tasks 8 --image registry/dirbench:1 --claim dirbench | kubectl apply -f -
  dirbench launch kubernetes --suite mine.yaml --tasks 4 --image registry/dirbench:1 --claim dirbench -- --embeddings glove.txt`,
		Args: furtherFlags,
		RunE: func(cmd *cobra.Command, args []string) error {
			k.Args = args
			return launchKubernetes(k, cmd.OutOrStdout())
		},
	}
	addJobFlags(cmd, &k.Job, "16Gi")
	flags := cmd.Flags()
	flags.StringVar(&k.Out, "out", defaultOut, "root of the run store, inside the volume")
	flags.StringVar(&k.Data, "data", "data", "root of prepared datasets, inside the volume")
	flags.StringVar(&k.Image, "image", "", "image that holds dirbench")
	flags.StringVar(&k.Claim, "claim", "", "PersistentVolumeClaim for results and data")
	flags.StringVar(&k.Namespace, "namespace", "", "namespace (default: that of whoever applies the manifest)")
	flags.StringVar(&k.Binary, "binary", "dirbench", "the program in the image")
	return cmd
}

func launchKubernetes(k launch.Kubernetes, stdout io.Writer) error {
	named := k.Name != ""
	parts, err := checkSuite(&k.Job)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if isSuiteFile(part) {
			return usagef("--suite %s names the file %s, which the pods lack: launch that suite by itself", k.Suite, part)
		}
	}
	if !named {
		k.Name = dnsName(k.Name)
	}
	if k.Content, err = configs.Read(k.Suite); err != nil {
		return usage(err)
	}
	manifest, err := k.Manifest()
	if err != nil {
		return usage(err)
	}
	_, err = stdout.Write(manifest)
	return err
}
