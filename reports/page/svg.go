package page

import (
	"bytes"
	"fmt"
	"html/template"
	"regexp"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports/charts"
)

var (
	svgBegin = regexp.MustCompile(`(?s)^.*?<svg [^>]*?(viewBox="[^"]*")[^>]*>`)
	svgFont  = regexp.MustCompile(`font-(family|variant|weight|style):[^;"]*;`)
	svgHex   = regexp.MustCompile(`#[0-9A-F]{6}`)
)

// svg draws the panels of a figure for the page: as wide as there is room, in the page's letters and in colours that follow
// its light or dark scheme.
func (f Figure) svg() (template.HTML, error) {
	var all strings.Builder
	for i := range f.Panels {
		var b bytes.Buffer
		if err := f.WritePanel(&b, i, "svg"); err != nil {
			return "", fmt.Errorf("figure %s: %w", f.ID, err)
		}
		begin := svgBegin.FindStringSubmatchIndex(b.String())
		if begin == nil {
			return "", fmt.Errorf("figure %s: not the SVG that was expected", f.ID)
		}
		box, body := b.String()[begin[2]:begin[3]], b.String()[begin[1]:]
		body = svgHex.ReplaceAllStringFunc(svgFont.ReplaceAllString(body, ""), themed)
		fmt.Fprintf(&all, "<svg %s aria-hidden=\"true\">%s\n", box, strings.TrimSpace(body))
	}
	return template.HTML(all.String()), nil
}

// themed replaces a colour of package charts, given as "#1F2328", by the page's name for it.
func themed(hex string) string {
	v, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		return hex
	}
	return themedRGB(uint8(v>>16), uint8(v>>8), uint8(v), hex)
}

// themedRGB allows for the rounding of colours that are partly transparent.
func themedRGB(r, g, b uint8, otherwise string) string {
	near := func(x, y uint8) bool { return max(x, y)-min(x, y) <= 2 }
	if near(r, charts.Ink.R) && near(g, charts.Ink.G) && near(b, charts.Ink.B) {
		return "var(--ink)"
	}
	if near(r, charts.Mist.R) && near(g, charts.Mist.G) && near(b, charts.Mist.B) {
		return "var(--mist)"
	}
	for _, region := range datasets.Regions {
		if c := charts.RegionColour(region); near(r, c.R) && near(g, c.G) && near(b, c.B) {
			return "var(--" + region.String() + ")"
		}
	}
	for i := range charts.Colours {
		if c := charts.Colour(i); near(r, c.R) && near(g, c.G) && near(b, c.B) {
			return fmt.Sprintf("var(--series-%d)", i)
		}
	}
	return otherwise
}

// swatch is the style of a square in a figure's key.
func swatch(e charts.KeyEntry) template.CSS {
	c := e.Colour
	name := themedRGB(c.R, c.G, c.B, fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B))
	return template.CSS(fmt.Sprintf("background:%s;opacity:%.2f", name, float64(c.A)/0xff))
}
