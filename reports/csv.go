package reports

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/dirbench/dirbench/benchmarks/metrics"
)

// csvHeader names the fields of [CSV]. Those from baseline on are of the comparison.
var csvHeader = []string{
	"benchmark", "dataset", "twin", "scale", "semantics", "selection", "split", "method", "config", "metric", "region",
	"unit", "higher_is_better", "samples", "n", "mean", "std", "interval", "level", "low", "high",
	"baseline", "pairs", "difference", "difference_low", "difference_high", "gain", "p_t", "p_wilcoxon", "test",
	"p_adjusted", "mark",
}

// CSV writes the tables of a document for programs: one line for each table, method, metric and region, numbers in full
// precision, empty fields where there is none. Footnotes are left out.
func CSV(w io.Writer, d Document) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHeader); err != nil {
		return err
	}
	for _, s := range d.Sections {
		if s.Kind != OfTable {
			continue
		}
		t := *s.Table
		for _, r := range t.Rows {
			for i, c := range t.Columns {
				if err := out.Write(t.record(r, c, r.Cells[i])); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

func (t Table) record(r Row, c Column, cell Cell) []string {
	record := []string{
		t.Benchmark, t.Dataset, strconv.FormatBool(t.Twin), t.Scale, t.Fidelity, t.Selection.String(), t.Split, r.Method,
		r.Config, string(c.Metric), c.Region.String(), c.Unit, strconv.FormatBool(c.Higher), strconv.Itoa(c.Samples),
		strconv.Itoa(r.N), csvNumber(cell.Mean), csvNumber(cell.Std), "", "", csvNumber(cell.Low), csvNumber(cell.High),
	}
	if cell.Low.Defined() {
		record[17], record[18] = t.Interval, csvNumber(metrics.Value(t.Level))
	}
	return append(record, t.comparison(cell)...)
}

// comparison returns the last fields of a record.
func (t Table) comparison(cell Cell) []string {
	c := cell.Comparison
	if c == nil {
		return make([]string, 11)
	}
	return []string{
		t.Against.Baseline, strconv.Itoa(c.Pairs), csvNumber(c.Difference), csvNumber(c.Low), csvNumber(c.High),
		csvNumber(c.Gain), csvNumber(c.PT), csvNumber(c.PWilcoxon), t.Against.Test, csvNumber(c.PAdjusted), cell.Mark,
	}
}

func csvNumber(v metrics.Value) string {
	if !v.Defined() {
		return ""
	}
	return strconv.FormatFloat(float64(v), 'g', -1, 64)
}
