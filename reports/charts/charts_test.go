package charts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSave(t *testing.T) {
	p := New("Error by age", "age", "MAE")
	for name, begin := range map[string]string{"a.svg": "<?xml", "a.png": "\x89PNG"} {
		path := filepath.Join(t.TempDir(), name)
		if err := Save(path, p, Wide); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(got), begin) {
			t.Errorf("%s begins with %q, %v", name, got[:min(8, len(got))], err)
		}
	}
	if err := Save("figure.txt", p, Wide); err == nil || !strings.Contains(err.Error(), ".svg or .png") {
		t.Errorf("error %v", err)
	}
}
