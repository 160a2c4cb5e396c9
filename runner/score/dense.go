package score

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
	"github.com/dirbench/dirbench/runner/store"
)

// frames are the depth maps of a split whose evaluated pixels are the targets, one frame after another.
type frames struct {
	list  []frame
	index map[string]int // in list, by the frame's id
}

// frame is a depth map.
type frame struct {
	id    string
	size  image.Point
	view  image.Rectangle // field of view
	at    []int32         // its evaluated pixels, as positions row by row
	first int             // the target that the first of them is
}

// denseTargets fills in the evaluated pixels of a split, with ids FRAME@x,y.
func (t *Targets) denseTargets(d *datasets.Dataset) error {
	t.frames = &frames{index: map[string]int{}}
	for sample, err := range d.Samples(t.Split) {
		if err != nil {
			return err
		}
		depth, err := sample.Frame()
		if err != nil {
			return fmt.Errorf("%s: split %s, id %s: %w", d.Dir, t.Split, sample.ID, err)
		}
		f := frame{
			id: sample.ID, size: image.Pt(depth.Depth.Width, depth.Depth.Height), view: depth.View, first: len(t.Labels),
		}
		for y := f.view.Min.Y; y < f.view.Max.Y; y++ {
			for x := f.view.Min.X; x < f.view.Max.X; x++ {
				at := y*f.size.X + x
				millimetres := depth.Depth.Millimetres[at]
				if millimetres == 0 || depth.Mask != nil && !depth.Mask.On[at] {
					continue
				}
				f.at = append(f.at, int32(at))
				t.IDs = append(t.IDs, fmt.Sprintf("%s@%d,%d", f.id, x, y))
				t.Labels = append(t.Labels, datasets.Metres(millimetres))
			}
		}
		t.frames.index[f.id] = len(t.frames.list)
		t.frames.list = append(t.frames.list, f)
	}
	return nil
}

// place returns the position of an evaluated pixel in a map of the whole frame, or of its field of view.
func (f frame) place(at int32, whole bool) int {
	if whole {
		return int(at)
	}
	x, y := int(at)%f.size.X, int(at)/f.size.X
	return (y-f.view.Min.Y)*f.view.Dx() + x - f.view.Min.X
}

// whole tells a map of the whole frame from one of its field of view by the number of its values.
func (f frame) whole(values int) (bool, error) {
	switch values {
	case f.size.X * f.size.Y:
		return true, nil
	case f.view.Dx() * f.view.Dy():
		return false, nil
	}
	return false, fmt.Errorf("%d predictions of %.40q: expected %d×%d of the frame, or %d×%d of its field of view, row by row",
		values, f.id, f.size.Y, f.size.X, f.view.Dy(), f.view.Dx())
}

// byFrame reports whether the first row of a file is a frame, so that its prediction is a list.
func (o Options) byFrame(path string, f *frames) (bool, error) {
	if f == nil || path == Stdin {
		return false, nil
	}
	first, err := table.Open(path, table.Column{Name: o.Columns.name(ID), Kind: table.Key})
	if err != nil {
		return false, err
	}
	defer first.Close()
	row, err := first.Next()
	if err != nil { // reported with more to say by whoever reads the rows
		return false, nil
	}
	_, there := f.index[row[0].Text]
	return there, nil
}

// addFrame takes in a row whose prediction is the list of a frame.
func (r *reader) addFrame() error {
	id, key, err := r.identify()
	if err != nil {
		return err
	}
	i, known := r.targets.frames.index[id]
	if !known {
		r.unknown.add(func() string { return fmt.Sprintf("%s %.40q", r.where(), id) })
		return nil
	}
	p, err := r.of(key)
	if err != nil {
		return err
	}
	return r.fill(p, r.targets.frames.list[i], r.cells[Prediction].List, r.where)
}

// fill takes in the predictions of a frame.
func (r *reader) fill(p *Predictions, f frame, values []float32, where func() string) error {
	whole, err := f.whole(len(values))
	if err != nil {
		return err
	}
	for k, at := range f.at {
		target, value := f.first+k, values[f.place(at, whole)]
		switch {
		case math.IsNaN(float64(value)) || math.IsInf(float64(value), 0):
			r.notFinite.add(func() string { return fmt.Sprintf("%s %.40q: %v", where(), r.targets.IDs[target], value) })
		case p.Values[target] == p.Values[target]:
			r.twice.add(func() string { return fmt.Sprintf("%s %.40q", where(), f.id) })
			return nil
		default:
			p.Values[target] = value
		}
	}
	return nil
}

