package task

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// tableColumns are a number, a category, a number that may be missing, a list, and a number that never changes.
func tableColumns() []datasets.Feature {
	median := float32(5)
	return []datasets.Feature{{Name: "area"}, {Name: "town", Levels: []string{"a", "b", "c"}},
		{Name: "built", Median: &median},
		{Name: "embedding", Size: 2}, {Name: "constant"}}
}

// tableDataset writes rows of training, of which validation and test have the first.
func tableDataset(t *testing.T, name string, features []datasets.Feature, rows ...[]float32) *datasets.Dataset {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	w, err := datasets.Create(dir, datasets.Meta{Name: name, Title: name, Modality: datasets.Table, Features: features,
		LabelSpace: datasets.LabelSpace{Max: 100, Rule: datasets.BinWidth, Bins: 100, Width: 1}, Shots: datasets.AgeShots()})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, split := range datasets.Splits {
		out, err := w.Split(split)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if split != datasets.Train && i > 0 {
				break
			}
			sample := datasets.Sample{ID: string(split) + string(rune('a'+i)), Label: float32(10 * i), Features: row}
			if err := out.Write(sample); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := datasets.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var tableRowsOf = [][]float32{
	{100, 1, 0, 0, 5, 1, -1.5, 3, 7},
	{300, 0, 1, 0, 9, 0, 1, 3, 7},
	{200, 0, 0, 1, 1, 0, 0, 3, 7},
}

func loadTable(t *testing.T, d *datasets.Dataset, options LoadOptions) *tableTask {
	t.Helper()
	loaded, err := (&TableModel{Hidden: []int{4, 3}}).Load(d, Recipe{}, options)
	if err != nil {
		t.Fatal(err)
	}
	return loaded.(*tableTask)
}

func batchOf(task Task, split datasets.Split, rows ...int) []float32 {
	inputs, _ := task.Batch(nil, split, rows, nil)
	return tensors.MustCopyFlatData[float32](inputs[0])
}

// TestTableStandardised: numbers have mean 0 and deviation 1 in the training split, levels stay, a constant becomes 0
// also where another split has another value; and a network that has them already keeps its own.
func TestTableStandardised(t *testing.T) {
	task := loadTable(t, tableDataset(t, "table", tableColumns(), tableRowsOf...), LoadOptions{})
	batch := batchOf(task, datasets.Train, 1, 2)
	if !slices.Equal(batch, slices.Concat(tableRowsOf[1], tableRowsOf[2])) {
		t.Errorf("batch %v", batch)
	}
	store := model.NewStore()
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *graph.Node) *graph.Node {
		return task.standardised(scope, x)
	})
	if err != nil {
		t.Fatal(err)
	}
	x := tensors.FromFlatDataAndDimensions([]float32{300, 0, 1, 0, 9, 0, 1, 3, 8}, 1, 9)
	first := tensors.MustCopyFlatData[float32](exec.MustCall(x)[0])
	// 100, 300, 200 have the deviation 81.65, 5, 9, 1 have 3.266, and -1.5, 1, 0 have 1.0274 and the mean -1/6.
	for i, want := range []float64{1.2247, 0, 1, 0, 1.2247, 0, 1.1355, 0, 0} {
		if math.Abs(float64(first[i])-want) > 1e-4 {
			t.Errorf("element %d is %v, want %v", i, first[i], want)
		}
	}
	task.elements = nil // as for predictions, without the training split
	if again := tensors.MustCopyFlatData[float32](
		exec.MustCall(tensors.FromFlatDataAndDimensions(slices.Repeat(tableRowsOf[1], 2), 2, 9))[0]); !slices.Equal(again[:8],
		first[:8]) {
		t.Errorf("without the training split %v, want %v", again, first)
	}
}

