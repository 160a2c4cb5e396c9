package reports

import (
	"strconv"
	"strings"
)

// Sheet is a table as renderers see it: what is printed where, in plain text that each renderer escapes.
type Sheet struct {
	Title   string
	Caption []string // sentences
	Columns []SheetColumn
	Rows    [][]SheetCell // one cell for each column
	Notes   []string      // footnotes
}

// SheetColumn is a header and what stands below it.
type SheetColumn struct {
	Header string
	Number bool // aligned to the right
}

// SheetCell is a text and, where the text begins with a number, that number to sort by.
type SheetCell struct {
	Text  string
	Bold  bool
	Value *float64
}

// Text returns a cell without a number.
func Text(s string) SheetCell { return SheetCell{Text: s} }

// Number returns a cell that sorts by a number.
func Number(text string, value float64) SheetCell { return SheetCell{Text: text, Value: &value} }

// Sheet lays the table out: methods, number of seeds, and a column for each metric and region.
func (t Table) Sheet() Sheet {
	s := Sheet{Title: t.Title, Caption: t.Caption, Columns: []SheetColumn{{Header: "Method"}, {Header: "n", Number: true}}}
	for _, c := range t.Columns {
		s.Columns = append(s.Columns, SheetColumn{c.header(), true})
	}
	for _, r := range t.Rows {
		s.Rows = append(s.Rows, r.cells())
	}
	for _, n := range t.Warnings {
		s.Notes = append(s.Notes, n.Text)
	}
	return s
}

func (r Row) cells() []SheetCell {
	cells := []SheetCell{Text(r.Label), Number(strconv.Itoa(r.N), float64(r.N))}
	for _, c := range r.Cells {
		cell := SheetCell{Text: c.Text, Bold: c.Bold}
		if mean := float64(c.Mean); c.Mean.Defined() {
			cell.Value = &mean
		}
		cells = append(cells, cell)
	}
	return cells
}

// Fixed prints a number with so many decimals. What rounds to 0 has no sign.
func Fixed(v float64, decimals int) string {
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Trim(text, "-0.") == "" {
		return strings.TrimPrefix(text, "-")
	}
	return text
}

// Signed is [Fixed] with a sign in front of positive numbers too.
func Signed(v float64, decimals int) string {
	text := Fixed(v, decimals)
	if v > 0 && strings.Trim(text, "0.") != "" {
		return "+" + text
	}
	return text
}
