// Package edf reads recordings in the European Data Format: EDF (Kemp et al. 1992) and continuous EDF+ (Kemp and
// Olivan 2003). Every number of a header is checked against the size of the file before memory is taken for it, so
// that a damaged or hostile file is an error and nothing worse.
package edf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"
	"strconv"
	"strings"
)

// Signal describes one signal of a file.
type Signal struct {
	Label                    string   // as the header has it, without padding
	Unit                     string   // physical dimension: "uV"
	Rate                     *big.Rat // samples a second
	PhysicalMin, PhysicalMax float64
	DigitalMin, DigitalMax   int
	Damage                   error // of its scale in the header: why there are no physical values
	perRecord                int   // samples in a data record
	offset                   int   // of its samples within a data record, in bytes
}

// Step is the physical value of one digital step.
func (s Signal) Step() float64 {
	return (s.PhysicalMax - s.PhysicalMin) / float64(s.DigitalMax-s.DigitalMin)
}

// File is an open recording. It is not safe for concurrent use.
type File struct {
	Signals []Signal // without the annotations of EDF+
	Warning string   // what is odd about a file that is read all the same

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
	if s.Damage != nil {
		return nil, s.Damage
	}
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

const (
	headSize    = 256     // bytes of the fixed part of a header, and of the part for each signal
	maxSignals  = 1024    // far above any recording's
	maxRecord   = 1 << 26 // bytes of a data record
	annotations = "EDF Annotations"
)

// field cuts the fixed-width fields of a header, one after the other.
type field struct{ rest []byte }

func (f *field) next(width int) string {
	text := string(f.rest[:width])
	f.rest = f.rest[width:]
	return strings.Trim(text, " \x00")
}

// readHeader reads both parts of the header and compares them with the size of the file.
func (f *File) readHeader(size int64) error {
	head, err := readAt(f.data, 0, headSize, size)
	if err != nil {
		return err
	}
	count, records, err := f.parseHead(head)
	if err != nil {
		return err
	}
	body, err := readAt(f.data, headSize, headSize*count, size)
	if err != nil {
		return err
	}
	if err := f.parseSignals(body, count); err != nil {
		return err
	}
	f.start = headSize * int64(1+count)
	return f.checkLength(records, size)
}

func readAt(data io.ReaderAt, at int64, length int, size int64) ([]byte, error) {
	if at+int64(length) > size {
		return nil, fmt.Errorf("truncated: the header needs %d bytes, the file has %d", at+int64(length), size)
	}
	part := make([]byte, length)
	if _, err := data.ReadAt(part, at); err != nil && err != io.EOF {
		return nil, err
	}
	return part, nil
}

// parseHead parses the fixed part and returns the numbers of signals and of data records; the latter is -1 where the
// recorder did not know it.
func (f *File) parseHead(head []byte) (count, records int, err error) {
	fields := field{head}
	if version := fields.next(8); version != "0" {
		return 0, 0, errors.New("not an EDF file: it does not begin with version 0")
	}
	fields.next(80 + 80 + 8 + 8) // patient, recording, date, time
	headerBytes := fields.next(8)
	if kind := fields.next(44); strings.HasPrefix(kind, "EDF+D") {
		return 0, 0, errors.New("discontinuous recording (EDF+D): expected a continuous one")
	}
	if records, err = parseInt("number of data records", fields.next(8), -1, math.MaxInt32); err != nil {
		return 0, 0, err
	}
	if f.duration, err = parseDuration(fields.next(8)); err != nil {
		return 0, 0, err
	}
	if count, err = parseInt("number of signals", fields.next(4), 1, maxSignals); err != nil {
		return 0, 0, err
	}
	if want := headSize * (1 + count); headerBytes != strconv.Itoa(want) {
		return 0, 0, fmt.Errorf("damaged header: its length is %.12q, expected %d for %d signals", headerBytes, want, count)
	}
	return count, records, nil
}

// parseSignals parses the part that holds, field by field, one value for each signal.
func (f *File) parseSignals(body []byte, count int) error {
	column := func(at, width, signal int) string {
		part := field{body[count*at+width*signal:]}
		return part.next(width)
	}
	for i := range count {
		s := Signal{Label: column(0, 16, i), Unit: column(96, 8, i), offset: f.recordBytes}
		samples, err := parseInt("samples in a data record", column(216, 8, i), 1, maxRecord/2)
		if err != nil {
			return fmt.Errorf("signal %d: %w", i+1, err)
		}
		s.perRecord = samples
		if f.recordBytes += 2 * samples; f.recordBytes > maxRecord {
			return fmt.Errorf("damaged header: a data record of more than %d bytes", maxRecord)
		}
		if s.Label == annotations {
			continue
		}
		if err := s.parseScale(column(104, 8, i), column(112, 8, i), column(120, 8, i), column(128, 8, i)); err != nil {
			s.Damage = fmt.Errorf("signal %d (%s): %w", i+1, s.Label, err) // of no concern to who does not use it
		}
		s.Rate = new(big.Rat).Quo(big.NewRat(int64(samples), 1), f.duration)
		f.Signals = append(f.Signals, s)
	}
	return nil
}

// parseScale parses what turns digital into physical values.
func (s *Signal) parseScale(physicalMin, physicalMax, digitalMin, digitalMax string) (err error) {
	if s.PhysicalMin, err = parseFloat("physical minimum", physicalMin); err != nil {
		return err
	}
	if s.PhysicalMax, err = parseFloat("physical maximum", physicalMax); err != nil {
		return err
	}
	if s.DigitalMin, err = parseInt("digital minimum", wholeNumber(digitalMin), math.MinInt16, math.MaxInt16); err != nil {
		return err
	}
	if s.DigitalMax, err = parseInt("digital maximum", wholeNumber(digitalMax), math.MinInt16, math.MaxInt16); err != nil {
		return err
	}
	if s.DigitalMax <= s.DigitalMin || s.PhysicalMax == s.PhysicalMin {
		return fmt.Errorf("damaged header: digital range %d to %d for physical range %g to %g",
			s.DigitalMin, s.DigitalMax, s.PhysicalMin, s.PhysicalMax)
	}
	return nil
}

// checkLength compares the number of data records in the header with the length of the file. A recording that was cut
// in its last data record has those before it; one that has whole data records beyond those of the header has them all.
func (f *File) checkLength(records int, size int64) error {
	data := size - f.start
	whole := data / int64(f.recordBytes)
	switch {
	case records < 0:
		records = int(min(whole, math.MaxInt32))
	case int64(records) > whole+1 || int64(records) > whole && whole == 0:
		return fmt.Errorf("truncated: the header says %d data records, the file holds %d", records, whole)
	case int64(records) < whole && data%int64(f.recordBytes) != 0,
		int64(records) == whole && whole*int64(f.recordBytes) != data:
		return fmt.Errorf("damaged: %d bytes of data, the header says %d data records of %d bytes", data, records,
			f.recordBytes)
	case int64(records) != whole:
		f.Warning = fmt.Sprintf("the header says %d data records, the file holds %d, which are used", records, whole)
		records = int(min(whole, math.MaxInt32))
	}
	f.records = records
	return nil
}

func parseInt(what, text string, low, high int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("damaged header: %s %.12q: expected a whole number from %d to %d", what, text, low, high)
	}
	return n, nil
}

