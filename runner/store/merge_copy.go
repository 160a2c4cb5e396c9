package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Execute copies the runs, each of which appears in its place when it is complete. It returns the number of runs
// copied, and lines about runs that a process began to work on meanwhile, which are left out.
func (m *Merge) Execute(ctx context.Context) (copied int, notes []string, err error) {
	if len(m.Copies) == 0 {
		return 0, nil, nil
	}
	if err := os.MkdirAll(m.Dest, 0o777); err != nil {
		return 0, nil, err
	}
	staging, err := os.MkdirTemp(m.Dest, ".merge-*")
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }()
	for _, c := range m.Copies {
		if err := ctx.Err(); err != nil {
			return copied, notes, err
		}
		var claimed ClaimedError
		err := c.execute(filepath.Join(staging, "run"))
		if errors.As(err, &claimed) {
			notes = append(notes, fmt.Sprintf("left out: %s: %v", c.From, err))
			continue
		}
		if err != nil {
			return copied, notes, err
		}
		copied++
	}
	return copied, notes, nil
}

// execute copies a run by way of a temporary folder on the same file system. What lies in its place is an unfinished
// run.
func (c MergeCopy) execute(temporary string) error {
	if err := os.RemoveAll(temporary); err != nil {
		return err
	}
	if err := copyRun(temporary, c.From); err != nil {
		return err
	}
	state := Status{State: Interrupted}
	if c.Done {
		state.State = Done
	}
	if err := cmp.Or(inWork(c.From, state), inWork(c.To, Status{})); err != nil {
		return err
	}
	if err := os.RemoveAll(c.To); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(c.To), 0o777); err != nil {
		return err
	}
	return Rename(temporary, c.To)
}

// copyRun copies a run's folder without claims and temporary files. The manifest comes last: without it a folder is no
// run, whatever moment a copy is cut off at.
func copyRun(to, from string) error {
	var dirs []string
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		switch {
		case entry.IsDir():
			dirs = append(dirs, target)
			return os.MkdirAll(target, 0o777)
		case relative == ManifestFile || passing(entry.Name()):
			return nil
		case !entry.Type().IsRegular():
			return fmt.Errorf("%s: expected a file or a folder", path)
		}
		return copyFile(target, path)
	})
	if err != nil {
		return err
	}
	if err := copyFile(filepath.Join(to, ManifestFile), filepath.Join(from, ManifestFile)); err != nil {
		return err
	}
	for _, dir := range dirs {
		if err := SyncFiles(dir); err != nil {
			return err
		}
	}
	return nil
}

// passing reports whether a file only serves a process at work: a claim, or a temporary file of WriteFile.
func passing(name string) bool {
	return strings.HasPrefix(name, claimPrefix) || strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".tmp")
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return cmp.Or(err, out.Close())
}
