package torchfile

import (
	"errors"
	"fmt"

	"github.com/nlpodyssey/gopickle/types"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// parameters finds the parameters in what a pickle holds. Tensors may share storages, but all of them together can hardly
// have more values than the file has bytes.
func parameters(root any, fileSize int) (map[string]models.TorchTensor, error) {
	for _, name := range []string{"state_dict", "model_state_dict", "model"} {
		for _, e := range entries(root) {
			if e.Key == name && len(entries(e.Value)) > 0 {
				root = e.Value
			}
		}
	}
	params, left := map[string]models.TorchTensor{}, fileSize
	for _, e := range entries(root) {
		name, isName := e.Key.(string)
		t, isTensor := e.Value.(tensor)
		if !isName || !isTensor || t.storage.kind.decode == nil {
			continue
		}
		values, err := t.values()
		if err != nil {
			return nil, fmt.Errorf("parameter %.60q: %w", name, err)
		}
		if left -= len(values.Values); left < 0 {
			return nil, errors.New("the tensors have more values than the file has bytes")
		}
		params[name] = values
	}
	return params, nil
}

// entries returns the pairs of a dictionary, none of anything else.
func entries(value any) []types.DictEntry {
	switch d := value.(type) {
	case *types.Dict:
		return *d
	case *types.OrderedDict:
		var list []types.DictEntry
		for e := d.List.Front(); e != nil; e = e.Next() {
			entry := e.Value.(*types.OrderedDictEntry)
			list = append(list, types.DictEntry{Key: entry.Key, Value: entry.Value})
		}
		return list
	}
	return nil
}
