package reports

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/store"
)

func (b *builder) title() string { return Title(b.first) }

// caption says what the numbers are and where they come from; consistent, that the row identity holds in every run.
func (b *builder) caption(columns []Column, consistent bool) []string {
	lines := []string{ProtocolLine(b.first)}
	for _, note := range b.distinct(func(m store.Manifest) string { return m.Note }) {
		lines = append(lines, Sentence(note))
	}
	selected := ""
	if by := b.first.Selection.String(); by != "" {
		selected = "; epoch selected by " + by
	}
	lines = append(lines, fmt.Sprintf("%s metrics%s: %s over n seeds%s.", titleCase(b.split), units(columns),
		b.opts.spread(), selected))
	if len(b.done) > 0 {
		n := b.done[0].Results[b.split].Sizes()
		lines = append(lines, fmt.Sprintf("%s %s: %d (%s); %s.", titleCase(b.split), b.counted(), n[metrics.All], n,
			b.shotRule()))
		lines = append(lines, b.identityLine(columns, consistent)...)
		lines = append(lines, b.relevanceLines(columns)...)
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

// ProtocolLine names the benchmark, and scale and semantics where runs have them: external ones need not.
func ProtocolLine(m store.Manifest) string {
	if m.Scale == "" {
		return fmt.Sprintf("Benchmark %s.", m.Benchmark)
	}
	return fmt.Sprintf("Benchmark %s, scale %s, %s semantics.", m.Benchmark, m.Scale, m.Fidelity)
}

// identityLine says that the row identity was tested, on which metrics and with what result. It names those of the
// table, or else of the runs; without any there is no line.
func (b *builder) identityLine(columns []Column, consistent bool) []string {
	var shown, stored []string
	for _, m := range metrics.Known {
		if !m.HasIdentity() || !b.defined(m) {
			continue
		}
		stored = append(stored, m.Label())
		if slices.ContainsFunc(columns, func(c Column) bool { return c.Metric == m }) {
			shown = append(shown, m.Label())
		}
	}
	if len(shown) == 0 {
		shown = stored
	}
	const name = "Row identity (All from Many, Medium and Few by size)"
	switch {
	case len(shown) == 0:
		return nil
	case !consistent:
		return []string{name + ": violated, see the notes."}
	}
	return []string{name + " holds in every run for " + strings.Join(shown, ", ") + "."}
}

// relevanceLines say how relevant labels are, for metrics that weigh errors by that.
func (b *builder) relevanceLines(columns []Column) (lines []string) {
	if !slices.ContainsFunc(columns, func(c Column) bool { return c.Metric.NeedsRelevance() }) {
		return nil
	}
	for _, points := range b.distinct(func(m store.Manifest) string {
		if f := m.Dataset.RelevanceOfLabels(); f != nil {
			return f.String()
		}
		return ""
	}) {
		lines = append(lines, "Relevance of labels through "+points+".")
	}
	return lines
}

// defined reports whether some finished run has the figure over all samples.
func (b *builder) defined(m metrics.Metric) bool {
	return slices.ContainsFunc(b.done, func(r store.Run) bool {
		v, ok := r.Results[b.split][metrics.All].Values[m]
		return ok && v.Defined()
	})
}

// distinct returns the non-empty texts that the manifests of the table hold, in order of appearance.
func (b *builder) distinct(text func(store.Manifest) string) []string {
	var list []string
	for _, row := range b.rows {
		for _, r := range row.runs {
			if s := text(r.Manifest); s != "" && !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list
}

// Sentence begins a remark with a capital and ends it with a full stop.
func Sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(s[size:], ".") + "."
}

// units returns " (MAE, GM in years)" for the columns on the scale of the label, "" if it has no unit.
func units(columns []Column) string {
	var names []string
	unit := ""
	for _, c := range columns {
		if c.Region == metrics.All && c.Metric.UnitPower() == 1 && c.Unit != "" {
			names, unit = append(names, c.Metric.Label()), c.Unit
		}
	}
	if unit == "" {
		return ""
	}
	return " (" + strings.Join(names, ", ") + " in " + unit + ")"
}

// counted is what region sizes and training counts count.
func (b *builder) counted() string {
	if b.first.Dataset.Dense() {
		return "pixels"
	}
	return "samples"
}

func (b *builder) shotRule() string {
	r := b.first.Dataset.Shots
	if len(r.ManyBins) > 0 || len(r.MediumBins) > 0 {
		return "shot regions by the benchmark's fixed bin lists"
	}
	if text := r.QuantileText(); text != "" {
		return text
	}
	return fmt.Sprintf("many above %d, few below %d training %s a bin", r.Many, r.Few, b.counted())
}

// Name is a column's header without its arrow: "MAE Few".
func (c Column) Name() string { return c.Metric.Label() + " " + titleCase(c.Region.String()) }

// header adds the direction of better values: "MAE Few ↓".
func (c Column) header() string { return c.Name() + " " + c.Metric.Arrow() }

func titleCase(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
