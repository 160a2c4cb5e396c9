package wfdb

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/big"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	maxHeader  = 1 << 20 // bytes of a header
	maxSignals = 1024    // far above any record's
	maxFrame   = 1 << 16 // samples of a signal in a frame
)

// Values that a header may leave out.
const (
	defaultRate = "250"
	defaultGain = 200
	defaultUnit = "mV"
)

// line is a line of a header that is no comment.
type line struct {
	number int // from 1
	fields []string
}

// lines cuts a header into those that are not blank and no comment. A comment begins with #.
func lines(header []byte) (list []line) {
	header = bytes.TrimPrefix(header, []byte("\ufeff"))
	for i, text := range strings.Split(string(header), "\n") {
		if text = strings.TrimSpace(text); text != "" && text[0] != '#' {
			list = append(list, line{i + 1, strings.Fields(text)})
		}
	}
	return list
}

// parseHeader reads a header and finds the files that it names.
func (r *Record) parseHeader(fsys fs.FS, header []byte) error {
	list := lines(header)
	if len(list) == 0 {
		return errors.New("no record line: expected a WFDB header")
	}
	count, err := r.parseRecord(list[0])
	if err != nil {
		return fmt.Errorf("line %d: %w", list[0].number, err)
	}
	if len(list)-1 < count {
		return fmt.Errorf("%d signal lines: expected %d", len(list)-1, count)
	}
	for _, l := range list[1 : 1+count] { // later lines are nobody's
		if err := r.parseSignal(l.fields); err != nil {
			return fmt.Errorf("line %d: %w", l.number, err)
		}
	}
	for _, d := range r.files {
		if err := r.findFile(fsys, d); err != nil {
			return err
		}
	}
	if r.frames < 1 || r.frames > math.MaxInt32 {
		return fmt.Errorf("%d samples a signal: expected 1 to %d", r.frames, math.MaxInt32)
	}
	return nil
}

// parseRecord parses "NAME NSIG [RATE[/COUNTER] [NSAMP [TIME [DATE]]]]" and returns the number of signals.
func (r *Record) parseRecord(l line) (signals int, err error) {
	f := l.fields
	if len(f) < 2 {
		return 0, errors.New("not a record line: expected a name and the number of signals")
	}
	if strings.Contains(f[0], "/") {
		return 0, fmt.Errorf("%.40q has several segments: multi-segment records are not supported", f[0])
	}
	if signals, err = parseInt("number of signals", f[1], 1, maxSignals); err != nil {
		return 0, err
	}
	rate, _, _ := strings.Cut(optional(f, 2, defaultRate), "/")
	if r.Rate, err = parseRate(rate); err != nil {
		return 0, err
	}
	r.frames, err = parseInt("number of samples", optional(f, 3, "0"), 0, math.MaxInt32)
	return signals, err
}

// parseRate parses samples a second, exactly.
func parseRate(text string) (*big.Rat, error) {
	if x, err := strconv.ParseFloat(text, 64); err != nil || !(x >= 1e-3 && x <= 1e6) ||
		strings.ContainsAny(text, "xXpP_") {
		return nil, fmt.Errorf("sampling frequency %.20q: expected a number from 0.001 to 1000000", text)
	}
	rate, ok := new(big.Rat).SetString(text) // in range, so an exponent is small
	if !ok {
		return nil, fmt.Errorf("sampling frequency %.20q: expected a decimal number", text)
	}
	return rate, nil
}

// formatField is "FORMAT[xSAMPLES][:SKEW][+OFFSET]".
var formatField = regexp.MustCompile(`^(\d+)(?:x(\d+))?(?::(\d+))?(?:\+(\d+))?$`)

// parseSignal parses "FILE FORMAT [GAIN[(BASELINE)][/UNIT] [BITS [ZERO [FIRST [CHECKSUM [BLOCK [NAME …]]]]]]]".
func (r *Record) parseSignal(f []string) error {
	if len(f) < 2 {
		return errors.New("not a signal line: expected a file and a format")
	}
	s := Signal{Name: strings.Join(f[min(8, len(f)):], " ")}
	form := formatField.FindStringSubmatch(f[1])
	if form == nil {
		return fmt.Errorf("format %.40q: expected a number", f[1])
	}
	d, err := r.fileOf(f[0], form)
	if err != nil {
		return err
	}
	if s.perFrame, err = parseInt("samples in a frame", orElse(form[2], "1"), 1, maxFrame); err != nil {
		return err
	}
	if skew := orElse(form[3], "0"); strings.Trim(skew, "0") != "" {
		return fmt.Errorf("a signal that is skewed by %.20s samples is not supported", skew)
	}
	s.file, s.offset = d, d.frame
	if d.frame += s.perFrame; d.frame > maxFrame {
		return fmt.Errorf("more than %d samples in a frame", maxFrame)
	}
	if err := s.parseScale(f); err != nil {
		return err
	}
	s.Rate = new(big.Rat).Mul(r.Rate, big.NewRat(int64(s.perFrame), 1))
	r.Signals = append(r.Signals, s)
	return nil
}

