package convert_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert"
	"github.com/dirbench/dirbench/datasets/uci"
)

// TestEmbedded makes a dataset of a table in the program; one that is there stays.
func TestEmbedded(t *testing.T) {
	root := t.TempDir()
	if err := convert.Embedded("energy-efficiency", root); err != nil {
		t.Fatal(err)
	}
	d, err := datasets.Open(filepath.Join(root, "energy-efficiency"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[datasets.Split]int{}
	for split, part := range d.Meta.Splits {
		rows[split] = part.Rows
	}
	m := d.Meta
	if m.Title != "Energy Efficiency" || m.Licence != uci.Licence || m.Modality != datasets.Table ||
		len(m.Features) != 8 ||
		rows[datasets.Train]+rows[datasets.Val]+rows[datasets.Test] != 768 || rows[datasets.Val] != rows[datasets.Test] ||
		rows[datasets.Test] < 100 {
		t.Errorf("%+v, rows %v", m, rows)
	}
	for _, f := range m.Features {
		if f.Name == "CoolingLoad" || f.Name == "HeatingLoad" {
			t.Errorf("%s is an input", f.Name)
		}
	}
	if err := convert.Embedded("energy-efficiency", root); !errors.Is(err, datasets.ErrExists) {
		t.Errorf("again: %v", err)
	}
	if err := convert.Embedded("boston", root); err == nil {
		t.Error("an unknown table is made")
	}
}
