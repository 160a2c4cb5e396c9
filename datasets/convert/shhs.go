package convert

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dirbench/dirbench/datasets"
)

// SHHSOptions are the options of SHHS.
type SHHSOptions struct {
	Options
	Labels string // table of the labels; empty: the one datasets/shhs2-dataset-*.csv
	Cap    int    // most subjects of a 5-point bin in val, and in test
	Seed   uint64 // of the split
}

// shhsBinWidth is the width, in points, of the bins that the split balances.
const shhsBinWidth = 5

func shhsMeta() datasets.Meta {
	return datasets.Meta{
		Name: "shhs", Title: "SHHS-DIR (re-implemented protocol)", Modality: datasets.Signal,
		LabelSpace: datasets.SHHSSpace(), Shots: datasets.SHHSShots(), Groups: datasets.SHHSGroups(),
		Source:  "SHHS visit 2 of NSRR (Quan et al. 1997; Zhang et al. 2018), split made by dirbench",
		Licence: "NSRR data use agreement",
	}
}

// SHHS converts visit 2 of the Sleep Heart Health Study from NSRR's folder: recordings in polysomnography/edfs/shhs2
// and the general health score gh_s2 of the table. No split was ever published; this one is BalancedSplit over the
// subjects that can be used, with bins of 5 points. Ids are "shhs2-" and the nsrrid. Signals are resampled to the rates
// of the channel groups.
//
// A subject without a usable label or recording, and a recording without a subject, is left out, returned, and listed
// in RejectedFile. Headers and lengths of all recordings are checked before the split is drawn.
func SHHS(ctx context.Context, dir string, opts SHHSOptions) (*datasets.Dataset, []Rejection, error) {
	if opts.Cap < 1 {
		return nil, nil, fmt.Errorf("cap %d: expected at least 1 subject a bin", opts.Cap)
	}
	table, subjects, unknown, err := listSHHS(dir, opts.Labels)
	if err != nil {
		return nil, nil, err
	}
	meta := opts.meta(shhsMeta())
	w, err := opts.create(meta)
	if err != nil {
		return nil, nil, err
	}
	defer w.Abort()
	if err := inspectSubjects(ctx, subjects); err != nil {
		return nil, nil, err
	}
	rejected := &rejections{}
	usable := reject(rejected, subjects)
	for _, s := range usable {
		if s.warning != "" && opts.Warn != nil {
			opts.Warn(filepath.Base(s.path) + ": " + s.warning)
		}
	}
	if len(usable) == 0 {
		first := rejected.list[0]
		return nil, nil, fmt.Errorf("%s: none of the %d subjects can be used (line %d: %s: %s)",
			table, len(subjects), first.Line, first.Path, first.Reason)
	}
	s, err := writeRecordings(ctx, w, meta, usable, opts, rejected)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range unknown {
		rejected.leaveOut(0, name, "no row with its "+shhsID+" in "+filepath.Base(table))
	}
	return opts.complete(w, meta.Name, dir, rejected, s.remove)
}

// listSHHS reads the table and finds the recordings.
func listSHHS(dir, labels string) (table string, subjects []subject, unknown []string, err error) {
	if table = labels; table == "" {
		if table, err = findTable(dir); err != nil {
			return "", nil, nil, err
		}
	}
	file, err := os.Open(table)
	if err != nil {
		return "", nil, nil, err
	}
	defer file.Close()
	if subjects, err = readSubjects(table, file); err != nil {
		return "", nil, nil, err
	}
	unknown, err = matchRecordings(dir, subjects)
	return table, subjects, unknown, err
}

// inspectSubjects marks the subjects whose recording cannot be used.
func inspectSubjects(ctx context.Context, subjects []subject) error {
	return forEach(ctx, subjects, func(i int, s subject) {
		if s.rejected != "" {
			return
		}
		warning, err := inspectRecording(s.path)
		if subjects[i].warning = warning; err != nil {
			subjects[i].rejected = err.Error()
		}
	})
}

// reject lists the subjects that are left out and returns the others.
func reject(rejected *rejections, subjects []subject) (usable []subject) {
	for _, s := range subjects {
		if s.rejected == "" {
			usable = append(usable, s)
			continue
		}
		rejected.leaveOut(s.line, filepath.Base(s.path), s.rejected)
	}
	return usable
}

// writeRecordings splits the subjects and writes their recordings.
func writeRecordings(ctx context.Context, w *datasets.Writer, meta datasets.Meta, subjects []subject, opts SHHSOptions,
	rejected *rejections) (*spool, error) {
	splits, err := w.AllSplits()
	if err != nil {
		return nil, err
	}
	labels := make([]float64, len(subjects))
	for i, s := range subjects {
		labels[i] = min(float64(s.label), 99) // the last bin holds 100 as well
	}
	splitOf := map[string]datasets.Split{}
	for i, split := range BalancedSplit(labels, shhsBinWidth, opts.Cap, opts.Seed) {
		splitOf[subjects[i].id] = split
	}
	if err := bothHeldOut(splitOf); err != nil {
		return nil, err
	}
	labelOf := func(s subject) (datasets.Split, float32) { return splitOf[s.id], s.label }
	subjects, err = dropTrain(opts.Options, &meta, subjects, labelOf)
	if err != nil {
		return nil, err
	}
	s, err := openSpool(opts.Out, meta.Name, spoolKey("shhs", subjects))
	if err != nil {
		return nil, err
	}
	defer opts.resumed(s)
	return s, batches[subject]{
		spool: s, size: 8, // a night's recording is about 40 MB
		files: func(s subject) []string { return []string{s.path} },
		convert: func(s subject) (datasets.Sample, error) {
			signals, err := readRecording(s.path)
			return datasets.Sample{ID: "shhs2-" + s.id, Label: s.label, Signals: signals}, err
		},
		emit: func(s subject, converted row) error {
			if converted.Rejected != "" {
				return rejected.add(s.line, filepath.Base(s.path), converted.Rejected)
			}
			return splits[splitOf[s.id]].Write(converted.Sample)
		},
		told: func(done int) { opts.progress(done, len(subjects)) },
	}.run(ctx, "recordings", subjects)
}

// bothHeldOut reports a split without validation and test samples, before the recordings are read.
func bothHeldOut(splitOf map[string]datasets.Split) error {
	for _, split := range splitOf {
		if split == datasets.Val {
			return nil
		}
	}
	return fmt.Errorf("no bin of %d points holds 3 of the %d usable subjects, so val and test would be empty",
		shhsBinWidth, len(splitOf))
}
