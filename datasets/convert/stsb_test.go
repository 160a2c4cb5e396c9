package convert

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets"
)

const pairHeader = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n"

// row is a line of an STS-B file.
func pairRow(s1, s2, score string) string {
	return "0\tg\tf\t2012\t1\tnone\tnone\t" + s1 + "\t" + s2 + "\t" + score + "\n"
}

func TestReadPairs(t *testing.T) {
	text := "\ufeff" + pairHeader + pairRow("A man.", `He said "no.`, "0.143") +
		strings.TrimSpace(pairRow("ein Mädchen", "b", "5")) + "\n \n\n"
	got, err := readPairs("x.tsv", strings.NewReader(text))
	want := []pair{{2, "g", [2]string{"A man.", `He said "no.`}, 0.143}, {3, "g", [2]string{"ein Mädchen", "b"}, 5}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(pair{})); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestReadPairsNamesFileAndLine(t *testing.T) {
	good := pairRow("a", "b", "1")
	tests := []struct{ name, text, want string }{
		{"few columns", pairHeader + good + "0\tg\tf\n", "x.tsv:3: 3 tab-separated columns, expected 10"},
		{"blank line", pairHeader + "\n" + good, "x.tsv:2: the line is blank"},
		{"no header", good + good, "x.tsv:1: expected the header"},
		{"word for a score", pairHeader + pairRow("a", "b", "high"), `x.tsv:2: label "high": expected a finite number`},
		{"not a number", pairHeader + pairRow("a", "b", "NaN"), `x.tsv:2: label "NaN": expected a finite number`},
		{"out of range", pairHeader + pairRow("a", "b", "5.2"), "x.tsv:2: label 5.2"},
		{"empty sentence", pairHeader + pairRow("a", " ", "1"), "x.tsv:2: sentence2 is empty"},
		{"empty file", "", "x.tsv: no rows"},
		{"header only", pairHeader, "x.tsv: no rows"},
		{"endless line", pairHeader + strings.Repeat("a", 2<<20), "x.tsv:2: the line is longer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := readPairs("x.tsv", strings.NewReader(test.text))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %v, want an error that begins with %q", err, test.want)
			}
		})
	}
}

func FuzzReadPairs(f *testing.F) {
	f.Add(pairHeader + pairRow("a", "b", "1"))
	f.Add(pairHeader + pairRow("a", "b", "1e999"))
	f.Add(pairHeader + "\t\t\t\t\t\t\t\t\t")
	f.Fuzz(func(t *testing.T, text string) {
		pairs, err := readPairs("x.tsv", strings.NewReader(text))
		if (err == nil) == (len(pairs) == 0) {
			t.Errorf("%d rows with error %v", len(pairs), err)
		}
		for _, p := range pairs {
			if err := datasets.STSBSpace().Check(p.label); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestSTSBReal(t *testing.T) {
	d, err := STSB(context.Background(), realData(t, "stsb"), Options{Out: t.TempDir(), Made: "go test"})
	if err != nil {
		t.Fatal(err)
	}
	expectRegions(t, d, datasets.Train, [3]int{4510, 538, 201})
	expectRegions(t, d, datasets.Val, [3]int{758, 177, 65})
	expectRegions(t, d, datasets.Test, [3]int{756, 170, 74})
	if problems, err := d.Verify(context.Background(), nil); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

func TestSTSBWithoutFiles(t *testing.T) {
	_, err := STSB(context.Background(), t.TempDir(), Options{Out: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "train_new.tsv is neither there") {
		t.Errorf("got %v", err)
	}
}
