package analysis

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/methods/kernel"
	"github.com/dirbench/dirbench/reports"
)

// Smoother is one of the two that have a kernel: label and feature distribution smoothing.
type Smoother struct {
	Name string // LDS or FDS
	Of   func(AblationRow) *kernel.Kernel
}

var smoothers = []Smoother{
	{"LDS", func(r AblationRow) *kernel.Kernel { return r.LDS }},
	{"FDS", func(r AblationRow) *kernel.Kernel { return r.FDS }},
}

// Varying returns the kernels that differ between rows, and the others that the method uses.
func (a Ablation) Varying() (varying, fixed []Smoother) {
	for _, p := range smoothers {
		first := p.Of(a.Rows[0])
		if first == nil {
			continue
		}
		differs := false
		for _, r := range a.Rows {
			differs = differs || *p.Of(r) != *first
		}
		if differs {
			varying = append(varying, p)
		} else {
			fixed = append(fixed, p)
		}
	}
	return varying, fixed
}

// ownCaption says what is compared, and which combination is best in the region.
func (a Ablation) ownCaption() []string {
	varying, fixed := a.Varying()
	names := make([]string, len(varying))
	for i, p := range varying {
		names[i] = p.Name
	}
	line := fmt.Sprintf("Method %s: combinations of the kernel of %s (kind, number of taps ks, σ in bins), all "+
		"else equal.",
		a.Method, strings.Join(names, " and "))
	for _, p := range fixed {
		line += fmt.Sprintf(" %s has %s throughout.", p.Name, KernelText(*p.Of(a.Rows[0])))
	}
	lines := []string{line}
	var best []string
	for _, r := range a.Rows {
		if r.Cells[a.column()].Bold {
			best = append(best, a.rowName(r))
		}
	}
	if len(best) == 0 {
		return lines
	}
	return append(lines, fmt.Sprintf("Best %s of %d: %s. Chosen on the scores that it is judged by, it looks better "+
		"than it is.",
		a.ColumnName(), len(a.Rows), strings.Join(best, "; ")))
}

// rowName names the kernels of a row that vary.
func (a Ablation) rowName(r AblationRow) string {
	varying, _ := a.Varying()
	var texts []string
	for _, p := range varying {
		texts = append(texts, KernelText(*p.Of(r)))
	}
	return strings.Join(texts, " with ")
}

// column is the number of the column of the region.
func (a Ablation) column() int {
	for i, c := range a.Columns {
		if c.Region == a.Region {
			return i
		}
	}
	return 0
}

// ColumnName is the metric and region that the comparison is about: "MAE Few".
func (a Ablation) ColumnName() string { return a.Column().Name() }

// Column is the column of the metric in the region that the comparison is about.
func (a Ablation) Column() reports.Column { return a.Columns[a.column()] }

// KernelText names a kernel: "gaussian, ks 5, σ 2".
func KernelText(k kernel.Kernel) string {
	text := fmt.Sprintf("%s, ks %d", k.Kind, k.Size)
	if k.Kind != kernel.Triangle {
		text += ", σ " + number(k.Sigma)
	}
	return text
}

// Sheet lays the comparison out, a row for each combination.
func (a Ablation) Sheet() reports.Sheet {
	s := reports.Sheet{Title: a.Title + ": kernels of " + a.Method, Caption: a.Caption}
	varying, _ := a.Varying()
	for _, p := range varying {
		s.Columns = append(s.Columns, reports.SheetColumn{Header: p.Name + " kernel"},
			reports.SheetColumn{Header: "ks", Number: true}, reports.SheetColumn{Header: "σ", Number: true})
	}
	// The model of tables knows how its columns and cells are laid out.
	body := reports.Table{Columns: a.Columns}
	for _, r := range a.Rows {
		body.Rows = append(body.Rows, reports.Row{N: r.N, Cells: r.Cells})
	}
	inner := body.Sheet()
	s.Columns = append(s.Columns, inner.Columns[1:]...)
	for i, r := range a.Rows {
		var row []reports.SheetCell
		for _, p := range varying {
			row = append(row, kernelCells(*p.Of(r))...)
		}
		s.Rows = append(s.Rows, append(row, inner.Rows[i][1:]...))
	}
	for _, w := range a.Warnings {
		s.Notes = append(s.Notes, w.Text)
	}
	return s
}

func kernelCells(k kernel.Kernel) []reports.SheetCell {
	sigma := reports.Text("—")
	if k.Kind != kernel.Triangle {
		sigma = reports.Number(number(k.Sigma), k.Sigma)
	}
	return []reports.SheetCell{reports.Text(k.Kind), reports.Number(strconv.Itoa(k.Size), float64(k.Size)), sigma}
}

// Value is the mean of the comparison's metric in its region; NaN if it is undefined.
func (a Ablation) Value(r AblationRow) float64 {
	if v := r.Cells[a.column()].Mean; v.Defined() {
		return float64(v)
	}
	return math.NaN()
}
