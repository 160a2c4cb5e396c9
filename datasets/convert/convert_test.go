package convert

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

func ranges(t *testing.T, text string) datasets.LabelRanges {
	t.Helper()
	r, err := datasets.ParseLabelRanges(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDropTrain(t *testing.T) {
	records := []record{
		{age: 30, path: "a", split: datasets.Train}, {age: 31, path: "b", split: datasets.Train},
		{age: 30, path: "c", split: datasets.Val}, {age: 50, path: "d", split: datasets.Train},
	}
	of := func(r record) (datasets.Split, float32) { return r.split, r.age }
	meta := datasets.Meta{LabelSpace: datasets.AgeSpace(), Shots: datasets.AgeShots()}
	for text, want := range map[string]string{"30-31": "cd", "50-": "abc", "-30": "bcd"} {
		kept, err := dropTrain(Options{DropTrain: ranges(t, text)}, &meta, records, of)
		var names strings.Builder
		for _, r := range kept {
			names.WriteString(r.path)
		}
		if err != nil || names.String() != want {
			t.Errorf("%s: %q, %v; want %q", text, names.String(), err, want)
		}
	}
	if kept, err := dropTrain(Options{}, &meta, records, of); err != nil || len(kept) != 4 {
		t.Errorf("no ranges: %d kept, %v", len(kept), err)
	}
	for text, want := range map[string]string{
		"0-": "no training sample is left", "70-80": "no training sample has such a label",
		"300-": "300 is outside the labels [0, 200]",
	} {
		if _, err := dropTrain(Options{DropTrain: ranges(t, text)}, &meta, records, of); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

// Only bins that had training data and lose all of it leave the lists.
func TestEmptyBins(t *testing.T) {
	meta := datasets.Meta{Shots: datasets.ShotRule{ManyBins: []int{0, 1, 3}, MediumBins: []int{2}}}
	if err := emptyBins(&meta, []int{5, 5, 5, 0}, []int{0, 4, 0, 0}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(meta.Shots.ManyBins, []int{1, 3}) || len(meta.Shots.MediumBins) != 0 {
		t.Errorf("rule %+v", meta.Shots)
	}
	if err := emptyBins(&meta, []int{0, 5, 0, 5}, []int{0, 0, 0, 0}); err == nil {
		t.Error("a rule without lists would be one of thresholds")
	}
}

func TestNYUD2RefusesDropTrain(t *testing.T) {
	_, _, err := NYUD2(t.Context(), t.TempDir(), NYUD2Options{Options: Options{DropTrain: ranges(t, "1-2")}})
	if err == nil || !strings.Contains(err.Error(), "a label for each pixel") {
		t.Errorf("error %v", err)
	}
}

// The split is drawn before, so that validation and test are those of the whole dataset.
func TestSHHSDropTrain(t *testing.T) {
	dir := writeSHHS(t, "nsrrid,gh_s2\n", nil)
	opts := SHHSOptions{Options: Options{Out: t.TempDir()}, Cap: 50}
	whole, _, err := SHHS(t.Context(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	opts.Name, opts.DropTrain = "gaps", ranges(t, "90-")
	gaps, _, err := SHHS(t.Context(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	for split, want := range map[datasets.Split]int{datasets.Train: 2, datasets.Val: 4, datasets.Test: 4} {
		before, after := whole.Meta.Splits[split], gaps.Meta.Splits[split]
		if after.Rows != want || (before.SHA256 == after.SHA256) != (split != datasets.Train) {
			t.Errorf("%s: %d rows, want %d; SHA-256 %.8s, before %.8s", split, after.Rows, want, after.SHA256, before.SHA256)
		}
	}
	if counts := gaps.TrainCounts(); counts[91] != 0 || counts[51] != 2 {
		t.Errorf("training counts %v", counts)
	}
}

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
