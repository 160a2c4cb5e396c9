package pixelcache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
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