// fileOf returns the file of a signal, which signals before it may be in.
func (r *Record) fileOf(name string, form []string) (*dataFile, error) {
	coding, ok := codings[form[1]]
	if !ok {
		return nil, fmt.Errorf("format %.20s is not supported: expected one of %s", form[1], strings.Join(formats(), ", "))
	}
	start, err := parseInt("byte offset", orElse(form[4], "0"), 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(r.files, func(d *dataFile) bool { return d.name == name })
	if at < 0 {
		r.files = append(r.files, &dataFile{name: name, format: form[1], coding: coding, start: int64(start)})
		return r.files[len(r.files)-1], nil
	}
	d := r.files[at]
	switch {
	case d.format != form[1]:
		return nil, fmt.Errorf("file %.40q has format %s, and %s in a line before", name, form[1], d.format)
	case form[4] != "" && d.start != int64(start):
		return nil, fmt.Errorf("file %.40q begins at byte %d, and at %d in a line before", name, start, d.start)
	}
	return d, nil
}

// gainField is "GAIN[(BASELINE)][/UNIT]".
var gainField = regexp.MustCompile(`^([^(/]+)(?:\(([+-]?\d+)\))?(?:/(.+))?$`)

// parseScale parses what turns digital into physical values, and the checksum. A gain of 0 stands for the default one.
func (s *Signal) parseScale(f []string) (err error) {
	form := gainField.FindStringSubmatch(optional(f, 2, "0"))
	if form == nil {
		return fmt.Errorf("gain %.40q: expected GAIN(BASELINE)/UNIT", f[2])
	}
	s.Unit = orElse(form[3], defaultUnit)
	s.Gain, err = strconv.ParseFloat(form[1], 64)
	if err != nil || math.IsNaN(s.Gain) || math.IsInf(s.Gain, 0) {
		return fmt.Errorf("gain %.40q: expected a number", f[2])
	}
	if s.Gain == 0 {
		s.Gain = defaultGain
	}
	zero, err := parseInt("ADC zero", optional(f, 4, "0"), math.MinInt32, math.MaxInt32)
	if err != nil {
		return err
	}
	if s.Baseline, err = parseInt("baseline", orElse(form[2], strconv.Itoa(zero)), math.MinInt32,
		math.MaxInt32); err != nil {
		return err
	}
	if s.summed = len(f) > 6; s.summed {
		sum, err := parseInt("checksum", f[6], math.MinInt16, math.MaxUint16)
		s.checksum = uint16(sum)
		return err
	}
	return nil
}

// findFile opens a file of samples and compares its length with the header's, from which the number of frames follows
// where that says none.
func (r *Record) findFile(fsys fs.FS, d *dataFile) error {
	file, err := openData(fsys, path.Join(r.dir, d.name))
	if err != nil {
		return fmt.Errorf("file %.80q: %w", d.name, err)
	}
	d.data = file
	r.closers = append(r.closers, file)
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("file %.80q: %w", d.name, err)
	}
	samples := d.coding.samples(max(0, info.Size()-d.start))
	if r.frames == 0 {
		r.frames = int(min(samples/int64(d.frame), math.MaxInt32))
	}
	if held := samples / int64(d.frame); int64(r.frames) > held {
		return fmt.Errorf("file %.80q is truncated: the header says %d samples a signal, it holds %d", d.name, r.frames, held)
	}
	return nil
}

func optional(fields []string, at int, missing string) string {
	if at < len(fields) {
		return fields[at]
	}
	return missing
}

func orElse(text, missing string) string {
	if text == "" {
		return missing
	}
	return text
}

func parseInt(what, text string, low, high int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%s %.20q: expected a whole number from %d to %d", what, text, low, high)
	}
	return n, nil
}
