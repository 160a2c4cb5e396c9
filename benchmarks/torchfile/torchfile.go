// Package torchfile reads the parameters of PyTorch networks from files of torch.save (.pth), of every version of
// PyTorch, and from safetensors files; it writes safetensors files.
//
// Files are data: nothing in a pickle is executed, and no number in a file decides how much memory is taken before it
// was compared with the file's size.
package torchfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/nlpodyssey/gopickle/types"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// Read returns the floating-point parameters in a file by name; integers, such as counters of batches, are left out.
// The kind of file is told by its content. Of a checkpoint with optimiser and epoch the part "state_dict",
// "model_state_dict" or "model" is read. Errors name the file.
func Read(path string) (map[string]models.TorchTensor, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	params, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", path, line(err))
	}
	return params, nil
}

// parse tells the formats apart. A panic of a library about a damaged file becomes an error.
func parse(data []byte) (params map[string]models.TorchTensor, err error) {
	defer func() {
		if p := recover(); p != nil {
			params, err = nil, fmt.Errorf("damaged file: %v", p)
		}
	}()
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		params, err = readZip(data)
	case len(data) > 9 && data[8] == '{':
		params, err = readSafetensors(data)
	case isTar(data):
		params, err = readTar(data)
	case bytes.HasPrefix(data, []byte("\x80\x02")):
		params, err = readLegacy(data)
	default:
		err = errors.New("expected a file of torch.save (.pth) or a safetensors file")
	}
	if err == nil && len(params) == 0 {
		err = errors.New("no floating-point parameters: expected the state_dict of a network")
	}
	return params, err
}

// line is an error's text as a line of reasonable length: libraries quote what a file holds.
func line(err error) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "?")), " ")
	if runes := []rune(text); len(runes) > 300 {
		text = string(runes[:300]) + " …"
	}
	return text
}

// parameters finds the parameters in what a pickle holds. Tensors may share storages, but all of them together can
// hardly have more values than the file has bytes.
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
