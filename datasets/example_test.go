package datasets_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/dirbench/dirbench/datasets"
)

// Write a dataset of three labels and read it back.
func Example() {
	root, err := os.MkdirTemp("", "datasets")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(root)
	dir := filepath.Join(root, "ages")
	if err := write(dir); err != nil {
		log.Fatal(err)
	}

	d, err := datasets.Open(dir)
	if err != nil {
		log.Fatal(err)
	}
	for sample, err := range d.Samples(datasets.Train) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(sample.ID, sample.Label)
	}
	fmt.Println("age 31 is", d.Regions()[31])
	// Output:
	// train-person 31
	// age 31 is few
}

func write(dir string) error {
	w, err := datasets.Create(dir, datasets.Meta{
		Name: "ages", Title: "Ages", Modality: datasets.LabelOnly,
		LabelSpace: datasets.AgeSpace(), Shots: datasets.AgeShots(),
	})
	if err != nil {
		return err
	}
	defer w.Abort()
	for i, split := range datasets.Splits {
		s, err := w.Split(split)
		if err != nil {
			return err
		}
		if err := s.Write(datasets.Sample{ID: string(split) + "-person", Label: float32(31 + i)}); err != nil {
			return err
		}
	}
	return w.Close()
}
