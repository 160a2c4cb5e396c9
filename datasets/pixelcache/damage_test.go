package pixelcache

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func damage(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, change(content), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestDamage: whatever is wrong with a file, the records are right, one line says so, and the next process finds a good
// file.
func TestDamage(t *testing.T) {
	tests := map[string]func([]byte) []byte{
		"empty":        func([]byte) []byte { return nil },
		"cut off":      func(b []byte) []byte { return b[:len(b)-1] },
		"too long":     func(b []byte) []byte { return append(b, 0) },
		"foreign":      func(b []byte) []byte { return bytes.Repeat([]byte("x"), len(b)) },
		"other key":    func(b []byte) []byte { b[8] ^= 1; return b },
		"other bit":    func(b []byte) []byte { b[headerSize+7*(testSize+checksumLen)+99] ^= 8; return b },
		"checksum":     func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"swapped rows": swapRows,
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			var m maker
			spec := m.spec(made(t, testRows), testSize)
			open(t, spec)
			damage(t, spec.path(), change)
			checkRecords(t, open(t, spec))
			if n := m.decoded.Load(); n != 2*testRows || len(m.notes) != 1 || !strings.Contains(m.notes[0], "made again") {
				t.Errorf("%d samples decoded, want each of %d twice; notes %q", n, testRows, m.notes)
			}
			checkRecords(t, open(t, spec))
			if n := m.decoded.Load(); n != 2*testRows {
				t.Errorf("%d samples decoded after the file was made again", n)
			}
		})
	}
}

func swapRows(b []byte) []byte {
	stride := testSize + checksumLen
	first := bytes.Clone(b[headerSize:][:stride])
	copy(b[headerSize:], b[headerSize+stride:][:stride])
	copy(b[headerSize+stride:], first)
	return b
}

// TestDamagedAgain: a disk that spoils every file is not tried forever.
func TestDamagedAgain(t *testing.T) {
	var m maker
	spec := m.spec(made(t, testRows), testSize)
	r := open(t, spec)
	for range 3 {
		if _, ok := r.current().(*mapping); ok {
			damage(t, spec.path(), func(b []byte) []byte { b[headerSize+1] ^= 1; return b })
		}
		checkRecords(t, r)
	}
	if _, ok := r.current().(*memory); !ok || len(m.notes) != 2 {
		t.Errorf("records in %T, want memory; notes %q", r.current(), m.notes)
	}
}
