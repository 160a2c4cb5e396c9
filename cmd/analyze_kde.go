package cmd

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets/table"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
	"github.com/dirbench/dirbench/reports/charts"
)

// kdeOptions are the flags and arguments of dirbench analyze kde.
type kdeOptions struct {
	path, column      string
	kernel, bandwidth string
	points            int
	plot              string
	json              bool
}

// silverman is the bandwidth by rule of thumb.
const silverman = "silverman"

// kdeResult is what dirbench analyze kde --json prints.
type kdeResult struct {
	Column    string                 `json:"column"`
	N         int                    `json:"n"`
	Kernel    analysis.DensityKernel `json:"kernel"`
	Bandwidth float64                `json:"bandwidth"`
	Points    []analysis.Point       `json:"points"`
}

func newAnalyzeKDECmd() *cobra.Command {
	var opts kdeOptions
	cmd := &cobra.Command{
		Use:   "kde FILE",
		Short: "Estimate the density of any column of labels",
		Long: `Estimate the density of a column of numbers in a .parquet, .arrow, .csv, .tsv or .jsonl file by a kernel: a
look at a target before it becomes a dataset, or at the train.parquet of one.

The bandwidth is the standard deviation of the gaussian kernel and half the width of the others. silverman stands for
the rule of thumb of Silverman 1986, 0.9 min(s, IQR/1.34) n^(-1/5), as the standard deviation of the kernel.

EXIT STATUS
  0  success
  1  the file is missing or malformed, or has no such column
  2  usage`,
		Example: `  dirbench analyze kde data/agedb/train.parquet
  dirbench analyze kde houses.csv --column price --kernel epanechnikov --plot price.svg
  dirbench analyze kde houses.csv --column price --bandwidth 5000 --points 200 --json`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.path = args[0]
			return runAnalyzeKDE(opts, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.column, "column", "label", "column of the labels")
	flags.StringVar(&opts.kernel, "kernel", string(analysis.GaussianKernel), "gaussian, epanechnikov or uniform")
	flags.StringVar(&opts.bandwidth, "bandwidth", silverman, "silverman or a number, in label units")
	flags.IntVar(&opts.points, "points", 41, "labels at which to print the density")
	flags.StringVar(&opts.plot, "plot", "", "draw the density into this .svg or .png file")
	flags.BoolVar(&opts.json, "json", false, "print JSON")
	return cmd
}

// check finds wrong flags and returns the bandwidth, 0 for Silverman's.
func (o *kdeOptions) check() (bandwidth float64, err error) {
	kernels := []analysis.DensityKernel{analysis.GaussianKernel, analysis.EpanechnikovKernel, analysis.UniformKernel}
	if !slices.Contains(kernels, analysis.DensityKernel(o.kernel)) {
		return 0, usagef("--kernel %q: expected gaussian, epanechnikov or uniform", o.kernel)
	}
	if o.points < 2 || o.points > 100_000 {
		return 0, usagef("--points %d: expected 2 to 100000", o.points)
	}
	if o.bandwidth != silverman {
		if bandwidth, err = strconv.ParseFloat(o.bandwidth, 64); err != nil || !(bandwidth > 0) || bandwidth > 1e300 {
			return 0, usagef("--bandwidth %q: expected silverman or a positive number", o.bandwidth)
		}
	}
	return bandwidth, checkPlot(o.plot)
}

func runAnalyzeKDE(opts kdeOptions, stdout, stderr io.Writer) error {
	bandwidth, err := opts.check()
	if err != nil {
		return err
	}
	labels, err := table.NumbersOf(opts.path, opts.column)
	if err != nil {
		return err
	}
	estimate, err := analysis.NewKDE(labels, analysis.DensityKernel(opts.kernel), bandwidth)
	if err != nil {
		return fmt.Errorf("%s: column %q: %w", opts.path, opts.column, err)
	}
	if opts.plot != "" {
		figure, err := charts.KDE(estimate, filepath.Base(opts.path)+": "+opts.column, opts.column)
		if err != nil {
			return err
		}
		if err := savePlot(opts.plot, figure, stderr); err != nil {
			return err
		}
	}
	result := kdeResult{opts.column, len(labels), estimate.Kernel, estimate.Bandwidth, estimate.Points(opts.points)}
	if opts.json {
		return printJSON(stdout, result)
	}
	return printSheets(stdout, []reports.Sheet{result.sheet(filepath.Base(opts.path))}, "")
}

func (r kdeResult) sheet(file string) reports.Sheet {
	sheet := reports.Sheet{
		Title: file + ": density of " + r.Column,
		Caption: []string{fmt.Sprintf("%d labels; %s kernel, bandwidth %.4g; densities per label unit.", r.N, r.Kernel,
			r.Bandwidth)},
		Columns: []reports.SheetColumn{{Header: r.Column, Number: true}, {Header: "Density", Number: true}},
	}
	for _, p := range r.Points {
		sheet.Rows = append(sheet.Rows, []reports.SheetCell{
			reports.Number(fmt.Sprintf("%.4g", p.Label), p.Label), reports.Number(fmt.Sprintf("%.4g", p.Density), p.Density),
		})
	}
	return sheet
}
