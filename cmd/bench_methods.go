package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/speed"
)

// everyMethod is the value of --methods that stands for every registered method.
const everyMethod = "all"

// runBenchMethods measures the steps of methods, each benchmark, scale and backend in a process of its own.
func runBenchMethods(ctx context.Context, o benchOptions, stdout, stderr io.Writer) error {
	if o.order.DataOnly {
		return usagef("--data-only measures no steps: leave it or --methods out")
	}
	if o.order.Methods = o.methods; slices.Equal(o.methods, []string{everyMethod}) {
		o.order.Methods = methods.Names()
	}
	for _, name := range o.order.Methods {
		if _, err := methods.Parse(name); err != nil {
			return usagef("--methods: %w", err)
		}
	}
	orders, err := o.orders()
	if err != nil {
		return err
	}
	results, broken := []speed.MethodsResult{}, 0
	failed, err := measureAll(ctx, o.program, "methods of ", orders, stderr,
		func(order speed.BenchOrder, result speed.MethodsResult) {
			for _, line := range result.LeftOut {
				fmt.Fprintf(stderr, "left out: %s\n", line)
			}
			for _, m := range result.Methods {
				if m.Error != "" {
					broken++
					fmt.Fprintf(stderr, "dirbench: %s %s on backend %s: %s: %s\n", order.Benchmark, order.Scale, order.Backend,
						m.Method, m.Error)
				}
			}
			results = append(results, result)
		})
	if err != nil {
		return err
	}
	failed += broken
	if o.json {
		err = printJSON(stdout, results)
	} else {
		err = printMethodSteps(stdout, results)
	}
	if err == nil && failed > 0 {
		err = fmt.Errorf("%s could not be measured", count(failed, "row"))
	}
	return err
}

// printMethodSteps prints what was measured, if anything was.
func printMethodSteps(w io.Writer, results []speed.MethodsResult) error {
	var rows [][]string
	for _, r := range results {
		for _, m := range r.Methods {
			if m.Error != "" {
				continue
			}
			name := m.Method
			if m.Retrains {
				name += " (head)"
			}
			rows = append(rows, []string{r.Benchmark, r.Scale, r.Backend, name, fmt.Sprint(m.Batch),
				fmt.Sprintf("%.1f ms", 1e3*m.StepSeconds), fmt.Sprintf("%.2f", m.Relative)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return printColumns(w, 4, []string{"benchmark", "scale", "backend", "method", "batch", "step", "of vanilla's"}, rows)
}
