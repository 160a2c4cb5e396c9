package convert

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/dirbench/dirbench/datasets"
)

// tableOf converts a CSV with the columns split and price, and returns the columns, the rows by split and what was
// told.
func tableOf(t *testing.T, text string, o ColumnsOptions) (d *datasets.Dataset, told []string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "houses.csv")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	o.Options = Options{Out: t.TempDir(), Name: "houses", Warn: func(text string) { told = append(told, text) }}
	o.Label, o.Split, o.Binning.Width, o.Shots = "price", "split", 10, datasets.AgeShots()
	if o.Features == nil {
		o.Features = []string{AllFeatures}
	}
	d, _, err = Columns(t.Context(), []string{path}, o)
	return d, told, err
}

const houses = `split,price,area,town,garden,built,embedding
train,10,50.5,Ulm,true,1990,"[0.5, 1]"
train,20,80,"Bonn, new",false,?,"[0.25, -1]"
train,30,70,Ulm,false,1970,"[0, 2]"
train,40,60,,true,2001,"[1, 3]"
val,20,90,Rom,True,NaN,"[1, 0]"
test,30,40,Ulm,false,2010,"[2, 0]"
`

// TestFeatures: what columns are, and what rows become, also in place.
func TestFeatures(t *testing.T) {
	for _, inPlace := range []bool{false, true} {
		testFeatures(t, ColumnsOptions{InPlace: inPlace})
	}
}

func testFeatures(t *testing.T, o ColumnsOptions) {
	t.Helper()
	d, told, err := tableOf(t, houses, o)
	if err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(d.Meta.Features)
	if err != nil {
		t.Fatal(err)
	}
	if want := `- name: area
- name: town
  levels: ["", 'Bonn, new', Ulm]
- name: garden
  levels: ["false", "true"]
- name: built
  median: 1990
- name: embedding
  size: 2
`; string(text) != want {
		t.Errorf("columns\n%s\nwant\n%s", text, want)
	}
	want := map[datasets.Split][][]float32{
		datasets.Train: {{50.5, 0, 0, 1, 0, 1, 1990, 0, 0.5, 1}, {80, 0, 1, 0, 1, 0, 1990, 1, 0.25, -1},
			{70, 0, 0, 1, 1, 0, 1970, 0, 0, 2}, {60, 1, 0, 0, 0, 1, 2001, 0, 1, 3}},
		datasets.Val:  {{90, 0, 0, 0, 0, 1, 1990, 1, 1, 0}},
		datasets.Test: {{40, 0, 0, 1, 1, 0, 2010, 0, 2, 0}},
	}
	for split, rows := range want {
		i := 0
		for s, err := range d.Samples(split) {
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.Features, rows[i]) {
				t.Errorf("%s, row %d: %v, want %v", split, i+1, s.Features, rows[i])
			}
			i++
		}
	}
	if problems, err := d.Verify(t.Context(), nil); err != nil || len(problems) > 0 {
		t.Errorf("verify: %v, %v", problems, err)
	}
	if len(told) != 2 || !strings.HasPrefix(told[0], `column "built": 2 missing numbers become 1990, the median`) ||
		!strings.HasPrefix(told[1], `column "town": 1 rows of val and test have a value that no training row has`) {
		t.Errorf("told %q", told)
	}
}

