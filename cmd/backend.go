package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/preflight"
)

func newBackendCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backend",
		Short: "List, install and remove XLA's plugins",
		Long: `The backend go is built in. The backends xla:cpu and xla:cuda load a PJRT plugin, a shared library. These
commands list, install and remove such plugins in go-xla's folder, ~/.local/lib/go-xla, where every GoMLX program finds
them.

Only install downloads anything, and nothing else ever does.`,
		Args: noSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBackendListCmd(), newBackendInstallCmd(), newBackendRemoveCmd())
	return cmd
}

func newBackendListCmd() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the backends that are there, and the plugins that can be installed",
		Long: `List the backends, whether they are installed and from what, and which one --backend auto takes. No plugin is
loaded: dirbench doctor tries them.`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows := backendRows()
			if asJSON {
				return printJSON(cmd.OutOrStdout(), rows)
			}
			return printBackends(cmd.OutOrStdout(), rows)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// backendRow is a row of dirbench backend list.
type backendRow struct {
	Name    string `json:"name"` // for --backend
	Ready   bool   `json:"ready"`
	Auto    bool   `json:"auto"` // --backend auto takes it
	State   string `json:"state"`
	File    string `json:"file,omitempty"`
	Source  string `json:"source,omitempty"` // what it was installed from
	Version string `json:"version,omitempty"`
}

func backendRows() []backendRow {
	auto := backend.Auto()
	rows := []backendRow{{Name: "go", Ready: true, State: "built in"}}
	found := map[string]backend.Plugin{}
	names := []string{"cpu", "cuda"}
	for _, p := range backend.Plugins() {
		found[p.Name] = p
		if p.Name != "cpu" && p.Name != "cuda" {
			names = append(names, p.Name)
		}
	}
	for _, name := range names {
		p, there := found[name]
		row := backendRow{
			Name: "xla:" + name, Ready: there && backend.HaveXLA, File: p.File, Source: p.Source, Version: p.Version,
		}
		switch {
		case !backend.HaveXLA:
			row.State = backend.ErrNoCgo.Error()
		case !there:
			row.State = "not installed: dirbench backend install " + name
		case name == "cuda" && !backend.HasGPU():
			row.State = "installed; there is no NVIDIA GPU"
		default:
			row.State = "installed"
		}
		rows = append(rows, row)
	}
	for i := range rows {
		rows[i].Auto = rows[i].Name == auto
	}
	return rows
}

func printBackends(w io.Writer, rows []backendRow) error {
	var lines [][]string
	for _, row := range rows {
		line := []string{row.Name, row.State}
		if row.Auto {
			line[1] += " (auto)"
		}
		if row.Ready && row.File != "" {
			line = append(line, row.File, strings.TrimSpace(row.Source))
		}
		lines = append(lines, line)
	}
	return printTable(w, lines)
}

