// Package testsuite holds the suites that the tests of the runner's rooms train, as small as they get.
package testsuite

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/dirbench/dirbench/datasets"
)

// Data is the root of the twins, which all tests of a package share and none changes.
var Data string

// Main runs the tests of a package with a root for their twins. It returns the exit code, which is not 0 either if a
// test left a goroutine behind.
func Main(m *testing.M) int {
	os.Setenv("GOMLX_NO_AUTO_INSTALL", "1")
	root, err := os.MkdirTemp("", "runner-test-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(root)
	Data = root
	if err := writeTable(filepath.Join(root, "table-test")); err != nil {
		panic(err)
	}
	code := m.Run()
	if leak := goleak.Find(); leak != nil && code == 0 {
		fmt.Fprintln(os.Stderr, leak)
		return 1
	}
	return code
}

// The benchmarks; %s is for more fields of the recipe.
const (
	Agedb = `
  - benchmark: agedb-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {epochs: 2, retrain_epochs: 1, batch_size: 64, lr_drops: [], image: {size: 8, crop_pad: 1, width: 2}%s}
`
	STSB = `
  - benchmark: sts-b-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {epochs: 2, retrain_epochs: 1, batch_size: 64, text: {max_tokens: 8, embedding: 4, hidden: 4, layers: 1}%s}
`
	Depth = `
  - benchmark: nyud2-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {epochs: 2, retrain_epochs: 2, lr_drops: [1], batch_size: 64, depth: {width: 4, frame: [32, 24]}%s}
`
	Signals = `
  - benchmark: shhs-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {epochs: 2, retrain_epochs: 1, lr_drops: [], batch_size: 64, signal: {width: 2, windows: 2, window_seconds: 2}%s}
`
	Table = `
  - benchmark: table
    scale: tiny
    dataset: table-test
    recipe: {epochs: 2, retrain_epochs: 1, batch_size: 64, table: {hidden: [6, 4]}%s}
`
)

// writeTable makes the dataset of Table: numbers, one of them missing at times, and a category.
func writeTable(dir string) error {
	median := float32(1)
	w, err := datasets.Create(dir, datasets.Meta{Name: "table-test", Title: "Table", Modality: datasets.Table,
		LabelSpace: datasets.LabelSpace{Max: 20, Rule: datasets.BinWidth, Bins: 20, Width: 1},
		Shots:      datasets.ShotRule{Many: 12, Few: 4}, Features: []datasets.Feature{{Name: "root"},
			{Name: "noisy", Median: &median}, {Name: "parity", Levels: []string{"even", "odd"}}}})
	if err != nil {
		return err
	}
	defer w.Abort()
	random := rand.New(rand.NewPCG(1, 1))
	for _, split := range datasets.Splits {
		out, err := w.Split(split)
		if err != nil {
			return err
		}
		rows := 30
		if split == datasets.Train {
			rows = 150
		}
		for i := range rows {
			label := min(4*random.ExpFloat64(), 20)
			row := []float32{float32(math.Sqrt(label)), float32(label + random.NormFloat64()), 0, 0, 0}
			if i%7 == 0 {
				row[1], row[2] = median, 1
			}
			row[3+int(label)%2] = 1
			if err := out.Write(datasets.Sample{ID: fmt.Sprintf("%s%d", split, i), Label: float32(label),
				Features: row}); err != nil {
				return err
			}
		}
	}
	return w.Close()
}

// Text returns a suite with one benchmark. Fields begin with a comma: ", lr: 1".
func Text(entry, methods, fields string) string {
	return fmt.Sprintf("name: test\nseeds: [0]\nmethods: [%s]\nbenchmarks:"+entry, methods, fields)
}

// Longer trains an entry for three epochs: FDS acts from the third on.
func Longer(entry string) string { return strings.Replace(entry, "epochs: 2", "epochs: 3", 1) }
