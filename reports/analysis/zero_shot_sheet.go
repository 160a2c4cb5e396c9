package analysis

import (
	"fmt"
	"strings"

	"github.com/dirbench/dirbench/reports"
)

// ZeroShotSheet lays out the errors of a table's methods by part, one row each. Methods whose training data differ have a caption
// of the first one's regions.
func ZeroShotSheet(t Table, list []ZeroShot) reports.Sheet {
	first := list[0]
	sheet := reports.Sheet{
		Title: first.Title + ": labels without training data",
		Caption: append(t.caption(),
			fmt.Sprintf("Errors of the %s split by whether a bin has training labels: mean ± standard deviation (ddof 1) over seeds.",
				first.Split)),
		Columns: append([]reports.SheetColumn{{Header: "Method"}}, numbers("Seeds")...),
		Notes:   t.notes(),
	}
	for _, part := range Parts {
		sheet.Caption = append(sheet.Caption, describePart(part, first.Parts[part], counted(t.Manifest())))
	}
	if first.Parts[Interpolation].N+first.Parts[Extrapolation].N == 0 && !t.Manifest().Dataset.Dense() {
		sheet.Notes = append(sheet.Notes, "every bin with samples has training labels: dirbench data convert --drop-train makes "+
			"a dataset in which some have none")
	}
	for _, m := range ZeroShotMetrics {
		for _, part := range Parts {
			sheet.Columns = append(sheet.Columns, numbers(m.Label()+" "+string(part)+" ↓")...)
		}
	}
	for _, z := range list {
		row := []reports.SheetCell{reports.Text(z.Method), integer(len(z.Seeds))}
		for _, m := range ZeroShotMetrics {
			for _, part := range Parts {
				row = append(row, summary(z.Parts[part].Seeds[m], m.Decimals(t.Manifest().Dataset.LabelSpace)))
			}
		}
		sheet.Rows = append(sheet.Rows, row)
	}
	return sheet
}

// partMeanings say what the parts are.
var partMeanings = map[Part]string{
	Interpolation: "bins without training labels, between bins with some",
	Extrapolation: "bins without training labels, beyond all bins with some",
	Trained:       "bins with training labels",
}

func describePart(part Part, e PartErrors, things string) string {
	text := fmt.Sprintf("%s (%s): %s", strings.ToUpper(string(part[:1]))+string(part[1:]), partMeanings[part], plural(e.N, things))
	if e.N == 0 {
		return text + "."
	}
	return fmt.Sprintf("%s in %s: %s.", text, plural(e.Bins, "bins"), e.Labels)
}

// plural counts things, whose name is that of several.
func plural(n int, things string) string {
	if n == 1 {
		things = strings.TrimSuffix(things, "s")
	}
	return fmt.Sprintf("%d %s", n, things)
}
