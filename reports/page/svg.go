package page

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/dirbench/dirbench/reports/charts"
)

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
