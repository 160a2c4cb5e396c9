package score

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

const labelsCSV = "id,label\na,0.5\nb,0.5\nc,1.5\nd,2.5\ne,3.5\n"

// trainCSV has five labels in bin 0, three in bin 1, one in bin 2 and none in bin 3: many, medium, few, few.
const trainCSV = "label\n0.1\n0.2\n0.3\n0.4\n0.9\n1\n1.1\n1.2\n2.9\n"

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func targetsOf(t *testing.T) (Targets, store.Manifest) {
	t.Helper()
	targets, err := ReadTargets(write(t, "labels.csv", labelsCSV), nil)
	if err != nil {
		t.Fatal(err)
	}
	train, err := ReadTrainLabels(write(t, "train.csv", trainCSV), nil)
	if err != nil {
		t.Fatal(err)
	}
	common, err := Regression(targets, train, datasets.Binning{Width: 1}, datasets.ShotRule{Many: 4, Few: 2})
	if err != nil {
		t.Fatal(err)
	}
	return targets, common
}

// TestFigures compares with values computed by hand: the errors are 1, 0.25, 2, 0.5 and 4.
func TestFigures(t *testing.T) {
	targets, common := targetsOf(t)
	many, medium, few := datasets.Many, datasets.Medium, datasets.Few
	want := map[metrics.Metric]map[datasets.Region]float64{
		metrics.MAE:  {metrics.All: 1.55, many: 0.625, medium: 2, few: 2.25},
		metrics.MSE:  {metrics.All: 4.2625, many: 0.53125, medium: 4, few: 8.125},
		metrics.RMSE: {metrics.All: math.Sqrt(4.2625), many: math.Sqrt(0.53125), medium: 2, few: math.Sqrt(8.125)},
		metrics.GM:   {metrics.All: 1, many: 0.5, medium: 2, few: math.Sqrt2},
	}
	sizes := map[datasets.Region]int{metrics.All: 5, many: 2, medium: 1, few: 2}
	files := map[string]string{
		"csv":            write(t, "p.csv", "id,prediction\na,1.5\nb,0.25\nc,3.5\nd,2\ne,7.5\n"),
		"csv with BOM":   write(t, "p.csv", "\ufeffprediction,id,label\r\n7.5,e,3.5\r\n2,d,2.5\r\n3.5,c,1.50000001\r\n0.25,b,\r\n1.5,\"a\",0.5\r\n"),
		"tsv":            write(t, "p.tsv", "id\tprediction\na\t1.5\nb\t0.25\nc\t3.5\nd\t2\ne\t7.5\n"),
		"json lines":     write(t, "p.jsonl", "{\"id\":\"a\",\"prediction\":1.5}\n{\"id\":\"b\",\"prediction\":0.25}\n{\"id\":\"c\",\"prediction\":\"3.5\"}\n{\"id\":\"d\",\"prediction\":2}\n{\"id\":\"e\",\"prediction\":7.5}"),
		"other splits":   write(t, "p.csv", "id,prediction,split\nz,1,train\na,1.5,test\nb,0.25,test\nc,3.5,test\nd,2,test\ne,7.5,test\n"),
		"pandas parquet": foreignParquet(t),
	}
	for form, path := range files {
		t.Run(form, func(t *testing.T) {
			list, from, err := Read(path, targets, Options{})
			if err != nil || len(list) != 1 {
				t.Fatalf("%d runs, %v", len(list), err)
			}
			if sum, _ := datasets.FileSHA256(path); from.SHA256 != sum || from.File != filepath.Base(path) {
				t.Errorf("file %v, SHA-256 %s", from, sum)
			}
			run, err := NewRun(common, targets, list[0], from)
			if err != nil {
				t.Fatal(err)
			}
			for region, n := range sizes {
				scores := run.Results["test"][region]
				if scores.N != n {
					t.Errorf("%s: %d samples, want %d", region, scores.N, n)
				}
				for m, values := range want {
					if got := float64(scores.Values[m]); math.Abs(got-values[region]) > 1e-12 {
						t.Errorf("%s %s: %v, want %v", m, region, got, values[region])
					}
				}
			}
		})
	}
}

