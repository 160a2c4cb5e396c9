package cmd

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
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

// hash64 is a SHA-256.
var hash64 = regexp.MustCompile(`[0-9a-f]{64}`)

// headerCommand is "header FILE OUT": it writes what the header of a safetensors file says to OUT, a line for each
// tensor and then the metadata "dirbench", indented.
func headerCommand(ts *testscript.TestScript, _ bool, args []string) {
	content := []byte(ts.ReadFile(args[0]))
	size := binary.LittleEndian.Uint64(content)
	var header map[string]struct {
		DType    string `json:"dtype"`
		Shape    []int  `json:"shape"`
		Format   string `json:"format"`
		Dirbench string `json:"dirbench"`
	}
	ts.Check(json.Unmarshal(content[8:][:size], &header))
	var out bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if t := header[name]; name != "__metadata__" {
			fmt.Fprintf(&out, "%s %s %v\n", name, t.DType, t.Shape)
		}
	}
	metadata := header["__metadata__"]
	fmt.Fprintf(&out, "format %s\n", metadata.Format)
	ts.Check(json.Indent(&out, hash64.ReplaceAll([]byte(metadata.Dirbench), []byte("HASH")), "", "  "))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), append(out.Bytes(), '\n'), 0o644))
}

// samePredictionsCommand is "samepredictions A B": each of the stores has one run, with the same predictions.parquet.
func samePredictionsCommand(ts *testscript.TestScript, _ bool, args []string) {
	var found [2][]byte
	for i, dir := range args {
		ts.Check(filepath.WalkDir(ts.MkAbs(dir), func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.Name() == store.PredictionsFile {
				found[i], err = os.ReadFile(path)
			}
			return err
		}))
	}
	if len(found[0]) == 0 || !bytes.Equal(found[0], found[1]) {
		ts.Fatalf("predictions of %d and %d bytes differ", len(found[0]), len(found[1]))
	}
}
