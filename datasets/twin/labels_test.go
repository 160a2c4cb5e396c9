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

// scored lists the twins with a label for each sample; nyud2 has one for each pixel.
var scored = []string{"imdb-wiki", "agedb", "sts-b", "shhs"}

// labelsOf returns all labels of a scored twin without its inputs, which take long.
func labelsOf(name string, o Options) map[datasets.Split][]float32 {
	ages := map[string]ageTwin{"agedb": ageDB, "imdb-wiki": imdbWiki}
	labels := map[datasets.Split][]float32{}
	for _, split := range datasets.Splits {
		var counts []int
		switch name {
		case "sts-b":
			for _, score := range stsbScores(o, split) {
				labels[split] = append(labels[split], float32(score))
			}
		case "shhs":
			counts = shhsCounts(o, split)
		default:
			counts = ages[name].counts(o)[split]
		}
		for label, n := range counts {
			labels[split] = append(labels[split], slices.Repeat([]float32{float32(label)}, n)...)
		}
	}
	return labels
}

func TestEverySplitHasEveryRegion(t *testing.T) {
	for _, name := range scored {
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
	want := map[string][3]int{
		"imdb-wiki": {1500, 332, 480}, "agedb": {1200, 314, 458}, "sts-b": {1500, 300, 400}, "shhs": {300, 76, 114},
	}
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

// TestIMDBWikiProfile compares with what is published of IMDB-WIKI-DIR: 191,509 training and 11,022 test samples, at
// most 150 of an age, which is a third of the age's samples where it has fewer than 450, so as many as training has.
func TestIMDBWikiProfile(t *testing.T) {
	train, test, peak := 0.0, 0.0, 0
	profile := imdbWiki.profile()
	for age, n := range profile {
		train, test = train+n, test+min(n, 150)
		if n > profile[peak] {
			peak = age
		}
	}
	if math.Abs(train/191509-1) > 0.03 || math.Abs(test/11022-1) > 0.03 || peak < 25 || peak > 39 {
		t.Errorf("%.0f training and %.0f test samples, peak at age %d", train, test, peak)
	}
	if below, above := sum(profile[:10])/train, sum(profile[91:])/train; below > 0.005 || above > 0.005 {
		t.Errorf("share of ages below 10: %.4f, above 90: %.4f", below, above)
	}
}

func sum(list []float64) (s float64) {
	for _, v := range list {
		s += v
	}
	return s
}

// TestHealthProfile checks the steps of the SF-36 scale, the peak between 70 and 90, and the thin low tail.
func TestHealthProfile(t *testing.T) {
	profile := scoreProfile()
	total := sum(profile)
	for score, p := range profile {
		if onScale := score%5 == 0 && score >= 5 || score%5 == 2 && score >= 12; (p > 0) != onScale {
			t.Errorf("score %d has the share %.4f", score, p/total)
		}
	}
	if peak := sum(profile[70:91]) / total; peak < 0.45 || peak > 0.65 {
		t.Errorf("share of 70 to 90: %.3f", peak)
	}
	if low := sum(profile[:36]) / total; low < 0.01 || low > 0.06 {
		t.Errorf("share up to 35: %.3f", low)
	}
}

// TestRealProfiles compares with the training counts of the real datasets.
func TestRealProfiles(t *testing.T) {
	var age struct {
		Counts map[string]float64 `json:"train_count_per_label"`
	}
	readVectors(t, "weights_age.json", &age)
	profile := ageDB.profile()
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
		counts := apportion(profile, 100, datasets.Stream(seed, "test"))
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
