package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Markdown writes the sheets of a document in GitHub-flavoured Markdown, an empty line between them: a heading, the
// caption, the table and its footnotes.
func Markdown(w io.Writer, d Document) error {
	for i, s := range d.Sheets() {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := s.markdown(w); err != nil {
			return err
		}
	}
	return nil
}

func (s Sheet) markdown(w io.Writer) error {
	var grid strings.Builder
	if err := s.Grid(&grid); err != nil {
		return fmt.Errorf("table %s: %w", s.Title, err)
	}
	head := "## " + Escape(s.Title) + "\n\n"
	if len(s.Caption) > 0 {
		head += escapeLines(s.Caption, "") + "\n\n"
	}
	if _, err := io.WriteString(w, head+grid.String()); err != nil || len(s.Notes) == 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "\nNotes:\n\n%s\n", escapeLines(s.Notes, "- "))
	return err
}

// Grid writes the table alone, in Markdown.
func (s Sheet) Grid(w io.Writer) error {
	return s.fill(newGrid(w, renderer.NewMarkdown(), s.align()), Escape, func(c SheetCell) string {
		if c.Bold {
			return "**" + Escape(c.Text) + "**"
		}
		return Escape(c.Text)
	})
}

func (s Sheet) align() []tw.Align {
	align := make([]tw.Align, len(s.Columns))
	for i, c := range s.Columns {
		if align[i] = tw.AlignLeft; c.Number {
			align[i] = tw.AlignRight
		}
	}
	return align
}

// fill puts headers and cells into a table of the library and writes it.
func (s Sheet) fill(table *tablewriter.Table, header func(string) string, cell func(SheetCell) string) error {
	headers := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		headers[i] = header(c.Header)
	}
	table.Header(headers)
	for _, row := range s.Rows {
		texts := make([]string, len(row))
		for i, c := range row {
			texts[i] = cell(c)
		}
		if err := table.Append(texts); err != nil {
			return err
		}
	}
	return table.Render()
}

// newGrid makes a table. The library's defaults would upper-case headers, wrap cells and measure widths by the user's
// locale.
func newGrid(w io.Writer, form tw.Renderer, align []tw.Align) *tablewriter.Table {
	columns := tw.CellAlignment{PerColumn: align}
	return tablewriter.NewTable(w,
		tablewriter.WithRenderer(form),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithHeaderAlignmentConfig(columns),
		tablewriter.WithRowAlignmentConfig(columns),
		tablewriter.WithEastAsian(tw.Off),
	)
}

// markdownEscapes keep names from ending a cell, starting emphasis or code, or becoming HTML.
var markdownEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "`", "\\`", "<", "&lt;")

// Escape makes plain text safe in a Markdown table or line.
func Escape(s string) string { return markdownEscapes.Replace(printable(s)) }

func escapeLines(lines []string, prefix string) string {
	escaped := make([]string, len(lines))
	for i, l := range lines {
		escaped[i] = prefix + Escape(l)
	}
	return strings.Join(escaped, "\n")
}
