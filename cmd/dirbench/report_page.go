package main

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"

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
	cmd.Flags().StringVar(&f.html, "html", "", "write the tables with figures, provenance and failures into this HTML file")
	cmd.Flags().StringVar(&f.plots, "plots", "", "write the figures into this folder, as .svg and .png")
	cmd.Flags().StringSliceVar(&f.methods, "plot-methods", nil,
		"globs of the methods in figures, the first six (default: the baseline and the best other one in the few-shot region)")
}

// drawn reports whether a page or figures are asked for.
func (f *pageFlags) drawn() bool { return f.html != "" || f.plots != "" }

// check finds mistakes in the flags.
func (f *pageFlags) check() error {
	if f.methods != nil && !f.drawn() {
		return usagef("--plot-methods: there are no figures without --html or --plots")
	}
	for _, g := range f.methods {
		if err := checkGlob("--plot-methods", g); err != nil {
			return err
		}
	}
	return nil
}

// checkMethods finds globs that match no finished method.
func (f *pageFlags) checkMethods(tables []reports.Table) error {
	for _, glob := range f.methods {
		matched := func(r reports.Row) bool { ok, err := path.Match(glob, r.Method); return ok && err == nil && r.N > 0 }
		if !slices.ContainsFunc(tables, func(t reports.Table) bool { return slices.ContainsFunc(t.Rows, matched) }) {
			return usagef("--plot-methods %s: no finished run of a method that it matches", glob)
		}
	}
	return nil
}

// write writes what the flags ask for and says so. Figures that cannot be drawn are an error once the others are written.
func (f *pageFlags) write(report reports.Report, choice reports.Options, stderr io.Writer) error {
	if !f.drawn() {
		return nil
	}
	p := page.New(report, page.Options{Split: choice.Split, Baseline: choice.Baseline, Methods: f.methods})
	if f.html != "" {
		if err := store.WriteFile(f.html, p.Write); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "wrote %s\n", f.html)
	}
	if f.plots != "" {
		n, err := p.SaveFigures(f.plots)
		if err != nil {
			return err
		}
		fmt.Fprintf(stderr, "wrote %s into %s, each as .svg and .png\n", count(n, "figure"), f.plots)
	}
	for _, s := range p.Sections {
		if s.Note != "" {
			fmt.Fprintf(stderr, "%s: %s\n", s.Title, s.Note)
		}
	}
	return cmp.Or(p.Problems...)
}
