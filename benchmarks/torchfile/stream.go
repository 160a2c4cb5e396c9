package torchfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"github.com/nlpodyssey/gopickle/types"

	"github.com/dirbench/dirbench/benchmarks/models"
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

// legacyMagic begins the format of torch.save before PyTorch 1.6.
const legacyMagic = "119547037146038801333356"

// readLegacy reads that format: pickles of the magic number, the protocol version and facts about the machine, then the
// object, then the keys of its storages, then for each of them its number of elements (int64) and these.
func readLegacy(data []byte) (map[string]models.TorchTensor, error) {
	in := &stream{data}
	magic, err := in.next(nil)
	if number, ok := magic.(*big.Int); err != nil || !ok || number.String() != legacyMagic {
		return nil, errors.New("a pickle that is no file of torch.save: expected a .pth or a safetensors file")
	}
	for range 2 {
		if _, err := in.next(nil); err != nil {
			return nil, err
		}
	}
	storages := map[string]*storage{}
	root, err := in.next(storageLoader(func(kind element, key string) (*storage, error) {
		if storages[key] == nil {
			storages[key] = &storage{kind: kind} // filled below
		}
		return storages[key], nil
	}))
	if err != nil {
		return nil, err
	}
	keys, err := in.next(nil)
	list, ok := keys.(*types.List)
	if err != nil || !ok {
		return nil, errors.New("the list of storages is missing or damaged")
	}
	for _, key := range *list {
		name, _ := key.(string)
		if storages[name] == nil {
			return nil, fmt.Errorf("storage %.20q belongs to nothing", name)
		}
		if err := in.fill(storages[name]); err != nil {
			return nil, err
		}
	}
	return parameters(root, len(data))
}
