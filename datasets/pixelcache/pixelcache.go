// Package pixelcache keeps the images of a split decoded and resized: records of one size in a memory-mapped file
// beside the Parquet file, at DATASET/.cache, which processes share. The file is named by a hash over everything that
// its content follows from, so that nothing ever looks for one that is out of date. Each record carries a checksum; a
// file that is cut off or damaged is made again, and where none can be made the split is held in memory.
package pixelcache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/dirbench/dirbench/datasets"
)

// Dir is the folder of the files in that of a dataset.
const Dir = ".cache"

// Spec says what records are and how they are made.
type Spec struct {
	Dataset *datasets.Dataset
	Split   datasets.Split
	Kind    string // form and size of a record, a part of file names: "rgb-224x224"
	Size    int    // bytes of a record
	Version int    // of Decode: another one gives other records for the same sample
	// Decode makes the record of a sample. It is called from several goroutines.
	Decode func(sample datasets.Sample, record []byte) error
	// Note, unless nil, is told in a line why a file could not be used.
	Note func(string)
}

// key is the hash of what the records follow from. The release of Go stands for its decoders of JPEG and PNG.
func (s *Spec) key() [sha256.Size]byte {
	source := s.Dataset.Meta.Splits[s.Split].SHA256
	return sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d\n%d\n%s\n", source, s.Kind, s.Size, s.Version, runtime.Version()))
}

func (s *Spec) rows() int { return s.Dataset.Meta.Splits[s.Split].Rows }

func (s *Spec) dir() string { return filepath.Join(s.Dataset.Dir, Dir) }

// prefix begins the names of the files of a split and kind, whatever they follow from.
func (s *Spec) prefix() string { return string(s.Split) + "-" + s.Kind + "-" }

func (s *Spec) path() string {
	key := s.key()
	return filepath.Join(s.dir(), s.prefix()+hex.EncodeToString(key[:8])+".pixels")
}

func (s *Spec) note(format string, args ...any) {
	if s.Note != nil {
		s.Note(fmt.Sprintf(format, args...))
	}
}

// Records are the records of a split, in the order of its rows. Their methods may be called from several goroutines.
type Records struct {
	spec    Spec
	lock    sync.RWMutex
	from    store
	repairs int
}

// store is where records are: a file, or memory.
type store interface {
	// read copies a record. A [damageError] says that the store cannot be trusted.
	read(row int, into []byte) error
	// willNeed says that rows will be read soon.
	willNeed(rows []int)
}

// damageError is found in a file that was good once.
type damageError struct{ cause error }

func (e damageError) Error() string { return "damaged cache: " + e.cause.Error() }
func (e damageError) Unwrap() error { return e.cause }

// Open returns the records of a split: those of the file if there is a good one, or else of one that it makes, while
// other processes that want it wait. An error is one of the dataset.
func Open(spec Spec) (*Records, error) {
	r := &Records{spec: spec}
	var err error
	r.from, err = r.spec.open(nil)
	return r, err
}

// open finds or makes the records; those in the damaged file do not count. What goes wrong with the file, and not with
// the dataset, is no reason to fail.
func (s *Spec) open(damaged *mapping) (store, error) {
	file, err := s.share(damaged)
	var failed fileError
	if errors.As(err, &failed) {
		s.note("%s: %v: decoded images are held in memory", s.dir(), failed.reason())
		return s.hold()
	}
	if err != nil {
		return nil, err
	}
	return file, nil
}

// Size returns the number of bytes of a record.
func (r *Records) Size() int { return r.spec.Size }

// Len returns the number of records.
func (r *Records) Len() int { return r.spec.rows() }

// Read copies the record of a row into memory of its size. An error is one of the dataset, which is read again if the
// file turns out to be damaged.
func (r *Records) Read(row int, into []byte) error {
	for {
		from := r.current()
		err := from.read(row, into)
		if damage := (damageError{}); !errors.As(err, &damage) {
			return err
		} else if err := r.replace(from, damage); err != nil {
			return err
		}
	}
}

