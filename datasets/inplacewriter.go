package datasets

import (
	"fmt"
	"path/filepath"
	"strings"
)

// InPlaceWriter makes a dataset of files that stay where they lie: it writes nothing but dataset.yaml.
type InPlaceWriter struct {
	*Writer
	files  []Source
	splits map[Split]*inPlaceSplit
}

// inPlaceSplit collects what dataset.yaml says of a split.
type inPlaceSplit struct {
	SplitMeta
	file   int     // of the last source
	rows   rowList // of it
	images imagesHash
	apart  bool // images lie in files of their own
}

// InPlace makes a writer write references to rows of files in place of samples. It takes the hashes of the files, which
// must not change from here on; before are the rows of the files before each.
func (w *Writer) InPlace(files []string, before []int) (*InPlaceWriter, error) {
	p := &InPlaceWriter{Writer: w, splits: map[Split]*inPlaceSplit{}}
	for i, file := range files {
		path, err := referTo(w.dir, file)
		if err != nil {
			return nil, err
		}
		sum, err := FileSHA256(file)
		if err != nil {
			return nil, err
		}
		p.files = append(p.files, Source{Path: path, SHA256: sum, Before: before[i]})
	}
	if images := w.meta.Columns.Images; images != "" {
		path, err := referTo(w.dir, images)
		if err != nil {
			return nil, err
		}
		columns := *w.meta.Columns
		columns.Images = path
		w.meta.Columns = &columns
	}
	for _, split := range Splits {
		p.splits[split] = &inPlaceSplit{SplitMeta: SplitMeta{Counts: make([]int, w.meta.LabelSpace.Bins)}, file: -1}
	}
	return p, nil
}

// referTo returns a path as a dataset in dir names it: relative where it lies below dir's parent, as both then move
// together, else absolute.
func referTo(dir, path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	parent, err := filepath.Abs(filepath.Dir(dir))
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(parent); err == nil {
		parent = real
	}
	near, err := filepath.Rel(parent, path)
	if err != nil || near == ".." || strings.HasPrefix(near, ".."+string(filepath.Separator)) {
		return path, nil
	}
	return filepath.ToSlash(filepath.Join("..", near)), nil
}

// Write adds a sample: a row, from 1, of one of the files, by its index. Files and rows must come in order. An image
// lies apart if the row only names its file. A sample that is refused leaves the split as it was.
func (w *InPlaceWriter) Write(split Split, sample Sample, file, row int, apart bool) error {
	s := w.splits[split]
	if err := w.accept(sample, split, s.Counts); err != nil {
		return err
	}
	if file != s.file {
		s.endSource()
		s.Sources = append(s.Sources, w.files[file])
		s.file, s.rows, s.images, s.apart = file, nil, newImagesHash(), false
	}
	s.rows.add(row)
	s.Rows++
	s.apart = s.apart || apart
	if len(sample.Image) > 0 {
		s.images.add(sample.Image)
	}
	return nil
}

// endSource completes the last source.
func (s *inPlaceSplit) endSource() {
	if n := len(s.Sources); n > 0 {
		s.Sources[n-1].Rows = s.rows.String()
		if s.apart {
			s.Sources[n-1].Images = s.images.String()
		}
	}
}

// Close writes dataset.yaml in its place. Every split must hold a sample.
func (w *InPlaceWriter) Close() error {
	defer w.Abort()
	w.meta.Splits = map[Split]SplitMeta{}
	for _, split := range Splits {
		s := w.splits[split]
		if s.Rows == 0 {
			return fmt.Errorf("split %s has no samples", split)
		}
		s.endSource()
		s.SHA256 = w.meta.sourcesSHA256(s.Sources)
		w.meta.Splits[split] = s.SplitMeta
	}
	if err := w.writeMeta(); err != nil {
		return err
	}
	return w.publish(w.temp, w.dir)
}
