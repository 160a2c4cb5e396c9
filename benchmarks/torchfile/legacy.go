package torchfile

import (
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
