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
// predict, as [InputFile] does of a file. Hidden files and folders are passed over, and so are files of other endings than
// .jpg, .jpeg and .png.
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

// InputColumns are other names of the columns of an input file, by the names that a dataset's own files have: id, image,
// sentence1, sentence2, and the channels of signals or their groups.
type InputColumns map[string]string

func (c InputColumns) name(column string) string { return cmp.Or(c[column], column) }

// InputFile makes a dataset, in the folder into, whose test split holds the rows of a Parquet, Arrow, CSV, TSV or JSON
// Lines file, without labels that mean anything: something to predict. meta is that of the dataset whose form the rows
// have; its modality and channels say which columns are read. Without a column of ids they are the numbers of the rows,
// from 1. An image is its bytes or a path relative to the file. Train and val, which every dataset has, hold the first row.
func InputFile(
	ctx context.Context, path, into string, meta datasets.Meta, names InputColumns,
) (*datasets.Dataset, error) {
	channels, err := signalColumns(path, meta, names)
	if err != nil {
		return nil, err
	}
	columns, err := inputColumns(meta.Modality, channels, names)
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
			sample, err := inputOf(meta.Modality, channels, cells, filepath.Dir(path))
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

// signalColumns are those of each group of channels: a column for each channel or, as a dataset's own files have it, one
// of the group's name, time × channels.
func signalColumns(path string, meta datasets.Meta, names InputColumns) (columns [][]string, err error) {
	if meta.Modality != datasets.Signal {
		return nil, nil
	}
	fields, err := table.Fields(path)
	if err != nil {
		return nil, err
	}
	for _, g := range meta.Groups {
		own := slices.ContainsFunc(fields, func(f table.Field) bool { return f.Name == names.name(g.Name) })
		if own {
			columns = append(columns, []string{g.Name})
		} else {
			columns = append(columns, g.Channels)
		}
	}
	return columns, nil
}

// inputColumns are the columns that are read: the id, which may be missing, and the input.
func inputColumns(modality datasets.Modality, channels [][]string, names InputColumns) ([]table.Column, error) {
	_, own := names["id"]
	columns := []table.Column{{Name: names.name("id"), Kind: table.Key, Optional: !own}}
	known := []string{"id"}
	add := func(name string, kind table.Kind) {
		columns, known = append(columns, table.Column{Name: names.name(name), Kind: kind}), append(known, name)
	}
	switch modality {
	case datasets.Image:
		add("image", table.Image)
	case datasets.Text:
		add("sentence1", table.Text)
		add("sentence2", table.Text)
	case datasets.Signal:
		for _, name := range slices.Concat(channels...) {
			add(name, table.Numbers)
		}
	default:
		return nil, fmt.Errorf("inputs of modality %s cannot be read from a file: prepare a dataset with dirbench data convert", modality)
	}
	for name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("column %s: expected one of %s", name, strings.Join(known, ", "))
		}
	}
	return columns, nil
}

// inputOf makes a sample of the cells of [inputColumns].
func inputOf(modality datasets.Modality, channels [][]string, cells []table.Value, folder string) (s datasets.Sample, err error) {
	s.ID = cells[0].Text
	cells = cells[1:]
	switch modality {
	case datasets.Image:
		if s.Image = cells[0].Bytes; cells[0].Text != "" {
			s.Image, err = os.ReadFile(joinPath(folder, cells[0].Text))
		}
	case datasets.Text:
		s.Sentences = [2]string{cells[0].Text, cells[1].Text}
	case datasets.Signal:
		for _, group := range channels {
			series, err := datasets.Interleave(group, cells[:len(group)])
			if err != nil {
				return s, err
			}
			s.Signals, cells = append(s.Signals, series), cells[len(group):]
		}
	}
	return s, err
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
