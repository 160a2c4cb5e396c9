package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// RunDir returns the folder of a run, <out>/<suite>/<benchmark>/<method>/seed=<s>/<hash8>; hash is the manifest's.
func RunDir(out, suite, benchmark, method string, seed int64, hash string) string {
	return filepath.Join(out, suite, benchmark, method, "seed="+strconv.FormatInt(seed, 10), hash[:min(8, len(hash))])
}

// WriteFile writes a file through fill so that path either keeps what it held or holds all of the new content: a
// temporary file in the same folder, synced, then renamed. The folder is made if it is missing. Which of both it is
// after a power loss is certain once the folder is synced, as [WriteStatus] does for all files of a run.
func WriteFile(path string, fill func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(tmp.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	if err := fillAndSync(tmp, fill); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// CheckWritable reports why WriteFile could not write a file, before there is anything to write. The folder is made if
// it is missing; the file is left as it is.
func CheckWritable(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s: a folder, expected a file", path)
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return cmp.Or(tmp.Close(), os.Remove(tmp.Name()))
}

// Rename renames a file or folder within a folder and makes that survive a power loss.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncPath(filepath.Dir(to))
}

// fillAndSync closes the file whatever happens.
func fillAndSync(f *os.File, fill func(io.Writer) error) error {
	err := fill(struct{ io.Writer }{f}) // hides Close: the Parquet writer would call it before the sync
	if err == nil {
		err = f.Chmod(0o644) // CreateTemp makes it private, but results are to be shared
	}
	if err == nil {
		err = f.Sync()
	}
	return cmp.Or(err, f.Close())
}

// syncPath makes a file's content or a folder's renames survive a power loss.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return cmp.Or(f.Sync(), f.Close())
}

// SyncFiles makes the content of a folder's files survive a power loss.
func SyncFiles(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := syncPath(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return syncPath(dir)
}

// WriteJSON writes v as indented JSON, atomically as WriteFile does.
func WriteJSON(path string, v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(append(raw, '\n'))
		return err
	})
}

// WriteStatus writes how the run in a folder stands, and makes what was written there before survive a power loss.
func WriteStatus(dir string, status Status) error {
	if err := WriteJSON(filepath.Join(dir, StatusFile), status); err != nil {
		return err
	}
	return syncPath(dir)
}

// readJSON decodes a whole file; the error is one line with the file's name and, for damaged JSON, what to do.
func readJSON(path string, v any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%s: damaged JSON (%w): delete the run's folder and run it again", path, err)
	}
	return nil
}
