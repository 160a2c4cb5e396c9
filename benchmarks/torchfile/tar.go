package torchfile

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/nlpodyssey/gopickle/types"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// isTar tells a tar archive by the magic of its first header.
func isTar(data []byte) bool { return len(data) > 512 && string(data[257:262]) == "ustar" }

// readTar reads the first format of torch.save, in which torchvision's early networks are kept: a tar archive with the
// storages, the tensors that lie in them, and a pickle in which tensors stand by their keys.
func readTar(data []byte) (map[string]models.TorchTensor, error) {
	members, err := tarMembers(data, "storages", "tensors", "pickle")
	if err != nil {
		return nil, err
	}
	storages, err := tarStorages(members["storages"])
	if err != nil {
		return nil, err
	}
	tensors, err := tarTensors(members["tensors"], storages)
	if err != nil {
		return nil, err
	}
	root, err := members["pickle"].next(func(id any) (any, error) {
		name, _ := id.(string)
		key, err := strconv.Atoi(name)
		if t, ok := tensors[key]; ok && err == nil {
			return t, nil
		}
		return opaque{}, nil // a storage outside of tensors, the class of a network
	})
	if err != nil {
		return nil, err
	}
	return parameters(root, len(data))
}

// tarMembers returns the contents of the named members, all of which must be there.
func tarMembers(data []byte, names ...string) (map[string]*stream, error) {
	members := map[string]*stream{}
	archive := tar.NewReader(bytes.NewReader(data))
	for {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("damaged tar archive: %w", err)
		}
		if !slices.Contains(names, header.Name) {
			continue
		}
		if header.Size > int64(len(data)) { // a sparse member can claim any size
			return nil, fmt.Errorf("member %s is longer than the file", header.Name)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return nil, fmt.Errorf("damaged tar archive: %w", err)
		}
		members[header.Name] = &stream{content}
	}
	for _, name := range names {
		if members[name] == nil {
			return nil, fmt.Errorf("no %s in the tar archive: expected a file of torch.save", name)
		}
	}
	return members, nil
}

// tarStorages reads a count, for each storage its key, device and type in a pickle and then its elements, and a list of
// views: (key, key of the storage, offset, elements).
func tarStorages(in *stream) (map[int]*storage, error) {
	storages := map[int]*storage{}
	n, err := tarCount(in, "storages")
	if err != nil {
		return nil, err
	}
	for range n {
		fields, err := in.head()
		if err != nil {
			return nil, err
		}
		key, isKey := fields[0].(int)
		class, isClass := fields[2].(storageClass)
		if !isKey || !isClass {
			return nil, errors.New("a storage has no key or an unknown type")
		}
		storages[key] = &storage{kind: class.kind}
		if err := in.fill(storages[key]); err != nil {
			return nil, err
		}
	}
	views, err := in.next(nil)
	list, ok := views.(*types.List)
	if err != nil || !ok || list.Len() > 0 {
		return nil, errors.New("views of storages are not read" + resave)
	}
	return storages, nil
}

// tarCount reads how many things follow.
func tarCount(in *stream, things string) (int, error) {
	count, err := in.next(nil)
	n, ok := count.(int)
	if err != nil || !ok {
		return 0, fmt.Errorf("the number of %s is damaged", things)
	}
	return n, nil
}

// head reads the three fields that begin a storage or a tensor; all are nil where the pickle holds something else.
func (s *stream) head() ([]any, error) {
	head, err := s.next(nil)
	return tuple(head, 3), err
}

// tarTensors reads a count, and for each tensor its key, the key of its storage and its type in a pickle, the number of
// axes (int32 and as many bytes of nothing), and as int64 sizes, strides and offset.
func tarTensors(in *stream, storages map[int]*storage) (map[int]tensor, error) {
	tensors := map[int]tensor{}
	n, err := tarCount(in, "tensors")
	if err != nil {
		return nil, err
	}
	for range n {
		fields, err := in.head()
		if err != nil {
			return nil, err
		}
		key, isKey := fields[0].(int)
		from, _ := fields[1].(int)
		if !isKey || storages[from] == nil || len(in.rest) < 8 {
			return nil, errors.New("a tensor has no key, storage or shape")
		}
		axes := int(binary.LittleEndian.Uint32(in.rest))
		in.rest = in.rest[8:]
		if axes > maxAxes {
			return nil, fmt.Errorf("a tensor has %d axes, want %d at most", axes, maxAxes)
		}
		numbers, err := in.int64s(2*axes + 1)
		if err != nil {
			return nil, err
		}
		tensors[key] = tensor{storages[from], numbers[2*axes], numbers[:axes], numbers[axes : 2*axes]}
	}
	return tensors, nil
}

// tuple returns the n fields of a tuple, empty ones of anything else.
func tuple(value any, n int) []any {
	if t, ok := value.(*types.Tuple); ok && t.Len() == n {
		return *t
	}
	return make([]any, n)
}
