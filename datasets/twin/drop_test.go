package twin

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

func TestDropTrain(t *testing.T) {
	whole, gaps := Options{Seed: 3, Size: 300}, Options{Seed: 3, Size: 300}
	gaps.DropTrain = datasets.LabelRanges{{Low: 3, High: 4}}
	dir := t.TempDir()
	for name, o := range map[string]Options{"whole": whole, "gaps": gaps} {
		if err := Write(filepath.Join(dir, name), "sts-b", o, false); err != nil {
			t.Fatal(err)
		}
	}
	before, after := open(t, filepath.Join(dir, "whole")).Meta, open(t, filepath.Join(dir, "gaps")).Meta
	for bin, n := range before.Splits[datasets.Train].Counts {
		if got := after.Splits[datasets.Train].Counts[bin]; bin >= 30 && bin < 40 && got != 0 || (bin < 30 || bin > 40) && got != n {
			t.Errorf("bin %d: %d training samples, %d before", bin, got, n)
		}
	}
	if after.Splits[datasets.Test].SHA256 != before.Splits[datasets.Test].SHA256 {
		t.Error("the test split has changed")
	}
	regions := after.Shots.Regions(after.Splits[datasets.Train].Counts)
	if regions[30] != datasets.Few || regions[38] != datasets.Few || regions[28] != datasets.Many || regions[42] != datasets.Many {
		t.Errorf("regions %v", regions)
	}
	if !strings.HasSuffix(after.Made, " --size 300 --seed 3 --drop-train 3-4") || !strings.HasSuffix(after.Title, "twin, no training labels 3-4") {
		t.Errorf("title %q, made %q", after.Title, after.Made)
	}
}

func TestDropTrainRefuses(t *testing.T) {
	for name, want := range map[string]string{"nyud2": "twin nyud2: drop_train: a frame has a label for each pixel", "sts-b": "range 30-40: 30 is outside the labels [0, 5]"} {
		if _, err := Meta(name, Options{DropTrain: datasets.LabelRanges{{Low: 30, High: 40}}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", name, err, want)
		}
	}
}
