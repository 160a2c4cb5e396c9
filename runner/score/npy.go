package score

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// readArray returns the predictions in a NumPy file of shape [frames, height, width] or [frames, 1, height, width],
// with the frames in the order of the dataset, one frame at a time.
func readArray(path string, targets Targets, o Options) ([]Predictions, store.External, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, store.External{}, err
	}
	defer file.Close()
	r := reader{
		rows: &rows{path: path}, options: o, method: cmp.Or(o.Method, methodOf(path)), targets: targets,
		runs: map[runKey]int{},
	}
	if err := r.readFrames(bufio.NewReaderSize(file, 1<<20)); err != nil {
		return nil, store.External{}, fmt.Errorf("%s: %w", path, err)
	}
	if err := r.verdict(); err != nil {
		return nil, store.External{}, err
	}
	sum, err := datasets.FileSHA256(path)
	return r.list, store.External{File: filepath.Base(path), SHA256: sum}, err
}

// readFrames reads the predictions of all frames in their order.
func (r *reader) readFrames(in *bufio.Reader) error {
	if r.targets.frames == nil {
		return fmt.Errorf("an array has no ids: expected a table with id and prediction for the rows of %s", r.targets.Name)
	}
	a, err := readHeader(in)
	if err != nil {
		return err
	}
	size, err := a.frameSize(r.targets)
	if err != nil {
		return err
	}
	if err := CheckMethod(r.method); err != nil {
		return err
	}
	key := runKey{method: r.method}
	if r.options.Seed != nil {
		key.seed = *r.options.Seed
	}
	p, err := r.of(key)
	if err != nil {
		return err
	}
	raw, values := make([]byte, a.bytes*size), make([]float32, size)
	for i, f := range r.targets.frames.list {
		if _, err := io.ReadFull(in, raw); err != nil {
			return fmt.Errorf("cut off in frame %d of %d", i+1, len(r.targets.frames.list))
		}
		a.decode(values, raw)
		if err := r.fill(p, f, values, func() string { return fmt.Sprintf("frame %d", i+1) }); err != nil {
			return err
		}
		r.read++
	}
	if _, err := in.ReadByte(); err != io.EOF {
		return errors.New("longer than its header says")
	}
	return nil
}

// npyHeader is the header of a NumPy file.
type npyHeader struct {
	bytes int    // of a number: 4 or 8
	dims  []int  // frames, and what a frame has
	shape string // as the file says it
}

// frameSize returns the number of values of a frame, if the array is one of the targets' frames.
func (a npyHeader) frameSize(targets Targets) (int, error) {
	list := targets.frames.list
	dims := slices.DeleteFunc(slices.Clone(a.dims), func(n int) bool { return n == 1 && len(a.dims) > 3 })
	if len(dims) != 3 || dims[0] != len(list) {
		return 0, fmt.Errorf("shape %s: expected (%d, height, width), for the frames of %s in their order",
			a.shape, len(list), targets.Name)
	}
	size := dims[1] * dims[2]
	if _, err := list[0].whole(size); err != nil { // before a buffer of that size
		return 0, fmt.Errorf("shape %s: %w", a.shape, err)
	}
	return size, nil
}

// decode converts the numbers of a frame.
func (a npyHeader) decode(values []float32, raw []byte) {
	for k := range values {
		if a.bytes == 4 {
			values[k] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*k:]))
		} else {
			values[k] = float32(math.Float64frombits(binary.LittleEndian.Uint64(raw[8*k:])))
		}
	}
}

// The fields of the header, a Python dictionary (NEP 1).
var (
	npyType    = regexp.MustCompile(`'descr':\s*'([^']*)'`)
	npyFortran = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape':\s*\(([0-9, ]*)\)`)
)

// readHeader reads the header of an array of little-endian numbers of 32 or 64 bits, in C order.
func readHeader(in io.Reader) (a npyHeader, err error) {
	header, err := readDictionary(in)
	if err != nil {
		return a, err
	}
	kind, order, shape := npyType.FindSubmatch(header), npyFortran.FindSubmatch(header), npyShape.FindSubmatch(header)
	if kind == nil || order == nil || shape == nil {
		return a, fmt.Errorf("header %.80q: expected one with descr, fortran_order and shape", header)
	}
	switch string(kind[1]) {
	case "<f4":
		a.bytes = 4
	case "<f8":
		a.bytes = 8
	default:
		return a, fmt.Errorf("numbers of type %.20q: expected float32 or float64", kind[1])
	}
	if string(order[1]) == "True" {
		return a, errors.New("in Fortran order: save numpy.ascontiguousarray of it")
	}
	a.shape = "(" + string(shape[1]) + ")"
	for part := range strings.SplitSeq(string(shape[1]), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 || n > 1<<31 {
			return a, fmt.Errorf("shape %.80s: expected positive numbers", a.shape)
		}
		a.dims = append(a.dims, n)
	}
	return a, nil
}

// readDictionary reads a file up to its numbers and returns the text of its header.
func readDictionary(in io.Reader) ([]byte, error) {
	magic := make([]byte, 8)
	if _, err := io.ReadFull(in, magic); err != nil || string(magic[:6]) != "\x93NUMPY" {
		return nil, errors.New("expected an array that numpy.save wrote")
	}
	size := make([]byte, 2)
	if magic[6] > 1 {
		size = make([]byte, 4)
	}
	if _, err := io.ReadFull(in, size); err != nil {
		return nil, errors.New("cut off in its header")
	}
	length := binary.LittleEndian.Uint32(append(size, 0, 0)[:4])
	if length > 1<<16 {
		return nil, errors.New("damaged header")
	}
	header := make([]byte, length)
	if _, err := io.ReadFull(in, header); err != nil {
		return nil, errors.New("cut off in its header")
	}
	return header, nil
}