// WillNeed tells that rows will be read soon, so that they come from disk at once.
func (r *Records) WillNeed(rows []int) { r.current().willNeed(rows) }

func (r *Records) current() store {
	r.lock.RLock()
	defer r.lock.RUnlock()
	return r.from
}

// replace puts another store in the place of a damaged one, unless that has been done: a new file, but memory if the
// last one was new already.
func (r *Records) replace(damaged store, damage error) (err error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.from != damaged {
		return nil
	}
	r.spec.note("%s: %v: made again", filepath.Base(r.spec.path()), damage)
	var from store
	if r.repairs++; r.repairs == 1 {
		from, err = r.spec.open(damaged.(*mapping))
	} else {
		from, err = r.spec.hold()
	}
	if err == nil {
		r.from = from
	}
	return err
}

// build decodes all samples on all cores and hands their records, in any order, to put.
func (s *Spec) build(put func(row int, record []byte) error) error {
	buffers := sync.Pool{New: func() any { b := make([]byte, s.Size); return &b }}
	return s.each(func(row int, sample datasets.Sample) error {
		record := buffers.Get().(*[]byte)
		defer buffers.Put(record)
		if err := s.decode(sample, *record); err != nil {
			return err
		}
		return put(row, *record)
	})
}

// each calls f for all samples, several at a time, up to the first error.
func (s *Spec) each(f func(row int, sample datasets.Sample) error) error {
	workers, ctx := errgroup.WithContext(context.Background())
	workers.SetLimit(runtime.GOMAXPROCS(0))
	row := 0
	for sample, err := range s.Dataset.Samples(s.Split) {
		if err == nil && row >= s.rows() {
			err = s.failure("more rows than dataset.yaml says; run data verify")
		}
		if err != nil {
			_ = workers.Wait()
			return err
		}
		if ctx.Err() != nil {
			break
		}
		at := row
		workers.Go(func() error { return f(at, sample) })
		row++
	}
	if err := workers.Wait(); err != nil {
		return err
	}
	if row < s.rows() {
		return s.failure("fewer rows than dataset.yaml says; run data verify")
	}
	return nil
}

func (s *Spec) decode(sample datasets.Sample, record []byte) error {
	if err := s.Decode(sample, record); err != nil {
		return fmt.Errorf("%s: split %s, id %s: %w", s.Dataset.Meta.Name, s.Split, sample.ID, err)
	}
	return nil
}

func (s *Spec) failure(what string) error {
	return fmt.Errorf("%s: split %s has %s", s.Dataset.Meta.Name, s.Split, what)
}

// heldLimit is how many bytes of records a split may take in memory; larger splits are held as they are in the Parquet
// file and decoded for every batch.
const heldLimit = 4 << 30

// hold reads the split into memory.
func (s *Spec) hold() (store, error) {
	if s.rows()*s.Size > heldLimit {
		return s.holdEncoded()
	}
	m := &memory{records: make([]byte, s.rows()*s.Size), size: s.Size}
	err := s.build(func(row int, record []byte) error {
		copy(m.records[row*m.size:], record)
		return nil
	})
	return m, err
}

// memory holds records.
type memory struct {
	records []byte
	size    int
}

func (m *memory) read(row int, into []byte) error {
	copy(into, m.records[row*m.size:][:m.size])
	return nil
}

func (m *memory) willNeed([]int) {}

// encoded holds samples.
type encoded struct {
	spec    *Spec
	samples []datasets.Sample
}

// holdEncoded keeps the samples. Each is decoded once, so that a damaged one shows now and not in the middle of a
// training.
func (s *Spec) holdEncoded() (store, error) {
	e := &encoded{spec: s, samples: make([]datasets.Sample, s.rows())}
	err := s.each(func(row int, sample datasets.Sample) error {
		e.samples[row] = sample
		return s.decode(sample, make([]byte, s.Size))
	})
	return e, err
}

func (e *encoded) read(row int, into []byte) error { return e.spec.decode(e.samples[row], into) }

func (e *encoded) willNeed([]int) {}