// wholeNumber drops the zeros behind the point with which some recorders write whole numbers: "2047.0".
func wholeNumber(text string) string {
	whole, rest, _ := strings.Cut(decimalPoint(text), ".")
	if strings.Trim(rest, "0") != "" {
		return text
	}
	return whole
}

// decimalPoint puts a point for the comma that recorders of some countries write.
func decimalPoint(text string) string {
	if strings.Contains(text, ".") {
		return text
	}
	return strings.Replace(text, ",", ".", 1)
}

func parseFloat(what, text string) (float64, error) {
	x, err := strconv.ParseFloat(decimalPoint(text), 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		return 0, fmt.Errorf("damaged header: %s %.12q: expected a number", what, text)
	}
	return x, nil
}

// parseDuration parses the seconds of a data record, exactly, since rates are quotients of it.
func parseDuration(text string) (*big.Rat, error) {
	seconds, err := parseFloat("seconds in a data record", text)
	if err != nil {
		return nil, err
	}
	if seconds < 1e-3 || seconds > 1e6 {
		return nil, fmt.Errorf("damaged header: %g seconds in a data record", seconds)
	}
	exact, ok := new(big.Rat).SetString(decimalPoint(text)) // in range, so an exponent is small
	if !ok || strings.ContainsAny(text, "xXpP") {           // hexadecimal is none of EDF's forms
		return nil, fmt.Errorf("damaged header: seconds in a data record %.12q: expected a decimal number", text)
	}
	return exact, nil
}
