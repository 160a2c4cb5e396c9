package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// AppendEvent adds a line to the run's events.jsonl, which [SyncEvents] makes survive a power loss. An unfinished last
// line, left by a crash, is cut off first.
func AppendEvent(dir string, e Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("%s: %w", EventsFile, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, EventsFile), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	return cmp.Or(appendLine(f, line), f.Close())
}

func appendLine(f *os.File, line []byte) error {
	end, err := completeLines(f)
	if err != nil {
		return err
	}
	if err := f.Truncate(end); err != nil {
		return err
	}
	_, err = f.WriteAt(append(line, '\n'), end)
	return err
}

// SyncEvents makes the events of a run survive a power loss. There may be none.
func SyncEvents(dir string) error {
	err := syncPath(filepath.Join(dir, EventsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// completeLines returns the length of the file up to and including its last line end. It looks back from the end,
// since it is called once an epoch.
func completeLines(f *os.File) (int64, error) {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	var b [1]byte
	for ; end > 0; end-- {
		if _, err := f.ReadAt(b[:], end-1); err != nil {
			return 0, err
		}
		if b[0] == '\n' {
			break
		}
	}
	return end, nil
}

// ReadEvents returns the events of a run, none if the file is missing. An unfinished last line, left by a crash, is
// passed over; any other damage is an error with the file and the line.
func ReadEvents(dir string) ([]Event, error) {
	path := filepath.Join(dir, EventsFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(raw, []byte("\n"))
	events := make([]Event, 0, len(lines)-1)
	for i, line := range lines[:len(lines)-1] {
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("%s: line %d: damaged JSON (%w): delete the run's folder and run it again", path, i+1, err)
		}
		events = append(events, e)
	}
	return events, nil
}

// KeepEvents drops all but the first n events of a run.
func KeepEvents(dir string, n int) error {
	path := filepath.Join(dir, EventsFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	end := 0
	for range n {
		line := bytes.IndexByte(raw[end:], '\n')
		if line < 0 {
			return nil // no more than that
		}
		end += line + 1
	}
	return os.Truncate(path, int64(end))
}
