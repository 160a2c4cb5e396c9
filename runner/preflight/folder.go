package preflight

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/shirou/gopsutil/v4/disk"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// scarceDisk is less than the checkpoints of a few full-scale runs.
const scarceDisk = 2 << 30

// Out checks that a run store can be kept in a folder, which need not be there yet.
func Out(dir string) Finding {
	const topic = "--out"
	place, err := existing(dir)
	if err != nil {
		return bad(Problem, topic, "choose another --out", "%v", err)
	}
	if err := tryStore(place); err != nil {
		return bad(Problem, topic, "make it writable, or choose an --out on another file system", "%s: %s", dir,
			oneLine(err.Error()))
	}
	return withSpace(ok(topic, "%s: can be written", dir), place)
}

// Data lists the prepared datasets below a folder.
func Data(dir string) []Finding {
	const topic = "--data"
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return []Finding{bad(Absent, topic, "", "%s: no such folder; suites of twins make it", dir)}
	}
	if err != nil {
		return []Finding{bad(Warning, topic, "make it readable, or choose another --data", "%v", err)}
	}
	var names []string
	var findings []Finding
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if _, err := os.Stat(filepath.Join(path, datasets.MetaFile)); err != nil || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		if _, err := datasets.Open(path); err != nil {
			findings = append(findings, bad(Warning, "dataset "+entry.Name(), "make it again with dirbench data", "%v", err))
			continue
		}
		names = append(names, entry.Name())
	}
	text := "no datasets"
	if len(names) > 0 {
		text = strings.Join(names, ", ")
	}
	return append([]Finding{withSpace(ok(topic, "%s: %s", dir, text), dir)}, findings...)
}

// withSpace adds the free space of a file system to a finding.
func withSpace(f Finding, dir string) Finding {
	usage, err := disk.Usage(dir)
	if err != nil {
		return f
	}
	f.Text += fmt.Sprintf("; %s of disk free", size(usage.Free))
	if usage.Free < scarceDisk {
		f.Level, f.Do = Warning, "free disk space: a checkpoint at scale full takes some hundred MiB"
	}
	return f
}

// FreeSpace returns the bytes that may be written below a folder, which need not be there yet.
func FreeSpace(dir string) (uint64, error) {
	place, err := existing(dir)
	if err != nil {
		return 0, err
	}
	usage, err := disk.Usage(place)
	if err != nil {
		return 0, err
	}
	return usage.Free, nil
}

// existing returns the folder, or the nearest one above it that is there.
func existing(dir string) (string, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		info, err := os.Stat(path)
		switch {
		case err == nil && info.IsDir():
			return path, nil
		case err == nil:
			return "", fmt.Errorf("%s is a file: expected a folder for results", path)
		case !errors.Is(err, fs.ErrNotExist) || filepath.Dir(path) == path:
			return "", err
		}
		path = filepath.Dir(path)
	}
}

// tryStore does what the run store relies on: exclusive creation, and synced writes that replace a file.
func tryStore(dir string) error {
	dir, err := os.MkdirTemp(dir, ".dirbench-doctor-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	claim := filepath.Join(dir, "claim")
	exclusive := func() error {
		file, err := os.OpenFile(claim, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		return file.Close()
	}
	if err := exclusive(); err != nil {
		return err
	}
	if err := exclusive(); !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("exclusive creation of a file does not work (%v)", err)
	}
	for content := range 2 { // the second one replaces the first
		if err := store.WriteJSON(filepath.Join(dir, "status.json"), content); err != nil {
			return err
		}
	}
	return nil
}