// TestFeaturesOfFormats: Arrow files and JSON Lines hold the same table.
func TestFeaturesOfFormats(t *testing.T) {
	lines := filepath.Join(t.TempDir(), "houses.jsonl")
	err := os.WriteFile(lines, []byte(`{"split": "train", "price": 10, "area": 1, "garden": true, "built": null, "e": [1, 2]}
{"split": "train", "price": 20, "area": 2.5, "garden": false, "built": 7, "e": [1, 2]}
{"split": "val", "price": 20, "area": 2.5, "garden": null, "built": 7, "e": [1, 2]}
{"split": "test", "price": 20, "area": 2.5, "garden": true, "built": 7, "e": [1, 2]}
`), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	o := ColumnsOptions{Options: Options{Out: t.TempDir(), Name: "houses", Format: datasets.Arrow}, Label: "price",
		Split: "split", Binning: datasets.Binning{Width: 10}, Shots: datasets.AgeShots(),
		Features: []string{"e", "built", "garden", "area"}}
	d, _, err := Columns(t.Context(), []string{lines}, o)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]float32
	for _, split := range datasets.Splits {
		for s, err := range d.Samples(split) {
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, s.Features)
		}
	}
	if want := "[[1 2 7 1 0 1 1] [1 2 7 0 1 0 2.5] [1 2 7 0 0 0 2.5] [1 2 7 0 0 1 2.5]]"; fmt.Sprint(rows) != want {
		t.Errorf("rows %v, want %s", rows, want)
	}
	// A prepared table is a table of one list column.
	again := ColumnsOptions{Options: Options{Out: t.TempDir(), Name: "again"}, Label: "label", ID: "id",
		Binning: datasets.Binning{Width: 10}, Shots: datasets.AgeShots(), Features: []string{AllFeatures}}
	if d, _, err = Columns(t.Context(), []string{d.Dir}, again); err != nil || len(d.Meta.Features) != 1 ||
		d.Meta.Features[0].Size != 7 {
		t.Errorf("error %v, columns %v", err, d.Meta.Features)
	}
}

// TestFeatureErrors: what cannot be used is named.
func TestFeatureErrors(t *testing.T) {
	many := strings.Builder{}
	many.WriteString("split,price,zip,size\n")
	for i := range 300 {
		split := []string{"train", "train", "val", "test"}[i%4]
		size := fmt.Sprint(i)
		if i == 80 {
			size = "12 m"
		}
		fmt.Fprintf(&many, "%s,10,z%d,%s\n", split, i, size)
	}
	for _, tt := range []struct {
		text string
		o    ColumnsOptions
		want string
	}{
		{many.String(), ColumnsOptions{}, `column "zip" has more than 100 different values in the training split: join the rare ones`},
		{many.String(), ColumnsOptions{Without: []string{"zip"}}, `column "size" holds 299 numbers, but is "12 m" at `},
		{many.String(), ColumnsOptions{Without: []string{"zipp"}},
			`column "zipp" is none of the features: there are zip, size`},
		{many.String(), ColumnsOptions{Without: []string{"zip", "size"}}, `no column is left for --features`},
		{houses, ColumnsOptions{Missing: MissingRefuse}, `column "town" has no value at `},
		{houses, ColumnsOptions{Missing: MissingRefuse, Without: []string{"town"}}, `column "built" has no number at `},
		{houses, ColumnsOptions{Features: []string{"price"}}, `features: price is the label`},
		{houses, ColumnsOptions{Features: []string{"rooms"}}, `column "rooms" is missing: there are split, price, area`},
		{houses, ColumnsOptions{Missing: "mean"}, `missing "mean": expected median or refuse`},
		{strings.Replace(houses, "[0, 2]", "[0, 2, 3]", 1), ColumnsOptions{},
			`column "embedding" is a list of 3 numbers: expected 2`},
		{strings.Replace(houses, `"[0, 2]"`, "", 1), ColumnsOptions{},
			`column "embedding" holds lists of 2 numbers, but not in each row (`},
		{strings.Replace(houses, "50.5", "1e39", 1), ColumnsOptions{},
			`column "area" is 1e+39: expected a finite number of 32 bits`},
		{"split,price,a\ntrain,1,\nval,2,3\ntest,3,4\n", ColumnsOptions{}, `column "a" has no value in the training split`},
	} {
		if _, _, err := tableOf(t, tt.text, tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

// TestCategories: numbers that stand for categories, and a column of both.
func TestCategories(t *testing.T) {
	d, told, err := tableOf(t, "split,price,code,mixed\ntrain,1,10,4\ntrain,2,2,a\nval,3,2,4\ntest,4,7,a\n",
		ColumnsOptions{Categories: []string{"code"}})
	if err != nil {
		t.Fatal(err)
	}
	if f := d.Meta.Features; !slices.Equal(f[0].Levels, []string{"10", "2"}) ||
		!slices.Equal(f[1].Levels, []string{"4", "a"}) {
		t.Errorf("columns %v", f)
	}
	if len(told) != 2 || !strings.HasPrefix(told[0], `column "mixed" holds numbers and text ("a" at `) ||
		!strings.HasPrefix(told[1], `column "code": 1 rows`) {
		t.Errorf("told %q", told)
	}
}
