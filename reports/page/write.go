package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/charts"
)

//go:embed page.tmpl
var layout string

//go:embed page.css
var style string

//go:embed page.js
var script string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"style":  func() template.CSS { return template.CSS(style) },
	"script": func() template.JS { return template.JS(script) },
	"svg":    Figure.svg,
	"swatch": swatch,
	"table":  reports.HTML,
}).Parse(layout))

// Write writes the page. The same report gives the same bytes.
func (p *Page) Write(w io.Writer) error { return page.Execute(w, p) }

// SaveFigures writes every figure as an SVG and as a PNG file into a folder, which is made if need be, and returns how
// many.
func (p *Page) SaveFigures(dir string) (n int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	for _, f := range p.figures() {
		for _, ext := range []string{".svg", ".png"} {
			path := filepath.Join(dir, f.ID+ext)
			if err := f.Save(path); err != nil {
				return n, fmt.Errorf("%s: %w", path, err)
			}
		}
		n++
	}
	return n, nil
}

// figures lists those of all sections and of the ranks.
func (p *Page) figures() (list []Figure) {
	for _, r := range p.Ranks {
		if r.Figure != nil {
			list = append(list, *r.Figure)
		}
	}
	for _, s := range p.Sections {
		list = append(list, s.Figures...)
	}
	return list
}

// svg draws the panels of a figure for the page, whose style gives each class its colour in the light or dark scheme.
func (f Figure) svg() (template.HTML, error) {
	var all strings.Builder
	for i := range f.Panels {
		if err := f.WriteInline(&all, i); err != nil {
			return "", fmt.Errorf("figure %s: %w", f.ID, err)
		}
		all.WriteString("\n")
	}
	return template.HTML(all.String()), nil
}

// swatch is the style of a square in a figure's key, whose class gives it the colour.
func swatch(e charts.KeyEntry) template.CSS {
	return template.CSS(fmt.Sprintf("opacity:%.2f", e.Colour.Opacity()))
}
