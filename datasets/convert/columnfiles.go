package convert

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
)

// tableFile is a file and the split that its name tells, if any.
type tableFile struct {
	path   string
	split  datasets.Split
	before int // rows of the files before it
}

// tableFiles lists the files of paths, patterns and folders, in the order of the arguments and of their names.
// A file that is given twice is an error: its rows would be in several splits.
func tableFiles(paths []string) ([]tableFile, error) {
	var files []tableFile
	given := map[string]bool{}
	for _, path := range paths {
		found, err := expand(path)
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			clean := filepath.Clean(file)
			if given[clean] {
				return nil, fmt.Errorf("%s: the file is given twice: name it once, or its folder", file)
			}
			given[clean] = true
			files = append(files, tableFile{path: file, split: splitOfFile(file)})
		}
	}
	return files, nil
}

// expand returns the files of one argument.
func expand(path string) (files []string, err error) {
	_, missing := os.Stat(path)
	if missing == nil {
		return filesAt(path)
	}
	matches, badPattern := filepath.Glob(path)
	if badPattern != nil || len(matches) == 0 {
		return nil, missing
	}
	for _, match := range matches {
		found, err := filesAt(match)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return files, nil
}

// filesAt returns a file, or those of a folder.
func filesAt(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return folderFiles(path)
	}
	return []string{path}, err
}

// Files by which Hugging Face's save_to_disk describes a dataset, and a dictionary of them.
const (
	savedState = "state.json"
	savedDict  = "dataset_dict.json"
)

// folderFiles lists the tables of a folder: those that a description names, or all below it.
func folderFiles(dir string) ([]string, error) {
	if d, err := datasets.Open(dir); err == nil && d.Meta.InPlace() {
		return nil, fmt.Errorf("%s: the dataset uses files where they lie: name these files", dir)
	} else if err == nil {
		var files []string
		for _, split := range datasets.Splits {
			files = append(files, d.Files(split)...)
		}
		return files, nil
	}
	var saved struct {
		Files []struct {
			Name string `json:"filename"`
		} `json:"_data_files"`
		Rows   []any    `json:"_indices_data_files"`
		Splits []string `json:"splits"`
	}
	for _, name := range []string{savedState, savedDict} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = json.Unmarshal(text, &saved)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, name), withoutPath(err))
		}
		if len(saved.Rows) > 0 {
			return nil, fmt.Errorf("%s: the dataset is a selection of the rows of its files: save it again after "+
				"flatten_indices()",
				filepath.Join(dir, name))
		}
	}
	var files []string
	for _, file := range saved.Files {
		files = append(files, filepath.Join(dir, file.Name))
	}
	for _, split := range saved.Splits {
		found, err := folderFiles(filepath.Join(dir, split))
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	if files != nil {
		return files, nil
	}
	return walkFiles(dir)
}

// walkFiles lists the tables below a folder. A .json file, which may hold anything, is to be named by itself.
func walkFiles(dir string) (files []string, err error) {
	root := filepath.Clean(dir) + string(filepath.Separator) // what a link stands for
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "_delta_log":
			return fmt.Errorf("%s: a Delta Lake table, some of whose files may be out of date: export it as Parquet", dir)
		case strings.HasPrefix(entry.Name(), ".") && path != root:
			if entry.IsDir() {
				return fs.SkipDir
			}
		case !entry.IsDir() && table.Format(path) != "" && !strings.EqualFold(filepath.Ext(path), ".json"):
			files = append(files, path)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no .parquet, .arrow, .csv, .tsv or .jsonl file is there", dir)
	}
	return files, err
}

// splitNames are the words that stand for a split in columns and in names of files; the longer of two come first.
var splitNames = []struct {
	name  string
	split datasets.Split
}{
	{"train", datasets.Train}, {"validation", datasets.Val}, {"valid", datasets.Val}, {"val", datasets.Val},
	{"dev", datasets.Val}, {"test", datasets.Test},
}

// parseSplit returns the split of a word, "" if it is none.
func parseSplit(word string) datasets.Split {
	for _, s := range splitNames {
		if strings.EqualFold(word, s.name) {
			return s.split
		}
	}
	return ""
}

// splitOfFile returns the split that the name of a file begins with, as in train-00000-of-00004.parquet, or its folder
// is called by, as in split=train or train; "" if neither tells.
func splitOfFile(path string) datasets.Split {
	name := filepath.Base(path)
	end := strings.IndexFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
	if split := parseSplit(name[:max(end, 0)]); split != "" {
		return split
	}
	folder := filepath.Base(filepath.Dir(path))
	return parseSplit(folder[strings.LastIndex(folder, "=")+1:])
}

// joinPath joins a path to a folder as Python's os.path.join does: an absolute one stays as it is.
func joinPath(folder, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}
