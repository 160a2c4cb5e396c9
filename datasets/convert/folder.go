package convert

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/datasets"
)

// imageEndings are those of files that an image folder is read from.
var imageEndings = []string{".jpg", ".jpeg", ".png"}

// ImageFolder makes a dataset, in the folder into, whose test split holds the images below a folder, with their paths as
// ids and without labels that mean anything: something to predict. Train and val, which every dataset has, hold the first
// image. Hidden files and folders are passed over, and so are files of other endings than .jpg, .jpeg and .png.
func ImageFolder(
	ctx context.Context, folder, into string, space datasets.LabelSpace, shots datasets.ShotRule,
) (*datasets.Dataset, error) {
	paths, err := imagePaths(folder)
	if err != nil {
		return nil, err
	}
	w, err := datasets.Create(into, datasets.Meta{
		Name: "images", Title: "Images", Modality: datasets.Image, LabelSpace: space, Shots: shots,
		Source: "a folder of images", Licence: "unknown", Made: "dirbench predict",
	})
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	label := float32((space.Min + space.Max) / 2)
	for _, split := range datasets.Splits {
		part, err := w.Split(split)
		if err != nil {
			return nil, err
		}
		list, mark := paths[:1], "/"+string(split) // no path begins so
		if split == datasets.Test {
			list, mark = paths, ""
		}
		for _, path := range list {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			image, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(path)))
			if err != nil {
				return nil, err
			}
			if err := part.Write(datasets.Sample{ID: mark + path, Label: label, Image: image}); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", folder, path, err)
			}
		}
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
