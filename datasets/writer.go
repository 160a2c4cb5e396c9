package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"
)

// Writer makes a prepared dataset. Everything is written to a temporary folder beside the final one and renamed by
// Close, so that neither a failure nor an interruption leaves half a dataset or harms an existing one.
type Writer struct {
	// Format is that of the splits, Parquet unless it is set before the first of them.
	Format Format

	dir, temp string
	meta      Meta
	splits    map[Split]*SplitWriter
	ids       map[string]Split // that were used; nil where they are not checked
	done      bool
	publish   func(temp, dir string) error // moves the finished dataset to its place
}

// ErrExists is the error of Create for a folder that holds a dataset already, and of Close if one came there meanwhile.
var ErrExists = errors.New("a dataset is already there")

// Create starts a dataset in dir, a folder that must not hold one already; its parents are made as needed.
// Schema and Splits of meta are filled in by Close. Use it with a deferred Abort:
//
//	w, err := datasets.Create(dir, meta)
//	if err != nil {
//		return err
//	}
//	defer w.Abort()
//	...
//	return w.Close()
func Create(dir string, meta Meta) (*Writer, error) {
	if _, err := os.Stat(filepath.Join(dir, MetaFile)); err == nil {
		return nil, fmt.Errorf("%s: %w", dir, ErrExists)
	}
	w, err := Overwrite(dir, meta)
	if err != nil {
		return nil, err
	}
	w.publish = publishNew
	return w, nil
}

// Overwrite is Create, except that Close replaces a dataset in dir. A folder with other content is never replaced.
func Overwrite(dir string, meta Meta) (*Writer, error) {
	meta.Schema = SchemaVersion
	if err := meta.validateHead(); err != nil {
		return nil, err
	}
	if err := checkReplaceable(dir); err != nil {
		return nil, err
	}
	dir = filepath.Clean(dir)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, err
	}
	temp, err := tempSibling(dir)
	if err != nil {
		return nil, err
	}
	return &Writer{dir: dir, temp: temp, meta: meta, splits: map[Split]*SplitWriter{}, ids: map[string]Split{},
		publish: replaceDir}, nil
}

// DistinctIDs tells that no two samples have the same id, as where ids are the numbers of rows: then ids are not kept
// for a check.
func (w *Writer) DistinctIDs() { w.ids = nil }

// Split starts the file of a split. Splits may be written side by side, each started once.
func (w *Writer) Split(split Split) (*SplitWriter, error) {
	if !split.valid() {
		return nil, fmt.Errorf("split %q: expected train, val or test", split)
	}
	if w.splits[split] != nil {
		return nil, fmt.Errorf("split %s is written twice", split)
	}
	s, err := newSplitWriter(w, split)
	if err != nil {
		return nil, err
	}
	w.splits[split] = s
	return s, nil
}

// AllSplits starts every split.
func (w *Writer) AllSplits() (map[Split]*SplitWriter, error) {
	writers := map[Split]*SplitWriter{}
	for _, split := range Splits {
		s, err := w.Split(split)
		if err != nil {
			return nil, err
		}
		writers[split] = s
	}
	return writers, nil
}

// AddFile puts a further file, such as a list of rejected rows, beside the splits.
func (w *Writer) AddFile(name string, data []byte) error {
	return os.WriteFile(filepath.Join(w.temp, filepath.Base(name)), data, 0o644)
}

// Close finishes the splits, writes dataset.yaml and moves the dataset to its place. Every split must hold
// a sample.
func (w *Writer) Close() error {
	defer w.Abort()
	w.meta.Splits = map[Split]SplitMeta{}
	for _, split := range Splits {
		s := w.splits[split]
		if s == nil {
			return fmt.Errorf("split %s has no samples", split)
		}
		description, err := s.finish()
		if err != nil {
			return err
		}
		w.meta.Splits[split] = description
	}
	if err := w.writeMeta(); err != nil {
		return err
	}
	return w.publish(w.temp, w.dir)
}

// Abort removes what was written; after Close it does nothing.
func (w *Writer) Abort() {
	if w.done {
		return
	}
	w.done = true
	for _, s := range w.splits {
		s.file.Close() // closed already after a success; nothing else can be done after a failure
	}
	os.RemoveAll(w.temp)
}

func (w *Writer) writeMeta() error {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(w.meta); err != nil {
		return err
	}
	return w.AddFile(MetaFile, text.Bytes())
}

// checkReplaceable accepts a folder that is absent, empty or a dataset.
func checkReplaceable(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, MetaFile)); err != nil {
		return fmt.Errorf("%s: the folder is not empty and holds no %s: choose another one", dir, MetaFile)
	}
	return nil
}

// tempSibling makes a hidden folder beside dir: on the same file system, so that it can be renamed to dir.
func tempSibling(dir string) (string, error) {
	temp, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".tmp-*")
	if err != nil {
		return "", err
	}
	return temp, os.Chmod(temp, 0o755)
}

// publishNew renames temp to dir, which may be an empty folder. A dataset that another process has put there stays.
func publishNew(temp, dir string) error {
	os.Remove(dir) // if it is empty
	err := os.Rename(temp, dir)
	if _, there := os.Stat(filepath.Join(dir, MetaFile)); err != nil && there == nil {
		return fmt.Errorf("%s: %w", dir, ErrExists)
	}
	return err
}

// replaceDir renames temp to dir. A folder at dir is moved aside first and comes back if the rename fails.
func replaceDir(temp, dir string) error {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(temp, dir)
	}
	aside := temp + ".old"
	if err := os.Rename(dir, aside); err != nil {
		return err
	}
	if err := os.Rename(temp, dir); err != nil {
		if back := os.Rename(aside, dir); back != nil {
			return fmt.Errorf("%w; the former dataset is now %s", err, aside)
		}
		return err
	}
	return os.RemoveAll(aside)
}
