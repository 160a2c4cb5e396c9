package convert

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets"
)

func TestReadRecords(t *testing.T) {
	text := "\ufeffpath,note,age,split\n\"a, b.jpg\",x,31,train\nc.jpg,,4.5,val\n"
	got, err := readRecords("x.csv", strings.NewReader(text))
	want := []record{{2, 31, "a, b.jpg", datasets.Train}, {3, 4.5, "c.jpg", datasets.Val}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(record{})); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestReadRecordsNamesFileAndLine(t *testing.T) {
	const header = "age,path,split\n30,a.jpg,train\n"
	tests := []struct{ name, text, want string }{
		{"empty file", "", "x.csv: no rows"},
		{"header only", "age,path,split\n", "x.csv: no rows"},
		{"column", "age,file,split\n", `x.csv:1: column "path" is missing`},
		{"few columns", header + "30,a.jpg\n", "x.csv:3: expected as many columns as the header has"},
		{"quote", header + "30,\"a.jpg,train\n", "x.csv:3: extraneous or missing"},
		{"word for an age", header + "old,b.jpg,train\n", `x.csv:3: label "old": expected a number`},
		{"not a number", header + "nan,b.jpg,train\n", "x.csv:3: label NaN is not a finite number"},
		{"out of range", header + "-1,b.jpg,train\n", "x.csv:3: label -1 is outside [0, 200]"},
		{"split", header + "30,b.jpg,dev\n", `x.csv:3: split "dev": expected train, val or test`},
		{"path", header + "30,,val\n", "x.csv:3: path is empty"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := readRecords("x.csv", strings.NewReader(test.text))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line that begins with %q", err, test.want)
			}
		})
	}
}

func FuzzReadRecords(f *testing.F) {
	f.Add("age,path,split\n30,a.jpg,train\n")
	f.Add("split,age,path,more\ntest,1e3,\"a\n\",\n")
	f.Add("age,path,split\n\n\n30")
	f.Fuzz(func(t *testing.T, text string) {
		records, err := readRecords("x.csv", strings.NewReader(text))
		if (err == nil) == (len(records) == 0) {
			t.Errorf("%d rows with error %v", len(records), err)
		}
		for _, r := range records {
			if err := datasets.AgeSpace().Check(r.age); err != nil || r.path == "" {
				t.Errorf("%+v: %v", r, err)
			}
		}
	})
}
