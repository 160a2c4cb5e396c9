package reports

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Markdown writes tables in GitHub-flavoured Markdown: a heading, the caption, the table and its footnotes. An arrow
// shows the direction of better values, bold the best value of a column.
func Markdown(w io.Writer, tables []Table) error {
	for i, t := range tables {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := t.markdown(w); err != nil {
			return err
		}
	}
	return nil
}

func (t Table) markdown(w io.Writer) error {
	var grid strings.Builder
	if err := t.grid(&grid); err != nil {
		return fmt.Errorf("table %s: %w", t.Title, err)
	}
	_, err := fmt.Fprintf(w, "## %s\n\n%s\n\n%s", Escape(t.Title), escapeLines(t.Caption, ""), grid.String())
	if err != nil || len(t.Warnings) == 0 {
		return err
	}
	notes := make([]string, len(t.Warnings))
	for i, n := range t.Warnings {
		notes[i] = n.Text
	}
	_, err = fmt.Fprintf(w, "\nNotes:\n\n%s\n", escapeLines(notes, "- "))
	return err
}

// grid writes the table itself.
func (t Table) grid(w io.Writer) error {
	header := []string{"Method", "n"}
	for _, c := range t.Columns {
		header = append(header, Escape(c.header()))
	}
	table := newGrid(w, 1, len(header)-1)
	table.Header(header)
	for _, r := range t.Rows {
		if err := table.Append(r.texts()); err != nil {
			return err
		}
	}
	return table.Render()
}

// newGrid makes a table of columns of text and then of numbers.
func newGrid(w io.Writer, texts, numbers int) *tablewriter.Table {
	return NewGrid(w, append(slices.Repeat([]tw.Align{tw.AlignLeft}, texts), slices.Repeat([]tw.Align{tw.AlignRight}, numbers)...))
}

// NewGrid makes a Markdown table whose columns are aligned as given. Texts go into it as they are: see [Escape]. The library's
// defaults would upper-case headers, wrap cells and measure widths by the user's locale.
func NewGrid(w io.Writer, align []tw.Align) *tablewriter.Table {
	columns := tw.CellAlignment{PerColumn: align}
	return tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewMarkdown()),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithHeaderAlignmentConfig(columns),
		tablewriter.WithRowAlignmentConfig(columns),
		tablewriter.WithEastAsian(tw.Off),
	)
}

func (r Row) texts() []string {
	texts := []string{Escape(r.Label), strconv.Itoa(r.N)}
	for _, c := range r.Cells {
		if c.Bold {
			texts = append(texts, "**"+Escape(c.Text)+"**")
		} else {
			texts = append(texts, Escape(c.Text))
		}
	}
	return texts
}

// markdownEscapes keep names from ending a cell, starting emphasis or code, or becoming HTML.
var markdownEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "`", "\\`", "<", "&lt;", "\r", " ", "\n", " ")

// Escape makes plain text safe in a Markdown table or line.
func Escape(s string) string { return markdownEscapes.Replace(s) }

func escapeLines(lines []string, prefix string) string {
	escaped := make([]string, len(lines))
	for i, l := range lines {
		escaped[i] = prefix + Escape(l)
	}
	return strings.Join(escaped, "\n")
}
