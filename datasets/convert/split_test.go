package convert

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
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

// splitText divides a table that is a text, and returns it as CSV.
func splitText(t *testing.T, name, text string, opts SplitOptions) (string, map[datasets.Split]int, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	writeFile(t, path, []byte(text))
	rows, counts, err := SplitTable(path, opts)
	var out bytes.Buffer
	if err == nil {
		err = rows.Write(&out, ".csv")
	}
	return out.String(), counts, err
}

func TestSplitTable(t *testing.T) {
	opts := SplitOptions{Label: "score", Width: 1, Cap: 5}
	for name, text := range map[string]string{
		"x.csv": "\ufeffname,score\n\"a, b\",1\nc,1.5\nd,1.2\ne,9\n",
		"x.tsv": "name\tscore\na, b\t1\nc\t1.5\nd\t1.2\ne\t9\n\n",
		"x.jsonl": `{"name": "a, b", "score": 1}` + "\n" + `{"name": "c", "score": 1.5}` + "\n" +
			`{"score": 1.2, "name": "d"}` + "\n" + `{"name": "e", "score": 9}`,
	} {
		got, counts, err := splitText(t, name, text, opts)
		if err != nil || counts[datasets.Val] != 1 || counts[datasets.Test] != 1 || counts[datasets.Train] != 2 {
			t.Fatal(name, counts, err)
		}
		lines := strings.Split(got, "\n")
		if lines[0] != "name,score,split" || !strings.HasPrefix(lines[1], `"a, b",1,`) || lines[4] != "e,9,train" {
			t.Errorf("%s: got\n%s", name, got)
		}
	}
	// The column that is there now is replaced, wherever it is.
	got, _, err := splitText(t, "x.csv", "split,score\nx,1\nx,1\nx,1\n", opts)
	if err != nil || !strings.HasPrefix(got, "split,score\n") || strings.Contains(got, "x") ||
		strings.Count(got, ",1\n") != 3 {
		t.Errorf("%v, got\n%s", err, got)
	}
}

// Parquet and Arrow files are divided as the CSV file of the same rows.
func TestSplitTableOfTypedColumns(t *testing.T) {
	rows := table.Data{Names: []string{"name", "score"},
		Columns: [][]string{{"a", "b", "c", "d"}, {"1", "1.5", "1.25", "9"}}}
	opts := SplitOptions{Label: "score", Width: 1, Cap: 5}
	for _, format := range []string{".parquet", ".arrow"} {
		var file bytes.Buffer
		if err := rows.Write(&file, format); err != nil {
			t.Fatal(err)
		}
		got, _, err := splitText(t, "x"+format, file.String(), opts)
		want, _, _ := splitText(t, "x.csv", "name,score\na,1\nb,1.5\nc,1.25\nd,9\n", opts)
		if err != nil || got != want {
			t.Errorf("%s: %v, got\n%s, want\n%s", format, err, got, want)
		}
	}
}

func TestSplitTableErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", "x.csv:1: expected a header"},
		{"header only", "score\n", "x.csv: no rows"},
		{"no column", "a,b\n1,2\n", `x.csv:1: column "score" is missing: there are a, b`},
		{"word", "score\n1\nhigh\n", `x.csv:3: column "score" is "high": expected a finite number`},
		{"nan", "score\nNaN\n", `x.csv:2: column "score" is "NaN"`},
		{"columns", "score,b\n1\n", "x.csv:2: number of fields: 1, not 2 as in the header"},
		{"thin", "score\n1\n2\n3\n", "x.csv: no label bin of width 1 holds 3 rows"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := splitText(t, "x.csv", test.text, SplitOptions{Label: "score", Width: 1, Cap: 1})
			if err == nil || !strings.Contains(err.Error(), "/"+test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

func FuzzSplitTable(f *testing.F) {
	f.Add("score\n1\n1\n1\n", 1.0)
	f.Add("split,score\n,1e308\n\"\n\",-1e308\nx,0\n", 1e-300)
	f.Fuzz(func(t *testing.T, text string, width float64) {
		if !(width > 0) {
			return
		}
		out, _, err := splitText(t, "x.csv", text, SplitOptions{Label: "score", Width: width, Cap: 2})
		if err != nil {
			return
		}
		if _, err := csv.NewReader(strings.NewReader(out)).ReadAll(); err != nil {
			t.Errorf("%q: what was written cannot be read: %v", text, err)
		}
	})
}
