// Package wfdb reads records of PhysioNet's WaveForm DataBase, a header and files of samples (Moody, WFDB Applications
// Guide, header(5) and signal(5)). Every number of a header is checked against the size of the files before memory is
// taken for it, and samples against their checksum, so that a damaged or hostile record is an error and nothing worse.
package wfdb

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/big"
	"path"
	"strings"
)

// HeaderSuffix ends the name of a header.
const HeaderSuffix = ".hea"

// Signal describes one signal of a record.
type Signal struct {
	Name     string   // its description: "AVR"
	Unit     string   // of physical values: "mV"
	Rate     *big.Rat // samples a second
	Gain     float64  // digital steps a physical unit
	Baseline int      // digital value of 0

	checksum uint16
	summed   bool // there is a checksum
	perFrame int  // samples in a frame
	file     *dataFile
	offset   int // of its samples within a frame of the file, in samples
}

// dataFile is a file of samples, those of its signals in turn, frame by frame.
type dataFile struct {
	name   string
	format string
	coding coding
	start  int64 // of the first frame, in bytes
	frame  int   // samples in a frame
	data   dataReader
}

// dataReader is what a file of samples must offer.
type dataReader interface {
	fs.File
	io.ReaderAt
}

// Record is an open record. It is not safe for concurrent use.
type Record struct {
	Signals []Signal
	Rate    *big.Rat // frames a second

	dir     string // of the header
	frames  int
	files   []*dataFile
	closers []io.Closer
}

// Open opens the record of a name, with or without [HeaderSuffix], and checks its header against the length of the
// files, which lie beside it. An error about a missing header is [fs.ErrNotExist].
func Open(fsys fs.FS, name string) (*Record, error) {
	name = strings.TrimSuffix(name, HeaderSuffix) + HeaderSuffix
	header, err := readHeader(fsys, name)
	if err != nil {
		return nil, err
	}
	r := &Record{dir: path.Dir(name)}
	if err := r.parseHeader(fsys, header); err != nil {
		r.Close()
		return nil, fmt.Errorf("%s: %w", path.Base(name), err)
	}
	return r, nil
}

func readHeader(fsys fs.FS, name string) ([]byte, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	header, err := io.ReadAll(io.LimitReader(file, maxHeader+1))
	if err == nil && len(header) > maxHeader {
		err = fmt.Errorf("%s: more than %d bytes: expected a WFDB header", path.Base(name), maxHeader)
	}
	return header, err
}

func openData(fsys fs.FS, name string) (dataReader, error) {
	if !fs.ValidPath(name) {
		return nil, errors.New("expected a file beside the header")
	}
	file, err := fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("it is missing beside the header")
	}
	if err != nil {
		return nil, err
	}
	data, ok := file.(dataReader)
	if !ok {
		file.Close()
		return nil, errors.New("expected a file")
	}
	return data, nil
}

// Close closes the files of the record.
func (r *Record) Close() error {
	var list []error
	for _, c := range r.closers {
		list = append(list, c.Close())
	}
	return errors.Join(list...)
}

// Seconds is the length of the record.
func (r *Record) Seconds() float64 {
	seconds, _ := new(big.Rat).Quo(big.NewRat(int64(r.frames), 1), r.Rate).Float64()
	return seconds
}

// Physical returns the samples of Signals[signal] in the signal's physical unit; those that the recorder missed are
// NaN. A checksum that is not the header's is an error.
func (r *Record) Physical(signal int) ([]float64, error) {
	const block = 1 << 10 // frames that are read at once, an even number
	s := r.Signals[signal]
	values := make([]float64, 0, r.frames*s.perFrame) // checked: the file holds as many samples
	sum := uint16(0)
	for first := 0; first < r.frames; first += block {
		frames := min(block, r.frames-first)
		raw, err := s.file.read(int64(first)*int64(s.file.frame), int64(frames)*int64(s.file.frame))
		if err != nil {
			return nil, fmt.Errorf("file %.80q: %w", s.file.name, err)
		}
		for i := range frames {
			for k := range s.perFrame {
				digital := s.file.coding.decode(raw, i*s.file.frame+s.offset+k)
				sum += uint16(digital)
				values = append(values, s.physical(digital))
			}
		}
	}
	if s.summed && sum != s.checksum {
		return nil, fmt.Errorf("damaged: signal %d (%s) has the checksum %d, the header says %d", signal+1, s.Name,
			int16(sum), int16(s.checksum))
	}
	return values, nil
}

func (s *Signal) physical(digital int) float64 {
	if digital == s.file.coding.invalid {
		return math.NaN()
	}
	return float64(digital-s.Baseline) / s.Gain
}

// read returns the bytes of samples from an even one on.
func (d *dataFile) read(first, samples int64) ([]byte, error) {
	raw := make([]byte, d.coding.size(samples))
	if n, err := d.data.ReadAt(raw, d.start+d.coding.size(first)); n < len(raw) {
		return nil, err
	}
	return raw, nil
}
