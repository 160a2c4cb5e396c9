package convert

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/dirbench/dirbench/datasets"
)

// RejectedFile lists the rows that were left out, beside dataset.yaml: their line, path and the reason.
const RejectedFile = "rejected.csv"

// AgeDBOptions are the options of AgeDB.
type AgeDBOptions struct {
	Options
	Images     string // folder that the paths are relative to
	LabelsOnly bool   // keep ids and labels only; Images is not used
	Strict     bool   // an image that cannot be read is an error
	Size       int    // store images as PNG of Size × Size pixels; 0 keeps the files as they are
	Shots      datasets.ShotRule
}

// Rejection is a row that was left out.
type Rejection struct {
	Line   int // in the CSV file, from 1
	Path   string
	Reason string
}

// ageDBMeta describes AgeDB-DIR.
func ageDBMeta(opts AgeDBOptions) datasets.Meta {
	meta := datasets.Meta{
		Name: "agedb", Title: "AgeDB-DIR", Modality: datasets.Image,
		LabelSpace: datasets.AgeSpace(), Shots: opts.Shots,
		Source:  "AgeDB (Moschoglou et al. 2017), split of Yang et al. 2021",
		Licence: "AgeDB: non-commercial research, on request from its authors",
	}
	if opts.LabelsOnly {
		meta.Modality = datasets.LabelOnly
	}
	return opts.meta(meta)
}

// AgeDB converts an age,path,split table (agedb.csv of the official code, or one of the same form) and the images it
// names. Ids are the paths. A malformed row is an error that names file and line; a row whose image is missing or
// cannot be decoded is left out, returned, and listed in RejectedFile, unless opts.Strict.
func AgeDB(ctx context.Context, csvPath string, opts AgeDBOptions) (*datasets.Dataset, []Rejection, error) {
	records, err := readRecordFile(csvPath)
	if err != nil {
		return nil, nil, err
	}
	meta := ageDBMeta(opts)
	w, err := opts.create(meta)
	if err != nil {
		return nil, nil, err
	}
	defer w.Abort()
	rejected, err := writeRecords(ctx, w, csvPath, records, opts)
	if err != nil {
		return nil, nil, err
	}
	if len(rejected) == len(records) {
		return nil, nil, fmt.Errorf("%s: none of the %d images can be read (line %d: %s: %s): is the image folder right?",
			opts.Images, len(records), rejected[0].Line, rejected[0].Path, rejected[0].Reason)
	}
	if err := addRejected(w, rejected); err != nil {
		return nil, nil, err
	}
	if err := w.Close(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", csvPath, err)
	}
	d, err := datasets.Open(filepath.Join(opts.Out, meta.Name))
	return d, rejected, err
}

// recordWriter writes records to their splits and collects those that are left out.
type recordWriter struct {
	strict   bool
	splits   map[datasets.Split]*datasets.SplitWriter
	rejected []Rejection
}

// writeRecords writes the records in order, a batch of images in memory at a time, and returns those left out.
func writeRecords(ctx context.Context, w *datasets.Writer, csvPath string, records []record, opts AgeDBOptions) ([]Rejection, error) {
	const batch = 256
	splits, err := w.AllSplits()
	if err != nil {
		return nil, err
	}
	out := &recordWriter{strict: opts.Strict, splits: splits}
	for start := 0; start < len(records); start += batch {
		part := records[start:min(start+batch, len(records))]
		images, err := loadImages(ctx, part, opts)
		if err != nil {
			return nil, err
		}
		for i, rec := range part {
			if err := out.write(rec, images[i]); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", csvPath, rec.line, err)
			}
		}
		opts.progress(start+len(part), len(records))
	}
	return out.rejected, nil
}

// write adds a record to its split, or to the rejected ones if it has no image.
func (w *recordWriter) write(rec record, img loaded) error {
	switch {
	case img.err == nil:
		return w.splits[rec.split].Write(datasets.Sample{ID: rec.path, Label: rec.age, Image: img.data})
	case w.strict:
		return fmt.Errorf("%s: %w", rec.path, img.err)
	}
	w.rejected = append(w.rejected, Rejection{rec.line, rec.path, img.err.Error()})
	return nil
}
