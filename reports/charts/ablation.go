package charts

import (
	"math"
	"slices"
	"strconv"

	"github.com/dirbench/dirbench/methods/kernel"
	"github.com/dirbench/dirbench/reports/analysis"
)

// Ablation draws the comparison's metric in its region as a heat map: for one kernel that varies a panel of ks by σ for each kind,
// for two a single panel of one by the other.
func Ablation(a analysis.Ablation) Grid {
	column := a.Column()
	name := a.ColumnName()
	if column.Unit != "" {
		name += " (" + column.Unit + ")"
	}
	varying, _ := a.Varying()
	var heats []Heat
	if len(varying) > 1 {
		heats = []Heat{crossed(a, varying[0], varying[1])}
	} else {
		for _, kind := range analysis.Kinds {
			if h := ofKind(a, varying[0], kind); len(h.Rows) > 0 {
				heats = append(heats, h)
			}
		}
	}
	return HeatMap(a.Title+"\nkernels of "+a.Method, name, column.Higher, column.Decimals, heats)
}

// noSigma is the column of a kernel that has none.
const noSigma = "—"

// ofKind is the panel of one kind of kernel.
func ofKind(a analysis.Ablation, p analysis.Smoother, kind string) Heat {
	var sizes []int
	var sigmas []float64
	for _, r := range a.Rows {
		if k := p.Of(r); k.Kind == kind {
			sizes, sigmas = append(sizes, k.Size), append(sigmas, sigmaOf(*k))
		}
	}
	slices.Sort(sizes)
	slices.Sort(sigmas)
	sizes, sigmas = slices.Compact(sizes), slices.Compact(sigmas)
	h := Heat{Title: kind, X: "σ", Y: "ks of " + p.Name, Values: blank(len(sizes), len(sigmas))}
	for _, s := range sizes {
		h.Rows = append(h.Rows, strconv.Itoa(s))
	}
	for _, s := range sigmas {
		h.Columns = append(h.Columns, sigmaText(s))
	}
	for _, r := range a.Rows {
		if k := p.Of(r); k.Kind == kind {
			h.Values[slices.Index(sizes, k.Size)][slices.Index(sigmas, sigmaOf(*k))] = a.Value(r)
		}
	}
	return h
}

// sigmaOf is 0 for a kernel without sigma.
func sigmaOf(k kernel.Kernel) float64 {
	if k.Kind == kernel.Triangle {
		return 0
	}
	return k.Sigma
}

func sigmaText(sigma float64) string {
	if sigma == 0 {
		return noSigma
	}
	return strconv.FormatFloat(sigma, 'g', 6, 64)
}

// crossed is the panel of all kernels of one smoother by those of another, "gaussian 5/2" with ks and σ, in the order of the rows.
func crossed(a analysis.Ablation, y, x analysis.Smoother) Heat {
	h := Heat{X: x.Name + " kernel ks/σ", Y: y.Name + " kernel ks/σ"}
	index := func(list *[]string, k kernel.Kernel) int {
		text := k.Kind + " " + strconv.Itoa(k.Size)
		if sigma := sigmaOf(k); sigma > 0 {
			text += "/" + sigmaText(sigma)
		}
		if !slices.Contains(*list, text) {
			*list = append(*list, text)
		}
		return slices.Index(*list, text)
	}
	for _, r := range a.Rows {
		index(&h.Rows, *y.Of(r))
		index(&h.Columns, *x.Of(r))
	}
	h.Values = blank(len(h.Rows), len(h.Columns))
	for _, r := range a.Rows {
		h.Values[index(&h.Rows, *y.Of(r))][index(&h.Columns, *x.Of(r))] = a.Value(r)
	}
	return h
}

func blank(rows, columns int) [][]float64 {
	values := make([][]float64, rows)
	for i := range values {
		values[i] = slices.Repeat([]float64{math.NaN()}, columns)
	}
	return values
}
