package convert

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
)

// imageEndings are those of files that an image folder is read from.
var imageEndings = []string{".jpg", ".jpeg", ".png"}

// ImageFolder makes a dataset, in the folder into, of the images below a folder, with their paths as ids: something to
// predict, as [InputFile] does of a file. Hidden files and folders are passed over, and so are files of other endings
// than .jpg, .jpeg and .png.
func ImageFolder(
	ctx context.Context, folder, into string, space datasets.LabelSpace, shots datasets.ShotRule,
) (*datasets.Dataset, error) {
	paths, err := imagePaths(folder)
	if err != nil {
		return nil, err
	}
	meta := datasets.Meta{Name: "images", Modality: datasets.Image, LabelSpace: space, Shots: shots}
	return inputsOnly(ctx, into, meta, func(yield func(datasets.Sample) error) error {
		for _, path := range paths {
			image, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(path)))
			if err == nil {
				err = yield(datasets.Sample{ID: path, Image: image})
			}
			if err != nil {
				return fmt.Errorf("%s: %s: %w", folder, path, err)
			}
		}
		return nil
	})
}

// InputColumns are other names of the columns of an input file, by the names that a dataset's own files have: id,
// image, sentence1, sentence2, the channels of signals or their groups, and the columns of tables.
type InputColumns map[string]string

func (c InputColumns) name(column string) string { return cmp.Or(c[column], column) }

// InputFile makes a dataset, in the folder into, whose test split holds the rows of a Parquet, Arrow, CSV, TSV or JSON
// Lines file, without labels that mean anything: something to predict. meta is that of the dataset whose form the rows
// have; its modality and channels say which columns are read. Without a column of ids they are the numbers of the rows,
// from 1. An image is its bytes or a path relative to the file. Train and val, which every dataset has, hold the first
// row.
func InputFile(
	ctx context.Context, path, into string, meta datasets.Meta, names InputColumns,
) (*datasets.Dataset, error) {
	form, err := inputForm(path, meta, names)
	if err != nil {
		return nil, err
	}
	columns, err := form.inputColumns(names)
	if err != nil {
		return nil, err
	}
	return inputsOnly(ctx, into, meta, func(yield func(datasets.Sample) error) error {
		f, err := table.Open(path, columns...)
		if err != nil {
			return err
		}
		defer f.Close()
		for n := 1; ; n++ {
			cells, err := f.Next()
			switch {
			case err == io.EOF && n == 1:
				return fmt.Errorf("%s: no rows", path)
			case err == io.EOF:
				return nil
			case err != nil:
				return err
			}
			sample, err := form.inputSample(cells, filepath.Dir(path))
			if sample.ID == "" {
				sample.ID = strconv.Itoa(n)
			}
			if err == nil {
				err = yield(sample)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", f.Where(), err)
			}
		}
	})
}

// ownFeatures is the column of features in a dataset's own files.
const ownFeatures = "features"

// inputForm is the form of the rows of a file: groups of channels may be columns of their own or, as a dataset's own
// files have them, a column of the group's name, and so may the features of a table.
func inputForm(path string, meta datasets.Meta, names InputColumns) (rowForm, error) {
	form := newRowForm(meta)
	fields, err := table.Fields(path)
	if err != nil {
		return form, err
	}
	there := func(column string) bool {
		return slices.ContainsFunc(fields, func(field table.Field) bool { return field.Name == names.name(column) })
	}
	for i, g := range meta.Groups {
		if there(g.Name) {
			form.channels[i] = []string{g.Name}
		}
	}
	own := func(f datasets.Feature) bool { return f.Name == ownFeatures }
	form.encoded = there(ownFeatures) && !slices.ContainsFunc(form.features, own)
	return form, nil
}

// inputColumns are those of a file that are read: the id, which may be missing, and the input.
func (f rowForm) inputColumns(names InputColumns) ([]table.Column, error) {
	_, own := names["id"]
	columns := []table.Column{{Name: names.name("id"), Kind: table.Key, Optional: !own}}
	known := []string{"id"}
	add := func(name string, kind table.Kind) {
		columns, known = append(columns, table.Column{Name: names.name(name), Kind: kind}), append(known, name)
	}
	switch f.modality {
	case datasets.Image:
		add("image", table.Image)
	case datasets.Text:
		for _, name := range []string{"sentence1", "sentence2"}[:f.sentences] {
			add(name, table.Text)
		}
	case datasets.Signal:
		for _, name := range slices.Concat(f.channels...) {
			add(name, table.Numbers)
		}
	case datasets.Table:
		if f.encoded {
			add(ownFeatures, table.Numbers)
			break
		}
		for _, feature := range f.features {
			add(feature.Name, table.Any)
		}
	default:
		return nil, fmt.Errorf("inputs of modality %s cannot be read from a file: prepare a dataset with dirbench "+
			"data convert", f.modality)
	}
	for name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("column %s: expected one of %s", name, strings.Join(known, ", "))
		}
	}
	return columns, nil
}

// inputSample makes a sample of the cells of a row; an image that lies in a file of its own is read.
func (f rowForm) inputSample(cells []table.Value, folder string) (datasets.Sample, error) {
	sample, image, err := f.sample(cells[1:])
	if err == nil && image != "" {
		sample.Image, err = os.ReadFile(joinPath(folder, image))
	}
	sample.ID = cells[0].Text
	return sample, err
}

// inputsOnly makes a dataset of samples whose labels mean nothing.
func inputsOnly(
	ctx context.Context, into string, meta datasets.Meta, samples func(yield func(datasets.Sample) error) error,
) (*datasets.Dataset, error) {
	meta.Title, meta.Source, meta.Licence, meta.Made = "Inputs", "inputs to predict", "unknown", "dirbench predict"
	meta.Splits, meta.Columns = nil, nil
	w, err := datasets.Create(into, meta)
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	splits, err := w.AllSplits()
	if err != nil {
		return nil, err
	}
	label, first := float32((meta.LabelSpace.Min+meta.LabelSpace.Max)/2), true
	err = samples(func(s datasets.Sample) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.Label = label
		err := splits[datasets.Test].Write(s)
		for _, split := range []datasets.Split{datasets.Train, datasets.Val} {
			if err != nil || !first {
				return err
			}
			s.ID = "\x00" + string(split) // that of no row
			err = splits[split].Write(s)
		}
		first = false
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return datasets.Open(into)
}

// imagePaths lists the images below a folder, with slashes, in lexical order of folders and files.
func imagePaths(folder string) (paths []string, err error) {
	root := filepath.Clean(folder) + string(filepath.Separator) // what a link stands for
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		switch {
		case err != nil:
			return err
		case path != root && strings.HasPrefix(name, ".") && entry.IsDir():
			return fs.SkipDir
		case entry.IsDir(), strings.HasPrefix(name, "."), !slices.Contains(imageEndings, strings.ToLower(filepath.Ext(name))):
			return nil
		}
		relative, err := filepath.Rel(root, path)
		paths = append(paths, filepath.ToSlash(relative))
		return err
	})
	if err == nil && len(paths) == 0 {
		err = fmt.Errorf("%s: no images: expected files that end in %s", folder, strings.Join(imageEndings, ", "))
	}
	return paths, err
}
