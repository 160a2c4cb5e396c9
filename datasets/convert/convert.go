// Package convert makes prepared datasets from the files that the official benchmarks publish. The same files and
// options give the same bytes, whatever the number of cores and whether or not a conversion was interrupted.
package convert

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
)

// Options apply to every converter. An empty Name, Title, Source or Licence means the benchmark's own; under another
// Name the title is that name, and source and licence are "not stated".
type Options struct {
	Out       string // the dataset goes to <Out>/<Name>
	Name      string // folder name and key
	Title     string // as tables print it
	Source    string // where the raw files came from
	Licence   string
	Made      string // the command, without paths
	Overwrite bool   // replace a dataset of that name

	// Format is that of the splits; empty: Parquet.
	Format datasets.Format

	// DropTrain removes training samples with these labels, so that validation and test have regions without training
	// data. The title says so unless one is given.
	DropTrain datasets.LabelRanges

	// Progress, unless nil, is told from time to time how many of the rows are done.
	Progress func(done, total int)
	// Warn, unless nil, is told in a line what is odd about a file that is used all the same.
	Warn func(text string)
	// Resumed, unless nil, is told at the end, also of a failure, how many rows an earlier, interrupted conversion had
	// left, if there were any.
	Resumed func(rows int)
	// Repeated, unless nil, is told how many rows of a list name an image that a row before them has, if any do.
	Repeated func(rows int)
}

// meta fills what the options leave open from the benchmark's own description. Under another name the data is
// something else, whose title and origin the benchmark cannot know.
func (o Options) meta(own datasets.Meta) datasets.Meta {
	if o.Name != "" && o.Name != own.Name {
		own.Name, own.Title, own.Source, own.Licence = o.Name, o.Name, "not stated", "not stated"
	}
	if len(o.DropTrain) > 0 {
		own.Title += ", no training labels " + strings.ReplaceAll(o.DropTrain.String(), ",", ", ")
	}
	own.Title = cmp.Or(o.Title, own.Title)
	own.Source = cmp.Or(o.Source, own.Source)
	own.Licence = cmp.Or(o.Licence, own.Licence)
	own.Made = o.Made
	return own
}

func (o Options) create(meta datasets.Meta) (*datasets.Writer, error) {
	create := datasets.Create
	if o.Overwrite {
		create = datasets.Overwrite
	}
	w, err := create(filepath.Join(o.Out, meta.Name), meta)
	if err == nil {
		w.Format = o.Format
	}
	return w, err
}

// complete writes the list of what was left out, closes the dataset of that name and opens it. from is what an error of
// its content names; finish is called when the dataset is there.
func (o Options) complete(w *datasets.Writer, name, from string, rejected *rejections, finish func() error) (
	*datasets.Dataset, []Rejection, error) {
	if err := rejected.write(w); err != nil {
		return nil, nil, err
	}
	if err := w.Close(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", from, err)
	}
	if err := finish(); err != nil {
		return nil, nil, err
	}
	d, err := datasets.Open(filepath.Join(o.Out, name))
	return d, rejected.list, err
}

func (o Options) progress(done, total int) {
	if o.Progress != nil {
		o.Progress(done, total)
	}
}

// resumed tells about the rows that were taken over.
func (o Options) resumed(s *spool) {
	if o.Resumed != nil && s.resumed > 0 {
		o.Resumed(s.resumed)
	}
}

// dropTrain returns the sources without those training ones whose label lies in opts.DropTrain, and makes the bins that
// this empties few-shot where the shot rule is a list of bins: a bin without training data is not many-shot. The error
// tells of ranges that leave nothing to train on or drop nothing.
func dropTrain[T any](opts Options, meta *datasets.Meta, sources []T, of func(T) (datasets.Split, float32)) (
	[]T, error) {
	if len(opts.DropTrain) == 0 {
		return sources, nil
	}
	if err := opts.DropTrain.Check(meta.LabelSpace); err != nil {
		return nil, fmt.Errorf("drop-train: %w", err)
	}
	var kept []T
	var before, after []float32
	for _, s := range sources {
		split, label := of(s)
		if split == datasets.Train {
			before = append(before, label)
			if opts.DropTrain.Contains(label) {
				continue
			}
			after = append(after, label)
		}
		kept = append(kept, s)
	}
	switch len(after) {
	case 0:
		return nil, fmt.Errorf("drop-train %s: no training sample is left", opts.DropTrain)
	case len(before):
		return nil, fmt.Errorf("drop-train %s: no training sample has such a label", opts.DropTrain)
	}
	return kept, emptyBins(meta, meta.LabelSpace.Count(before), meta.LabelSpace.Count(after))
}

