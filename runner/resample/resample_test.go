package resample

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	deep "reflect" // the package's tests have no reflect of their own
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets/table"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/methods/relevance"
)

// houses writes a table of prices, a few of which are high: numbers, of which some are missing, a whole number, a
// category, an id, and a column with one value.
func houses(t *testing.T) string {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 1))
	var text strings.Builder
	text.WriteString("id,rooms,area,district,floor,country,price\n")
	for i := range 200 {
		rooms := 1 + random.IntN(6)
		area, price := 20+15*float64(rooms)+10*random.Float64(), 100+40*float64(rooms)*random.Float64()
		if i%20 == 0 {
			price = 900 + 100*random.Float64()
		}
		cell := strconv.FormatFloat(area, 'f', 2, 64)
		if i%15 == 0 {
			cell = "NA"
		}
		fmt.Fprintf(&text, "h%d,%d,%s,%s,%d.0,DE,%.1f\n", i, rooms, cell, []string{"north", "\"a, b\"", ""}[i%3], i%4, price)
	}
	path := filepath.Join(t.TempDir(), "houses.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func options(kind methods.Resample) Options {
	high, err := relevance.Parse("100:0,900:1")
	if err != nil {
		panic(err)
	}
	return Options{Kind: kind, Label: "price", Without: []string{"id"}, Settings: methods.DefaultResample(), Given: &high,
		Mark: "made"}
}

