package convert

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

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

// run converts the sources. Name tells the batches of one list of sources from those of another. Run again, it emits
// the same rows, which come from the spool then.
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

// row is what became of a source: a sample or, where Rejected is not empty, the reason why there is none.
type row struct {
	Sample   datasets.Sample
	Rejected string
}

// spool keeps finished batches of rows on disk while a conversion is under way, so that the next call of the same
// command goes on where an interrupted one stopped. It lies beside the dataset to be, hidden, and is removed after a
// success. A file holds the SHA-256 of its rest, then the fingerprint of the sources, then the rows.
type spool struct {
	dir     string
	earlier map[string]bool // batches that were there at the start and have not been read yet
	resumed int             // rows of those that have been
}

const (
	spoolKeyFile = "key"
	spoolSuffix  = ".batch"
	// spoolVersion is part of the key; a change of what converters make of a file must change it.
	spoolVersion = 2
)

// spoolKey hashes everything that rows depend on beside the content of the source files: options and the list of
// sources.
func spoolKey(parts ...any) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%d\n", spoolVersion)
	for _, part := range parts {
		fmt.Fprintf(sum, "%+v\n", part)
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// openSpool opens the spool of the dataset <out>/<name>. Batches that another key left there are discarded.
func openSpool(out, name, key string) (*spool, error) {
	s := &spool{dir: filepath.Join(out, "."+name+".partial"), earlier: map[string]bool{}}
	found, err := os.ReadFile(filepath.Join(s.dir, spoolKeyFile))
	if err != nil || string(found) != key {
		if err := os.RemoveAll(s.dir); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), spoolSuffix); ok {
			s.earlier[name] = true
		}
	}
	return s, WriteFile(filepath.Join(s.dir, spoolKeyFile), []byte(key))
}

// get returns the rows of a batch, if it is there, whole, and was made from the same files.
func (s *spool) get(batch string, fingerprint [sha256.Size]byte) ([]row, bool) {
	const sum = sha256.Size
	before := s.earlier[batch]
	delete(s.earlier, batch)
	data, err := os.ReadFile(s.path(batch))
	if err != nil || len(data) < 2*sum || sha256.Sum256(data[sum:]) != [sum]byte(data[:sum]) ||
		fingerprint != [sum]byte(data[sum:2*sum]) {
		return nil, false
	}
	var rows []row
	if err := gob.NewDecoder(bytes.NewReader(data[2*sum:])).Decode(&rows); err != nil {
		return nil, false
	}
	if before {
		s.resumed += len(rows)
	}
	return rows, true
}

// put keeps the rows of a batch.
func (s *spool) put(batch string, fingerprint [sha256.Size]byte, rows []row) error {
	var data bytes.Buffer
	data.Write(make([]byte, sha256.Size)) // place of the hash
	data.Write(fingerprint[:])
	if err := gob.NewEncoder(&data).Encode(rows); err != nil {
		return err
	}
	hash := sha256.Sum256(data.Bytes()[sha256.Size:])
	copy(data.Bytes(), hash[:])
	return WriteFile(s.path(batch), data.Bytes())
}

func (s *spool) path(batch string) string { return filepath.Join(s.dir, batch+spoolSuffix) }

// remove deletes the spool.
func (s *spool) remove() error { return os.RemoveAll(s.dir) }

// fingerprint changes when one of the files is changed, added or removed.
func fingerprint(files []string) [sha256.Size]byte {
	sum := sha256.New()
	for _, file := range files {
		info, err := os.Stat(file)
		switch {
		case err == nil:
			fmt.Fprintf(sum, "%q %d %d\n", file, info.Size(), info.ModTime().UnixNano())
		case errors.Is(err, fs.ErrNotExist):
			fmt.Fprintf(sum, "%q absent\n", file)
		default:
			fmt.Fprintf(sum, "%q %v\n", file, err)
		}
	}
	return [sha256.Size]byte(sum.Sum(nil))
}

// WriteFile writes a file that appears under its name only when it is complete.
func WriteFile(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".tmp-*")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Chmod(0o644), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		os.Remove(file.Name())
	}
	return err
}
