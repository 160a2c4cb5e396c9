package main

import (
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
	"github.com/dirbench/dirbench/runner/store"
)

func newAnalyzeCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "analyze",
		Short: "Look for what explains the errors of finished runs",
		Args:  noSubcommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAnalyzeDensityCmd(), newAnalyzeZeroShotCmd(), newAnalyzeKDECmd())
	cmd.AddCommand(newAnalyzeFeaturesCmd(), newAnalyzeAblateCmd())
	return cmd
}

// analyzeFlags are the flags and arguments of every analysis of stored predictions.
type analyzeFlags struct {
	root   string
	method string
	split  string
	json   bool
}

func (f *analyzeFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.method, "method", "", "only methods that this pattern matches, such as 'lds*' (default: all)")
	cmd.Flags().StringVar(&f.split, "split", string(datasets.Test), "train, val or test")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
}

// check finds flags that are wrong.
func (f *analyzeFlags) check() error {
	if !slices.Contains(datasets.Splits, datasets.Split(f.split)) {
		return usagef("--split %q: expected train, val or test", f.split)
	}
	return checkGlob("--method", f.method)
}

// checkGlob finds a pattern of methods that cannot be read.
func checkGlob(flag, glob string) error {
	if _, err := path.Match(glob, ""); err != nil {
		return usagef("%s %q: expected a glob such as lds*", flag, glob)
	}
	return nil
}

// checkPlot finds a file name that no figure can have.
func checkPlot(name string) error {
	if ext := filepath.Ext(name); name != "" && ext != ".svg" && ext != ".png" {
		return usagef("--plot %s: expected a name that ends in .svg or .png", name)
	}
	return nil
}

// savePlot writes the figure of --plot and says so.
func savePlot(path string, figure interface{ Save(path string) error }, stderr io.Writer) error {
	if err := figure.Save(path); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "wrote %s\n", path)
	return nil
}

// tables returns the finished runs of the store, of which there must be at least one, and the runs that cannot be read.
func (f *analyzeFlags) tables() ([]analysis.Table, []store.DamagedRun, error) {
	runs, damaged, err := readStore(f.root)
	if err != nil {
		return nil, nil, err
	}
	tables, unreadable, err := analysis.Tables(runs, f.method, datasets.Split(f.split))
	if damaged = append(damaged, unreadable...); err == nil && len(tables) == 0 {
		if err = unreadableError(damaged); err == nil {
			err = fmt.Errorf("%s: no finished run%s", f.root, f.ofMethod())
		}
	}
	return tables, damaged, err
}

func (f *analyzeFlags) ofMethod() string {
	if f.method == "" {
		return ""
	}
	return fmt.Sprintf(" of a method that --method %q matches", f.method)
}

// print writes the sheets, or with --json what they were made of.
func (f *analyzeFlags) print(w io.Writer, results any, sheets []reports.Sheet) error {
	if f.json {
		return printJSON(w, results)
	}
	return printSheets(w, sheets, "")
}

// unreadableError ends an analysis that has printed what can be read; nil if nothing is damaged.
func unreadableError(damaged []store.DamagedRun) error {
	same := !slices.ContainsFunc(damaged, func(d store.DamagedRun) bool { return d.Err.Error() != damaged[0].Err.Error() })
	switch {
	case len(damaged) == 0:
		return nil
	case same:
		return damaged[0].Err
	}
	return fmt.Errorf("%d runs cannot be read, the first: %w", len(damaged), damaged[0].Err)
}
