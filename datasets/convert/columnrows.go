package convert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
)

// tableRow is a row of one of the files, without its input and its id. All rows are in memory at once.
type tableRow struct {
	split     datasets.Split
	file, row int32
	label     float32
}

// rowIDs has the ids of all rows of all files, in their order; of none where ids are the numbers of rows, from 1.
type rowIDs []string

func (ids rowIDs) of(file tableFile, row tableRow) string {
	at := file.before + int(row.row)
	if ids == nil {
		return strconv.Itoa(at + 1)
	}
	return ids[at]
}

// labels reads label, id and split of all rows and derives the label space from them.
func (o ColumnsOptions) labels(ctx context.Context, files []tableFile) (
	rows []tableRow, ids rowIDs, meta datasets.Meta, err error) {
	meta = o.meta()
	var labels []float64
	for at, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, nil, meta, err
		}
		if o.Split == "" && o.Cap == 0 && file.split == "" {
			return nil, nil, meta, fmt.Errorf("%s: no split: draw splits with --cap 10, "+
				"name the column that has them with --split, or begin the names of files with train, val and test", file.path)
		}
		files[at].before = len(rows)
		if err := o.readLabels(at, file, &rows, &ids, &labels); err != nil {
			return nil, nil, meta, err
		}
	}
	if len(rows) == 0 {
		return nil, nil, meta, fmt.Errorf("%s: no rows", files[0].path)
	}
	if meta.LabelSpace, err = o.space(rows); err != nil {
		return nil, nil, meta, err
	}
	for at, row := range rows {
		if meta.LabelSpace.Coarse(labels[at]) {
			return nil, nil, meta, fmt.Errorf(
				"%s: row %d: %s %v would be %v, as labels are kept in 32 bits: subtract a constant, or use wider bins",
				files[row.file].path, row.row+1, o.Label, labels[at], float64(row.label))
		}
	}
	if err := o.divide(rows, labels, meta.LabelSpace); err != nil {
		return nil, nil, meta, err
	}
	if err := o.checkSplits(rows); err != nil {
		return nil, nil, meta, err
	}
	kept, err := dropTrain(o.Options, &meta, rows, func(r tableRow) (datasets.Split, float32) { return r.split, r.label })
	return kept, ids, meta, err
}

// readLabels adds the rows of a file.
func (o ColumnsOptions) readLabels(at int, file tableFile, rows *[]tableRow, ids *rowIDs, labels *[]float64) error {
	columns := []table.Column{{Name: o.Label, Kind: table.Number}}
	if o.ID != "" {
		columns = append(columns, table.Column{Name: o.ID, Kind: table.Key})
	}
	if o.Split != "" {
		columns = append(columns, table.Column{Name: o.Split, Kind: table.Text})
	}
	f, err := table.Open(file.path, columns...)
	if err != nil {
		return err
	}
	defer f.Close()
	for n := 0; ; n++ {
		cells, err := f.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil && n > math.MaxInt32 {
			err = fmt.Errorf("%s: more than %d rows: use several files", file.path, math.MaxInt32)
		}
		if err != nil {
			return err
		}
		label := cells[0].Number + 0 // no negative zero
		row := tableRow{file: int32(at), row: int32(n), label: float32(label), split: file.split}
		if low, high := o.Binning.Range(); !(low <= label && label <= high) || math.IsInf(float64(row.label), 0) {
			return fmt.Errorf("%s: %s %v is outside the labels", f.Where(), o.Label, label)
		}
		if o.ID != "" {
			*ids = append(*ids, cells[1].Text)
		}
		if o.Split != "" {
			text := cells[len(cells)-1].Text
			if row.split = parseSplit(text); row.split == "" {
				return fmt.Errorf("%s: %s %.40q: expected train, val or test", f.Where(), o.Split, text)
			}
		}
		*rows, *labels = append(*rows, row), append(*labels, label)
	}
}

// space is the label space of rows whose splits are known, or are to be drawn.
func (o ColumnsOptions) space(rows []tableRow) (datasets.LabelSpace, error) {
	var train, others []float32
	for _, row := range rows {
		if o.Cap > 0 || row.split == datasets.Train {
			train = append(train, row.label)
		} else {
			others = append(others, row.label)
		}
	}
	if len(train) == 0 {
		return datasets.LabelSpace{}, o.checkSplits(rows)
	}
	return o.Binning.Space(o.Label, train, others)
}

