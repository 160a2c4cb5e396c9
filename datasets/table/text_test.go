package table

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestForms reads the same rows from texts that other programs write.
func TestForms(t *testing.T) {
	for name, text := range map[string]string{
		"commas.csv":              "a,b\n1.5,x\n2,\"y,z\"\n",
		"semicolons.csv":          "\"a\";\"b\"\n1.5;x\n2;y,z\n",
		"semicolons and mark.csv": "\ufeffa;b\r\n1.5;x\r\n2;\"y,z\"\r\n",
		"tabs.csv":                "a\tb\n1.5\tx\n2\ty,z\n",
		"a comma in a name.csv":   "a;b;\"c,d\"\n1.5;x;1\n2;y,z;1\n",
		"array.json":              `[{"a": 1.5, "b": "x"}, {"a": 2, "b": "y,z"}]`,
		"pretty.json": "\ufeff[\n {\n  \"a\": 1.5,\n  \"b\": \"x\"\n },\n {\n  \"a\": 2,\n  \"b\": " +
			"\"y,z\"\n }\n]\n",
		"lines.json": "{\"a\": 1.5, \"b\": \"x\"}\n{\"a\": 2, \"b\": \"y,z\"}\n",
	} {
		columns := []Column{{Name: "a", Kind: Number}, {Name: "b", Kind: Text}}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		const want = "1.5 x, 2 y,z, "
		if got, err := pairs(Open(path, columns...)); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
		if got, err := pairs(OpenText("in", strings.NewReader(text), columns...)); err != nil || got != want {
			t.Errorf("%s, once: %q, %v, want %q", name, got, err, want)
		}
	}
}

// pairs returns the rows of a number and a text.
func pairs(f *File, err error) (text string, _ error) {
	if err != nil {
		return "", err
	}
	defer f.Close()
	for {
		row, err := f.Next()
		if err != nil {
			if err == io.EOF {
				err = nil
			}
			return text, err
		}
		text += fmt.Sprintf("%v %s, ", row[0].Number, row[1].Text)
	}
}

// TestFormRefusals has files that are refused in a line that says what to do.
func TestFormRefusals(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a.csv", "a;b\n1;x\n1,5;y\n", `a.csv:3: "1,5" has a decimal comma: write numbers with a point`},
		{"a.csv", "b; a\nx;1\n", `a.csv:1: column "a" is missing: there are b, " a"`},
		{"a.csv", "\xff\xfea\x00", "a.csv: the file is text of UTF-16: save it as UTF-8"},
		{"a.csv", "b\xe4,a\n", "a.csv:1: the header is not UTF-8 text: save the file as UTF-8"},
		{"a.csv", "PAR1 and so on", "a.csv: the file is a Parquet file: let its name end in .parquet"},
		{"a.parquet", "ARROW1 and so on", "a.parquet: the file is an Arrow file: let its name end in .arrow"},
		{"a.jsonl", "\x1f\x8b\x08\x00", "a.jsonl: the file is compressed by gzip: unpack it"},
		{"a.csv", "PK\x03\x04", "a.csv: the file is a zip archive or a spreadsheet: unpack it, or save it as CSV"},
		{"a.json", "[]", "a.json: row 1: expected a JSON object in each line, or an array of them"},
		{"a.json", "[1]", "a.json: row 1: expected a JSON object"},
		{"a.json", `[{"a": 1, "b": ""}, 2]`, "a.json: row 2: expected a JSON object"},
		{"a.json", `[{"a": 1, "b": ""}, {"a": 2}]`, `a.json: row 2: column "b" is missing`},
		{"a.json", `[{"a": 1, "b": ""}, {"a": NaN, "b": ""}]`, "a.json: row 2: damaged JSON ("},
		{"a.json", `[{"a": 1, "b": ""}`, "a.json: row 2: damaged JSON ("},
		{"a.json", `[{"a": 1, "b": ""}] [`, "a.json: row 2: expected nothing after the array"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := pairs(Open(path, Column{Name: "a", Kind: Number}, Column{Name: "b", Kind: Text}))
		if got := strings.TrimPrefix(fmt.Sprint(err), dir+"/"); !strings.HasPrefix(got, c.want) ||
			strings.Contains(got, "\n") {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}
