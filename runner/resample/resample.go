// Package resample resamples tables by SMOTER and SMOGN, for people who train elsewhere.
package resample

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/dirbench/dirbench/datasets/table"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/methods/relevance"
)

// Options are the options of Table.
type Options struct {
	Kind       methods.Resample // SMOTER or SMOGN
	Label      string           // column of the label
	Without    []string         // columns without a part in distances, such as ids; they are empty in synthetic rows
	Categories []string         // columns whose numbers stand for categories
	Settings   methods.ResampleOptions
	Inverted   bool // turn the sizes of regions around, see [methods.Resampler]
	Seed       uint64

	// Form is that of the box plot of the labels from which relevance follows, with its extremes, or [Density], unless
	// Given says.
	Form     relevance.Form
	Extremes relevance.Extremes
	Given    *relevance.Function

	Mark string       // a new column that is 1 in synthetic rows and 0 in the others; empty: none
	Warn func(string) // unless nil, is told in a line what is odd about the table
}

// Density is a form of relevance without a box plot: 1 - p'(y), p' being the kernel density of the labels scaled to
// 0..1 as DenseWeight has it ([methods.DenseWeight]). It also finds rare labels between frequent ones.
const Density relevance.Form = "density"

// Result is a resampled table: the rows of the original that are kept, in their order and as they were, then synthetic
// ones.
type Result struct {
	table.Data
	Rows int // of the original
	Rare int // those of them whose label's relevance reaches the threshold
	Kept int
	Made int
}

// Table resamples a CSV, TSV, Parquet, Arrow or JSON Lines file. Columns are numbers or, where a cell is text,
// categories; distances are HEOM ([methods.HEOM]). The same options give the same rows on any number of cores.
func Table(path string, o Options) (Result, error) {
	columns, err := o.read(path)
	if err != nil {
		return Result{}, err
	}
	at := slices.IndexFunc(columns, func(c column) bool { return c.name == o.Label })
	labels := columns[at].values.Numbers
	resampler, bins, err := o.resampler(labels)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", path, err)
	}
	var inputs []methods.Column
	for i, c := range columns {
		if i != at && !c.apart {
			inputs = append(inputs, c.values)
		}
	}
	resampler.Squared = methods.HEOM(inputs, len(labels))
	scaled := unitLabels(labels)
	made, err := resampler.Apply(scaled, bins, len(resampler.Phi), nil, o.Seed)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", path, err)
	}
	result := Result{Rows: len(labels), Kept: len(made.Keep), Made: len(made.Synthetic)}
	for _, bin := range bins {
		if resampler.Phi[bin] >= o.Settings.Threshold {
			result.Rare++
		}
	}
	for i, c := range columns {
		synthetic := c.values.Mix(made, i)
		switch {
		case i == at:
			synthetic = mixLabels(c.values, scaled, made)
		case c.apart:
			synthetic = methods.Column{Levels: slices.Repeat([]int{-1}, result.Made)}
		}
		result.add(c, made.Keep, synthetic)
	}
	if o.Mark != "" {
		marks := slices.Concat(slices.Repeat([]string{"0"}, result.Kept), slices.Repeat([]string{"1"}, result.Made))
		result.Names, result.Columns = append(result.Names, o.Mark), append(result.Columns, marks)
	}
	return result, nil
}

// add adds a column: the kept cells, then the synthetic ones.
func (r *Result) add(c column, keep []int, synthetic methods.Column) {
	cells := make([]string, 0, r.Kept+r.Made)
	for _, row := range keep {
		cells = append(cells, c.text[row])
	}
	r.Names, r.Columns = append(r.Names, c.name), append(r.Columns, append(cells, c.format(synthetic)...))
}

