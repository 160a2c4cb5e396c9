package convert

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/dirbench/dirbench/datasets"
)

// batches converts sources to rows: a batch at a time, over all cores, each kept in the spool when it is finished.
type batches[S any] struct {
	spool   *spool
	size    int                                 // sources in a batch
	files   func(S) []string                    // that a row is made from
	convert func(S) (datasets.Sample, error)    // an error is why the source is left out
	emit    func(source S, converted row) error // is given the rows in the order of the sources
	told    func(done int)                      // is given the number of sources done, after each batch
}

// run converts the sources. Name tells the batches of one list of sources from those of another. Run again, it emits the
// same rows, which come from the spool then.
func (b batches[S]) run(ctx context.Context, name string, sources []S) error {
	for start := 0; start < len(sources); start += b.size {
		part := sources[start:min(start+b.size, len(sources))]
		rows, err := b.rows(ctx, fmt.Sprintf("%s-%06d", name, start/b.size), part)
		if err != nil {
			return err
		}
		for i, source := range part {
			if err := b.emit(source, rows[i]); err != nil {
				return err
			}
		}
		b.told(start + len(part))
	}
	return nil
}

// rows returns the rows of a batch, out of the spool or made and put there.
func (b batches[S]) rows(ctx context.Context, name string, part []S) ([]row, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var files []string
	for _, source := range part {
		files = append(files, b.files(source)...)
	}
	print := fingerprint(files)
	if rows, ok := b.spool.get(name, print); ok && len(rows) == len(part) {
		return rows, nil
	}
	rows := make([]row, len(part))
	err := forEach(ctx, part, func(i int, source S) {
		sample, err := b.convert(source)
		if rows[i].Sample = sample; err != nil {
			rows[i] = row{Rejected: err.Error()}
		}
	})
	if err != nil {
		return nil, err
	}
	return rows, b.spool.put(name, print, rows)
}

// forEach calls do for every item, over all cores. The error is only about ctx.
func forEach[T any](ctx context.Context, items []T, do func(i int, item T)) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, item := range items {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			do(i, item)
			return nil
		})
	}
	return group.Wait()
}

// readFile is os.ReadFile with an error that does not repeat the path.
func readFile(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	return data, withoutPath(err)
}

// withoutPath drops the path from an error about a file, for a list that has it in a column of its own.
func withoutPath(err error) error {
	var pathError *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("the file is missing")
	case errors.As(err, &pathError):
		return pathError.Err
	}
	return err
}
