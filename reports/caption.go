package reports

import (
	"fmt"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
)

// title names the dataset, and a twin as one.
func (b *builder) title() string {
	title := b.first.Dataset.Title
	if title == "" {
		title = b.first.Benchmark
	}
	if b.first.Dataset.Twin {
		title += " (procedural twin, not real data)"
	}
	return title
}

// caption says what the numbers are and where they come from.
func (b *builder) caption(columns []Column) []string {
	lines := []string{
		fmt.Sprintf("Benchmark %s, scale %s, %s semantics.", b.first.Benchmark, b.first.Scale, b.first.Semantics),
		fmt.Sprintf("%s metrics%s: mean ± standard deviation (ddof 1) over n seeds; epoch selected by %s.",
			titleCase(b.split), units(columns), b.first.Selection),
	}
	if len(b.done) > 0 {
		n := sizes(b.done[0].Results[b.split])
		lines = append(lines, fmt.Sprintf("%s samples: %d (many %d, medium %d, few %d); %s.",
			titleCase(b.split), n[0], n[1], n[2], n[3], shotRule(b.first.Dataset.Shots)))
	}
	if commits := b.commits(); len(commits) > 0 {
		lines = append(lines, "Commit "+strings.Join(commits, ", ")+".")
	}
	configs := make([]string, len(b.rows))
	for i, r := range b.rows {
		configs[i] = r.method + " " + r.config
	}
	return append(lines, "Configurations: "+strings.Join(configs, ", ")+".")
}

// units returns " (MAE, GM in years)" for the columns on the scale of the label, "" if it has no unit.
func units(columns []Column) string {
	var names []string
	unit := ""
	for _, c := range columns {
		if c.Region == metrics.All && c.Metric.InLabelUnits() && c.Unit != "" {
			names, unit = append(names, c.Metric.Label()), c.Unit
		}
	}
	if unit == "" {
		return ""
	}
	return " (" + strings.Join(names, ", ") + " in " + unit + ")"
}

func shotRule(r datasets.ShotRule) string {
	if len(r.ManyBins) > 0 || len(r.MediumBins) > 0 {
		return "shot regions by the benchmark's fixed bin lists"
	}
	return fmt.Sprintf("many above %d, few below %d training samples a bin", r.Many, r.Few)
}

// name is a column's header without its arrow: "MAE Few".
func (c Column) name() string { return c.Metric.Label() + " " + titleCase(c.Region) }

// header adds the direction of better values: "MAE Few ↓".
func (c Column) header() string {
	if c.Higher {
		return c.name() + " ↑"
	}
	return c.name() + " ↓"
}

func titleCase(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
