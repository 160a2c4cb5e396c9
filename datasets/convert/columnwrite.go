package convert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
)

// columnsConverter writes rows with their inputs.
type columnsConverter struct {
	opts     ColumnsOptions
	rows     []tableRow // that are kept
	ids      rowIDs
	next     int            // rows done
	columns  []table.Column // of the input
	form     rowForm
	put      func(pendingRow) error
	rejected *rejections
}

// prepare finds the columns of the input and what they hold.
func (c *columnsConverter) prepare(ctx context.Context, files []tableFile, meta *datasets.Meta) (err error) {
	if len(c.opts.Features) == 0 {
		c.columns = c.opts.inputColumns()
	} else if c.columns, err = c.opts.featureColumns(files); err == nil {
		meta.Features, err = c.opts.features(ctx, files, c.columns, c.rows)
	}
	c.form = newRowForm(*meta)
	return err
}

// inputColumns are the columns of an input that is not a table.
func (o ColumnsOptions) inputColumns() (columns []table.Column) {
	if o.Image != "" {
		columns = append(columns, table.Column{Name: o.Image, Kind: table.Image})
	}
	for _, name := range o.Text {
		columns = append(columns, table.Column{Name: name, Kind: table.Text})
	}
	for _, s := range o.Signals {
		for _, name := range s.Columns {
			columns = append(columns, table.Column{Name: name, Kind: table.Numbers})
		}
	}
	if o.LabelsOnly { // a column all the same, for the rows
		columns = append(columns, table.Column{Name: o.Label, Kind: table.Number})
	}
	return columns
}

// writeAll writes the dataset.
func (c *columnsConverter) writeAll(ctx context.Context, w *datasets.Writer, files []tableFile) error {
	finish, err := c.writeTo(w, files)
	if err != nil {
		return err
	}
	for at, file := range files {
		if err := c.convert(ctx, at, file); err != nil {
			return err
		}
	}
	if len(c.rejected.list) == len(c.rows) {
		first := c.rejected.list[0]
		return fmt.Errorf("none of the %d images can be read (%s: %s)", len(c.rows), first.Path, first.Reason)
	}
	if err := errors.Join(c.rejected.write(w), finish()); err != nil {
		return err
	}
	c.opts.warnUnseen(c.form.features, c.form.unseen)
	return nil
}

// writeTo says where rows go, and returns what completes the dataset.
func (c *columnsConverter) writeTo(w *datasets.Writer, files []tableFile) (finish func() error, err error) {
	if c.ids == nil {
		w.DistinctIDs()
	}
	if !c.opts.InPlace {
		splits, err := w.AllSplits()
		c.put = func(row pendingRow) error { return splits[row.split].Write(row.sample) }
		return w.Close, err
	}
	var paths []string
	var before []int
	for _, file := range files {
		paths, before = append(paths, file.path), append(before, file.before)
	}
	references, err := w.InPlace(paths, before)
	if err != nil {
		return nil, err
	}
	c.put = func(row pendingRow) error {
		return references.Write(row.split, row.sample, int(row.file), int(row.row)+1, row.path != "")
	}
	return references.Close, nil
}

// pendingRow is a row on its way from a file to a split.
type pendingRow struct {
	tableRow
	where, path string // of the row, and of its image
	sample      datasets.Sample
	failed      error
}

// convert writes the rows of a file, some at a time.
func (c *columnsConverter) convert(ctx context.Context, at int, file tableFile) error {
	folder := cmp.Or(c.opts.Images, filepath.Dir(file.path))
	var pending []pendingRow
	bytes := 0
	err := readRows(file.path, c.columns, rowsOf(c.rows, at),
		func(kept tableRow, where string, cells []table.Value) error {
			row := pendingRow{tableRow: kept, where: where}
			sample, image, err := c.form.sample(cells)
			if err != nil {
				return fmt.Errorf("%s: %w", where, err)
			}
			if image != "" {
				row.path = joinPath(folder, image)
			}
			row.sample, row.sample.ID, row.sample.Label = sample, c.ids.of(file, kept), kept.label
			pending = append(pending, row)
			c.next++
			for _, cell := range cells {
				bytes += len(cell.Bytes) + 4*len(cell.List)
			}
			if len(pending) < 256 && bytes <= 64<<20 {
				return nil
			}
			err = c.write(ctx, pending)
			pending, bytes = pending[:0], 0
			return err
		})
	if err != nil {
		return err
	}
	return c.write(ctx, pending)
}

// write prepares images over all cores and writes rows in their order.
func (c *columnsConverter) write(ctx context.Context, pending []pendingRow) error {
	err := forEach(ctx, pending, func(i int, row pendingRow) {
		switch s := &pending[i].sample; {
		case c.opts.Image == "":
		case row.path != "":
			s.Image, pending[i].failed = c.opts.load(row.path)
		default:
			s.Image, pending[i].failed = c.opts.store(s.Image)
		}
	})
	if err != nil {
		return err
	}
	for _, row := range pending {
		if row.failed != nil {
			err = c.rejected.add(int(row.row)+1, cmp.Or(row.path, row.where), row.failed.Error())
		} else if err = c.put(row); err != nil {
			err = fmt.Errorf("%s: %w", row.where, err)
		}
		if err != nil {
			return err
		}
	}
	c.opts.progress(c.next, len(c.rows))
	return nil
}
