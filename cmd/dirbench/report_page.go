package main

import (
	"cmp"
	"fmt"
	"io"
	"path"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/page"
	"github.com/dirbench/dirbench/runner/store"
)

// pageFlags are those of the HTML page and of the figures in it.
type pageFlags struct {
	html    string
	plots   string
	methods []string
}

func (f *pageFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.html, "html", "", "also write the tables with figures, provenance and failures into this HTML file")
	cmd.Flags().StringVar(&f.plots, "plots", "", "also write the figures into this folder, as .svg and .png")
	cmd.Flags().StringSliceVar(&f.methods, "plot-methods", nil,
		"globs of the methods in figures (default: the baseline and the best other one in the few-shot region)")
}

// check finds mistakes in the flags.
func (f *pageFlags) check() error {
	if f.methods != nil && f.html == "" && f.plots == "" {
		return usagef("--plot-methods: there are no figures without --html or --plots")
	}
	for _, g := range f.methods {
		if _, err := path.Match(g, ""); err != nil {
			return usagef("--plot-methods %q: expected a glob such as lds*", g)
		}
	}
	return nil
}

// write writes what the flags ask for and says so. Figures that cannot be drawn are an error once the others are written.
func (f *pageFlags) write(report reports.Report, choice reports.Options, stderr io.Writer) error {
	if f.html == "" && f.plots == "" {
		return nil
	}
	p := page.New(report, page.Options{Split: choice.Split, Baseline: choice.Baseline, Methods: f.methods})
	if f.html != "" {
		if err := store.WriteFile(f.html, p.Write); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "%s written\n", f.html)
	}
	if f.plots != "" {
		n, err := p.SaveFigures(f.plots)
		if err != nil {
			return err
		}
		fmt.Fprintf(stderr, "%s: %d figures written, each as .svg and .png\n", f.plots, n)
	}
	return cmp.Or(p.Problems...)
}
