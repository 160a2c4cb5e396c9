package table

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestNumbersOf(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for path, want := range map[string][]float64{
		write("a.csv", "\ufeffprice,name\n1.5,\"a,b\"\n -2 ,c\n"): {1.5, -2},
		write("b.tsv", "name\tprice\n\"x\t3\ny\t4e2\n"):           {3, 400},
		write("empty.csv", "price\n"):                             nil,
		write("marked.csv", "\ufeff\"price\"\n1\n"):               {1},
		write("blank.tsv", "\ufeffprice\n1\n\n\n"):                {1},
	} {
		if got, err := NumbersOf(path, "price"); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v; want %v", path, got, err, want)
		}
	}
	for path, want := range map[string]string{
		write("c.csv", "price\n1\nNaN\n"):          `c.csv:3: column "price" is "NaN": expected a finite number`,
		write("d.csv", "price,name\n1,a\n,b\n"):    `d.csv:3: column "price" is "": expected a finite number`,
		write("e.csv", "price,name\n1,a\n2\n"):     "e.csv:3: number of fields: 1, not 2 as in the header",
		write("gap.tsv", "price\n1\n\n2\n"):        "gap.tsv:3: the line is blank",
		write("f.csv", "cost\n1\n"):                `f.csv:1: column "price" is missing: there are cost`,
		write("g.csv", ""):                         "g.csv:1: expected a header",
		write("h.txt", "price\n1\n"):               "expected a .parquet, .arrow, .csv, .tsv or .jsonl file",
		write("i.parquet", "PAR1"):                 "damaged Parquet file",
		filepath.Join(dir, "nowhere", "a.csv"):     "no such file",
		filepath.Join(dir, "nowhere", "a.parquet"): "no such file",
	} {
		if _, err := NumbersOf(path, "price"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
}