// TestSpreads compares with -log of the Gaussian density by hand: errors 1, 0.25, 2, 0.5 and 4, spreads 1, 1, 2, 1 and
// 4.
func TestSpreads(t *testing.T) {
	targets, common := targetsOf(t)
	path := write(t, "p.csv", "id,prediction,spread\na,1.5,1\nb,0.25,1\nc,3.5,2\nd,2,1\ne,7.5,4\n")
	list, from, err := Read(path, targets, Options{})
	if err != nil {
		t.Fatal(err)
	}
	run, err := NewRun(common, targets, list[0], from)
	if err != nil {
		t.Fatal(err)
	}
	want := 0.5*math.Log(2*math.Pi) + (math.Log(2)+math.Log(4)+0.5*(1+0.0625+1+0.25+1))/5
	if got := float64(run.Results["test"][metrics.All].Values[metrics.NLL]); math.Abs(got-want) > 1e-12 {
		t.Errorf("NLL %v, want %v", got, want)
	}
	if _, err := run.Place(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if err := run.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := store.Evaluate(run.Dir, run.Manifest)
	if err != nil || fmt.Sprint(again) != fmt.Sprint(run.Results) {
		t.Errorf("evaluated from the stored predictions: %v, %v, want %v", again, err, run.Results)
	}
}

// TestOutput reads what was written.
func TestOutput(t *testing.T) {
	targets, _ := targetsOf(t)
	out := Output{IDs: targets.IDs, Values: []float32{0.1, -2, 1e-20, 3e7, 16777217}, Spreads: []float32{1, 2, 3, 4, 0.3}}
	for _, ending := range []string{"csv", "tsv", "jsonl", "parquet"} {
		var text bytes.Buffer
		fill, err := out.Writer("p." + ending)
		if err != nil {
			t.Fatal(err)
		}
		if err := fill(&text); err != nil {
			t.Fatal(err)
		}
		list, _, err := Read(write(t, "p."+ending, text.String()), targets, Options{})
		if err != nil || fmt.Sprint(list[0].Values, list[0].Spreads) != fmt.Sprint(out.Values, out.Spreads) {
			t.Errorf("%s: %v, %v, want %v", ending, list, err, out)
		}
	}
	if _, err := out.Writer("p.xlsx"); err == nil {
		t.Error("a format that there is not")
	}
}

// foreignParquet is a file as pandas writes it: nullable columns, text as a dictionary, doubles, small pages and
// groups.
func foreignParquet(t *testing.T) string {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "prediction", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "seed", Type: arrow.PrimitiveTypes.Uint8, Nullable: true},
		{Name: "id", Type: arrow.BinaryTypes.LargeString, Nullable: true},
	}, nil)
	rows := array.NewRecordBuilder(memory.NewGoAllocator(), schema)
	rows.Field(0).(*array.Float64Builder).AppendValues([]float64{1.5, 0.25, 3.5, 2, 7.5}, nil)
	rows.Field(1).(*array.Uint8Builder).AppendValues([]byte{200, 200, 200, 200, 200}, nil)
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		rows.Field(2).(*array.LargeStringBuilder).Append(id)
	}
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out,
		parquet.NewWriterProperties(parquet.WithDataPageSize(16), parquet.WithMaxRowGroupLength(2)),
		pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rows.NewRecord()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, "p.parquet", out.String())
}

