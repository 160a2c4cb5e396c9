package convert

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

// realData returns a path below the folder of real data, or skips the test.
func realData(t *testing.T, path ...string) string {
	t.Helper()
	root := os.Getenv("DIRBENCH_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	full := filepath.Join(append([]string{root}, path...)...)
	if _, err := os.Stat(full); err != nil {
		t.Skipf("real data %s is absent: set DIRBENCH_DATA to its folder", filepath.Join(path...))
	}
	return full
}

// expectRegions compares the samples of a split in the many-, medium- and few-shot region.
func expectRegions(t *testing.T, d *datasets.Dataset, split datasets.Split, want [3]int) {
	t.Helper()
	var got [3]int
	for bin, region := range d.Regions() {
		got[region] += d.Meta.Splits[split].Counts[bin]
	}
	if got != want {
		t.Errorf("%s: %v samples many, medium, few; want %v", split, got, want)
	}
}
