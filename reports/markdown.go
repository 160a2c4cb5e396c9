package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Markdown writes sheets in GitHub-flavoured Markdown, an empty line between them: a heading, the caption, the table and its
// footnotes.
func Markdown(w io.Writer, sheets []Sheet) error {
	for i, s := range sheets {
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
	if err := s.grid(&grid); err != nil {
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

// grid writes the table itself.
func (s Sheet) grid(w io.Writer) error {
	header, align := make([]string, len(s.Columns)), make([]tw.Align, len(s.Columns))
	for i, c := range s.Columns {
		header[i], align[i] = Escape(c.Header), tw.AlignLeft
		if c.Number {
			align[i] = tw.AlignRight
		}
	}
	table := NewGrid(w, align)
	table.Header(header)
	for _, row := range s.Rows {
		texts := make([]string, len(row))
		for i, c := range row {
			if texts[i] = Escape(c.Text); c.Bold {
				texts[i] = "**" + texts[i] + "**"
			}
		}
		if err := table.Append(texts); err != nil {
			return err
		}
	}
	return table.Render()
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
