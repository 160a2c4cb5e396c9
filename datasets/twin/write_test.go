package twin

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

func TestWrite(t *testing.T) {
	o := Options{Seed: 3, Size: 200}
	for _, name := range Names() {
		dir := filepath.Join(t.TempDir(), name+"-twin")
		if err := Write(dir, name, o, false); err != nil {
			t.Fatal(err)
		}
		first := open(t, dir)
		if m := first.Meta; !m.Twin || m.Name != name+"-twin" || !strings.HasSuffix(m.Title, " twin") || !strings.Contains(m.Licence, "CC0") {
			t.Errorf("%s: not described as a twin: %+v", name, m)
		}
		if got := first.Meta.Splits[datasets.Train].Rows; got != 200 {
			t.Errorf("%s: %d training rows, want 200", name, got)
		}
		if err := Write(dir, name, o, false); !errors.Is(err, datasets.ErrExists) {
			t.Errorf("%s: writing again: error %v, want %v", name, err, datasets.ErrExists)
		}
		if err := Write(dir, name, o, true); err != nil {
			t.Fatal(err)
		}
		for split, before := range first.Meta.Splits {
			if after := open(t, dir).Meta.Splits[split].SHA256; after != before.SHA256 {
				t.Errorf("%s: split %s: the same options give another file", name, split)
			}
		}
	}
}

func open(t *testing.T, dir string) *datasets.Dataset {
	t.Helper()
	d, err := datasets.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
