package torchfile

import (
	"archive/zip"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
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
		"module.empty":      {Shape: []int{0, 3}, Values: []float32{}},
	}
}

// fixtures are the files of testdata/make.py, a format each.
var fixtures = []string{"checkpoint.pth", "protocol4.pth", "legacy.pth", "tar.pth", "weights.safetensors"}

func TestRead(t *testing.T) {
	for _, name := range fixtures {
		got, err := Read(filepath.Join("testdata", name))
		if err != nil {
			t.Error(err)
			continue
		}
		want := expected()
		if name == "tar.pth" {
			delete(want, "module.empty") // make.py says why
		}
		if diff := cmp.Diff(want, got, cmp.Transformer("shape", func(t models.TorchTensor) any {
			return [2]any{append([]int{}, t.Shape...), append([]float32{}, t.Values...)}
		})); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestReadErrors(t *testing.T) {
	legacy, early := content(t, "legacy.pth"), string(content(t, "tar.pth"))
	// The first tensor of the file, [2, 3, 4], claims 255 rows.
	tall := strings.Replace(string(legacy), "K\x02K\x03K\x04", "K\xffK\x03K\x04", 1)
	view := "\x80\x02(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000NK\x01K\x07tQ."
	for name, c := range map[string]struct{ content, want string }{
		"empty":     {"", "expected a file of torch.save"},
		"text":      {"hello, this is a text", "expected a file of torch.save"},
		"pickle":    {"\x80\x02}.", "no file of torch.save"},
		"truncated": {string(legacy[:len(legacy)-40]), "longer than the file"},
		"shape":     {tall, "does not fit its 24 stored values"},
		"zip":       {string(content(t, "checkpoint.pth")[:500]), "damaged zip archive"},
		"header":    {"\xff\xff\xff\xff\xff\x00\x00\x00{}", "expected at most"},
		"long text": {"\x80\x02X\xff\xff\xff\x7fabc.", "no file of torch.save"},
		"integers": {safetensorsFile(`{"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}`, 8),
			"no floating-point parameters"},
		"newline": {safetensorsFile(`{"a\nb":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4),
			"data offsets mismatch"},
		"big":       {zipped(t, "byteorder", "big"), `byte order "big": expected little`},
		"no pickle": {zipped(t, "version", "3"), "no data.pkl in the archive"},
		"module": {zipped(t, "data.pkl", "\x80\x02ctorch.nn\nLinear\n)\x81."),
			"no floating-point parameters: expected the state_dict"},
		"views":   {zipped(t, "data.pkl", view), "views of storages"},
		"tar":     {strings.Replace(early, "storages", "storagez", 1), "damaged tar archive"},
		"members": {early[:strings.Index(early, "storages\x00")], "no storages in the tar archive"},
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, []byte(c.content), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), path+": ") ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with the path and %q", name, err, c.want)
		}
	}
	if _, err := Read("none.pth"); err == nil {
		t.Error("a missing file was read")
	}
}

// safetensorsFile puts a header before so many zeros.
func safetensorsFile(header string, size int) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + strings.Repeat("\x00", size)
}

// zipped is a file of torch.save with records: a name and a content each.
func zipped(t testing.TB, records ...string) string {
	t.Helper()
	var out strings.Builder
	archive := zip.NewWriter(&out)
	for i := 0; i < len(records); i += 2 {
		w, err := archive.CreateHeader(&zip.FileHeader{Name: "archive/" + records[i], Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(records[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func content(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// FuzzRead: no bytes make it panic, and parameters never have more values than the file has bytes.
func FuzzRead(f *testing.F) {
	for _, name := range fixtures {
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
