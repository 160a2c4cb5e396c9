package twin

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

// labelsOf returns all labels of a twin without its inputs, which take long.
func labelsOf(name string, o Options) map[datasets.Split][]float32 {
	labels := map[datasets.Split][]float32{}
	for _, split := range datasets.Splits {
		if name == "sts-b" {
			for _, score := range stsbScores(o, split) {
				labels[split] = append(labels[split], float32(score))
			}
			continue
		}
		for age, n := range ageCounts(o)[split] {
			for range n {
				labels[split] = append(labels[split], float32(age))
			}
		}
	}
	return labels
}

func TestEverySplitHasEveryRegion(t *testing.T) {
	for _, name := range Names() {
		for _, size := range []int{minSize, 600, 1200, 1500, 6000, 20000} {
			for seed := range uint64(5) {
				o := Options{Seed: seed, Size: size}
				meta, err := Meta(name, o)
				if err != nil {
					t.Fatal(err)
				}
				labels := labelsOf(name, o)
				if got := len(labels[datasets.Train]); got != size {
					t.Errorf("%s: %d training samples, want %d", name, got, size)
				}
				regions := meta.Shots.Regions(meta.LabelSpace.Count(labels[datasets.Train]))
				for split, list := range labels {
					seen := map[datasets.Region]int{}
					for _, l := range list {
						seen[regions[meta.LabelSpace.Bin(l)]]++
					}
					for _, r := range datasets.Regions {
						// A bin counts as few-shot even if training has none of it.
						if seen[r] == 0 && (split != datasets.Train || r != datasets.Few) {
							t.Errorf("%s size %d seed %d: split %s has no %s-shot samples", name, size, seed, split, r)
						}
					}
				}
			}
		}
	}
}

func TestDefaultSizes(t *testing.T) {
	want := map[string][3]int{"agedb": {1200, 314, 458}, "sts-b": {1500, 300, 400}}
	for name, sizes := range want {
		_, o, err := resolve(name, Options{})
		if err != nil {
			t.Fatal(err)
		}
		labels := labelsOf(name, o)
		for i, split := range datasets.Splits {
			if got := len(labels[split]); got != sizes[i] {
				t.Errorf("%s: split %s has %d samples, want %d", name, split, got, sizes[i])
			}
		}
	}
}

// TestImbalance checks that the most common bins have far more training samples than the rare ones, as in the real
// datasets.
func TestImbalance(t *testing.T) {
	age := datasets.AgeSpace().Count(labelsOf("agedb", Options{Size: 12208})["train"])
	if peak := slices.Max(age); peak < 290 || peak > 353 || age[90] > 8 || age[10] > 8 || age[10] < 1 {
		t.Errorf("age counts: peak %d, age 10 %d, age 90 %d", peak, age[10], age[90])
	}
	stsb := datasets.STSBSpace().Count(labelsOf("sts-b", Options{Size: 5249})["train"])
	few, regions := 0, datasets.STSBShots().Regions(stsb)
	for bin, n := range stsb {
		if regions[bin] == datasets.Few {
			few += n
		}
	}
	if few == 0 || few > 201 || stsb[30] < 10*stsb[8] {
		t.Errorf("sts-b counts: %d samples in few-shot bins, bin 30 %d, bin 8 %d", few, stsb[30], stsb[8])
	}
}

// TestRealProfiles compares with the training counts of the real datasets.
func TestRealProfiles(t *testing.T) {
	var age struct {
		Counts map[string]float64 `json:"train_count_per_label"`
	}
	readVectors(t, "weights_age.json", &age)
	profile := ageProfile()
	for label, n := range age.Counts {
		a, err := strconv.Atoi(label)
		if err != nil {
			t.Fatal(err)
		}
		if ratio := profile[a] / n; n >= 10 && math.Abs(math.Log(ratio)) > math.Log(1.5) {
			t.Errorf("age %d: profile %.1f, real %.0f", a, profile[a], n)
		}
	}
	var stsb struct {
		Counts []float64 `json:"bin_counts"`
	}
	readVectors(t, "weights_stsb.json", &stsb)
	if !slices.Equal(stsb.Counts, stsbCounts) {
		t.Errorf("sts-b counts are %v, want %v", stsbCounts, stsb.Counts)
	}
}

func readVectors(t *testing.T, name string, into any) {
	t.Helper()
	dir := os.Getenv("DIRBENCH_VECTORS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "vectors")
	}
	data, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no conformance vectors in %s: set DIRBENCH_VECTORS", dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func TestApportion(t *testing.T) {
	profile := []float64{0, 8, 0.2, 0.2, 0.2, 0.2, 0.2, 1}
	for seed := range uint64(20) {
		counts := apportion(profile, 100, stream(seed, "test"))
		total, tail := 0, 0
		for i, n := range counts {
			total += n
			if share := 100 * profile[i] / 10; math.Abs(float64(n)-share) >= 1+1e-9 {
				t.Errorf("seed %d: entry %d has %d, its share is %.2f", seed, i, n, share)
			}
			if i >= 2 && i <= 6 {
				tail += n
			}
		}
		if total != 100 || tail < 9 || tail > 11 {
			t.Errorf("seed %d: total %d, tail %d: %v", seed, total, tail, counts)
		}
	}
}
