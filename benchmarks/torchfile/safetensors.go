package torchfile

import (
	"encoding/binary"
	"fmt"

	"github.com/nlpodyssey/safetensors"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// safetensorsTypes are the element types that are read.
var safetensorsTypes = map[safetensors.DType]element{
	safetensors.F32: float32Element, safetensors.F64: float64Element,
	safetensors.F16: float16Element, safetensors.BF16: bfloat16Element,
}

// maxHeader bounds a header, whose JSON takes many times its size in memory; that of a ResNet-50 has 30 KB.
const maxHeader = 8 << 20

// readSafetensors reads the format of Hugging Face's safetensors. The library checks the header against the data and
// takes no memory for tensors.
func readSafetensors(data []byte) (map[string]models.TorchTensor, error) {
	if size := binary.LittleEndian.Uint64(data); size > maxHeader {
		return nil, fmt.Errorf("safetensors: a header of %d bytes: expected at most %d", size, maxHeader)
	}
	file, err := safetensors.Deserialize(data)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	params := map[string]models.TorchTensor{}
	for _, named := range file.Tensors() {
		view := named.TensorView
		kind, ok := safetensorsTypes[view.DType()]
		if !ok {
			continue
		}
		t := tensor{storage: &storage{kind: kind, data: view.Data()}}
		stride := 1
		for _, dim := range view.Shape() {
			t.shape = append(t.shape, int(dim))
		}
		t.stride = make([]int, len(t.shape))
		for axis := len(t.shape) - 1; axis >= 0; axis-- {
			t.stride[axis] = stride
			stride *= max(t.shape[axis], 1)
		}
		if params[named.Name], err = t.values(); err != nil {
			return nil, fmt.Errorf("safetensors: parameter %.60q: %w", named.Name, err)
		}
	}
	return params, nil
}
