package torchfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"github.com/nlpodyssey/gopickle/types"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// legacyMagic begins the format of torch.save before PyTorch 1.6.
const legacyMagic = "119547037146038801333356"

// readLegacy reads that format: pickles of the magic number, the protocol version and facts about the machine, then the
// object, then the keys of its storages, then for each of them its number of elements (int64) and these.
func readLegacy(data []byte) (map[string]models.TorchTensor, error) {
	rest := data
	next := func(load func(*types.Tuple) (any, error)) (any, error) {
		value, used, err := unpickle(rest, load)
		rest = rest[min(used, len(rest)):]
		return value, err
	}
	magic, err := next(nil)
	if number, ok := magic.(*big.Int); err != nil || !ok || number.String() != legacyMagic {
		return nil, errors.New("a pickle that is no file of torch.save: expected a .pth or a safetensors file")
	}
	for range 2 {
		if _, err := next(nil); err != nil {
			return nil, err
		}
	}
	storages := map[string]*storage{}
	root, err := next(func(id *types.Tuple) (any, error) {
		class, key, err := storageID(id)
		if err != nil {
			return nil, err
		}
		if storages[key] == nil {
			storages[key] = &storage{kind: class.kind} // filled below
		}
		return storages[key], nil
	})
	if err != nil {
		return nil, err
	}
	keys, err := next(nil)
	list, ok := keys.(*types.List)
	if err != nil || !ok {
		return nil, errors.New("the list of storages is missing or damaged")
	}
	for _, key := range *list {
		name, _ := key.(string)
		s := storages[name]
		if s == nil {
			return nil, fmt.Errorf("storage %.20q belongs to nothing", name)
		}
		if rest, err = s.fill(rest); err != nil {
			return nil, err
		}
	}
	return parameters(root, len(data))
}

// fill takes the storage's elements from the front of data and returns what is left.
func (s *storage) fill(data []byte) ([]byte, error) {
	if len(data) < 8 {
		return nil, errors.New("the file ends before its last storage")
	}
	elements := binary.LittleEndian.Uint64(data)
	data = data[8:]
	if elements > uint64(len(data)/s.kind.size) {
		return nil, errors.New("a storage is longer than the file")
	}
	size := int(elements) * s.kind.size
	s.data = data[:size]
	return data[size:], nil
}