// resampler returns what resamples rows with these labels, each different label being a bin, and the bin of each row.
func (o Options) resampler(labels []float64) (methods.Resampler, []int, error) {
	phi, err := o.relevance(labels)
	if err != nil {
		return methods.Resampler{}, nil, err
	}
	different := slices.Compact(slices.Sorted(slices.Values(labels)))
	r := methods.Resampler{Kind: o.Kind, Options: o.Settings, Inverted: o.Inverted}
	for _, label := range different {
		r.Phi = append(r.Phi, phi(label))
	}
	if highest := slices.Max(r.Phi); highest < o.Settings.Threshold {
		return r, nil, fmt.Errorf("no label is rare: the highest relevance is %.2g, the threshold %g: lower it, or say "+
			"with --relevance which labels are rare",
			highest, o.Settings.Threshold)
	}
	bins := make([]int, len(labels))
	for row, label := range labels {
		bins[row], _ = slices.BinarySearch(different, label)
	}
	return r, bins, nil
}

// relevance returns how much a label matters, from 0 to 1.
func (o Options) relevance(labels []float64) (func(label float64) float64, error) {
	switch {
	case o.Given != nil:
		return o.Given.At, nil
	case o.Form == Density:
		return densityRelevance(labels)
	}
	box, err := relevance.NewBoxplot(labels)
	if err != nil {
		return nil, err
	}
	f, err := box.Relevance(o.Form, o.Extremes)
	if err != nil {
		err = fmt.Errorf("the box plot of %s says not what is rare: %w; or give points by --relevance", o.Label, err)
	}
	return f.At, err
}

// densityRelevance takes labels from 0 to 1, so that their unit is of no effect.
func densityRelevance(labels []float64) (func(label float64) float64, error) {
	unit := unitOf(labels)
	scaled := make([]float64, len(labels))
	for i, label := range labels {
		scaled[i] = unit(label)
	}
	if slices.Max(scaled) == 0 {
		return nil, fmt.Errorf("all %d labels are equal: none is rare", len(labels))
	}
	fitted, err := methods.DefaultDenseWeight().Fit(scaled)
	return func(label float64) float64 { return fitted.Weight(unit(label)) * fitted.MeanRaw }, err
}

// unitOf returns what scales labels to 0 to 1; equal ones are 0.
func unitOf(labels []float64) func(label float64) float64 {
	low, high := slices.Min(labels), slices.Max(labels)
	return func(label float64) float64 {
		if low == high {
			return 0
		}
		return (label/2 - low/2) / (high/2 - low/2)
	}
}

// unitLabels are labels from 0 to 1, since those that [methods.Resampler] mixes have 32 bits.
func unitLabels(labels []float64) []float32 {
	scale, unit := unitOf(labels), make([]float32, len(labels))
	for i, label := range labels {
		unit[i] = float32(scale(label))
	}
	return unit
}

// mixLabels returns the labels of the synthetic rows: exactly between those of the parents or, with noise, off that of
// the one parent by what the resampler drew. They are whole where all labels are.
func mixLabels(labels methods.Column, unit []float32, r methods.Resampled) methods.Column {
	low, high, whole := slices.Min(labels.Numbers), slices.Max(labels.Numbers), labels.Whole()
	var mixed methods.Column
	for _, s := range r.Synthetic {
		first, second := labels.Numbers[s.First], labels.Numbers[s.Second]
		v := (1-s.Share)*first + s.Share*second
		if s.Noise > 0 {
			v = first + float64(s.Label-unit[s.First])*(high-low)
		}
		if whole {
			v = math.Round(v)
		}
		mixed.Numbers = append(mixed.Numbers, min(max(v, low), high))
	}
	return mixed
}

// Validate reports the first thing wrong with the options, by the names of their flags.
func (o Options) Validate() error {
	if o.Kind != methods.ResampleSMOTER && o.Kind != methods.ResampleSMOGN {
		return fmt.Errorf("method %q: expected smoter or smogn", o.Kind)
	}
	if o.Label == "" {
		return errors.New("label: expected the column of the label")
	}
	if slices.Contains(o.Without, o.Label) || slices.Contains(o.Categories, o.Label) {
		return fmt.Errorf("label %s: expected no such column in --without and --categories", strconv.Quote(o.Label))
	}
	if err := o.Extremes.Validate(); err != nil {
		return fmt.Errorf("extremes %w", err)
	}
	if err := o.Settings.Validate(); err != nil {
		return fmt.Errorf("k, --threshold, --noise: %w", err)
	}
	return nil
}
