package torchfile

import (
	"encoding/binary"
	"io"
	"maps"
	"math"

	"github.com/nlpodyssey/safetensors"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// WriteSafetensors writes parameters and texts about them in the format of Hugging Face's safetensors, as PyTorch's
// programs expect it: the metadata say format pt. The same content gives the same bytes.
func WriteSafetensors(w io.Writer, params map[string]models.TorchTensor, metadata map[string]string) error {
	views := map[string]view{}
	for name, p := range params {
		views[name] = viewOf(p)
	}
	metadata = maps.Clone(metadata)
	metadata["format"] = "pt"
	return safetensors.SerializeToWriter(views, metadata, w)
}

// view is a tensor as the library takes it; its own kind of view has no scalars.
type view struct {
	kind  safetensors.DType
	shape []uint64
	data  []byte
}

func (v view) DType() safetensors.DType { return v.kind }
func (v view) Shape() []uint64          { return v.shape }
func (v view) Data() []byte             { return v.data }
func (v view) DataLen() uint64          { return uint64(len(v.data)) }

func viewOf(p models.TorchTensor) view {
	v := view{kind: safetensors.F32, shape: make([]uint64, len(p.Shape))}
	for i, dim := range p.Shape {
		v.shape[i] = uint64(dim)
	}
	if p.Count {
		v.kind = safetensors.I64
	}
	for _, value := range p.Values {
		if p.Count {
			v.data = binary.LittleEndian.AppendUint64(v.data, uint64(value))
		} else {
			v.data = binary.LittleEndian.AppendUint32(v.data, math.Float32bits(value))
		}
	}
	return v
}
