package datasets

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"

	"github.com/dirbench/dirbench/datasets/transform"
)

// SplitWriter writes the samples of one split. It is not safe for concurrent use.
type SplitWriter struct {
	owner   *Writer
	split   Split
	file    *os.File
	sum     hash.Hash
	records recordWriter
	group   *array.RecordBuilder // rows of the row group being filled
	pending int                  // rows in group
	bytes   int                  // size of the input in group
	counts  []int                // samples per bin
	rows    int
	failed  error // of the file, which is then beyond repair
}

// recordWriter writes row groups or record batches.
type recordWriter interface {
	Write(arrow.Record) error
	Close() error
}

func newSplitWriter(w *Writer, split Split) (s *SplitWriter, err error) {
	file, err := os.Create(filepath.Join(w.temp, w.splitFile(split)))
	if err != nil {
		return nil, err
	}
	defer guardWrite(file.Name(), &err)
	s = &SplitWriter{owner: w, split: split, file: file, sum: sha256.New(), counts: make([]int, w.meta.LabelSpace.Bins)}
	schema := arrowSchema(w.meta, w.Format)
	s.group = array.NewRecordBuilder(memory.NewGoAllocator(), schema)
	// The file writer closes its sink if it can; the multi-writer keeps the file open for Sync.
	sink := hashedFile{io.MultiWriter(file, s.sum), file}
	if w.Format == Arrow {
		s.records, err = ipc.NewFileWriter(sink, w.meta.arrowOptions(schema)...)
		return s, err
	}
	s.records, err = pqarrow.NewFileWriter(schema, sink.Writer, writerProperties(),
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	return s, err
}

// hashedFile is what an Arrow file is written to, from its begin to its end; it tells where it is.
type hashedFile struct {
	io.Writer
	io.Seeker
}

func (w *Writer) splitFile(split Split) string {
	return string(split) + string(cmp.Or(w.Format, Parquet))
}

// Write adds a sample. A sample that is refused (a label outside the label space, an id used before, a missing or
// malformed input) leaves the split as it was, so that a caller may go on with the next one.
func (s *SplitWriter) Write(sample Sample) error {
	if err := s.owner.accept(sample, s.split, s.counts); err != nil {
		return err
	}
	s.append(sample)
	if s.pending == s.owner.meta.Modality.groupRows() || s.bytes >= maxGroupBytes {
		return s.flush()
	}
	return nil
}

// accept checks a sample, adds its labels to the counts of its split and notes in the description that there are JPEG
// images.
func (w *Writer) accept(sample Sample, split Split, counts []int) error {
	err := sample.check(w.meta, w.ids)
	if err == nil {
		err = sample.count(w.meta, split, counts)
	}
	if err != nil {
		return fmt.Errorf("split %s: sample %q: %w", split, sample.ID, err)
	}
	if w.ids != nil {
		w.ids[sample.ID] = split
	}
	if transform.IsJPEG(sample.Image) {
		w.meta.Chroma = transform.LibJPEG
	}
	return nil
}

// append adds a checked sample to the row group.
func (s *SplitWriter) append(sample Sample) {
	signal := 0
	for i, c := range s.owner.meta.columns() {
		switch field := s.group.Field(i).(type) {
		case *array.StringBuilder:
			field.Append(string(sample.value(c.name)))
		case *array.BinaryBuilder:
			field.Append(sample.value(c.name))
		case *array.Float32Builder:
			field.Append(sample.Label)
		case *array.BooleanBuilder:
			field.Append(sample.Subset)
		case *array.FixedSizeListBuilder:
			field.Append(true)
			field.ValueBuilder().(*array.Float32Builder).AppendValues(sample.Features, nil)
		case *array.ListBuilder:
			field.Append(true)
			list := sample.Features
			if s.owner.meta.Modality == Signal {
				list = sample.Signals[signal]
				signal++
			}
			field.ValueBuilder().(*array.Float32Builder).AppendValues(list, nil)
		}
	}
	s.bytes += sample.size()
	s.rows++
	s.pending++
}

// flush writes the pending rows as one row group. After a failure it returns that failure again.
func (s *SplitWriter) flush() error {
	if s.failed == nil && s.pending > 0 {
		s.failed = s.writeGroup()
	}
	return s.failed
}

func (s *SplitWriter) writeGroup() (err error) {
	defer guardWrite(s.file.Name(), &err)
	record := s.group.NewRecord()
	defer record.Release()
	s.pending, s.bytes = 0, 0
	return s.records.Write(record)
}

// finish completes the file and returns its description.
func (s *SplitWriter) finish() (_ SplitMeta, err error) {
	defer guardWrite(s.file.Name(), &err)
	if s.rows == 0 {
		return SplitMeta{}, fmt.Errorf("split %s has no samples", s.split)
	}
	for _, step := range []func() error{s.flush, s.records.Close, s.file.Sync, s.file.Close} {
		if err := step(); err != nil {
			return SplitMeta{}, err
		}
	}
	return SplitMeta{
		File: s.owner.splitFile(s.split), Rows: s.rows, SHA256: hex.EncodeToString(s.sum.Sum(nil)), Counts: s.counts,
	}, nil
}

// guardWrite turns a panic of Arrow's library, which is how it reports some failures to write, into an error; it
// is to be deferred.
func guardWrite(path string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%s: cannot be written: %v", path, r)
	}
}