// emptyBins takes the bins that have lost all training samples from the lists of the shot rule.
func emptyBins(meta *datasets.Meta, before, after []int) error {
	rule := meta.Shots.WithoutMany(func(bin int) bool { return before[bin] > 0 && after[bin] == 0 })
	if len(meta.Shots.ManyBins) > 0 && len(rule.ManyBins)+len(rule.MediumBins) == 0 {
		return errors.New("drop-train: no bin of the many- and medium-shot lists is left")
	}
	meta.Shots = rule
	return nil
}

// RejectedFile lists the rows that were left out, beside dataset.yaml: their line, path and the reason.
const RejectedFile = "rejected.csv"

// Rejection is a row that was left out.
type Rejection struct {
	Line   int // in the list that names it, from 1; 0 for a file that no list names
	Path   string
	Reason string
}

// rejections collects the rows that are left out.
type rejections struct {
	strict bool // a row that cannot be used is an error
	list   []Rejection
}

// add leaves a row out, unless that is an error.
func (r *rejections) add(line int, path, reason string) error {
	if r.strict {
		return fmt.Errorf("%s: %s", path, reason)
	}
	r.leaveOut(line, path, reason)
	return nil
}

func (r *rejections) leaveOut(line int, path, reason string) {
	r.list = append(r.list, Rejection{line, path, reason})
}

// write writes RejectedFile if there is anything to list.
func (r *rejections) write(w *datasets.Writer) error {
	if len(r.list) == 0 {
		return nil
	}
	var text bytes.Buffer
	out := csv.NewWriter(&text)
	out.Write([]string{"row", "path", "reason"})
	for _, rejected := range r.list {
		line := ""
		if rejected.Line > 0 {
			line = strconv.Itoa(rejected.Line)
		}
		out.Write([]string{line, rejected.Path, rejected.Reason})
	}
	out.Flush()
	return errors.Join(out.Error(), w.AddFile(RejectedFile, text.Bytes()))
}

// parseLabel reads a label as the official code does, by way of a 64-bit number, and checks its range.
func parseLabel(text string, space datasets.LabelSpace) (float32, error) {
	value, err := table.ParseNumber(text)
	if err != nil {
		return 0, fmt.Errorf("label %w", err)
	}
	label := float32(value)
	return label, space.Check(label)
}

// namedRows reads a CSV file whose header names the columns, in any order and among others, and calls use with their
// cells in each row, which are its until it returns. Errors name file and line; expected says what the file should
// hold.
func namedRows(name string, in io.Reader, columns []string, expected string,
	use func(line int, cells []string) error) error {
	rows := csv.NewReader(table.WithoutMark(in))
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return csvError(name, err, expected)
	}
	at, cells := make([]int, len(columns)), make([]string, len(columns))
	for i, column := range columns {
		if at[i] = slices.Index(header, column); at[i] < 0 {
			return fmt.Errorf("%s:1: column %q is missing: expected %s", name, column, expected)
		}
	}
	for n := 0; ; n++ {
		row, err := rows.Read()
		if err == io.EOF && n > 0 {
			return nil
		}
		if err != nil {
			return csvError(name, err, expected)
		}
		for i := range at {
			cells[i] = row[at[i]]
		}
		line, _ := rows.FieldPos(0)
		if err := use(line, cells); err != nil {
			return fmt.Errorf("%s:%d: %w", name, line, err)
		}
	}
}

// csvError names the file and line of an error of the CSV reader; expected says what a file without rows should hold.
func csvError(name string, err error, expected string) error {
	var parse *csv.ParseError
	switch {
	case err == io.EOF:
		return fmt.Errorf("%s: no rows: expected %s", name, expected)
	case errors.Is(err, csv.ErrFieldCount) && errors.As(err, &parse):
		return fmt.Errorf("%s:%d: expected as many columns as the header has", name, parse.Line)
	case errors.As(err, &parse):
		return fmt.Errorf("%s:%d: %w", name, parse.Line, parse.Err)
	}
	return fmt.Errorf("%s: %w", name, err)
}
