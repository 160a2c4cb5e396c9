package conformance

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/benchmarks/torchfile"
)

// TestCheckpoints compares the age ResNet-50 with the official outputs, its parameters read from the files that
// ci/make_torch_checkpoints.py saves with PyTorch in the folder $DIRBENCH_CHECKPOINTS.
func TestCheckpoints(t *testing.T) {
	dir := os.Getenv("DIRBENCH_CHECKPOINTS")
	if dir == "" {
		t.Skip("no checkpoints: set DIRBENCH_CHECKPOINTS to the folder that ci/make_torch_checkpoints.py wrote")
	}
	content, err := os.ReadFile(filepath.Join(vectorDir(t), "model_resnet50.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v resNet50
	if err := decode(content, &v); err != nil {
		t.Fatal(err)
	}
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"resnet50.pth", "resnet50.safetensors"} {
		params, err := torchfile.Read(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		c := &comparison{backend: backend, tolerance: networkTolerance}
		if err := v.check(c, params); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: %d values, largest error %.1e at %s", name, c.values, c.worst, c.where)
		if c.values == 0 || c.worst > networkTolerance {
			t.Errorf("%s: error %.1e above %.0e", name, c.worst, networkTolerance)
		}
	}
}
