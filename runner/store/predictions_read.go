package store

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"os"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"

	"github.com/dirbench/dirbench/datasets"
)

// readRows bounds the rows that reading holds in memory, whatever the row groups of the file.
const readRows = 1 << 13

// ReadPredictions returns the rows of a predictions file in order. An error, with the file's name, ends the sequence.
func ReadPredictions(path string) iter.Seq2[Prediction, error] {
	return func(yield func(Prediction, error) bool) {
		f, err := os.Open(path)
		if err != nil {
			yield(Prediction{}, err)
			return
		}
		defer f.Close()
		fail := func(err error) {
			yield(Prediction{}, damagedPredictions(path, err))
		}
		r, err := openPredictions(f)
		if err != nil {
			fail(err)
			return
		}
		for g := range r.NumRowGroups() {
			group, err := openGroup(r, g)
			if err != nil {
				fail(err)
				return
			}
			for group.left > 0 {
				rows, err := group.next()
				if err != nil {
					fail(err)
					return
				}
				for _, row := range rows {
					if !yield(row, nil) {
						return
					}
				}
			}
		}
	}
}

// checkPredictions looks at the schema and the number of rows of a predictions file, and so finds one that is missing
// or cut off.
func checkPredictions(path string, want int) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%w: delete the run's folder and run it again", err)
	}
	defer f.Close()
	r, err := openPredictions(f)
	if err == nil && r.NumRows() != int64(want) {
		err = fmt.Errorf("%d rows, %s is about %d", r.NumRows(), MetricsFile, want)
	}
	if err != nil {
		return damagedPredictions(path, err)
	}
	return nil
}

func damagedPredictions(path string, err error) error {
	return fmt.Errorf("%s: damaged predictions (%w): delete the run's folder and run it again", path, err)
}

// openPredictions checks that the file has exactly the columns that WritePredictions or WriteSpreads writes.
func openPredictions(f *os.File) (r *file.Reader, err error) {
	err = guard(func() error {
		if r, err = file.NewParquetReader(f); err != nil {
			return err
		}
		if got := r.MetaData().Schema.Root(); !got.Equals(predictionSchema) && !got.Equals(spreadSchema) {
			return errors.New("expected the columns id, split, label, prediction, spread or not, and bin")
		}
		return nil
	})
	return r, err
}

// predictionGroup reads the columns of one row group in step.
type predictionGroup struct {
	left              int64
	id, split         *file.ByteArrayColumnChunkReader
	label, prediction *file.Float32ColumnChunkReader
	spread            *file.Float32ColumnChunkReader // nil where the file has none
	bin               *file.Int32ColumnChunkReader
	rows              []Prediction
}

func openGroup(r *file.Reader, number int) (g *predictionGroup, err error) {
	err = guard(func() error {
		rg := r.RowGroup(number)
		cols := make([]file.ColumnChunkReader, rg.NumColumns())
		for i := range cols {
			if cols[i], err = rg.Column(i); err != nil {
				return err
			}
		}
		g = &predictionGroup{
			left:       rg.NumRows(),
			id:         cols[0].(*file.ByteArrayColumnChunkReader),
			split:      cols[1].(*file.ByteArrayColumnChunkReader),
			label:      cols[2].(*file.Float32ColumnChunkReader),
			prediction: cols[3].(*file.Float32ColumnChunkReader),
			bin:        cols[len(cols)-1].(*file.Int32ColumnChunkReader),
			rows:       make([]Prediction, readRows),
		}
		if len(cols) == spreadSchema.NumFields() {
			g.spread = cols[4].(*file.Float32ColumnChunkReader)
		}
		return nil
	})
	return g, err
}

// next returns the next rows of the group; the slice is valid until the following call.
func (g *predictionGroup) next() ([]Prediction, error) {
	rows := g.rows[:min(g.left, readRows)]
	g.left -= int64(len(rows))
	err := guard(func() error {
		// Byte arrays point into the page and are copied, by becoming strings, before the next one is read.
		var err error
		if g.spread != nil {
			err = readColumn(g.spread, rows, func(p *Prediction, v float32) { p.Spread = v })
		}
		return cmp.Or(err,
			readColumn(g.id, rows, func(p *Prediction, v parquet.ByteArray) { p.ID = string(v) }),
			readColumn(g.split, rows, func(p *Prediction, v parquet.ByteArray) { p.Split = datasets.Split(v) }),
			readColumn(g.label, rows, func(p *Prediction, v float32) { p.Label = v }),
			readColumn(g.prediction, rows, func(p *Prediction, v float32) { p.Prediction = v }),
			readColumn(g.bin, rows, func(p *Prediction, v int32) { p.Bin = v }),
		)
	})
	return rows, err
}

// columnReader is what the typed column readers have in common.
type columnReader[T any] interface {
	ReadBatch(batchSize int64, values []T, defLevels, repLevels []int16) (total int64, read int, err error)
}

// readColumn reads one value for every row; a batch ends with its page, so that several may be needed.
func readColumn[T any](col columnReader[T], rows []Prediction, set func(*Prediction, T)) error {
	values := make([]T, len(rows))
	for done := 0; done < len(rows); {
		_, n, err := col.ReadBatch(int64(len(rows)-done), values, nil, nil)
		if err != nil {
			return err
		}
		if n == 0 {
			return errors.New("a column is shorter than its row group")
		}
		for _, v := range values[:n] {
			set(&rows[done], v)
			done++
		}
	}
	return nil
}
