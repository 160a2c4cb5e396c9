package charts

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/reports/analysis"
)

// densityGrey is the line of the effective density, between Mist and Ink.
var densityGrey = color.RGBA{0x8c, 0x95, 0x9f, 0xff}

// densityPeak is the height of the shaded density, as a share of the largest error: below the legend.
const densityPeak = 0.6

// legendLine is the height that each line of a legend adds from the fourth on, as a share of the largest error.
const legendLine = 0.07

// Density draws the errors of methods by bin, which share a label space and training data, over the shaded density of the
// training labels. The effective density is a grey line, scaled to as many samples in all as the counts. A point is the larger
// the more samples its bin has. The correlations stand in the title or, for several methods, in the legend.
func Density(list []analysis.Density) (*plot.Plot, error) {
	first := list[0]
	unit := ""
	if first.Space.Unit != "" {
		unit = " (" + first.Space.Unit + ")"
	}
	p := New(densityTitle(list), "label"+unit, first.Metric.Label()+squared(unit, first.Metric))
	top := 0.0
	for _, d := range list {
		top = max(top, highest(d))
	}
	if err := shadeDensity(p, first, top*densityPeak); err != nil {
		return nil, err
	}
	for i, d := range list {
		if err := addErrors(p, d, Colour(i), len(list) > 1); err != nil {
			return nil, err
		}
	}
	if p.Y.Min, p.Y.Max = 0, top*(1.02+legendLine*float64(max(0, len(list)-1))); top == 0 {
		p.Y.Max = 1
	}
	p.X.Min, p.X.Max = usedRange(list)
	p.Legend.Left = true
	return p, nil
}

func densityTitle(list []analysis.Density) string {
	first := list[0]
	if len(list) > 1 {
		return fmt.Sprintf("%s\n%s of the %s split by bin; r with empirical / effective density", first.Title,
			first.Metric.Label(), first.Split)
	}
	seeds := fmt.Sprintf("%d seeds", len(first.Seeds))
	if len(first.Seeds) == 1 {
		seeds = "1 seed"
	}
	return fmt.Sprintf("%s: %s, %s\nPearson r of %s: empirical density %s, effective density %s", first.Title, first.Method, seeds,
		first.Metric.Label(), signed(first.Empirical.OfMean), signed(first.Effective.OfMean))
}

// signed prints a correlation with a true minus sign.
func signed(r metrics.Value) string {
	if !r.Defined() {
		return "—"
	}
	return strings.Replace(fmt.Sprintf("%.2f", float64(r)), "-", "−", 1)
}

func squared(unit string, m metrics.Metric) string {
	if m.UnitPower() == 2 {
		return strings.Replace(unit, ")", "²)", 1)
	}
	return unit
}

// highest is the largest error of a bin.
func highest(d analysis.Density) (top float64) {
	for _, b := range d.Bins {
		if v := b.Error(d.Metric); b.N > 0 && v.Defined() {
			top = max(top, float64(v))
		}
	}
	return top
}

// usedRange is from the first to the last bin with training data or samples, or if there is none the first bin.
func usedRange(list []analysis.Density) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, d := range list {
		for _, b := range d.Bins {
			if b.N > 0 || b.Train > 0 {
				low, high = min(low, b.Lower), max(high, b.Lower+d.Space.Width)
			}
		}
	}
	if low > high {
		return list[0].Space.Min, list[0].Space.Min + list[0].Space.Width
	}
	return low, high
}

// shadeDensity draws the counts as shaded steps and the effective density as a line; the highest count is at peak.
func shadeDensity(p *plot.Plot, d analysis.Density, peak float64) error {
	most, total, smoothed := 0, 0.0, 0.0
	for _, b := range d.Bins {
		most, total, smoothed = max(most, b.Train), total+float64(b.Train), smoothed+b.Effective
	}
	if most == 0 {
		return nil
	}
	scale := peak / float64(most)
	var steps, line plotter.XYs
	for _, b := range d.Bins {
		height := float64(b.Train) * scale
		steps = append(steps, plotter.XY{X: b.Lower, Y: height}, plotter.XY{X: b.Lower + d.Space.Width, Y: height})
		line = append(line, plotter.XY{X: b.Centre(d.Space), Y: b.Effective * total / smoothed * scale})
	}
	steps = append(steps, plotter.XY{X: steps[len(steps)-1].X}, plotter.XY{X: steps[0].X})
	area, err := plotter.NewPolygon(steps)
	if err != nil {
		return err
	}
	area.Color, area.LineStyle.Width = Mist, 0
	effective, err := plotter.NewLine(line)
	if err != nil {
		return err
	}
	effective.Color, effective.Width = densityGrey, vg.Points(1.2)
	p.Add(area, effective)
	p.Legend.Add(fmt.Sprintf("training labels (peak %d)", most), area)
	p.Legend.Add("effective density", effective)
	return nil
}

func addErrors(p *plot.Plot, d analysis.Density, colour color.Color, named bool) error {
	var points plotter.XYs
	var sizes []float64
	most := 0.0
	for _, b := range d.Bins {
		if v := b.Error(d.Metric); b.N > 0 && v.Defined() {
			points = append(points, plotter.XY{X: b.Centre(d.Space), Y: float64(v)})
			sizes = append(sizes, math.Sqrt(float64(b.N)))
			most = max(most, sizes[len(sizes)-1])
		}
	}
	if len(points) == 0 {
		return nil
	}
	line, scatter, err := plotter.NewLinePoints(points)
	if err != nil {
		return err
	}
	line.Color, line.Width = colour, vg.Points(0.8)
	scatter.GlyphStyleFunc = func(i int) draw.GlyphStyle {
		return draw.GlyphStyle{Color: colour, Shape: draw.CircleGlyph{}, Radius: vg.Points(0.8 + 1.7*sizes[i]/most)}
	}
	p.Add(line, scatter)
	name := d.Metric.Label()
	if named {
		name = fmt.Sprintf("%s (%s / %s)", d.Method, signed(d.Empirical.OfMean), signed(d.Effective.OfMean))
	}
	p.Legend.Add(name, line)
	return nil
}
