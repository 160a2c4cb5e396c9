package pixelcache

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/dirbench/dirbench/datasets"
)

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
