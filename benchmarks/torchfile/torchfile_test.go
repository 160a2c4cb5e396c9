package torchfile

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// expected are the parameters that testdata/make.py writes.
func expected() map[string]models.TorchTensor {
	base := make([]float32, 24)
	for i := range base {
		base[i] = float32(i)/8 - 1
	}
	var transposed []float32
	for column := range 4 {
		for row := range 6 {
			transposed = append(transposed, base[row*4+column])
		}
	}
	return map[string]models.TorchTensor{
		"module.weight":     {Shape: []int{2, 3, 4}, Values: base},
		"module.transposed": {Shape: []int{4, 6}, Values: transposed},
		"module.tail":       {Shape: []int{4}, Values: base[20:]},
		"module.double":     {Shape: []int{3}, Values: base[:3]},
		"module.half":       {Shape: []int{4}, Values: []float32{0.5, -2, 6.103515625e-05, float32(math.Inf(1))}},
		"module.bfloat16":   {Shape: []int{2}, Values: []float32{1.5, -3}},
		"module.scalar":     {Shape: []int{}, Values: []float32{2.5}},
	}
}

func TestRead(t *testing.T) {
	for _, name := range []string{"checkpoint.pth", "legacy.pth", "weights.safetensors"} {
		got, err := Read(filepath.Join("testdata", name))
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(expected(), got, cmp.Transformer("shape", func(t models.TorchTensor) any {
			return [2]any{append([]int{}, t.Shape...), t.Values}
		})); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestReadErrors(t *testing.T) {
	legacy := content(t, "legacy.pth")
	// The first tensor of the file, [2, 3, 4], claims 255 rows.
	tall := strings.Replace(string(legacy), "K\x02K\x03K\x04", "K\xffK\x03K\x04", 1)
	for name, c := range map[string]struct{ content, want string }{
		"empty":     {"", "expected a file of torch.save"},
		"text":      {"hello, this is a text", "expected a file of torch.save"},
		"pickle":    {"\x80\x02}.", "no file of torch.save"},
		"truncated": {string(legacy[:len(legacy)-40]), "longer than the file"},
		"shape":     {tall, "does not fit its 24 stored values"},
		"zip":       {string(content(t, "checkpoint.pth")[:500]), "damaged zip archive"},
		"header":    {"\xff\xff\xff\xff\xff\x00\x00\x00{}", "header too large"},
		"long text": {"\x80\x02X\xff\xff\xff\x7fabc.", "no file of torch.save"},
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, []byte(c.content), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), path+": ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with the path and %q", name, err, c.want)
		}
	}
	if _, err := Read("none.pth"); err == nil {
		t.Error("a missing file was read")
	}
}

// TestNoMemoryForClaims: files of a few bytes that claim tensors, strings and frames of terabytes take no memory.
func TestNoMemoryForClaims(t *testing.T) {
	huge := `{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}`
	header := binary.LittleEndian.AppendUint64(nil, uint64(len(huge)))
	for name, data := range map[string][]byte{
		"safetensors": append(header, huge...),
		"string":      []byte("\x80\x02\x8d\xff\xff\xff\xff\xff\x00\x00\x00abc."),
		"frame":       []byte("\x80\x02\x95\xff\xff\xff\xff\xff\x00\x00\x00}."),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := parse(data)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<20 {
			t.Errorf("%s: took %d bytes", name, taken)
		}
	}
}

func content(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// FuzzParse: no bytes make it panic, and parameters never have more values than the file has bytes.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"checkpoint.pth", "legacy.pth", "weights.safetensors"} {
		f.Add(content(f, name))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		params, err := parse(data)
		if err != nil && strings.Contains(err.Error(), "damaged file:") && testing.Verbose() {
			t.Log(err)
		}
		total := 0
		for _, p := range params {
			total += len(p.Values)
		}
		if total > len(data) {
			t.Errorf("%d values from %d bytes", total, len(data))
		}
	})
}

// FuzzSafetensors puts a header before some data.
func FuzzSafetensors(f *testing.F) {
	f.Add(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, make([]byte, 8))
	f.Add(`{"a":{"dtype":"F16","shape":[9223372036854775807,2],"data_offsets":[0,4]}}`, make([]byte, 4))
	f.Fuzz(func(_ *testing.T, header string, data []byte) {
		file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		_, _ = readSafetensorsSafely(append(append(file, header...), data...))
	})
}

// readSafetensorsSafely is parse for a file that is a safetensors one whatever its first byte.
func readSafetensorsSafely(data []byte) (map[string]models.TorchTensor, error) {
	if len(data) > 8 {
		data[8] = '{'
	}
	return parse(data)
}