// TestTableMix: a synthetic row lies between its parents, and is of the category of one of them.
func TestTableMix(t *testing.T) {
	task := loadTable(t, tableDataset(t, "table", tableColumns(), tableRowsOf...), LoadOptions{})
	squared := task.Distance()
	// 0 and 1: area 1, town 1, built missing 1, embedding 1 and 0, constant 0.
	for _, tt := range []struct {
		a, b int
		want float32
	}{{0, 1, 4}, {1, 2, 0.25 + 1 + 1 + 0.16}, {2, 2, 0}} {
		if got := squared(tt.a, tt.b); math.Abs(float64(got-tt.want)) > 1e-6 {
			t.Errorf("distance² of %d and %d: %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
	r := methods.Resampled{Keep: []int{2}, Filled: [][]int{{0, 1, 2}}}
	for seed := range uint64(40) {
		r.Synthetic = append(r.Synthetic, methods.Synthetic{First: 0, Second: 1, Share: 0.25, Seed: seed, Label: 2.5})
	}
	mixed := mixedBy(t, task, r)
	rows := mixed.Split(datasets.Train)
	if rows.Len() != 41 || rows.IDs[0] != "trainc" || rows.IDs[1] != "traina+trainb" || rows.Labels[1] != 2.5 {
		t.Errorf("%d rows, ids %q, labels %v", rows.Len(), rows.IDs[:2], rows.Labels[:2])
	}
	if kept := batchOf(mixed, datasets.Train, 0); !slices.Equal(kept, tableRowsOf[2]) {
		t.Errorf("the kept row is %v", kept)
	}
	towns, built := map[[3]float32]bool{}, map[[2]float32]bool{}
	for row := 1; row < 41; row++ {
		v := batchOf(mixed, datasets.Train, row)
		towns[[3]float32(v[1:4])], built[[2]float32(v[4:6])] = true, true
		if v[0] != 150 || v[6] != -0.875 || v[7] != 3 || v[8] != 7 {
			t.Fatalf("row %v, want numbers a quarter of the way", v)
		}
	}
	if len(towns) != 2 || !towns[[3]float32{1, 0, 0}] || !towns[[3]float32{0, 1, 0}] {
		t.Errorf("towns %v, want those of both parents", towns)
	}
	if len(built) != 2 || !built[[2]float32{5, 1}] || !built[[2]float32{9, 0}] {
		t.Errorf("years %v, want a missing one and 9", built)
	}
	if task.Split(datasets.Train).Len() != 3 {
		t.Error("the original task changed")
	}
}

// TestTableColumnsByName reads a table whose columns, levels and median are others as that of the training.
func TestTableColumnsByName(t *testing.T) {
	median := float32(70)
	other := []datasets.Feature{{Name: "constant"}, {Name: "more"}, {Name: "built", Median: &median},
		{Name: "embedding", Size: 2},
		{Name: "town", Levels: []string{"b", "z"}}, {Name: "area", Median: &median}}
	d := tableDataset(t, "other", other, []float32{7, 1, 70, 1, 0.5, 4, 1, 0, 250, 0},
		[]float32{7, 1, 8, 0, 0.5, 4, 0, 1, 70, 1})
	task := loadTable(t, d, LoadOptions{Features: tableColumns(), Splits: []datasets.Split{datasets.Test}})
	if got, want := batchOf(task, datasets.Test, 0), []float32{250, 0, 1, 0, 5, 1, 0.5, 4, 7}; !slices.Equal(got, want) {
		t.Errorf("row %v, want %v", got, want)
	}
	for want, o := range map[string]LoadOptions{
		`dataset other: split train, id trainb: column "area": the number is missing`: {Features: tableColumns()},
		`dataset other: column "rooms" is missing`: {
			Features: []datasets.Feature{{Name: "rooms"}}},
		`dataset other: column "embedding" is of another kind`: {Features: []datasets.Feature{{Name: "embedding", Size: 3}}},
	} {
		if _, err := (&TableModel{Hidden: []int{4}}).Load(d, Recipe{}, o); err == nil ||
			!strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
