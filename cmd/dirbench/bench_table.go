package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/olekukonko/tablewriter/tw"

	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner"
)

// printBench prints what was measured, if anything was, as two Markdown tables: training, and what is around it.
func printBench(w io.Writer, results []runner.BenchResult) error {
	if len(results) == 0 {
		return nil
	}
	var training, around [][]string
	for _, r := range results {
		name := []string{r.Benchmark, r.Scale, r.Backend}
		training = append(training, append(name, fmt.Sprint(r.Batch), cmp.Or(r.Precision, "float32"),
			fmt.Sprintf("%.1f s", r.CompileSeconds), fmt.Sprintf("%.1f ms", 1e3*r.StepSeconds), fmt.Sprintf("%.3g", r.StepsPerSecond),
			rate(r.SamplesPerSecond), fmt.Sprintf("%.3g", r.GFLOPS), percent(r.PeakShare)))
		around = append(around, append(name[:3:3], r.Data, rate(r.PipelineFirst), rate(r.PipelineLater), rate(r.PipelineFloat),
			percent(r.Overhead), percent(r.FDSPass), percent(r.FDSOnline), fmt.Sprintf("%d MiB", r.PeakBytes>>20)))
	}
	if err := printColumns(w, []string{"benchmark", "scale", "backend", "batch", "precision", "compile", "step", "steps/s", "samples/s", "GFLOP/s", "of peak"}, training); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return printColumns(w, []string{"benchmark", "scale", "backend", "data", "first epoch", "later", "float", "overhead", "FDS pass", "FDS online", "memory"}, around)
}

// rate prints things a second.
func rate(perSecond float64) string {
	if perSecond >= 1000 {
		return thousands(int(perSecond))
	}
	return fmt.Sprintf("%.3g", perSecond)
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// printColumns prints a Markdown table whose columns after the third are numbers.
func printColumns(w io.Writer, header []string, rows [][]string) error {
	align := slices.Repeat([]tw.Align{tw.AlignRight}, len(header))
	copy(align, []tw.Align{tw.AlignLeft, tw.AlignLeft, tw.AlignLeft})
	table := reports.NewGrid(w, align)
	table.Header(header)
	if err := table.Bulk(rows); err != nil {
		return err
	}
	return table.Render()
}
