package datasets

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"

	"github.com/dirbench/dirbench/datasets/table"
)

// reader reads columns of the rows of a split: those of its file or, in place, of one source after another.
type reader struct {
	dataset *Dataset
	columns []column
	sources []Source // the one that is read, and those after it
	rows    rowList  // of the source that are still to come; of a file of the dataset's own nil, which is all
	file    *table.File
	row     int // of the file that was read last, from 1
	values  []table.Value
}

func (d *Dataset) openSplit(split Split, columns []column) (*reader, error) {
	if !split.valid() {
		return nil, fmt.Errorf("%s: split %q: expected train, val or test", d.Dir, split)
	}
	return d.openSources(d.Meta.Splits[split].sources(), columns)
}

func (d *Dataset) openSources(sources []Source, columns []column) (*reader, error) {
	r := &reader{dataset: d, columns: columns, sources: sources, values: make([]table.Value, len(columns))}
	return r, r.open()
}

// sources returns the files of a split.
func (p SplitMeta) sources() []Source {
	if len(p.Sources) > 0 {
		return p.Sources
	}
	return []Source{{Path: p.File, SHA256: p.SHA256}}
}

// open opens the first of the sources.
func (r *reader) open() (err error) {
	var wanted []table.Column
	for _, c := range r.columns {
		if r.makesFeatures(c) {
			c.kind = table.Any
		}
		for _, name := range r.dataset.Meta.namesOf(c) {
			wanted = append(wanted, table.Column{Name: name, Kind: c.kind})
		}
	}
	if r.dataset.Meta.InPlace() {
		if r.rows, err = parseRows(r.sources[0].Rows); err != nil {
			return err
		}
	}
	r.row = 0
	path := r.path()
	r.file, err = table.Open(path, wanted...)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: the file is missing: make the dataset again with dirbench data", path)
	}
	return advise(err)
}

// makesFeatures reports whether a column is that of the features and is made of columns in place.
func (r *reader) makesFeatures(c column) bool {
	return c.name == colFeatures && c.size > 0 && r.dataset.Meta.InPlace()
}

func (r *reader) path() string  { return r.dataset.resolve(r.sources[0].Path) }
func (r *reader) where() string { return r.file.Where() }

func (r *reader) close() {
	if r.file != nil { // the next source could be opened
		r.file.Close()
	}
}

// advise says what to do about a damaged file.
func advise(err error) error {
	if errors.Is(err, table.ErrDamaged) {
		return fmt.Errorf("%w: make the dataset again with dirbench data", err)
	}
	return err
}

// next returns the columns of the next row, or io.EOF. The slice is valid until the next call.
func (r *reader) next() ([]table.Value, error) {
	for r.dataset.Meta.InPlace() && len(r.rows) == 0 {
		if len(r.sources) == 1 {
			return nil, io.EOF
		}
		r.file.Close()
		r.sources = r.sources[1:]
		if err := r.open(); err != nil {
			return nil, err
		}
	}
	for {
		cells, err := r.file.Next()
		if err == io.EOF && len(r.rows) > 0 {
			return nil, fmt.Errorf("%s: %d rows, but %s names row %d", r.path(), r.row, MetaFile, r.rows[0][0])
		}
		if err != nil {
			return nil, advise(err)
		}
		if r.row++; r.take() {
			return r.values, r.join(cells)
		}
	}
}

// take reports whether the row is one of the split.
func (r *reader) take() bool {
	if r.rows == nil {
		return true
	}
	if r.row < r.rows[0][0] {
		return false
	}
	if r.row == r.rows[0][1] {
		r.rows = r.rows[1:]
	}
	return true
}

// join makes the columns of the dataset of those of the file.
func (r *reader) join(cells []table.Value) (err error) {
	for i, c := range r.columns {
		names := r.dataset.Meta.namesOf(c)
		switch {
		case len(names) == 0:
			r.values[i] = table.Value{Text: strconv.Itoa(r.sources[0].Before + r.row)}
		case r.makesFeatures(c):
			r.values[i].List, err = EncodeFeatures(r.dataset.Meta.Features, cells[:len(names)], nil)
		case len(names) > 1:
			r.values[i].List, err = Interleave(names, cells)
		case c.kind == table.Image && cells[0].Text != "":
			r.values[i].Bytes, err = r.image(cells[0].Text)
		default:
			r.values[i] = cells[0]
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r.where(), err)
		}
		cells = cells[len(names):]
	}
	return nil
}

// image reads an image that lies in a file of its own, as it may in place only.
func (r *reader) image(path string) ([]byte, error) {
	if !r.dataset.Meta.InPlace() {
		return nil, fmt.Errorf("column %q names the file %.80q, expected its content: "+
			"make the dataset with dirbench data convert columns", colImage, path)
	}
	return r.dataset.readImage(r.path(), path)
}

// Interleave joins the lists of channels, which must be as long as each other: time × channels.
func Interleave(channels []string, cells []table.Value) ([]float32, error) {
	if len(channels) == 1 {
		return cells[0].List, nil
	}
	series := make([]float32, 0, len(channels)*len(cells[0].List))
	for i := range channels {
		if a, b := len(cells[0].List), len(cells[i].List); a != b {
			return nil, fmt.Errorf("%s has %d values, %s %d: expected as many", channels[0], a, channels[i], b)
		}
	}
	for at := range cells[0].List {
		for i := range channels {
			series = append(series, cells[i].List[at])
		}
	}
	return series, nil
}

// sample returns the next sample. The columns must be those of the dataset.
func (r *reader) sample() (Sample, error) {
	row, err := r.next()
	if err != nil {
		return Sample{}, err
	}
	var s Sample
	for i, c := range r.columns {
		switch v := row[i]; c.kind {
		case table.Number:
			s.Label = float32(v.Number)
		case table.Bool:
			s.Subset = v.Bool
		case table.Numbers:
			if c.size > 0 {
				s.Features = v.List
			} else {
				s.Signals = append(s.Signals, v.List)
			}
		default:
			s.set(c.name, v)
		}
	}
	return s, nil
}