// divide draws the splits, where that is asked for.
func (o ColumnsOptions) divide(rows []tableRow, labels []float64, space datasets.LabelSpace) error {
	if o.Cap == 0 {
		return nil
	}
	bin := func(i int) float64 { return float64(space.Bin(rows[i].label)) }
	if o.Binning.Aligned() && space.Width > 0 {
		bin = func(i int) float64 { return datasets.BinNumber(labels[i], space.Width) }
	}
	for i, split := range balancedSplit(len(rows), bin, o.Cap, o.Seed) {
		rows[i].split = split
	}
	if !slices.ContainsFunc(rows, func(r tableRow) bool { return r.split == datasets.Val }) {
		return errors.New("no label bin holds 3 rows, so val and test would be empty: use fewer --bins, or a larger " +
			"--bin-width")
	}
	return nil
}

// checkSplits makes sure that no split is empty.
func (o ColumnsOptions) checkSplits(rows []tableRow) error {
	for _, split := range datasets.Splits {
		if !slices.ContainsFunc(rows, func(r tableRow) bool { return r.split == split }) {
			return fmt.Errorf("split %s has no samples", split)
		}
	}
	return nil
}

// rowsOf returns the rows of a file, which stand together.
func rowsOf(rows []tableRow, file int) []tableRow {
	by := func(r tableRow, file int) int { return cmp.Compare(int(r.file), file) }
	first, _ := slices.BinarySearchFunc(rows, file, by)
	end, _ := slices.BinarySearchFunc(rows, file+1, by)
	return rows[first:end]
}

// readRows calls f for those rows of a file that are kept. Cells are f's until it returns.
func readRows(path string, columns []table.Column, rows []tableRow,
	f func(row tableRow, where string, cells []table.Value) error) error {
	file, err := table.Open(path, columns...)
	if err != nil {
		return err
	}
	defer file.Close()
	for n := 0; len(rows) > 0; n++ {
		cells, err := file.Next()
		if err == io.EOF {
			return fmt.Errorf("%s: the file has changed while it was read", path)
		}
		if err != nil {
			return err
		}
		if int(rows[0].row) != n {
			continue // dropped
		}
		if err := f(rows[0], file.Where(), cells); err != nil {
			return err
		}
		rows = rows[1:]
	}
	return nil
}

// rowForm says how the cells of a row make the input of a sample.
type rowForm struct {
	modality  datasets.Modality
	sentences int                // of text
	channels  [][]string         // the columns of each group of channels
	features  []datasets.Feature // of a table
	encoded   bool               // the features are a column already
	unseen    map[string]int     // by column, see [datasets.EncodeFeatures]
}

// newRowForm returns the form of the rows of a dataset, each channel and each feature a column.
func newRowForm(meta datasets.Meta) rowForm {
	form := rowForm{modality: meta.Modality, sentences: meta.SentenceCount(), features: meta.Features,
		unseen: map[string]int{}}
	for _, g := range meta.Groups {
		form.channels = append(form.channels, g.Channels)
	}
	return form
}

// sample returns the input of the cells, and the path of an image that lies in a file of its own.
func (f rowForm) sample(cells []table.Value) (s datasets.Sample, image string, err error) {
	switch f.modality {
	case datasets.Image:
		return datasets.Sample{Image: cells[0].Bytes}, cells[0].Text, nil
	case datasets.Text:
		for i, cell := range cells {
			s.Sentences[i] = cell.Text
		}
	case datasets.Signal:
		for _, group := range f.channels {
			series, err := datasets.Interleave(group, cells[:len(group)])
			if err != nil {
				return s, "", err
			}
			s.Signals, cells = append(s.Signals, series), cells[len(group):]
		}
	case datasets.Table:
		if f.encoded {
			s.Features = cells[0].List
			break
		}
		s.Features, err = datasets.EncodeFeatures(f.features, cells, f.unseen)
	}
	return s, "", err
}
