package reports

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
)

//go:embed html/*.tmpl
var htmlFiles embed.FS

var htmlTemplates = template.Must(template.New("").Funcs(template.FuncMap{"number": htmlNumber}).ParseFS(htmlFiles,
	"html/*.tmpl"))

// htmlNumber prints a number as attributes hold it, in full precision.
func htmlNumber(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// HTML returns a sheet as a fragment without styles or scripts: the table, in a region that scrolls sideways, and below
// it the caption's sentences and the notes. The title is the table's <caption>; the first cell of a row is its header;
// a cell's data-value is the number to sort by; numbers have the class "number" and best values are <strong>.
func HTML(s Sheet) (template.HTML, error) {
	var b bytes.Buffer
	if err := htmlTemplates.ExecuteTemplate(&b, "sheet.tmpl", s); err != nil {
		return "", fmt.Errorf("table %s: %w", s.Title, err)
	}
	return template.HTML(b.String()), nil
}

// HTMLDocument writes a complete document with nothing but the sheets, in the reader's light or dark scheme.
func HTMLDocument(w io.Writer, d Document) error {
	var fragments []template.HTML
	for _, s := range d.Sheets() {
		fragment, err := HTML(s)
		if err != nil {
			return err
		}
		fragments = append(fragments, fragment)
	}
	return htmlTemplates.ExecuteTemplate(w, "document.tmpl", fragments)
}
