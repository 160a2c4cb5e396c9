package reports

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Term writes the sheets of a document for a terminal, an empty line between them: title, caption, the table in a box
// and its notes. With ansi, titles and best values are in bold; without, best values have a star in front.
func Term(w io.Writer, d Document, ansi bool) error {
	style := termStyle{ansi}
	for i, s := range d.Sheets() {
		var b strings.Builder
		if i > 0 {
			b.WriteString("\n")
		}
		if err := style.sheet(&b, s); err != nil {
			return fmt.Errorf("table %s: %w", s.Title, err)
		}
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
	}
	return nil
}

type termStyle struct{ ansi bool }

func (t termStyle) sheet(w *strings.Builder, s Sheet) error {
	w.WriteString(t.title(s.Title) + "\n")
	for _, line := range s.Caption {
		w.WriteString(printable(line) + "\n")
	}
	box := renderer.NewBlueprint(tw.Rendition{Symbols: tw.NewSymbols(tw.StyleRounded)})
	if err := s.fill(newGrid(w, box, s.align()), printable, t.cell); err != nil {
		return err
	}
	for _, n := range s.Notes {
		w.WriteString("- " + printable(n) + "\n")
	}
	return nil
}

func (t termStyle) title(s string) string {
	if t.ansi {
		return bold(printable(s))
	}
	return printable(s)
}

func (t termStyle) cell(c SheetCell) string {
	switch text := printable(c.Text); {
	case !c.Bold:
		return text
	case t.ansi:
		return bold(text)
	default:
		return "*" + text
	}
}

func bold(s string) string { return "\x1b[1m" + s + "\x1b[0m" }

// printable replaces control characters, with which a name could command the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
