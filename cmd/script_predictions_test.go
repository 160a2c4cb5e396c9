package cmd

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// predictionsCommand is "predictions DIR": below DIR it writes predictions.parquet beside every predictions.csv, which
// has the columns id, split, label, prediction and bin.
func predictionsCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.Name() != "predictions.csv" {
			return err
		}
		file, err := os.Open(path)
		ts.Check(err)
		defer file.Close()
		table, err := csv.NewReader(file).ReadAll()
		ts.Check(err)
		var rows []store.Prediction
		for _, cells := range table[1:] {
			var numbers [3]float64
			for i, cell := range cells[2:] {
				numbers[i], err = strconv.ParseFloat(cell, 64)
				ts.Check(err)
			}
			rows = append(rows, store.Prediction{ID: cells[0], Split: datasets.Split(cells[1]),
				Label: float32(numbers[0]), Prediction: float32(numbers[1]), Bin: int32(numbers[2])})
		}
		return store.WritePredictions(filepath.Join(filepath.Dir(path), store.PredictionsFile), slices.Values(rows))
	}))
}