// npyHeader is the header of a NumPy file.
type npyHeader struct {
	bytes int    // of a number: 4 or 8
	dims  []int  // frames, and what a frame has
	shape string // as the file says it
}

// The fields of the header, a Python dictionary (NEP 1).
var (
	npyType    = regexp.MustCompile(`'descr':\s*'([^']*)'`)
	npyFortran = regexp.MustCompile(`'fortran_order':\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape':\s*\(([0-9, ]*)\)`)
)

// readHeader reads the header of an array of little-endian numbers of 32 or 64 bits, in C order.
func readHeader(in io.Reader) (a npyHeader, err error) {
	magic := make([]byte, 8)
	if _, err := io.ReadFull(in, magic); err != nil || string(magic[:6]) != "\x93NUMPY" {
		return a, errors.New("expected an array that numpy.save wrote")
	}
	size := make([]byte, 2)
	if magic[6] > 1 {
		size = make([]byte, 4)
	}
	if _, err := io.ReadFull(in, size); err != nil {
		return a, errors.New("cut off in its header")
	}
	length := binary.LittleEndian.Uint32(append(size, 0, 0)[:4])
	if length > 1<<16 {
		return a, errors.New("damaged header")
	}
	header := make([]byte, length)
	if _, err := io.ReadFull(in, header); err != nil {
		return a, errors.New("cut off in its header")
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

// readArray returns the predictions in a NumPy file of shape [frames, height, width] or [frames, 1, height, width], with the
// frames in the order of the dataset, one frame at a time.
func readArray(path string, targets Targets, o Options) ([]Predictions, store.External, error) {
	fail := func(err error) ([]Predictions, store.External, error) {
		return nil, store.External{}, fmt.Errorf("%s: %w", path, err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, store.External{}, err
	}
	defer file.Close()
	if targets.frames == nil {
		return fail(fmt.Errorf("an array has no ids: expected a table with id and prediction for the rows of %s", targets.Name))
	}
	in := bufio.NewReaderSize(file, 1<<20)
	a, err := readHeader(in)
	if err != nil {
		return fail(err)
	}
	list := targets.frames.list
	dims := slices.DeleteFunc(slices.Clone(a.dims), func(n int) bool { return n == 1 && len(a.dims) > 3 })
	if len(dims) != 3 || dims[0] != len(list) {
		return fail(fmt.Errorf("shape %s: expected (%d, height, width), for the frames of %s in their order", a.shape, len(list), targets.Name))
	}
	r := reader{rows: &rows{path: path}, options: o, targets: targets, runs: map[runKey]int{}, method: methodOf(path)}
	key := runKey{method: r.method}
	if o.Method != "" {
		key.method = o.Method
	}
	if o.Seed != nil {
		key.seed = *o.Seed
	}
	if err := CheckMethod(key.method); err != nil {
		return fail(err)
	}
	p, err := r.of(key)
	if err != nil {
		return fail(err)
	}
	if _, err := list[0].whole(dims[1] * dims[2]); err != nil { // before a buffer of that size
		return fail(fmt.Errorf("shape %s: %w", a.shape, err))
	}
	raw, values := make([]byte, a.bytes*dims[1]*dims[2]), make([]float32, dims[1]*dims[2])
	for i, f := range list {
		if _, err := io.ReadFull(in, raw); err != nil {
			return fail(fmt.Errorf("cut off in frame %d of %d", i+1, len(list)))
		}
		for k := range values {
			if a.bytes == 4 {
				values[k] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*k:]))
			} else {
				values[k] = float32(math.Float64frombits(binary.LittleEndian.Uint64(raw[8*k:])))
			}
		}
		if err := r.fill(p, f, values, func() string { return fmt.Sprintf("frame %d", i+1) }); err != nil {
			return fail(err)
		}
		r.read++
	}
	if _, err := in.ReadByte(); err != io.EOF {
		return fail(errors.New("longer than its header says"))
	}
	if err := r.verdict(); err != nil {
		return nil, store.External{}, err
	}
	sum, err := datasets.FileSHA256(path)
	return r.list, store.External{File: filepath.Base(path), SHA256: sum}, err
}
