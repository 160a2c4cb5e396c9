package convert

import (
	"context"
	"os"
	"path/filepath"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/uci"
)

// Embedded makes a dataset of its own name below root of a table in the program ([uci.Find]): bins by the default of
// [Columns], shot regions by thirds of the bins, and splits by [BalancedSplit] with seed 0 and at most a hundredth of
// the rows, but 5 to 30, of a bin in validation, and in test.
func Embedded(name, root string) error {
	set, err := uci.Find(name)
	if err != nil {
		return err
	}
	text, err := set.CSV()
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "dirbench-table-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	file := filepath.Join(temp, set.Name+".csv")
	if err := os.WriteFile(file, text, 0o666); err != nil {
		return err
	}
	_, _, err = Columns(context.Background(), []string{file}, ColumnsOptions{
		Options: Options{Out: root, Name: set.Name, Title: set.Title, Source: set.Source(), Licence: uci.Licence,
			Made: "dirbench, of the table " + set.Name + " in the program"},
		Label: set.Label, Features: []string{AllFeatures}, Without: set.Drop,
		Cap: min(30, max(5, set.Rows/100)), Shots: datasets.ThirdsShots(),
	})
	return err
}