func csvOf(t *testing.T, r Result) string {
	t.Helper()
	var text bytes.Buffer
	if err := r.Write(&text, ".csv"); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// TestTable checks every kept and every synthetic row of both methods.
func TestTable(t *testing.T) {
	path := houses(t)
	original, _ := os.ReadFile(path)
	lines := strings.Split(strings.TrimSpace(string(original)), "\n")
	for _, kind := range []methods.Resample{methods.ResampleSMOTER, methods.ResampleSMOGN} {
		r, err := Table(path, options(kind))
		if err != nil {
			t.Fatal(err)
		}
		// Ten prices are rare; two regions are to hold 100 rows each.
		if r.Rows != 200 || r.Rare != 10 || r.Kept != 110 || r.Made != 90 {
			t.Errorf("%s: %d rows, %d rare, %d kept, %d made", kind, r.Rows, r.Rare, r.Kept, r.Made)
		}
		got := strings.Split(strings.TrimSpace(csvOf(t, r)), "\n")
		if got[0] != lines[0]+",made" {
			t.Errorf("header %s", got[0])
		}
		at := 0
		for _, line := range got[1 : 1+r.Kept] {
			for at < len(lines) && lines[at]+",0" != line {
				at++
			}
		}
		if at == len(lines) {
			t.Errorf("%s: the kept rows are not those of the file in their order", kind)
		}
		checkMade(t, kind, r)
	}
}

// checkMade checks the synthetic rows.
func checkMade(t *testing.T, kind methods.Resample, r Result) {
	t.Helper()
	missing := 0
	for row := r.Kept; row < r.Kept+r.Made; row++ {
		cell := func(name string) string { return r.Columns[slices.Index(r.Names, name)][row] }
		number := func(name string) float64 {
			v, err := strconv.ParseFloat(cell(name), 64)
			if err != nil {
				t.Fatalf("%s: %s is %q", kind, name, cell(name))
			}
			return v
		}
		if cell("area") == "" {
			missing++
		} else if v := number("area"); v < 20 || v > 130 {
			t.Errorf("%s: area %v", kind, v)
		}
		if rooms := cell("rooms"); !slices.Contains([]string{"1", "2", "3", "4", "5", "6"}, rooms) {
			t.Errorf("%s: rooms %q", kind, rooms)
		}
		if d := cell("district"); !slices.Contains([]string{"north", "a, b", ""}, d) {
			t.Errorf("%s: district %q", kind, d)
		}
		if v := number("price"); v < 890 || v > 1000 {
			t.Errorf("%s: price %v", kind, v)
		}
		if cell("id") != "" || cell("country") != "DE" || cell("made") != "1" {
			t.Errorf("%s: id %q, country %q, made %q", kind, cell("id"), cell("country"), cell("made"))
		}
	}
	if missing == 0 || missing > r.Made/2 {
		t.Errorf("%s: %d areas of %d are missing", kind, missing, r.Made)
	}
}

// TestSame: the seed decides, the number of cores does not.
func TestSame(t *testing.T) {
	path, o := houses(t), options(methods.ResampleSMOGN)
	results := map[int]string{}
	for _, cores := range []int{1, 4} {
		before := runtime.GOMAXPROCS(cores)
		r, err := Table(path, o)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		results[cores] = csvOf(t, r)
	}
	o.Seed = 1
	other, err := Table(path, o)
	if err != nil || results[1] != results[4] || csvOf(t, other) == results[1] {
		t.Errorf("cores change the rows: %v; another seed does not: %v (%v)", results[1] != results[4],
			csvOf(t, other) == results[1], err)
	}
}

// TestFormats: a table in another format is the same table, with the types of its columns.
func TestFormats(t *testing.T) {
	path, o := houses(t), options(methods.ResampleSMOTER)
	want, err := Table(path, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range table.WriteFormats {
		if err := func() error {
			var text bytes.Buffer
			if err := want.Write(&text, format); err != nil {
				return err
			}
			file := filepath.Join(t.TempDir(), "t"+format)
			if err := os.WriteFile(file, text.Bytes(), 0o666); err != nil {
				return err
			}
			for name, kind := range map[string]table.Kind{"rooms": table.Number, "price": table.Number,
				"district": table.Scalar} {
				f, err := table.Open(file, table.Column{Name: name, Kind: kind})
				if err != nil {
					return err
				}
				defer f.Close()
				for row, cell := range want.Columns[slices.Index(want.Names, name)] {
					v, err := f.Next()
					if err != nil {
						return err
					}
					got := v[0].Text
					if kind == table.Number {
						got = strconv.FormatFloat(v[0].Number, 'f', -1, 64)
						cell = strconv.FormatFloat(func() float64 { v, _ := number(cell); return v }(), 'f', -1, 64)
					}
					if got != cell {
						return fmt.Errorf("%s, row %d: %q, want %q", name, row+1, got, cell)
					}
				}
			}
			return nil
		}(); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
	// A number that is missing does not make a Parquet column text.
	var text bytes.Buffer
	if err := want.Write(&text, ".parquet"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "t.parquet")
	os.WriteFile(file, text.Bytes(), 0o666)
	fields, err := table.Fields(file)
	types := map[string]string{}
	for _, f := range fields {
		types[f.Name] = f.Type
	}
	if want := map[string]string{"id": "a string", "rooms": "int64", "area": "float64", "district": "a string",
		"floor": "float64", "country": "a string",
		"price": "float64", "made": "int64"}; err != nil || !deep.DeepEqual(types, want) {
		t.Errorf("types %v (%v), want %v", types, err, want)
	}
	o.Mark = "again"
	if _, err := Table(file, o); err != nil {
		t.Errorf("resampled twice: %v", err)
	}
}

// TestMixLabels: large labels keep their digits.
func TestMixLabels(t *testing.T) {
	labels := methods.Column{Numbers: []float64{1e9, 1e9 + 1, 2e9}}
	r := methods.Resampled{Synthetic: []methods.Synthetic{{First: 0, Second: 1, Share: 1},
		{First: 1, Second: 1, Noise: 0.1, Label: unitLabels(labels.Numbers)[1]}}}
	if got := mixLabels(labels, unitLabels(labels.Numbers), r).Numbers; !slices.Equal(got, []float64{1e9 + 1, 1e9 + 1}) {
		t.Errorf("labels %.1f", got)
	}
}

// TestBoxplot: without points relevance follows from the box plot of the labels, beyond whose whiskers some must lie.
func TestBoxplot(t *testing.T) {
	path, o := houses(t), options(methods.ResampleSMOTER)
	o.Given, o.Form = nil, relevance.Plain
	both, err := Table(path, o)
	if err != nil || both.Rare <= 10 || both.Rare > 60 {
		t.Errorf("%d rare rows (%v)", both.Rare, err)
	}
	if o.Extremes = relevance.Low; true {
		if _, err := Table(path, o); err == nil ||
			!strings.Contains(err.Error(), "no label is rare: the highest relevance is 0,") {
			t.Errorf("low prices: %v", err)
		}
	}
}

// TestDensity: labels between two frequent groups are rare, which a box plot cannot say, whatever their unit is.
func TestDensity(t *testing.T) {
	for _, unit := range []float64{1, 1e6} {
		text := "x,y\n"
		for i := range 210 {
			y := []float64{10 + float64(i%20)/10, 90 + float64(i%20)/10}[i%2]
			if i >= 200 {
				y = 45 + float64(i-200)
			}
			text += fmt.Sprintf("%d,%g\n", i, y*unit)
		}
		path := filepath.Join(t.TempDir(), "two.csv")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		o := Options{Kind: methods.ResampleSMOTER, Label: "y", Settings: methods.DefaultResample(), Form: Density}
		r, err := Table(path, o)
		if err != nil || r.Rare != 10 || r.Made != 60 || r.Kept != 150 { // three regions of 70 rows
			t.Errorf("unit %g: %d rare, %d made, %d kept, %v", unit, r.Rare, r.Made, r.Kept, err)
		}
		o.Form = relevance.Plain
		if r, err := Table(path, o); err == nil {
			t.Errorf("box plot: %d rare", r.Rare)
		}
	}
	same := filepath.Join(t.TempDir(), "same.csv")
	if err := os.WriteFile(same, []byte("x,y\n1,5\n2,5\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	o := Options{Kind: methods.ResampleSMOTER, Label: "y", Settings: methods.DefaultResample(), Form: Density}
	if _, err := Table(same, o); err == nil || !strings.Contains(err.Error(), "all 2 labels are equal: none is rare") {
		t.Errorf("error %v", err)
	}
}

func TestRefusals(t *testing.T) {
	path := houses(t)
	change := func(f func(*Options)) Options {
		o := options(methods.ResampleSMOGN)
		f(&o)
		return o
	}
	given := func(text string) *relevance.Function {
		f, err := relevance.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return &f
	}
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{change(func(o *Options) { o.Label = "cost" }), `houses.csv: column "cost" is missing: there are id, rooms, area,`},
		{change(func(o *Options) { o.Label = "district" }),
			`houses.csv:2: column "district" is "north": expected a finite number`},
		{change(func(o *Options) { o.Label = "area" }), `houses.csv:2: column "area" is "NA": expected a finite number`},
		{change(func(o *Options) { o.Without = []string{"street"} }), `column "street" is missing`},
		{change(func(o *Options) { o.Mark = "id" }), `column "id", which is to mark synthetic rows, is there already`},
		{change(func(o *Options) { o.Given = given("0:0,5000:1") }), `no label is rare: the highest relevance is 0.`},
		{change(func(o *Options) { o.Without = []string{"id", "rooms", "area", "district", "floor", "country"} }),
			`no column is left beside the label price`},
	} {
		if _, err := Table(path, tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %s", err, tt.want)
		}
	}
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{change(func(o *Options) { o.Kind = "smote" }), `method "smote": expected smoter or smogn`},
		{change(func(o *Options) { o.Label = "" }), "label: expected"},
		{change(func(o *Options) { o.Without = []string{"price"} }),
			`label "price": expected no such column in --without and --categories`},
		{change(func(o *Options) { o.Settings.K = 0 }), "k, --threshold, --noise: resample: k 0"},
		{change(func(o *Options) { o.Extremes = "middle" }), `extremes "middle": expected both, high or low`},
	} {
		if err := tt.o.Validate(); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("error %v, want %s", err, tt.want)
		}
	}
}

// TestWarns: numbers with a slip among them are not silently a category.
func TestWarns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.csv")
	text := "a,y\n1,1\nx,2\n3,3\n4,4\n5,5\n6,6\n7,7\n8,8\n9,90\n10,91\n"
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	var warnings []string
	o := Options{Kind: methods.ResampleSMOTER, Label: "y", Settings: methods.DefaultResample(), Form: relevance.Plain,
		Warn: func(text string) { warnings = append(warnings, text) }}
	if r, err := Table(path, o); err != nil || r.Rare != 3 || len(warnings) != 1 ||
		warnings[0] != `column "a" holds numbers and text ("x" in row 2): it is taken as a category` {
		t.Errorf("%d rare rows, warnings %q (%v)", r.Rare, warnings, err)
	}
}
