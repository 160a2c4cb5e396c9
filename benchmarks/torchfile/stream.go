package torchfile

import (
	"encoding/binary"
	"errors"
)

// loader resolves the persistent id of a pickle: a storage, or a tensor of the oldest format.
type loader func(id any) (any, error)

// stream is a run of pickles with raw numbers between them, as the formats before PyTorch 1.6 hold it.
type stream struct{ rest []byte }

// next decodes the pickle at the front.
func (s *stream) next(load loader) (any, error) {
	value, used, err := unpickle(s.rest, load)
	s.rest = s.rest[min(used, len(s.rest)):]
	return value, err
}

// int64s takes n numbers from the front. One that is negative fits nothing that is counted here.
func (s *stream) int64s(n int) ([]int, error) {
	if n > len(s.rest)/8 {
		return nil, errors.New("the file ends before its last storage or tensor")
	}
	out := make([]int, n)
	for i := range out {
		out[i] = int(binary.LittleEndian.Uint64(s.rest[8*i:]))
		if out[i] < 0 {
			return nil, errors.New("a size is negative")
		}
	}
	s.rest = s.rest[8*n:]
	return out, nil
}

// fill takes the elements of a storage from the front: their number, then as many.
func (s *stream) fill(to *storage) error {
	elements, err := s.int64s(1)
	if err != nil {
		return err
	}
	if elements[0] > len(s.rest)/to.kind.size {
		return errors.New("a storage is longer than the file")
	}
	size := elements[0] * to.kind.size
	to.data, s.rest = s.rest[:size], s.rest[size:]
	return nil
}
