//go:build !unix

package pixelcache

import (
	"io/fs"
	"os"
	"runtime"
)

// mapping is an open file, where files are not mapped.
type mapping struct {
	spec *Spec
	info fs.FileInfo
	file *os.File
}

func newMapping(file *os.File, info fs.FileInfo, s *Spec) (*mapping, error) {
	again, err := os.Open(file.Name())
	if err != nil {
		return nil, err
	}
	m := &mapping{s, info, again}
	runtime.AddCleanup(m, func(f *os.File) { f.Close() }, again)
	return m, nil
}

func (m *mapping) read(row int, into []byte) error {
	record := make([]byte, m.spec.stride())
	if _, err := m.file.ReadAt(record, headerSize+int64(row)*int64(len(record))); err != nil {
		return damageError{err}
	}
	size := copy(into, record[:m.spec.Size])
	return verify(row, into[:size], record[size:])
}

func (m *mapping) willNeed([]int) {}
