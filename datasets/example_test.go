package datasets_test

import (
	"context"
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

// Open a dataset, read its labels without the inputs, and check its files.
func ExampleOpen() {
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
	labels, err := d.Labels(datasets.Test)
	if err != nil {
		log.Fatal(err)
	}
	problems, err := d.Verify(context.Background(), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Meta.Title, labels, len(problems), "problems")
	// Output:
	// Ages [33] 0 problems
}

// The age benchmarks count whole years, STS-B-DIR tenths of a point.
func ExampleLabelSpace() {
	ages, scores := datasets.AgeSpace(), datasets.STSBSpace()
	fmt.Println(ages.Bin(31.9), ages.Bin(150), ages.Check(-1))
	bin := scores.Bin(4.25)
	fmt.Printf("bin %d: %.1f to %.1f %s\n", bin, scores.Lower(bin), scores.Upper(bin), scores.Unit)
	// Output:
	// 31 120 label -1 is outside [0, 200]
	// bin 42: 4.2 to 4.3 similarity
}

// Label distribution smoothing (LDS) and re-weighting begin with the training samples in each bin.
func ExampleLabelSpace_Count() {
	space := datasets.LabelSpace{Unit: "€", Min: 0, Max: 50, Rule: datasets.BinWidth, Bins: 5, Width: 10}
	fmt.Println(space.Count([]float32{3, 4.5, 12, 19, 19.5, 50}))
	// Output:
	// [2 3 0 0 1]
}

// Bins with more than 100 training samples are many-shot, those with fewer than 20 few-shot.
func ExampleShotRule() {
	for _, region := range datasets.AgeShots().Regions([]int{101, 100, 20, 19}) {
		fmt.Print(region, " ")
	}
	// Output:
	// many medium medium few
}

// Ranges of labels, such as those that a dataset leaves out of training.
func ExampleParseLabelRanges() {
	ranges, err := datasets.ParseLabelRanges("30-40,85-")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ranges.Contains(40), ranges.Contains(41), ranges.Contains(99))
	// Output:
	// true false true
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
