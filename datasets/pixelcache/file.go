package pixelcache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"
)

// A file is a header and the records in the order of rows, each with its checksum after it. Numbers are little-endian.
//
//	0  "dirbpix1"
//	8  key, SHA-256
//	40 number of records, 8 bytes
//	48 bytes of a record, 8 bytes
//	56 CRC-32C of bytes 0 to 55, 4 bytes
//	60 0, 4 bytes
const (
	magic       = "dirbpix1"
	headerSize  = 64
	headerSum   = 56 // position of the header's checksum
	checksumLen = 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is the CRC-32C of a record, begun with its row: a record in another's place does not match.
func checksum(row int, record []byte) uint32 { return crc32.Update(uint32(row), castagnoli, record) }

func (s *Spec) header() []byte {
	key := s.key()
	header := append([]byte(magic), key[:]...)
	header = binary.LittleEndian.AppendUint64(header, uint64(s.rows()))
	header = binary.LittleEndian.AppendUint64(header, uint64(s.Size))
	header = binary.LittleEndian.AppendUint32(header, crc32.Checksum(header, castagnoli))
	return append(header, make([]byte, headerSize-len(header))...)
}

func (s *Spec) stride() int { return s.Size + checksumLen }

func (s *Spec) fileSize() int64 { return headerSize + int64(s.rows())*int64(s.stride()) }

// openFile maps a file, which must hold what the spec wants and all of it.
func (s *Spec) openFile(path string) (*mapping, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	header := make([]byte, headerSize)
	n, err := io.ReadFull(file, header)
	if err != nil && n == 0 && info.Size() > 0 {
		return nil, err
	}
	if string(header) != string(s.header()) {
		return nil, damageError{errors.New("it does not begin as expected")}
	}
	if info.Size() != s.fileSize() {
		return nil, damageError{fmt.Errorf("%d bytes where %d were expected", info.Size(), s.fileSize())}
	}
	return newMapping(file, info, s)
}

// verify compares a record with its checksum.
func verify(row int, record, sum []byte) error {
	if checksum(row, record) != binary.LittleEndian.Uint32(sum) {
		return damageError{fmt.Errorf("the checksum of record %d does not match", row)}
	}
	return nil
}

// fileError says that a file cannot be made or used, which is no fault of the dataset.
type fileError struct{ cause error }

func (e fileError) Error() string { return e.cause.Error() }
func (e fileError) Unwrap() error { return e.cause }

// reason is the error without the names of temporary files.
func (e fileError) reason() error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(e.cause, &path):
		return path.Err
	case errors.As(e.cause, &link):
		return link.Err
	}
	return e.cause
}

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

// removeOthers removes the files of the split and kind that follow from something else, an earlier Parquet file or
// another release, and what a process that died has left. Files of other kinds stay: each scale of a benchmark has one
// of its own. Processes that have mapped a file keep it until they end.
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
