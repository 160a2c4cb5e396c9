package reports

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// Document is a report laid out: what every renderer walks.
type Document struct {
	Sections []Section
	Data     any // what the sections show, as JSON has it
}

// Section is a part of a document: sheets that belong together, and what they show.
type Section struct {
	Title   string
	Sheets  []Sheet
	Kind    Kind
	Table   *Table   // of a section of kind OfTable
	Ranking *Ranking // of a section of kind OfRanks
}

// Kind says what a section is about.
type Kind int

// The kinds of sections. The sheets of the first are about anything else.
const (
	OfSheets Kind = iota
	OfTable
	OfRanks
	OfPublished
	OfNotDone
)

// NewDocument returns a document of a single section.
func NewDocument(data any, sheets ...Sheet) Document {
	return Document{Sections: []Section{{Sheets: sheets}}, Data: data}
}

// Document lays a report out: a section for each table with its comparison, then the ranks across benchmarks, published
// results and the runs that are not done.
func (r Report) Document() Document {
	d := Document{Data: r}
	for i := range r.Tables {
		t := &r.Tables[i]
		sheets := slices.Concat([]Sheet{t.Sheet()}, t.againstSheets(), t.Uncertainty.sheets(t.Title))
		d.Sections = append(d.Sections, Section{Title: t.Title, Sheets: sheets, Kind: OfTable, Table: t})
	}
	for i := range r.Ranks {
		sheet := r.Ranks[i].Sheet()
		d.Sections = append(d.Sections, Section{Title: sheet.Title, Sheets: []Sheet{sheet}, Kind: OfRanks,
			Ranking: &r.Ranks[i]})
	}
	var published []Sheet
	for _, l := range r.Published {
		published = append(published, l.sheets(r.Tables)...)
	}
	if len(published) > 0 {
		d.Sections = append(d.Sections, Section{Title: "Published results", Sheets: published, Kind: OfPublished})
	}
	if len(r.NotDone) > 0 {
		sheet := notDoneSheet(r.NotDone)
		d.Sections = append(d.Sections, Section{Title: sheet.Title, Sheets: []Sheet{sheet}, Kind: OfNotDone})
	}
	return d
}

// Sheets returns the sheets of all sections.
func (d Document) Sheets() (sheets []Sheet) {
	for _, s := range d.Sections {
		sheets = append(sheets, s.Sheets...)
	}
	return sheets
}

// Format is a form in which documents are written.
type Format struct {
	Name      string
	Extension string // of its files; empty if it is for terminals
	// Tables means that only sections of kind OfTable are written.
	Tables bool
	// Write writes a document. ansi says that w understands ANSI escapes.
	Write func(w io.Writer, d Document, ansi bool) error
}

// Formats lists all formats; flags, help and error messages follow from it.
var Formats = []Format{
	{Name: "md", Extension: ".md", Write: plain(Markdown)},
	{Name: "term", Write: Term},
	{Name: "latex", Extension: ".tex", Write: plain(LaTeX)},
	{Name: "csv", Extension: ".csv", Tables: true, Write: plain(CSV)},
	{Name: "json", Extension: ".json", Write: plain(JSON)},
	{Name: "html", Extension: ".html", Write: plain(HTMLDocument)},
}

func plain(write func(io.Writer, Document) error) func(io.Writer, Document, bool) error {
	return func(w io.Writer, d Document, _ bool) error { return write(w, d) }
}

// FormatNames lists the names of formats: "md, term, latex, csv, json, html".
func FormatNames() string { return formatNames(func(Format) bool { return true }) }

// SheetFormats lists the names of the formats that have every sheet of a document: "md, term, latex, json, html".
func SheetFormats() string { return formatNames(func(f Format) bool { return !f.Tables }) }

func formatNames(wanted func(Format) bool) string {
	var names []string
	for _, f := range Formats {
		if wanted(f) {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ", ")
}

// FormatOf returns the format of a name.
func FormatOf(name string) (Format, error) {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, fmt.Errorf("format %q: expected one of %s", name, FormatNames())
	}
	return Formats[i], nil
}

// FormatByExtension returns the name of the format of a file by its ending, "" if none has it.
func FormatByExtension(path string) string {
	for _, f := range Formats {
		if ext := filepath.Ext(path); ext != "" && f.Extension == ext {
			return f.Name
		}
	}
	return ""
}

// JSON writes what a document shows as indented JSON.
func JSON(w io.Writer, d Document) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(d.Data)
}
