package table

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rowsOf returns every row as text, and how reading ended.
func rowsOf(f *File, err error) (rows []string, end error) {
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for {
		values, err := f.Next()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		var cells []string
		for _, v := range values {
			if v.Null {
				v.Text = "null"
			}
			cells = append(cells, v.Text)
		}
		rows = append(rows, strings.Join(cells, " "))
	}
}

// Scalars keep what a file has; optional columns may be missing.
func TestScalars(t *testing.T) {
	columns := []Column{{Name: "a", Kind: Scalar}, {Name: "b", Kind: Scalar, Optional: true},
		{Name: "c", Kind: Scalar, Optional: true}}
	for name, text := range map[string]string{
		"csv":        "b,a\n1.50,x\n,NaN\n",
		"tsv":        "b\ta\n1.50\tx\n\tNaN\n",
		"json lines": `{"a": "x", "b": "1.50"}` + "\n" + `{"b": null, "a": "NaN"}`,
		"with mark":  "\ufeffa,b\nx,1.50\nNaN,\n",
	} {
		rows, err := rowsOf(OpenText("in", strings.NewReader(text), columns...))
		if got := fmt.Sprint(rows); err != nil || got != "[x 1.50 null NaN null null]" {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	rows, err := rowsOf(OpenText("in", strings.NewReader("{\"a\": 1e3}\n{\"a\": 18446744073709551615}\n{\"a\": "+
		"true}\n{\"a\": []}"), columns[0]))
	if got := fmt.Sprint(rows); got != "[1000 18446744073709551615 true]" || err == nil ||
		!strings.Contains(err.Error(), `in:4: column "a" is a list of numbers: expected text or a number`) {
		t.Errorf("numbers: %s, %v", got, err)
	}
}

// An optional column may begin in any line of JSON.
func TestOptionalFieldsOfLaterLines(t *testing.T) {
	columns := []Column{{Name: "a", Kind: Scalar}, {Name: "b", Kind: Scalar, Optional: true}}
	rows, err := rowsOf(OpenText("in", strings.NewReader("{\"a\": 1}\n{\"b\": 2.5, \"a\": 2}\n{\"a\": 3}"), columns...))
	if got := fmt.Sprint(rows); err != nil || got != "[1 null 2 2.5 3 null]" {
		t.Errorf("%s, %v", got, err)
	}
}

// The columns of JSON Lines are in the order of the first line, as those of all other formats are in that of the file.
func TestOrderOfFields(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	if err := os.WriteFile(path, []byte(`{"b": {"z": 1}, "c": [1], "a": "x"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	fields, err := Fields(path)
	if got := fmt.Sprint(fields); err != nil || got != "[{b JSON} {c JSON} {a JSON}]" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestNumbersAsText(t *testing.T) {
	for number, want := range map[float64]string{
		1e6: "1000000", 123456789012: "123456789012", -0.00001: "-0.00001", 0: "0", 1e22: "1e+22", 2.5e-9: "2.5e-09",
	} {
		if got := NumberText(number); got != want {
			t.Errorf("%v: %s, want %s", number, got, want)
		}
	}
}

func TestParseNumber(t *testing.T) {
	for text, want := range map[string]float64{"1": 1, " -1.5\t": -1.5, "+2e3": 2000, ".5": 0.5, "1E-2": 0.01} {
		if got, err := ParseNumber(text); err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "1_00", "0x1_0p1", "0x1p3", "0X1P3", "inf", "Infinity", "nan", "1e400", "1,5",
		"1 2"} {
		want := fmt.Sprintf("%q: expected a finite number", text)
		if _, err := ParseNumber(text); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestTextRefusals(t *testing.T) {
	long := strings.Repeat("x", 2*longestScalars)
	for _, c := range []struct{ text, want string }{
		{"", "in: expected a header or a JSON object, found nothing"},
		{"PAR1", "in: a Parquet or Arrow file: expected its name"},
		{"\xff\xfea\x00", "in:1: the header is not UTF-8 text: save the file as UTF-8"},
		{"b\n", `in:1: column "a" is missing: there are b`},
		{`{"a": 1, "b": 2, "a": 3}`, `in:1: column "a" comes twice in the object`},
		{`{"a": {"b": 2, "b": 3}}`, `in:1: column "b" comes twice in the object`},
		{`{"a": 1}` + "\n" + `{"a": 1} {"a": 2}`, "in:2: expected a JSON object in each line"},
		{"null", `in:1: column "a" is missing: there are null`},
		{`{"a": NaN}`, "in:1: expected a JSON object in each line"},
		{"{\"a\": \"\xff\"}", "in:1: expected a JSON object in each line"},
		{"a\n\xff\n", `in:2: column "a" is not UTF-8 text`},
		{"a,a\n1,2\n", `in:1: column "a" is there 2 times: rename all but one`},
		{"b\ta\nx\ty\t1\n", "in:2: 3 columns, but the header names 2"},
		{long, "in:1: the row is longer than 16 MiB"},
		{"a\nx\n\"" + long, "in:3: the row is longer than 16 MiB"},
		{"a\tb\nx\t\n" + long, "in:3: the row is longer than 16 MiB"},
		{`{"a": "` + long, "in:1: the row is longer than 16 MiB"},
		{"{\"a\": 1}\n{\"a\": \"" + long, "in:2: the row is longer than 16 MiB"},
	} {
		_, err := rowsOf(OpenText("in", strings.NewReader(c.text), Column{Name: "a", Kind: Scalar}))
		if err == nil || err.Error() != c.want {
			t.Errorf("%.20q: %.200v, want %s", c.text, err, c.want)
		}
	}
}

// A row of lists may be longer than one of scalars.
func TestLongLists(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lists.jsonl")
	number := "0." + strings.Repeat("0", 1022)
	list := "[" + strings.Repeat(number+",", longestScalars/1024) + "1]"
	if err := os.WriteFile(path, []byte(`{"a": `+list+"}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, Column{Name: "a", Kind: Numbers})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	row, err := f.Next()
	if err != nil || len(row[0].List) != longestScalars/1024+1 {
		t.Errorf("%d numbers, %v", len(row), err)
	}
}
