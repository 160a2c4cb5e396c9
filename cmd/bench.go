package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/execute"
	"github.com/dirbench/dirbench/runner/preflight"
	"github.com/dirbench/dirbench/runner/speed"
)

type benchOptions struct {
	benchmarks, scales, backends []string
	order                        speed.BenchOrder // what all rows have in common
	methods                      []string         // measured beside vanilla in place of all other figures
	json                         bool
	program                      string
}

func newBenchCmd() *cobra.Command {
	var o benchOptions
	cmd := &cobra.Command{
		Use:   "bench [BENCHMARK...]",
		Short: "Measure the speed of training, data path and harness",
		Long: `Measure, for each benchmark, scale and backend: the time to compile a training step, training steps and samples
a second and their share of the backend's own matrix product, the data pipeline alone (the first epoch decodes; it and
"float" count normalisation to float32 on the host too), the share of an epoch in which the device was not waited for,
what FDS adds to an epoch with a second pass over the training set and with statistics from the steps (online), and the
most memory. The operations of an LSTM are counted with the padding of its sentences, which backend go does not compute:
its share may be above 100 %.

Each row is measured in a process of its own, on the prepared dataset of the benchmark's name below --data if there is
one, else on a synthetic twin. It works in a temporary folder and changes nothing else. What else the machine does
disturbs it: compare figures of one call.

With --methods the training steps of methods are measured instead, each in turns with vanilla's: the time of a step, and
that of a row relative to vanilla's. A method of two stages has a line for each that is not vanilla's; "(head)" is the
second one, whose encoder is frozen. --methods alone is every method, --methods=rrt,lds+fds are these.

EXIT STATUS
  0    everything was measured
  1    a row could not be measured
  2    usage
  130  interrupted`,
		Example: `  dirbench bench
  dirbench bench agedb-dir --scale tiny,small --backend go,xla:cpu
  dirbench bench sts-b-dir --scale small --embeddings glove.6B.100d.txt.gz --json
  dirbench bench agedb-dir --methods`,
		ValidArgs: benchmarks.Published(),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.benchmarks = args; len(args) == 0 {
				o.benchmarks = benchmarks.Published()
			}
			if o.program, err = os.Executable(); err != nil {
				return err
			}
			if len(o.methods) > 0 {
				return runBenchMethods(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			return runBench(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addDataRootFlag(cmd, &o.order.Data)
	addFileFlags(cmd, &o.order.Load)
	flags := cmd.Flags()
	flags.StringSliceVar(&o.scales, "scale", []string{"tiny"}, "scales: "+strings.Join(benchmarks.ScaleNames, ", "))
	flags.StringSliceVar(&o.backends, "backend", []string{"go"}, "backends: "+backend.Forms)
	flags.IntVar(&o.order.Batch, "batch", 0, "batch size (default: the recipe's)")
	flags.StringVar(&o.order.Precision, "precision", "", "float32 or bfloat16 (default: the recipe's)")
	flags.IntVar(&o.order.Steps, "steps", 10, "training steps that are timed")
	flags.IntVar(&o.order.TwinSize, "twin-size", 1000, "samples of a twin")
	flags.BoolVar(&o.order.DataOnly, "data-only", false, "measure the data pipeline only; the other figures are 0")
	flags.StringSliceVar(&o.methods, "methods", nil,
		"measure the steps of methods relative to vanilla's (all, or a list after =)")
	flags.Lookup("methods").NoOptDefVal = everyMethod
	flags.BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

// orders are the rows, after a check of what they ask for.
func (o benchOptions) orders() ([]speed.BenchOrder, error) {
	if o.order.Steps < 1 || o.order.TwinSize < 1 || o.order.Batch < 0 {
		return nil, usagef("--steps %d, --twin-size %d, --batch %d: expected positive numbers", o.order.Steps,
			o.order.TwinSize, o.order.Batch)
	}
	var orders []speed.BenchOrder
	for _, name := range o.benchmarks {
		b, err := benchmarks.Lookup(name)
		if err != nil {
			return nil, usage(err)
		}
		for _, scale := range o.scales {
			recipe, err := b.Recipe(scale, task.Paper)
			if err != nil {
				return nil, usage(err)
			}
			recipe.Precision = cmp.Or(o.order.Precision, recipe.Precision)
			if err := recipe.Validate(); err != nil {
				return nil, usagef("--%w", err)
			}
			for _, on := range o.backends {
				if err := backend.CheckName(on); err != nil {
					return nil, err
				}
				order := o.order
				order.Benchmark, order.Scale, order.Backend = name, scale, on
				orders = append(orders, order)
			}
		}
	}
	if len(orders) == 0 {
		return nil, usagef("--scale and --backend: expected at least one of each")
	}
	return orders, nil
}

func runBench(ctx context.Context, o benchOptions, stdout, stderr io.Writer) error {
	orders, err := o.orders()
	if err != nil {
		return err
	}
	peaks := map[string]float64{}
	for _, name := range o.backends {
		if o.order.DataOnly {
			break
		}
		fmt.Fprintf(stderr, "matrix product on backend %s\n", name)
		probe := preflight.ProbeInChild(ctx, name, time.Minute, o.program, probeName, name)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if probe.Error != "" {
			return fmt.Errorf("backend %q: %s", name, probe.Error)
		}
		peaks[name] = probe.GFLOPS
	}
	results := []speed.BenchResult{}
	failed, err := measureAll(ctx, o.program, "", orders, stderr, func(order speed.BenchOrder, result speed.BenchResult) {
		if peak := peaks[order.Backend]; peak > 0 {
			result.PeakGFLOPS, result.PeakShare = peak, result.GFLOPS/peak
		}
		results = append(results, result)
	})
	if err != nil {
		return err
	}
	if o.json {
		err = printJSON(stdout, results)
	} else {
		err = printBench(stdout, results)
	}
	if err == nil && failed > 0 {
		err = fmt.Errorf("%s of %d could not be measured", count(failed, "row"), len(orders))
	}
	return err
}

// benchFigures are what [measure] measures.
type benchFigures interface {
	speed.BenchResult | speed.MethodsResult
}

// measureAll measures one row after another and returns how many could not be; what is what it measures of each.
func measureAll[T benchFigures](ctx context.Context, program, what string, orders []speed.BenchOrder, stderr io.Writer,
	use func(speed.BenchOrder, T)) (failed int, err error) {
	for i, order := range orders {
		where := fmt.Sprintf("%s %s on backend %s", order.Benchmark, order.Scale, order.Backend)
		fmt.Fprintf(stderr, "[%d/%d] %s%s\n", i+1, len(orders), what, where)
		result, err := measure[T](ctx, program, order)
		if ctx.Err() != nil {
			return failed, ctx.Err()
		}
		if err != nil {
			failed++
			fmt.Fprintf(stderr, "dirbench: %s: %v\n", where, err)
			continue
		}
		use(order, result)
	}
	return failed, nil
}

// measure measures a row in a process of its own, whose folder is removed however the process ends.
func measure[T benchFigures](ctx context.Context, program string, order speed.BenchOrder) (result T, err error) {
	if order.Work, err = os.MkdirTemp("", "dirbench-bench-*"); err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(order.Work)) }()
	input, err := json.Marshal(order)
	if err != nil {
		return result, err
	}
	var stdout, stderr strings.Builder
	child := exec.CommandContext(ctx, program, measureName)
	child.Env = backend.Environment()
	child.Stdin, child.Stdout, child.Stderr = strings.NewReader(string(input)), &stdout, &stderr
	child.WaitDelay = time.Second // it is killed at once, since it changes nothing that stays
	if err := child.Run(); err != nil {
		return result, errors.New(strings.TrimPrefix(execute.LastWords(stderr.String()), "dirbench: "))
	}
	return result, json.Unmarshal([]byte(stdout.String()), &result)
}

// measureName is the hidden command that measures a row.
const measureName = "bench-row"

func newMeasureCmd() *cobra.Command {
	return &cobra.Command{
		Use:    measureName,
		Short:  "Measure what an order in JSON on standard input says, and print JSON",
		Hidden: true,
		Args:   arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var order speed.BenchOrder
			if err := json.NewDecoder(cmd.InOrStdin()).Decode(&order); err != nil {
				return fmt.Errorf("%s: expected an order of `dirbench bench` on standard input: %w", measureName, err)
			}
			var result any
			var err error
			if len(order.Methods) > 0 {
				result, err = speed.Methods(cmd.Context(), order)
			} else {
				result, err = speed.Bench(cmd.Context(), order)
			}
			if err != nil {
				return err
			}
			return printJSON(cmd.OutOrStdout(), result)
		},
	}
}

// printBench prints what was measured, if anything was, as two Markdown tables: training, and what is around it.
func printBench(w io.Writer, results []speed.BenchResult) error {
	if len(results) == 0 {
		return nil
	}
	var training, around [][]string
	for _, r := range results {
		name := []string{r.Benchmark, r.Scale, r.Backend}
		training = append(training, append(name, fmt.Sprint(r.Batch), cmp.Or(r.Precision, "float32"),
			fmt.Sprintf("%.1f s", r.CompileSeconds), fmt.Sprintf("%.1f ms", 1e3*r.StepSeconds),
			fmt.Sprintf("%.3g", r.StepsPerSecond), rate(r.SamplesPerSecond), fmt.Sprintf("%.3g", r.GFLOPS),
			percent(r.PeakShare)))
		around = append(around, append(name[:3:3], r.Data, rate(r.PipelineFirst), rate(r.PipelineLater),
			rate(r.PipelineFloat), percent(r.Overhead), percent(r.FDSPass), percent(r.FDSOnline),
			fmt.Sprintf("%d MiB", r.PeakBytes>>20)))
	}
	err := printColumns(w, 3, []string{"benchmark", "scale", "backend", "batch", "precision", "compile", "step", "steps/s",
		"samples/s", "GFLOP/s", "of peak"}, training)
	if err != nil {
		return err
	}
	fmt.Fprintln(w)
	return printColumns(w, 3, []string{"benchmark", "scale", "backend", "data", "first epoch", "later", "float",
		"overhead", "FDS pass", "FDS online", "memory"}, around)
}

// rate prints things a second.
func rate(perSecond float64) string {
	if perSecond >= 1000 {
		return thousands(int(perSecond))
	}
	return fmt.Sprintf("%.3g", perSecond)
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// printColumns prints a Markdown table whose columns after the first ones, of text, are numbers.
func printColumns(w io.Writer, text int, header []string, rows [][]string) error {
	var sheet reports.Sheet
	for i, name := range header {
		sheet.Columns = append(sheet.Columns, reports.SheetColumn{Header: name, Number: i >= text})
	}
	for _, row := range rows {
		var cells []reports.SheetCell
		for _, text := range row {
			cells = append(cells, reports.Text(text))
		}
		sheet.Rows = append(sheet.Rows, cells)
	}
	return sheet.Grid(w)
}
