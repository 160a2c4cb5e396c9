package torchfile

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"
)

// resave ends errors about files that PyTorch itself may be able to read.
const resave = "; if PyTorch reads the file, save it again: torch.save(torch.load(file), file)"

// unpickle decodes the pickle at the front of data and returns the number of bytes that it takes. Without load it must
// not have persistent ids.
func unpickle(data []byte, load loader) (value any, used int, err error) {
	if used, err = scan(data); err != nil {
		return nil, 0, err
	}
	// The library's own OrderedDict takes no items, which Python 2 gives it when it is made: ours is asked for by this
	// name.
	text := bytes.ReplaceAll(data[:used], []byte("ccollections\nOrderedDict\n"), []byte("cCollections\nOrderedDict\n"))
	if n, err := scan(text); err != nil || n != used {
		return nil, used, errors.New("damaged pickle: a name begins within an operand")
	}
	u := pickle.NewUnpickler(bytes.NewReader(text))
	u.FindClass, u.PersistentLoad = findClass, load
	value, err = u.Load()
	if err != nil {
		return nil, used, fmt.Errorf("damaged pickle: %w%s", err, resave)
	}
	return value, used, nil
}

// findClass resolves what a state_dict is made of. Everything else becomes an opaque value.
func findClass(module, name string) (any, error) {
	switch module + "." + name {
	case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor":
		return function(rebuildTensor), nil
	case "torch._utils._rebuild_parameter", "torch.nn.parameter.Parameter", "torch.Size":
		return function(firstArgument), nil
	case "Collections.OrderedDict":
		return function(orderedDict), nil
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

// orderedDict takes nothing or, of Python 2, a list of [key, value].
func orderedDict(args []any) (any, error) {
	dict := types.NewOrderedDict()
	if len(args) == 0 {
		return dict, nil
	}
	items, ok := args[0].(*types.List)
	if !ok {
		return nil, errors.New("an OrderedDict is made of something that is no list")
	}
	for _, item := range *items {
		pair, ok := item.(*types.List)
		if !ok || pair.Len() != 2 {
			return nil, errors.New("an OrderedDict has an item that is no pair")
		}
		dict.Set(pair.Get(0), pair.Get(1))
	}
	return dict, nil
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

// integers reads a shape or strides. A tuple that is used again and again is short, or it would take memory each time.
func integers(value any) ([]int, bool) {
	tuple, ok := value.(*types.Tuple)
	if !ok || tuple.Len() > maxAxes {
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
