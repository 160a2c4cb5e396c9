package cmd

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"golang.org/x/term"

	"github.com/dirbench/dirbench/datasets/convert"
	"github.com/dirbench/dirbench/datasets/table"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/preflight"
)

// printReport writes a report in a format; "" is chosen as [printDocument] does.
func printReport(w io.Writer, report reports.Report, format string) error {
	return printDocument(w, report.Document(), format)
}

// printSheets writes sheets for readers, in the format that [printDocument] chooses.
func printSheets(w io.Writer, sheets []reports.Sheet, format string) error {
	return printDocument(w, reports.NewDocument(nil, sheets...), format)
}

// printDocument writes a document in a format; "" is term on a terminal, else Markdown.
func printDocument(w io.Writer, d reports.Document, format string) error {
	if format == "" && isTerminal(w) {
		format = "term"
	}
	f, err := reports.FormatOf(cmp.Or(format, formatMarkdown))
	if err != nil {
		return usagef("--%w", err)
	}
	return f.Write(w, d, isTerminal(w) && os.Getenv("NO_COLOR") == "")
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// printJSON writes v indented, with a newline at the end.
func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// checkPlot finds a file name that no figure can have.
func checkPlot(name string) error {
	if ext := filepath.Ext(name); name != "" && ext != ".svg" && ext != ".png" {
		return usagef("--plot %s: expected a name that ends in .svg or .png", name)
	}
	return nil
}

// savePlot writes the figure of --plot and says so.
func savePlot(path string, figure interface{ Save(path string) error }, stderr io.Writer) error {
	if err := figure.Save(path); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "wrote %s\n", path)
	return nil
}

// printOrSave prints text or writes it to a file, which appears complete or not at all, and replaces one only if it
// must.
func printOrSave(stdout io.Writer, text []byte, file string, replace bool) error {
	if file == "" {
		_, err := stdout.Write(text)
		return err
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) && !replace {
		return fmt.Errorf("%s: the file is already there: replace it with --force", file)
	}
	return convert.WriteFile(file, text)
}

// printRows prints a table as CSV or writes it to a file in the format of its name.
func printRows(stdout io.Writer, rows interface{ Write(io.Writer, string) error }, file string, replace bool) error {
	format := ".csv"
	if file != "" {
		format = table.Format(file)
	}
	var text bytes.Buffer
	if err := rows.Write(&text, format); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return printOrSave(stdout, text.Bytes(), file, replace)
}

// firstLine cuts a message of several lines, such as one with a stack trace, down to what a table or a person needs.
func firstLine(message string) string {
	line, _, _ := strings.Cut(message, "\n")
	return line
}

// printFindings prints a line for each finding and, below it, what to do.
func printFindings(w io.Writer, findings []preflight.Finding) error {
	var rows [][]string
	for _, f := range findings {
		rows = append(rows, []string{string(f.Level), f.Topic, f.Text})
		if f.Do != "" {
			rows = append(rows, []string{"", "", "→ " + f.Do})
		}
	}
	return printTable(w, rows)
}

// printTable prints rows of plain text in columns aligned to the left, without spaces at the ends of lines. Reports and
// figures' tables are sheets: see [printSheets].
func printTable(w io.Writer, rows [][]string) error { return alignRows(w, rows, 0, "") }

// printNumbers is [printTable] with columns aligned to the right.
func printNumbers(w io.Writer, rows [][]string) error {
	return alignRows(w, rows, tabwriter.AlignRight, "\t")
}

// alignRows prints rows by text/tabwriter, whose flag AlignRight wants a tab at the end of each row too.
func alignRows(w io.Writer, rows [][]string, flags uint, end string) error {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', flags)
	for _, row := range rows {
		fmt.Fprintln(table, strings.Join(row, "\t")+end)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// thousands formats n with commas: 12,208.
func thousands(n int) string { return humanize.Comma(int64(n)) }

// count formats a number of things: "1 row", "12 rows".
func count(n int, thing string) string {
	return thousands(n) + " " + english.PluralWord(n, thing, thing+"s")
}
