package pixelcache

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"
)

// share maps the file, which one process makes while others wait. An error of the file is a [fileError].
func (s *Spec) share(damaged *mapping) (*mapping, error) {
	if m, err := s.usable(damaged); err == nil {
		return m, nil
	}
	if err := os.MkdirAll(s.dir(), 0o777); err != nil {
		return nil, fileError{err}
	}
	// Where files cannot be locked, some network file systems for one, two processes may do the same work; that is all.
	lock := flock.New(filepath.Join(s.dir(), "lock"), flock.SetPermissions(0o666))
	locked := lock.Lock() == nil
	defer lock.Close()
	m, err := s.usable(damaged) // somebody else may have made it meanwhile
	if err == nil {
		return m, nil
	}
	if damage := (damageError{}); errors.As(err, &damage) {
		s.note("%s: %v: made again", filepath.Base(s.path()), damage)
	}
	if locked {
		s.removeOthers()
	}
	if err := s.write(); err != nil {
		return nil, err
	}
	if m, err = s.openFile(s.path()); err != nil {
		return nil, fileError{err}
	}
	return m, nil
}

// usable maps the file if it is good and not the one known to be damaged.
func (s *Spec) usable(damaged *mapping) (*mapping, error) {
	if damaged != nil {
		if info, err := os.Stat(s.path()); err != nil || os.SameFile(info, damaged.info) {
			return nil, fs.ErrNotExist
		}
	}
	return s.openFile(s.path())
}

// removeOthers removes the files of the split and kind that follow from something else, an earlier Parquet file or another
// release, and what a process that died has left. Files of other kinds stay: each scale of a benchmark has one of its own.
// Processes that have mapped a file keep it until they end.
func (s *Spec) removeOthers() {
	entries, _ := os.ReadDir(s.dir())
	for _, entry := range entries {
		path := filepath.Join(s.dir(), entry.Name())
		if strings.HasPrefix(entry.Name(), s.prefix()) && path != s.path() {
			os.Remove(path)
		}
	}
}

// write makes the file under another name.
func (s *Spec) write() (err error) {
	file, err := os.CreateTemp(s.dir(), filepath.Base(s.path())+".tmp-*")
	if err != nil {
		return fileError{err}
	}
	defer func() {
		file.Close()
		if err != nil {
			os.Remove(file.Name())
		}
	}()
	if err := s.fill(file); err != nil {
		return err
	}
	if err := errors.Join(file.Chmod(0o644), file.Sync()); err != nil {
		return fileError{err}
	}
	if err := os.Rename(file.Name(), s.path()); err != nil {
		return fileError{err}
	}
	return nil
}

// fill writes header and records.
func (s *Spec) fill(file *os.File) error {
	if err := reserve(file, s.fileSize()); err != nil {
		return fileError{err}
	}
	if _, err := file.WriteAt(s.header(), 0); err != nil {
		return fileError{err}
	}
	buffers := sync.Pool{New: func() any { b := make([]byte, 0, s.stride()); return &b }}
	return s.build(func(row int, record []byte) error {
		buffer := buffers.Get().(*[]byte)
		defer buffers.Put(buffer)
		line := binary.LittleEndian.AppendUint32(append((*buffer)[:0], record...), checksum(row, record))
		if _, err := file.WriteAt(line, headerSize+int64(row)*int64(s.stride())); err != nil {
			return fileError{err}
		}
		return nil
	})
}
