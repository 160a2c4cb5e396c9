package pixelcache

import "github.com/dirbench/dirbench/datasets"

// heldLimit is how many bytes of records a split may take in memory; larger splits are held as they are in the Parquet file
// and decoded for every batch.
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

// holdEncoded keeps the samples. Each is decoded once, so that a damaged one shows now and not in the middle of a training.
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
