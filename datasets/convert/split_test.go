package convert

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets"
)

func TestBalancedSplitCountsPerBin(t *testing.T) {
	sizes := []int{1, 2, 3, 5, 6, 89, 90, 200} // of bin 0, 1, ...
	var labels []float64
	for bin, n := range sizes {
		for i := range n {
			labels = append(labels, float64(bin)*5+float64(i%5))
		}
	}
	got := make([]map[datasets.Split]int, len(sizes))
	for i, split := range BalancedSplit(labels, 5, 30, 1) {
		bin := int(labels[i] / 5)
		if got[bin] == nil {
			got[bin] = map[datasets.Split]int{}
		}
		got[bin][split]++
	}
	for bin, n := range sizes {
		held := min(n/3, 30)
		want := map[datasets.Split]int{datasets.Train: n - 2*held}
		if held > 0 {
			want[datasets.Val], want[datasets.Test] = held, held
		}
		if diff := cmp.Diff(want, got[bin]); diff != "" {
			t.Errorf("bin of %d (-want +got)\n%s", n, diff)
		}
	}
}

// TestBalancedSplitReal gives the sizes of the official AgeDB-DIR split, which the same rule made with another shuffle.
func TestBalancedSplitReal(t *testing.T) {
	records, err := readRecordFile(realData(t, "agedb", "agedb.csv"), AgeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var labels []float64
	for _, r := range records {
		labels = append(labels, float64(r.age))
	}
	counts := map[datasets.Split]int{}
	for _, split := range BalancedSplit(labels, 1, 30, 0) {
		counts[split]++
	}
	want := map[datasets.Split]int{datasets.Train: 12208, datasets.Val: 2140, datasets.Test: 2140}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestBalancedSplitSeed(t *testing.T) {
	labels := make([]float64, 300)
	first := BalancedSplit(labels, 1, 50, 1)
	if !slices.Equal(first, BalancedSplit(labels, 1, 50, 1)) {
		t.Error("the same seed gives another split")
	}
	if slices.Equal(first, BalancedSplit(labels, 1, 50, 2)) {
		t.Error("another seed gives the same split")
	}
	if !slices.Equal(first, BalancedSplit(append(labels, 7, 8, 9), 1, 50, 1)[:300]) {
		t.Error("a bin's split depends on other bins")
	}
}

func TestLabelBin(t *testing.T) {
	tests := []struct{ label, width, want float64 }{
		{0.3, 0.1, 3}, {0.29, 0.1, 2}, {0.7, 0.1, 7}, {-0.5, 1, -1}, {-2, 1, -2}, {4.999, 5, 0}, {5, 5, 1}, {-1e-12, 1, 0},
	}
	for _, test := range tests {
		if got := datasets.BinNumber(test.label, test.width); got != test.want || fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("BinNumber(%v, %v) = %v, want %v", test.label, test.width, got, test.want)
		}
	}
}

func TestSplitCSV(t *testing.T) {
	text := "\ufeffname,score\n\"a, b\",1\nc,1.5\nd,1.2\ne,9\n"
	var out bytes.Buffer
	counts, err := SplitCSV(&out, "x.csv", strings.NewReader(text), SplitOptions{Label: "score", Width: 1, Cap: 5})
	if err != nil || counts[datasets.Val] != 1 || counts[datasets.Test] != 1 || counts[datasets.Train] != 2 {
		t.Fatal(counts, err)
	}
	lines := strings.Split(out.String(), "\n")
	if lines[0] != "name,score,split" || !strings.HasPrefix(lines[1], `"a, b",1,`) || lines[4] != "e,9,train" {
		t.Errorf("got\n%s", out.String())
	}
	// The column that is there now is replaced, wherever it is.
	again := strings.NewReader("split,score\nx,1\nx,1\nx,1\n")
	out.Reset()
	if _, err := SplitCSV(&out, "x.csv", again, SplitOptions{Label: "score", Width: 1, Cap: 5}); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.HasPrefix(text, "split,score\n") || strings.Contains(text, "x") || strings.Count(text, ",1\n") != 3 {
		t.Errorf("got\n%s", text)
	}
}

func TestSplitCSVErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "x.csv: no rows: expected a header"},
		{"header only", "score\n", "x.csv: no rows"},
		{"no column", "a,b\n1,2\n", `x.csv:1: column "score" is missing: the header has a, b`},
		{"word", "score\n1\nhigh\n", `x.csv:3: score "high": expected a finite number`},
		{"nan", "score\nNaN\n", "x.csv:2: score"},
		{"columns", "score,b\n1\n", "x.csv:2: expected as many columns"},
		{"thin", "score\n1\n2\n3\n", "x.csv: no label bin of width 1 holds 3 rows"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := SplitCSV(&bytes.Buffer{}, "x.csv", strings.NewReader(test.text), SplitOptions{Label: "score", Width: 1, Cap: 1})
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %v, want an error that begins with %q", err, test.want)
			}
		})
	}
}

func FuzzSplitCSV(f *testing.F) {
	f.Add("score\n1\n1\n1\n", 1.0)
	f.Add("split,score\n,1e308\n\"\n\",-1e308\nx,0\n", 1e-300)
	f.Fuzz(func(t *testing.T, text string, width float64) {
		if !(width > 0) {
			return
		}
		var out bytes.Buffer
		if _, err := SplitCSV(&out, "x.csv", strings.NewReader(text), SplitOptions{Label: "score", Width: width, Cap: 2}); err != nil {
			return
		}
		if _, err := csv.NewReader(&out).ReadAll(); err != nil {
			t.Errorf("%q: what was written cannot be read: %v", text, err)
		}
	})
}