func newBackendInstallCmd() *cobra.Command {
	var from []string
	cmd := &cobra.Command{
		Use:   "install cpu|cuda",
		Short: "Install the PJRT plugin of xla:cpu or xla:cuda",
		Long: `Install a PJRT plugin in go-xla's folder, ~/.local/lib/go-xla.

cpu is the plugin that go-xla was tested with, from GitHub (gomlx/pjrt-cpu-binaries). cuda is JAX's plugin for CUDA 13
with the libraries of NVIDIA that it needs, from PyPI, or from the index that PIP_INDEX_URL names. The command says
first what it fetches and how large that is, and checks the SHA-256 that the index names. --from takes files that are
there instead, and fetches nothing: a wheel, a .tar.gz, or the plugin itself; for cuda also the wheels of NVIDIA's
libraries.

The plugin is opened once before it is put in place. An interrupted command leaves what was there before, and goes on
with its downloads when it is called again. Of two commands at the same time, one waits.

EXIT STATUS
  0  installed, or installed before from the same files
  1  it could not be fetched, or does not work here
  2  usage`,
		Example: `  dirbench backend install cuda
  dirbench backend install cpu --from lammps_jax_pjrt_cpu-0.11.2-py3-none-manylinux_2_27_x86_64.whl`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return installBackend(cmd.Context(), args[0], from, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringSliceVar(&from, "from", nil, "install from these files (a wheel, .tar.gz or .so) and fetch nothing")
	return cmd
}

func installBackend(ctx context.Context, name string, from []string, stdout, stderr io.Writer) error {
	i, err := newBackendInstaller(stderr)
	if err != nil {
		return err
	}
	file, before, err := i.Install(ctx, name, from)
	if ctx.Err() != nil {
		return fmt.Errorf("%w: the same command goes on from here", errInterrupted)
	}
	if err != nil {
		return backendError(err)
	}
	how := "installed"
	if before {
		how = "installed before"
	}
	_, err = fmt.Fprintf(stdout, "xla:%s %s: %s\n", name, how, file)
	return err
}

// newBackendInstaller returns an installer that tells what it does.
func newBackendInstaller(stderr io.Writer) (*backend.Installer, error) {
	if !backend.HaveXLA {
		return nil, backend.ErrNoCgo
	}
	i, err := backend.NewInstaller()
	if err != nil {
		return nil, err
	}
	i.Note = func(text string) { fmt.Fprintln(stderr, text) }
	i.Progress = func(total int64) (func(int64), func()) { return newByteProgress(stderr, total) }
	i.Try = func(ctx context.Context, name, file string) error { return tryPlugin(ctx, name, file, i.Note) }
	return i, nil
}

// pluginTimeout is how long a plugin may take to open and to multiply.
const pluginTimeout = 2 * time.Minute

// tryPlugin opens a plugin in another process. One for CUDA may be installed where no GPU is, as in the image of a
// container.
func tryPlugin(ctx context.Context, name, file string, note func(string)) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	found := preflight.ProbeInChild(ctx, "xla:"+file, pluginTimeout, program, probeName, "xla:"+file)
	switch {
	case found.Error == "":
		note(fmt.Sprintf("it opened in %.1f s, matrix product correct", found.OpenSeconds))
	case name == "cuda" && !backend.HasGPU():
		note("there is no NVIDIA GPU here, so the plugin could not be tried: " + found.Error)
	default:
		return errors.New(found.Error)
	}
	return nil
}

// newByteProgress shows how many bytes are fetched, as a bar on a terminal, else as a line for each further tenth.
func newByteProgress(w io.Writer, total int64) (show func(bytes int64), end func()) {
	if isTerminal(w) {
		bar := progressbar.NewOptions64(total, progressbar.OptionSetWriter(w), progressbar.OptionShowBytes(true),
			progressbar.OptionSetWidth(20), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		return func(bytes int64) { bar.Set64(bytes) }, func() { bar.Clear() }
	}
	shown := int64(0)
	show = func(bytes int64) {
		if tenth := 10 * bytes / max(total, 1); tenth > shown {
			shown = tenth
			fmt.Fprintf(w, "%s of %s\n", humanize.Bytes(uint64(bytes)), humanize.Bytes(uint64(total)))
		}
	}
	return show, func() {}
}

func newBackendRemoveCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "remove cpu|cuda",
		Short: "Remove a PJRT plugin from go-xla's folder",
		Long: `Remove a PJRT plugin from go-xla's folder, ~/.local/lib/go-xla, with the libraries that came with it, whichever
GoMLX program installed it.

EXIT STATUS
  0  removed
  1  it is not installed there
  2  usage`,
		Example: `  dirbench backend remove cuda`,
		Args:    arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			i, err := newBackendInstaller(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			removed, err := i.Remove(cmd.Context(), args[0])
			for _, path := range removed {
				fmt.Fprintln(cmd.OutOrStdout(), "removed", path)
			}
			return backendError(err)
		},
	}
}

// backendError makes a name that there is none of a usage error.
func backendError(err error) error {
	var name backend.NameError
	if errors.As(err, &name) {
		return usage(err)
	}
	return err
}
