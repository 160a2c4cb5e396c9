package torchfile

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// TestWriteSafetensors compares with the bytes that Python's safetensors 0.8 writes of the same tensors.
func TestWriteSafetensors(t *testing.T) {
	params := map[string]models.TorchTensor{
		"linear.weight":          {Shape: []int{1, 2}, Values: []float32{0.5, -2}},
		"linear.bias":            {Shape: []int{1}, Values: []float32{3}},
		"bn.num_batches_tracked": {Values: []float32{7}, Count: true},
	}
	var out bytes.Buffer
	if err := WriteSafetensors(&out, params, map[string]string{"dirbench": `{"seed":1}`}); err != nil {
		t.Fatal(err)
	}
	const header = `{"__metadata__":{"dirbench":"{\"seed\":1}","format":"pt"},` +
		`"bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]},` +
		`"linear.bias":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},` +
		`"linear.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[12,20]}}`
	padding := (8 - len(header)%8) % 8
	want := string([]byte{byte((len(header) + padding) & 0xff), byte((len(header) + padding) >> 8), 0, 0, 0, 0, 0, 0}) +
		header +
		"        "[:padding] + "\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x40\x40\x00\x00\x00\x3f\x00\x00\x00\xc0"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	path := filepath.Join(t.TempDir(), "network.safetensors")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	back, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	delete(params, "bn.num_batches_tracked") // counters are not read
	if diff := cmp.Diff(params, back); diff != "" {
		t.Error(diff)
	}
}
