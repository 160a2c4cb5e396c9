package torchfile

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestNoMemoryForClaims: small files that claim tensors, strings, frames and members of terabytes take little memory.
func TestNoMemoryForClaims(t *testing.T) {
	const tera = "\x00\x00\x00\x00\x00\x04\x00\x00" // 4 TiB as int64
	pickled := func(opcodes string) string {
		return zipped(t, "data.pkl", "\x80\x02"+opcodes+".", "data/0", "01234567")
	}
	storage := "(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x08tQ"
	// A shape of many axes, made once and used for many tensors.
	axes := "(" + strings.Repeat("K\x01", 50_000) + "tq\x00"
	many := storage + "q\x01" + strings.Repeat("ctorch._utils\n_rebuild_tensor\n(h\x01K\x00h\x00h\x00tR", 1000)
	// Two readings of the same bytes: in one of them the name of a class begins within the operand of K.
	twice := "Kccollections\nOrderedDict\nU\xff" + strings.Repeat("0", 87) + "B\xff\xff\xff\x7f" + strings.Repeat("0", 163)
	for name, c := range map[string]struct {
		data string
		most uint64 // bytes
	}{
		"safetensors": {safetensorsFile(`{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}`, 0),
			1 << 20},
		"header": {tera + "{}", 1 << 20},
		"string": {pickled("\x8d" + tera + "abc"), 1 << 20},
		"bytes":  {pickled("\x8e" + tera + "abc"), 1 << 20},
		"frame":  {pickled("\x95" + tera + "}"), 1 << 20},
		"tensor": {pickled("}X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor\n(" + storage +
			"K\x00\x8a\x08" + tera + "\x85K\x01\x85tRs"), 1 << 20},
		"legacy": {strings.Replace(string(content(t, "legacy.pth")), "\x18\x00\x00\x00\x00\x00\x00\x00", tera, 1), 1 << 20},
		"tar":    {strings.Replace(string(content(t, "tar.pth")), "\x18\x00\x00\x00\x00\x00\x00\x00", tera, 1), 1 << 20},
		"sparse": {sparse(t), 1 << 20},
		"axes":   {pickled(axes + many), 32 << 20},
		"marks":  {pickled(strings.Repeat("(", maxOpcodes)), 8 << 20},
		"twice":  {pickled(twice), 1 << 20},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := parse([]byte(c.data))
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > c.most {
			t.Errorf("%s: took %d bytes, want %d at most (%s)", name, taken, c.most, line(err))
		}
	}
}

// sparse is a tar archive whose member is a hole of 4 TiB.
func sparse(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	archive := tar.NewWriter(&out)
	if err := archive.WriteHeader(&tar.Header{Name: "storages", Size: 512, Mode: 0o644,
		Format: tar.FormatGNU}); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Write(make([]byte, 512)); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	// The old GNU form: type S, an entry of 512 bytes at 4 TiB - 512, and the whole size; then the new checksum.
	header := []byte(out.String()[:512])
	header[156] = 'S'
	copy(header[386:], "\x80\x00\x00\x00\x00\x00\x03\xff\xff\xff\xfe\x00")
	copy(header[483:], "\x80\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00")
	copy(header[398:], "00000001000\x00")
	copy(header[148:], "        ")
	sum := 0
	for _, b := range header {
		sum += int(b)
	}
	copy(header[148:], fmt.Sprintf("%06o\x00 ", sum))
	return string(header) + out.String()[512:]
}

// TestCompressedRecords: PyTorch stores records as they are, and a compressed one could be a bomb.
func TestCompressedRecords(t *testing.T) {
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	record, err := archive.Create("archive/data.pkl") // compressed by default
	if err != nil {
		t.Fatal(err)
	}
	if _, err := record.Write(make([]byte, 1<<16)); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := parse(file.Bytes()); err == nil || !strings.Contains(err.Error(), "is compressed") {
		t.Errorf("error %v", err)
	}
}
