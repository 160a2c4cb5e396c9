package datasets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenNamesWhatIsWrong(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"unknown field", "title: Pairs", "titel: Pairs", "line 3: field titel is unknown"},
		{"not YAML", "name: pairs", "name: [pairs", "did not find expected"},
		{"text for a number", "bins: 50", "bins: fifty", "line 10: cannot unmarshal"},
		{"later schema", "schema: 1", "schema: 2\nfuture: yes", "version 2, expected 1"},
		{"modality", "modality: text", "modality: sound", `modality "sound": expected one of`},
		{"bin rule", "rule: edges", "rule: edge", `rule "edge"`},
		{"shots", "medium_bins: [2,", "medium_bins: [50,", "bin 50 is outside 0..49"},
		{"split name", "  val:\n", "  dev:\n", `"dev": expected train, val or test`},
		{"rows", "rows: 5", "rows: 6", "train: rows: 6, but counts add up to 5"},
		{"counts", "counts: [1, 1, 1, 1, 1,", "counts: [1, 1, 1, 2,", "counts: 49 numbers"},
		{"hash", "sha256: ", "sha256: zz", "expected 64 hexadecimal digits"},
		{"second document", "schema: 1", "schema: 1\n---\nschema: 1", "a second YAML document: expected one"},
		{"path", "file: train.parquet", "file: ../train.parquet", "without a folder"},
	}
	dir := filepath.Join(t.TempDir(), "pairs")
	writeText(t, dir, 5, 3, 2)
	path := filepath.Join(dir, MetaFile)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(string(good), test.old) {
				t.Fatalf("%q is not in\n%s", test.old, good)
			}
			if err := os.WriteFile(path, []byte(strings.Replace(string(good), test.old, test.new, 1)), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := Open(dir)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, test.want)
			}
		})
	}
}

func TestOpenNothingThere(t *testing.T) {
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no dataset there") {
		t.Errorf("got %v", err)
	}
}
