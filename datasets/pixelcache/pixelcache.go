// Package pixelcache keeps the images of a split decoded and resized: records of one size in a memory-mapped file beside the
// Parquet file, at DATASET/.cache, which processes share. The file is named by a hash over everything that its content
// follows from, so that nothing ever looks for one that is out of date. Each record carries a checksum; a file that is cut
// off or damaged is made again, and where none can be made the split is held in memory.
package pixelcache

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"

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

// Open returns the records of a split: those of the file if there is a good one, or else of one that it makes, while other
// processes that want it wait. An error is one of the dataset.
func Open(spec Spec) (*Records, error) {
	r := &Records{spec: spec}
	var err error
	r.from, err = r.spec.open(nil)
	return r, err
}

// open finds or makes the records; those in the damaged file do not count. What goes wrong with the file, and not with the
// dataset, is no reason to fail.
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

// Read copies the record of a row into memory of its size. An error is one of the dataset, which is read again if the file
// turns out to be damaged.
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

// replace puts another store in the place of a damaged one, unless that has been done: a new file, but memory if the last one
// was new already.
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
