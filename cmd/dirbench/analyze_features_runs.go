package main

import (
	"fmt"
	"slices"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports/analysis"
	"github.com/dirbench/dirbench/reports/charts"
	"github.com/dirbench/dirbench/runner/store"
)

// finishedRuns returns the runs that are done in the folders, at least one in each, all of one dataset.
func finishedRuns(folders []string) ([]store.Run, error) {
	var runs []store.Run
	for _, folder := range folders {
		found, damaged, err := readStore(folder)
		if err != nil {
			return nil, err
		}
		if err := damagedError(damaged); err != nil {
			return nil, err
		}
		done := slices.DeleteFunc(slices.Clone(found), func(r store.Run) bool { return r.Status.State != store.Done })
		if len(done) == 0 {
			return nil, fmt.Errorf("%s: the run is %s: expected one that is done", found[0].Dir, found[0].Status.State)
		}
		runs = append(runs, done...)
	}
	first := runs[0].Manifest
	for _, r := range runs[1:] {
		m := r.Manifest
		if m.Benchmark != first.Benchmark || m.Dataset.LabelSpace != first.Dataset.LabelSpace ||
			m.Dataset.Files[string(datasets.Train)] != first.Dataset.Files[string(datasets.Train)] {
			return nil, usagef("%s and %s are runs of different datasets: analyze them apart", runs[0].Dir, r.Dir)
		}
	}
	return runs, nil
}

// runNames names runs by what they differ in: method, then seed, then configuration.
func runNames(runs []store.Run) []string {
	names := make([]string, len(runs))
	oneSeed := !slices.ContainsFunc(runs, func(r store.Run) bool { return r.Manifest.Seed != runs[0].Manifest.Seed })
	for i, r := range runs {
		if names[i] = r.Manifest.Method; !oneSeed {
			names[i] += fmt.Sprintf(" seed %d", r.Manifest.Seed)
		}
	}
	plain := slices.Clone(names)
	for i, name := range plain {
		if slices.Index(plain, name) != i || slices.Contains(plain[i+1:], name) {
			names[i] = fmt.Sprintf("%s (%.8s)", name, runs[i].Manifest.Hash)
		}
	}
	return names
}

func featureChart(r analysis.FeatureReport, labels charts.Labels) charts.Grid {
	space := labels.Space
	var series []charts.FeatureSeries
	colours := map[string]int{}
	for _, s := range r.Series {
		if _, there := colours[s.Run]; !there {
			colours[s.Run] = len(colours)
		}
		line := charts.FeatureSeries{Name: s.Name, Colour: colours[s.Run], Dashed: s.Features == analysis.Calibrated}
		for _, b := range s.Bins {
			line.Label = append(line.Label, b.Lower+space.Width/2)
			line.Mean, line.Variance = append(line.Mean, float64(b.Mean)), append(line.Variance, float64(b.Variance))
		}
		series = append(series, line)
	}
	return charts.Features(r.Title+": features by label", space.Lower(r.Anchor)+space.Width/2, labels, series)
}
