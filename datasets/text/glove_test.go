package text

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func writeVectors(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vectors.txt")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func compressed(t *testing.T, content string) []byte {
	t.Helper()
	var buffer bytes.Buffer
	w := gzip.NewWriter(&buffer)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func anyWord(string) bool { return true }

func TestReadGloVe(t *testing.T) {
	const content = "the 1 2.5 -3e-2\ncat 4 5 6\r\n. . . 7 8 9\n. 1 1 1\ndog 0 0"
	for name, raw := range map[string][]byte{"plain": []byte(content), "gzip": compressed(t, content)} {
		// "dog" has too few values, but nobody wants it.
		wanted := func(word string) bool { return word != "dog" }
		vectors, err := ReadGloVe(writeVectors(t, raw), 3, wanted)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := map[string][]float32{"the": {1, 2.5, -0.03}, "cat": {4, 5, 6}, ".": {1, 1, 1}}
		if len(vectors) != len(want) {
			t.Errorf("%s: vectors %v, want %v", name, vectors, want)
		}
		for word, vector := range want {
			if !slices.Equal(vectors[word], vector) {
				t.Errorf("%s: %s is %v, want %v", name, word, vectors[word], vector)
			}
		}
	}
}

func TestReadGloVeErrors(t *testing.T) {
	whole := compressed(t, strings.Repeat("the 1 2 3\n", 1000))
	tests := []struct {
		name    string
		content []byte
		want    string
	}{
		{"too few values", []byte("a 1 2 3\nb 1 2\n"), "vectors.txt:2: 2 values: expected 3; set text.embedding"},
		{"too many values", []byte("a 1 2 3 4\n"), "vectors.txt:1: 4 values: expected 3"},
		{"no values", []byte("a 1 2 3\n\n"), "vectors.txt:2: 0 values: expected 3"},
		{"not a number", []byte("a 1 x 3\n"), `vectors.txt:1: value "x": expected a number`},
		{"NaN", []byte("a 1 2 3\nb 1 NaN 3\n"), `vectors.txt:2: value "NaN": expected a number`},
		{"infinite", []byte("a -Inf 2 3\n"), `vectors.txt:1: value "-Inf": expected a number`},
		{"too large", []byte("a 1e39 2 3\n"), `vectors.txt:1: value "1e39": expected a number`},
		{"truncated gzip", whole[:len(whole)-9], "vectors.txt: unexpected EOF"},
		{"damaged gzip", []byte("\x1f\x8bnot a compressed file"), "vectors.txt: gzip"},
		{"endless line", bytes.Repeat([]byte("x"), 1<<21), "vectors.txt: bufio.Scanner: token too long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadGloVe(writeVectors(t, tt.content), 3, anyWord)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "word vectors ") {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := ReadGloVe("none.txt", 3, anyWord); err == nil || !strings.Contains(err.Error(), "none.txt") {
		t.Errorf("missing file: error %v", err)
	}
}

// FuzzParseVector: whatever a line holds, its vector has the right width and finite numbers, or there is an error.
func FuzzParseVector(f *testing.F) {
	f.Add("1 2.5 -3e-2")
	f.Add(". . 1 2 3")
	f.Add("NaN 0x1p-2 1_0")
	f.Add("1e39 \u00a0 inf")
	f.Fuzz(func(t *testing.T, line string) {
		fields := strings.Fields(line)
		phrase := isPhrase(fields, 3)
		vector, err := parseVector(fields, 3)
		if err != nil {
			return
		}
		if phrase || len(vector) != 3 {
			t.Fatalf("%q: %v, phrase %v", line, vector, phrase)
		}
		for _, v := range vector {
			if v-v != 0 {
				t.Fatalf("%q: %v is not finite", line, vector)
			}
		}
	})
}

// TestReadGloVeOfArchives has GloVe's own zip archives, and others.
func TestReadGloVeOfArchives(t *testing.T) {
	archive := func(entries ...string) string {
		var data bytes.Buffer
		w := zip.NewWriter(&data)
		for i := 0; i < len(entries); i += 2 {
			entry, err := w.Create(entries[i])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := entry.Write([]byte(entries[i+1])); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "glove.zip")
		if err := os.WriteFile(path, data.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	all := func(string) bool { return true }
	for _, path := range []string{
		archive("glove.6B.1d.txt", "man 9\n", "glove.6B.2d.txt", "\ufeffman 1 2\n"),
		archive("__MACOSX/x", "", "vectors.txt", "man 1 2\n"),
	} {
		if got, err := ReadGloVe(path, 2, all); err != nil || !slices.Equal(got["man"], []float32{1, 2}) {
			t.Errorf("%v, %v", got, err)
		}
	}
	_, err := ReadGloVe(archive("glove.6B.1d.txt", "", "glove.6B.3d.txt", ""), 2, all)
	if err == nil || !strings.Contains(err.Error(), "none of which ends in .2d.txt: unpack the one to be used") {
		t.Errorf("error %v", err)
	}
	path := filepath.Join(t.TempDir(), "glove.zip")
	if err := os.WriteFile(path, []byte("PK\x03\x04 and no more"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadGloVe(path, 2, all); err == nil || !strings.Contains(err.Error(), "damaged zip archive") {
		t.Errorf("error %v", err)
	}
}
