package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
	"github.com/dirbench/dirbench/reports/charts"
)

// figures draws the figures of a table.
type figures struct {
	id       string // of the section
	table    reports.Table
	split    datasets.Split
	baseline string
	metric   metrics.Metric // the error by bin
	labels   charts.Labels
	data     []methodData

	smoothing analysis.Smoothing
}

// newFigures reads what the chosen rows have.
func newFigures(id string, t reports.Table, opts Options, rows []reports.Row) *figures {
	f := &figures{id: id, table: t, split: opts.Split, baseline: opts.Baseline, metric: binMetric(t)}
	for i, r := range rows {
		f.data = append(f.data, readMethod(r, i, opts.Split))
	}
	return f
}

// binMetric returns the first metric of the table that a bin of its own can have, else MAE.
func binMetric(t reports.Table) metrics.Metric {
	for _, c := range t.Columns {
		if c.Metric != metrics.GM && slices.Contains(metrics.ByBin, c.Metric) {
			return c.Metric
		}
	}
	return metrics.MAE
}

// draw returns the figures in the order of the page and what kept others from being drawn.
func (f *figures) draw() (list []Figure, problems []error) {
	readable := f.data[:0:0]
	for _, d := range f.data {
		if d.err != nil {
			problems = append(problems, d.err)
		} else {
			readable = append(readable, d)
		}
	}
	if f.data = readable; len(f.data) == 0 {
		return nil, problems
	}
	var err error
	if f.smoothing, err = analysis.SmoothingOf(f.data[0].first); err != nil {
		return nil, append(problems, err)
	}
	f.labels = charts.NewLabels(f.data[0].first.Manifest.Dataset, f.smoothing)
	for _, figure := range []func() (*Figure, error){f.errors, f.curves, f.gains, f.predictions, f.relevance} {
		drawn, err := figure()
		if err != nil {
			problems = append(problems, err)
		} else if drawn != nil {
			list = append(list, *drawn)
		}
	}
	return list, problems
}

// errors relates the errors by bin to the density of labels.
func (f *figures) errors() (*Figure, error) {
	var series []charts.Series
	var r []string
	for _, d := range f.data {
		series = append(series, f.series(d))
		empirical := analysis.Correlate(d.bins, f.metric, f.labels.Empirical)
		effective := analysis.Correlate(d.bins, f.metric, f.labels.Effective)
		r = append(r, fmt.Sprintf("%s %s and %s", d.label, analysis.CorrelationText(empirical),
			analysis.CorrelationText(effective)))
	}
	drawn, err := charts.ErrorByBin(f.title("error by bin"), f.metric.Label()+f.unit(), f.labels, series)
	if err != nil {
		return nil, err
	}
	return &Figure{ID: f.id + "-errors", Figure: drawn,
		Caption: fmt.Sprintf("%s by bin of the %s split%s, before the density of training labels: bars are counts, the grey "+
			"line is the density smoothed as by LDS (%s), both as shares of their sum. Points are the larger the more "+
			"samples a bin "+
			"has; the strip marks shot regions. Pearson’s r of the error with the two densities: %s.",
			f.metric.Label(), f.split, f.meanOver(), f.smoothing.Describe(), strings.Join(r, "; ")),
		Alt: fmt.Sprintf("Lines: %s by bin for %s, over the density of training labels.", f.metric.Label(), f.names()),
	}, nil
}

// gains compares the errors by bin with those of the baseline; nil without it or without another method.
func (f *figures) gains() (*Figure, error) {
	base := slices.IndexFunc(f.data, func(d methodData) bool { return d.method == f.baseline })
	if base < 0 || len(f.data) < 2 {
		return nil, nil
	}
	var gains []charts.Series
	var names []string
	for i, d := range f.data {
		if i == base {
			continue
		}
		gain := f.series(d)
		for k, v := range f.series(f.data[base]).Values {
			gain.Values[k] = v - gain.Values[k]
		}
		gains, names = append(gains, gain), append(names, d.label)
	}
	title, axis := f.title("gain over "+f.baseline+" by bin"), "gain in "+f.metric.Label()+f.unit()
	drawn, err := charts.GainByBin(title, f.baseline, axis, f.labels, gains)
	if err != nil {
		return nil, err
	}
	others := strings.Join(names, ", ")
	return &Figure{ID: f.id + "-gains", Figure: drawn,
		Caption: fmt.Sprintf("Gain over %s by bin: its %s minus that of %s, %s split%s. Upwards is better.",
			f.baseline, f.metric.Label(), others, f.split, f.meanOver()),
		Alt: fmt.Sprintf("Bars: by how much the %s of %s is below that of %s in each bin.", f.metric.Label(), others,
			f.baseline),
	}, nil
}

