package twin_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/twin"
)

// Write the synthetic twin of STS-B-DIR, a dataset like any other.
func ExampleWrite() {
	root, err := os.MkdirTemp("", "twin")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(root)
	dir := filepath.Join(root, "sts-b-twin")
	if err := twin.Write(dir, "sts-b", twin.Options{Size: 200, Seed: 1}, false); err != nil {
		log.Fatal(err)
	}
	d, err := datasets.Open(dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Meta.Title, d.Meta.Modality, d.Meta.Splits[datasets.Train].Rows)
	// Output:
	// STS-B-DIR twin text 200
}

// Generate samples without writing them.
func ExampleGenerate() {
	counts := map[datasets.Split]int{}
	err := twin.Generate("sts-b", twin.Options{Size: 200}, func(split datasets.Split, s datasets.Sample) error {
		counts[split]++
		return nil
	})
	fmt.Println(counts[datasets.Train], err)
	// Output:
	// 200 <nil>
}

// Describe a twin before it is made.
func ExampleMeta() {
	meta, err := twin.Meta("agedb", twin.Options{})
	fmt.Println(meta.Name, meta.LabelSpace.Unit, meta.Made, err)
	// Output:
	// agedb-twin years dirbench data twin agedb --size 1200 --seed 0 <nil>
}