func TestColumnsOfAFile(t *testing.T) {
	targets, _ := targetsOf(t)
	var text strings.Builder
	text.WriteString("name,yhat,run,fold\n")
	for seed := range 3 {
		for _, id := range targets.IDs {
			fmt.Fprintf(&text, "%s,%d,m%d,%d\n", id, seed, seed/2, seed)
		}
	}
	columns := Columns{ID: "name", Prediction: "yhat", Method: "run", Seed: "fold"}
	path := write(t, "p.csv", text.String())
	list, _, err := Read(path, targets, Options{Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range list {
		got = append(got, fmt.Sprint(p.Method, p.Seed, p.Values[4]))
	}
	if want := "[m00 0 m01 1 m12 2]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	seed := int64(7)
	_, _, err = Read(path, targets, Options{Columns: columns, Method: "mine", Seed: &seed})
	if want := "10 ids a second time"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestMistakes holds files that are refused, with a part of the line that says why.
func TestMistakes(t *testing.T) {
	targets, _ := targetsOf(t)
	rows := func(text string) string { return "id,prediction,label,seed\n" + text }
	const good = "a,1,,\nb,1,,\nc,1,,\nd,1,,\n"
	for _, c := range []struct{ name, content, want string }{
		{"unknown", rows(good + "e,1,,\nx,1,,\ny,1,,\n"),
			`2 unknown ids (line 7 "x", line 8 "y"): expected one prediction for each of the 5 rows`},
		{"all unknown", rows("1,1,,\n2,1,,\n"), `ids of labels.csv are such as "a"`},
		{"missing", rows("a,1,,\n"), `4 predictions missing ("b", "c", "d", …)`},
		{"missing of a seed", rows(good + "e,1,,\n" + "a,1,,1\n"), `4 predictions missing ("b" of p seed 1, `},
		{"twice", rows(good + "e,1,,\na,1,,\n"), `1 id a second time (line 7 "a")`},
		{"no number", rows(good + "e,NaN,,\n"),
			`1 prediction that is no finite number (line 6 "e": "NaN"); 1 prediction missing ("e")`},
		{"no number in float32", rows(good + "e,1e300,,\n"), `(line 6 "e": "1e300")`},
		{"empty cell", rows(good + "e,,,\n"), `(line 6 "e": nothing)`},
		{"other label", rows(good + "e,1,3.6,\n"), `1 label other than the dataset's (line 6 "e": 3.6, not 3.5)`},
		{"no spread", "id,prediction,spread\na,1,1\nb,1,\nc,1,0\nd,1,inf\ne,1,2\n",
			`3 predictions without a spread above 0 ("b", "c", "d")`},
		{"seed", rows("a,1,,x\n"), `p.csv:2: seed "x": expected a whole number`},
		{"empty id", rows(",1,,\n"), `p.csv:2: column "id" is empty`},
		{"two encodings", rows("a,1,,\n\xfc,1,,\n"), `p.csv:3: column "id" is not UTF-8 text`},
		{"UTF-16", "\xff\xfei\x00d\x00", "p.csv: the file is text of UTF-16: save it as UTF-8"},
		{"binary", "MZ\x00\x01", "p.csv:1: the header is not UTF-8 text"},
		{"array", "[{}]", `p.jsonl: row 1: column "id" is missing: there are `},
		{"array of numbers", "[1]", "p.jsonl: row 1: expected a JSON object"},
		{"JSON type", `{"id": "a", "prediction": [1]}`,
			`p.jsonl:1: column "prediction" is a list of numbers: expected text or a number`},
		{"damaged JSON", "{\"id\": \"a\", \"prediction\": 1}\n{\"id\"", "p.jsonl:2: expected a JSON object"},
		{"no column", "id,yhat\n", `p.csv:1: column "prediction" is missing: there are id, yhat`},
		{"ragged", "id,prediction\na\n", "p.csv:2: number of fields: 1, not 2 as in the header"},
		{"open quote", "id,prediction\n\"a,1\n", "p.csv:2: a quote is not closed"},
		{"long row", "id,prediction\n" + strings.Repeat("x", 20<<20), "p.csv:2: the row is longer than 16 MiB"},
		{"long JSON", "{\"id\": \"a\", \"prediction\": 1}\n" + strings.Repeat("x", 20<<20),
			"p.jsonl:2: the row is longer than 16 MiB"},
		{"header only", "id,prediction\n", "no rows of labels.csv"},
		{"empty", "", "p.csv:1: expected a header"},
		{"damaged Parquet", "PAR1" + strings.Repeat("\xff", 300) + "PAR1", "p.parquet: damaged Parquet file"},
		{"method", "id,prediction,method\na,1,../x\n", `p.csv:2: method "../x": expected letters`},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := "p.csv"
			switch {
			case strings.HasPrefix(c.content, "PAR1"):
				name = "p.parquet"
			case strings.HasPrefix(c.content, "{"), strings.HasPrefix(c.content, "["):
				name = "p.jsonl"
			}
			_, _, err := Read(write(t, name, c.content), targets, Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), "\n") || len(err.Error()) > 600) {
				t.Errorf("more than a line: %.700s", err)
			}
		})
	}
}

// TestLabelsBeyond32Bits: labels that would overflow or run together are refused, others of the same size are not.
func TestLabelsBeyond32Bits(t *testing.T) {
	for content, want := range map[string]string{
		"label\n1\n1e39\n": `train.csv:3: label "1e39": expected a finite number, at most 3.4e38`,
		"label\nNaN\n":     `train.csv:2: label "NaN": expected a finite number`,
		"label\n1700000000\n1700000001\n": "1.700000001e+09 would be 1.7e+09, as labels are kept in 32 bits: " +
			"subtract a constant",
		"label\n1000000.06\n1000000.5\n":        "1.00000006e+06 would be 1.0000000625e+06",
		"label\n1700000001\n":                   "",
		"label\n16777217\n-20000000\n":          "",
		"label\n0.1\n0.2\n":                     "",
		"label\n1e-45\n0\n3e38\n123456.78901\n": "",
	} {
		_, err := ReadTrainLabels(write(t, "train.csv", content), nil)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}

func TestStore(t *testing.T) {
	targets, common := targetsOf(t)
	out := t.TempDir()
	make := func(value float32) Run {
		t.Helper()
		p := Predictions{Method: "mine", Seed: 3, Values: []float32{value, 1, 1, 1, 1}}
		run, err := NewRun(common, targets, p, store.External{File: "p.csv", SHA256: "0123456789"})
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	run := make(1)
	if before, err := run.Place(out); before || err != nil {
		t.Fatal(before, err)
	}
	if err := run.Write(context.Background()); err != nil {
		t.Fatal(err)
	}
	there, err := store.Load(run.Dir)
	if err != nil || there.Status.State != store.Done || *there.Manifest.External != *run.Manifest.External {
		t.Fatalf("%+v, %v", there, err)
	}
	again, err := store.Evaluate(run.Dir, there.Manifest)
	if err != nil || fmt.Sprint(again) != fmt.Sprint(run.Results) {
		t.Errorf("evaluated from the stored predictions: %v, %v, want %v", again, err, run.Results)
	}
	same := make(1)
	if before, err := same.Place(out); !before || err != nil {
		t.Errorf("the same predictions: before %v, %v", before, err)
	}
	other := make(2)
	_, err = other.Place(out)
	if want := "labels.csv/mine/seed=3 has other predictions, from p.csv (sha256 01234567): "; err == nil ||
		!strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}