// curves shows how training went; nil if no run has an event, as imported weights have none.
func (f *figures) curves() (*Figure, error) {
	var curves []charts.Curve
	for _, d := range f.data {
		if len(d.curve.Loss) > 0 {
			curves = append(curves, d.curve)
		}
	}
	if len(curves) == 0 {
		return nil, nil
	}
	selection := f.table.Selection
	metric := selection.Name()
	drawn, err := charts.Curves(f.title("learning curves"), f.step(),
		metric+analysis.UnitText(f.labels.Space, selection.Metric), curves)
	if err != nil {
		return nil, err
	}
	return &Figure{ID: f.id + "-curves", Figure: drawn,
		Caption: fmt.Sprintf("Learning curves: training loss and %s. Lines are means over seeds, as far as all seeds went; "+
			"bands reach "+
			"from the lowest to the highest seed.", metric),
		Alt: fmt.Sprintf("Lines: training loss and %s by %s for %s.", metric, f.step(), f.names()),
	}, nil
}

// predictions shows predictions against labels.
func (f *figures) predictions() (*Figure, error) {
	var grids []charts.PredictionsOf
	var counts []string
	for _, d := range f.data {
		counts = append(counts, fmt.Sprintf("%s %d", d.label, d.grid.N))
		grids = append(grids, charts.PredictionsOf{Name: d.label, Colour: d.colour, Predictions: d.grid})
	}
	drawn, err := charts.PredictedVersusTrue(f.title("predictions"), f.labels.Name, grids)
	if err != nil {
		return nil, err
	}
	return &Figure{ID: f.id + "-predictions", Figure: drawn,
		Caption: fmt.Sprintf("Predictions against labels, %s split, all seeds (%s): the stronger a colour, the more of "+
			"them, on a "+
			"logarithmic scale. On the diagonal they are right; those beyond the axes count at their ends.",
			f.split, strings.Join(counts, ", ")),
		Alt: fmt.Sprintf("Grids of predictions against labels for %s, with the diagonal.", f.names()),
	}, nil
}

// relevance shows the squared errors by the relevance of labels; nil where that is not known.
func (f *figures) relevance() (*Figure, error) {
	relevance := f.data[0].first.Manifest.Dataset.RelevanceOfLabels()
	if relevance == nil {
		return nil, nil
	}
	var curves []charts.RelevanceCurve
	for _, d := range f.data {
		if len(d.squared) == d.seeds {
			curves = append(curves, charts.RelevanceCurve{Name: d.label, Colour: d.colour, Seeds: d.squared})
		}
	}
	if len(curves) == 0 {
		return nil, nil
	}
	unit := "sum of squared errors" + analysis.UnitText(f.labels.Space, metrics.SERA)
	drawn, err := charts.SquaredErrorByRelevance(f.title("squared error by relevance"), unit, thresholds, curves)
	if err != nil {
		return nil, err
	}
	return &Figure{ID: f.id + "-relevance", Figure: drawn,
		Caption: fmt.Sprintf("SER(t), the sum of the squared errors of samples of the %s split whose label has a "+
			"relevance of at "+
			"least t; the area below a line is SERA (Ribeiro and Moniz 2020). The relevance of labels goes through "+
			"%s. Lines are "+
			"means over seeds; bands reach from the lowest to the highest seed.", f.split, relevance),
		Alt: fmt.Sprintf("Lines: sum of squared errors by relevance of labels for %s.", f.names()),
	}, nil
}

// series are the errors of a method by bin.
func (f *figures) series(d methodData) charts.Series {
	return charts.ErrorSeries(d.label, d.colour, d.bins, f.metric)
}

// title names a figure in a file, where no page stands around it.
func (f *figures) title(what string) string { return f.table.Title + ": " + what }

// names lists the methods: "vanilla, lds".
func (f *figures) names() string {
	names := make([]string, len(f.data))
	for i, d := range f.data {
		names[i] = d.label
	}
	return strings.Join(names, ", ")
}

// meanOver says of what values are means: ", means over 5 seeds"; nothing for single runs.
func (f *figures) meanOver() string {
	least, most := f.data[0].seeds, f.data[0].seeds
	for _, d := range f.data {
		least, most = min(least, d.seeds), max(most, d.seeds)
	}
	switch {
	case most == 1:
		return ""
	case least == most:
		return fmt.Sprintf(", means over %d seeds", most)
	}
	return fmt.Sprintf(", means over %d to %d seeds", least, most)
}

// unit is that of the error by bin: " (years)", " (years²)".
func (f *figures) unit() string { return analysis.UnitText(f.labels.Space, f.metric) }

// step is what learning curves count: epochs, or checks where an epoch has several.
func (f *figures) step() string {
	for _, d := range f.data {
		if !d.epochs {
			return "check"
		}
	}
	return "epoch"
}
