package torchfile

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/nlpodyssey/gopickle/types"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// readZip reads the format of torch.save since PyTorch 1.6: a zip archive with NAME/data.pkl, and a record
// NAME/data/KEY for each storage. PyTorch does not compress records.
func readZip(data []byte) (map[string]models.TorchTensor, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("damaged zip archive: %w", err)
	}
	var index []byte
	records := map[string][]byte{}
	for _, f := range archive.File {
		_, name, _ := strings.Cut(f.Name, "/")
		content, err := stored(data, f)
		if err != nil {
			return nil, err
		}
		if key, ok := strings.CutPrefix(name, "data/"); ok {
			records[key] = content
		}
		switch {
		case name == "data.pkl":
			index = content
		case name == "byteorder" && string(content) != "little":
			return nil, fmt.Errorf("numbers in byte order %.10q: expected little", content)
		}
	}
	if index == nil {
		return nil, errors.New("no data.pkl in the archive: expected a file of torch.save")
	}
	root, _, err := unpickle(index, storageLoader(func(kind element, key string) (*storage, error) {
		content, ok := records[key]
		if !ok {
			return nil, fmt.Errorf("storage %.20q is missing", key)
		}
		return &storage{kind, content}, nil
	}))
	if err != nil {
		return nil, err
	}
	return parameters(root, len(data))
}

// stored returns the bytes of a record, a part of data.
func stored(data []byte, f *zip.File) ([]byte, error) {
	from, err := f.DataOffset()
	if err != nil {
		return nil, fmt.Errorf("damaged zip archive: %w", err)
	}
	if f.Method != zip.Store || f.UncompressedSize64 != f.CompressedSize64 {
		return nil, fmt.Errorf("record %.40q is compressed: expected a file as torch.save writes it", f.Name)
	}
	if from < 0 || from > int64(len(data)) || f.UncompressedSize64 > uint64(int64(len(data))-from) {
		return nil, fmt.Errorf("record %.40q is longer than the file", f.Name)
	}
	return data[from:][:f.UncompressedSize64], nil
}

// storageLoader resolves the persistent ids of storages, ("storage", class, key, location, elements, view), with what
// find returns for a key, and the classes of networks, ("module", …).
func storageLoader(find func(kind element, key string) (*storage, error)) loader {
	return func(value any) (any, error) {
		id, ok := value.(*types.Tuple)
		if ok && id.Len() > 0 && id.Get(0) == "module" {
			return opaque{}, nil
		}
		if !ok || id.Len() < 5 || id.Get(0) != "storage" {
			return nil, errors.New("an object of the pickle is no storage")
		}
		class, isClass := id.Get(1).(storageClass)
		key, isKey := id.Get(2).(string)
		if !isClass || !isKey {
			return nil, errors.New("a storage has no key or a type other than floats, integers and bools")
		}
		if id.Len() > 5 && id.Get(5) != nil {
			return nil, errors.New("views of storages are not read")
		}
		return find(class.kind, key)
	}
}
