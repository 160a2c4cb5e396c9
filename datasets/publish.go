package datasets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

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
