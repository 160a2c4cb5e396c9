// Package edf reads recordings in the European Data Format: EDF (Kemp et al. 1992) and continuous EDF+ (Kemp and
// Olivan 2003). Every number of a header is checked against the size of the file before memory is taken for it, so
// that a damaged or hostile file is an error and nothing worse.
package edf

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"os"
)

// Signal describes one signal of a file.
type Signal struct {
	Label                    string   // as the header has it, without padding
	Unit                     string   // physical dimension: "uV"
	Rate                     *big.Rat // samples a second
	PhysicalMin, PhysicalMax float64
	DigitalMin, DigitalMax   int
	perRecord                int // samples in a data record
	offset                   int // of its samples within a data record, in bytes
}

// Step is the physical value of one digital step.
func (s Signal) Step() float64 {
	return (s.PhysicalMax - s.PhysicalMin) / float64(s.DigitalMax-s.DigitalMin)
}

// File is an open recording. It is not safe for concurrent use.
type File struct {
	Signals []Signal // without the annotations of EDF+

	closer      io.Closer
	data        io.ReaderAt
	start       int64    // of the first data record, in bytes
	records     int      // data records
	recordBytes int      // length of a data record
	duration    *big.Rat // of a data record, in seconds
}

// Open opens a recording and checks its header against the length of the file.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	f, err := Read(file, info.Size())
	if err != nil {
		file.Close()
		return nil, err
	}
	f.closer = file
	return f, nil
}

// Read is Open for size bytes that are held elsewhere.
func Read(data io.ReaderAt, size int64) (*File, error) {
	f := &File{data: data}
	if err := f.readHeader(size); err != nil {
		return nil, err
	}
	return f, nil
}

// Close closes the file that Open opened.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// Seconds is the length of the recording.
func (f *File) Seconds() float64 {
	seconds, _ := new(big.Rat).Mul(f.duration, big.NewRat(int64(f.records), 1)).Float64()
	return seconds
}

// Physical returns the samples of Signals[signal] in the signal's physical unit.
func (f *File) Physical(signal int) ([]float64, error) {
	s := f.Signals[signal]
	values := make([]float64, 0, f.records*s.perRecord) // checked: the file is longer than this
	raw := make([]byte, 2*s.perRecord)
	step := s.Step()
	for record := range f.records {
		at := f.start + int64(record)*int64(f.recordBytes) + int64(s.offset)
		if _, err := f.data.ReadAt(raw, at); err != nil {
			return nil, fmt.Errorf("data record %d: %w", record+1, err)
		}
		for i := 0; i < len(raw); i += 2 {
			digital := int(int16(binary.LittleEndian.Uint16(raw[i:])))
			values = append(values, s.PhysicalMin+float64(digital-s.DigitalMin)*step)
		}
	}
	return values, nil
}
