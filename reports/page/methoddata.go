package page

import (
	"path/filepath"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
	"github.com/dirbench/dirbench/reports/charts"
	"github.com/dirbench/dirbench/runner/store"
)

// methodData is what figures show of a row.
type methodData struct {
	label, method string
	first         store.Run // finished
	colour        int
	seeds         int
	bins          []analysis.Bin // means over the seeds
	grid          *charts.Predictions
	curve         charts.Curve
	squared       [][]float64 // of each seed, by threshold of relevance; nil where that is not known
	epochs        bool        // each event is an epoch
	err           error       // why the predictions or events cannot be read
}

// thresholds are the relevances over which squared errors are drawn.
var thresholds = func() (list []float64) {
	for k := range 101 {
		list = append(list, float64(k)/100)
	}
	return list
}()

// readMethod reads the finished runs of a row, one after the other.
func readMethod(r reports.Row, colour int, split datasets.Split) methodData {
	d := methodData{label: r.Label, method: r.Method, colour: colour, epochs: true}
	d.curve = charts.Curve{Name: r.Label, Colour: colour}
	var seeds [][]analysis.Bin
	for _, run := range r.Runs {
		if _, ok := run.Results[string(split)]; !ok || run.Status.State != store.Done {
			continue
		}
		bins, err := analysis.Bins(run, split)
		if err != nil {
			d.err = err
			return d
		}
		seeds = append(seeds, bins)
		if d.grid == nil {
			d.first = run
			d.grid = charts.NewPredictions(usedRange(bins, run.Manifest.Dataset.LabelSpace))
		}
		if d.err = d.addPredictions(run, split); d.err != nil {
			return d
		}
		if d.err = d.addEvents(run); d.err != nil {
			return d
		}
	}
	d.seeds, d.bins = len(seeds), analysis.Mean(seeds)
	return d
}

// usedRange is that of the labels, from the first to the last bin with samples.
func usedRange(bins []analysis.Bin, space datasets.LabelSpace) (low, high float64) {
	low, high = space.Max, space.Min
	for _, b := range bins {
		if b.N > 0 {
			low, high = min(low, b.Lower), max(high, b.Lower+space.WidthOf(b.Index))
		}
	}
	return low, high
}

func (d *methodData) addPredictions(run store.Run, split datasets.Split) error {
	relevance := run.Manifest.Dataset.RelevanceOfLabels()
	var labels, preds []float32
	for p, err := range store.ReadPredictions(filepath.Join(run.Dir, store.PredictionsFile)) {
		if err != nil {
			return err
		}
		if p.Split != split {
			continue
		}
		d.grid.Add(float64(p.Label), float64(p.Prediction))
		if relevance != nil {
			labels, preds = append(labels, p.Label), append(preds, p.Prediction)
		}
	}
	if relevance != nil {
		phi, squared := metrics.Relevances(labels, preds, *relevance)
		d.squared = append(d.squared, metrics.SER(phi, squared, thresholds))
	}
	return nil
}

func (d *methodData) addEvents(run store.Run) error {
	events, err := store.ReadEvents(run.Dir)
	if err != nil || len(events) == 0 {
		return err
	}
	var loss, val []float64
	for i, e := range events {
		loss, val = append(loss, float64(e.Loss)), append(val, float64(e.Val))
		d.epochs = d.epochs && e.Epoch == i+1
	}
	d.curve.Loss, d.curve.Val = append(d.curve.Loss, loss), append(d.curve.Val, val)
	return nil
}
