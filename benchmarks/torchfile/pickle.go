package torchfile

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// unpickle decodes the pickle at the front of data and returns the number of bytes that it takes. Storages come from load.
func unpickle(data []byte, load func(*types.Tuple) (any, error)) (value any, used int, err error) {
	if used, err = scan(data); err != nil {
		return nil, 0, err
	}
	u := pickle.NewUnpickler(bytes.NewReader(data[:used]))
	u.FindClass = findClass
	u.PersistentLoad = func(id any) (any, error) {
		tuple, ok := id.(*types.Tuple)
		if !ok || load == nil {
			return nil, errors.New("an object of the pickle is no storage")
		}
		return load(tuple)
	}
	value, err = u.Load()
	if err != nil {
		return nil, used, fmt.Errorf("damaged pickle: %w", err)
	}
	return value, used, nil
}

// findClass resolves what a state_dict is made of. Everything else becomes an opaque value.
func findClass(module, name string) (any, error) {
	switch module + "." + name {
	case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor":
		return function(rebuildTensor), nil
	case "torch._utils._rebuild_parameter", "torch.Size":
		return function(firstArgument), nil
	}
	if kind, ok := storageClasses[name]; ok && module == "torch" {
		return kind, nil
	}
	return opaque{}, nil
}

// storageClass is the type of a storage.
type storageClass struct{ kind element }

// storageClasses lists the types by name; those without a decoder are left out.
var storageClasses = map[string]storageClass{
	"FloatStorage": {float32Element}, "DoubleStorage": {float64Element},
	"HalfStorage": {float16Element}, "BFloat16Storage": {bfloat16Element},
	"LongStorage": {element{size: 8}}, "IntStorage": {element{size: 4}}, "ShortStorage": {element{size: 2}},
	"CharStorage": {element{size: 1}}, "ByteStorage": {element{size: 1}}, "BoolStorage": {element{size: 1}},
}

// function is something that a pickle calls.
type function func(args []any) (any, error)

// Call makes it callable for the library.
func (f function) Call(args ...any) (any, error) { return f(args) }

func firstArgument(args []any) (any, error) {
	if len(args) == 0 {
		return opaque{}, nil
	}
	return args[0], nil
}

// rebuildTensor takes (storage, offset, shape, strides, …).
func rebuildTensor(args []any) (any, error) {
	if len(args) < 4 {
		return nil, errors.New("a tensor has too few properties")
	}
	s, isStorage := args[0].(*storage)
	offset, isOffset := args[1].(int)
	shape, isShape := integers(args[2])
	stride, isStride := integers(args[3])
	if !isStorage || !isOffset || !isShape || !isStride {
		return nil, errors.New("a tensor has properties of the wrong kind")
	}
	return tensor{s, offset, shape, stride}, nil
}

func integers(value any) ([]int, bool) {
	tuple, ok := value.(*types.Tuple)
	if !ok {
		return nil, false
	}
	out := []int{}
	for _, v := range *tuple {
		n, ok := v.(int)
		if !ok {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

// opaque stands for any object that a checkpoint may hold beside parameters: it accepts everything and does nothing.
type opaque struct{}

// The methods by which a pickle makes and fills an object.
func (opaque) Call(...any) (any, error)    { return opaque{}, nil }
func (opaque) PyNew(...any) (any, error)   { return opaque{}, nil }
func (opaque) PySetState(any) error        { return nil }
func (opaque) PyDictSet(_, _ any) error    { return nil }
func (opaque) PySetAttr(string, any) error { return nil }
func (opaque) Set(_, _ any)                {}
func (opaque) Append(any)                  {}
func (opaque) Add(any)                     {}

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
