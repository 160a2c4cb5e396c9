package analysis

import (
	"fmt"
	"strconv"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// DensitySheet lays out the correlations of a table's methods, one row each, in the order of the densities.
func DensitySheet(t Table, list []Density) reports.Sheet {
	first := list[0]
	sheet := reports.Sheet{
		Title: first.Title + ": error and label density",
		Caption: append(t.caption(),
			fmt.Sprintf("Pearson's r between the %s of a bin in the %s split and its density of training labels: "+
				"empirical (counts) and effective (counts smoothed as by LDS).", first.Metric.Label(), first.Split),
			"r is of the errors averaged over seeds; by seed: mean ± standard deviation (ddof 1) of each seed's r."),
		Columns: []reports.SheetColumn{{Header: "Method"}},
		Notes:   t.notes(),
	}
	sheet.Columns = append(sheet.Columns, numbers("Seeds", "Bins", sampleHeader(t.Manifest()), "r empirical", "r effective",
		"r empirical by seed", "r effective by seed")...)
	sheet.Columns = append(sheet.Columns, reports.SheetColumn{Header: "Kernel"})
	for _, d := range list {
		bins, samples := d.Used()
		sheet.Rows = append(sheet.Rows, []reports.SheetCell{
			reports.Text(d.Method), integer(len(d.Seeds)), integer(bins), integer(samples),
			correlationCell(d.Empirical.OfMean), correlationCell(d.Effective.OfMean),
			summary(d.Empirical.Seeds, 2), summary(d.Effective.Seeds, 2), reports.Text(d.Smoothing.Describe()),
		})
	}
	return sheet
}

func correlationCell(r metrics.Value) reports.SheetCell { return summary([]metrics.Value{r}, 2) }

func sampleHeader(m store.Manifest) string {
	if m.Dataset.Dense() {
		return "Pixels"
	}
	return "Samples"
}

// BinsSheet lays out the bins behind one density that have training data or samples.
func BinsSheet(t Table, d Density) reports.Sheet {
	sheet := reports.Sheet{
		Title: d.Title + ": " + d.Method + " by bin",
		Caption: append(t.caption(), fmt.Sprintf("Errors of the %s split, means over %s; effective density: %s.",
			d.Split, plural(len(d.Seeds), "seeds"), d.Smoothing.Describe())),
		Columns: append([]reports.SheetColumn{{Header: "Labels"}}, numbers("Train", "Effective", "n")...),
		Notes:   t.notes(),
	}
	for _, m := range metrics.ByBin {
		sheet.Columns = append(sheet.Columns, numbers(m.Label()+UnitText(d.Space, m))...)
	}
	sheet.Columns = append(sheet.Columns, numbers("Bias"+UnitText(d.Space, metrics.MAE))...)
	for _, b := range d.Bins {
		if b.N == 0 && b.Train == 0 {
			continue
		}
		row := []reports.SheetCell{
			reports.Number(labelRange(d.Space, b.Index, b.Index), b.Lower), integer(b.Train),
			reports.Number(strconv.FormatFloat(b.Effective, 'f', 1, 64), b.Effective), integer(b.N),
		}
		for _, m := range metrics.ByBin {
			row = append(row, summary([]metrics.Value{b.Error(m)}, m.Decimals(d.Space)))
		}
		sheet.Rows = append(sheet.Rows, append(row, summary([]metrics.Value{b.Bias}, metrics.MAE.Decimals(d.Space))))
	}
	return sheet
}
