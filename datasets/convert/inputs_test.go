package convert

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

// inputsMeta is that of a dataset of a modality, for which labels mean something.
func inputsMeta(m datasets.Modality) datasets.Meta {
	meta := datasets.Meta{
		Name: "mine", Modality: m, LabelSpace: datasets.LabelSpace{Max: 10, Rule: datasets.BinInteger, Bins: 10, Width: 1},
		Shots: datasets.AgeShots(),
	}
	if m == "single" {
		meta.Modality, meta.Sentences = datasets.Text, 1
	}
	if m == datasets.Table {
		median := float32(5)
		meta.Features = []datasets.Feature{{Name: "area"}, {Name: "kind", Levels: []string{"flat", "house"}},
			{Name: "age", Median: &median}}
	}
	if m == datasets.Signal {
		meta.Groups = []datasets.ChannelGroup{{Name: "eeg", Channels: []string{"c3", "c4"}, Rate: 4},
			{Name: "ecg", Channels: []string{"ecg"}, Rate: 2}}
	}
	return meta
}

func TestInputFile(t *testing.T) {
	for _, c := range []struct {
		name, content string
		modality      datasets.Modality
		columns       InputColumns
		want          datasets.Sample // the second row
	}{
		{"pairs.csv", "sentence1,sentence2\na,b\nc,d\n", datasets.Text, nil,
			datasets.Sample{ID: "2", Sentences: [2]string{"c", "d"}}},
		{"texts.csv", "sentence1\na\nc\n", "single", nil, datasets.Sample{ID: "2", Sentences: [2]string{"c"}}},
		{"pairs.tsv", "key\tb\ta\nx\tb\ta\ny\td\tc\n", datasets.Text,
			InputColumns{"id": "key", "sentence1": "a", "sentence2": "b"},
			datasets.Sample{ID: "y", Sentences: [2]string{"c", "d"}}},
		{"waves.jsonl", `{"c3": [1, 2], "c4": [3, 4], "ecg": [5], "id": 7}` + "\n" +
			`{"c3": [1, 2], "c4": [3, 4], "ecg": [6], "id": 8}`, datasets.Signal, nil,
			datasets.Sample{ID: "8", Signals: [][]float32{{1, 3, 2, 4}, {6}}}},
		{"own.jsonl", `{"eeg": [1, 2], "ecg": [5]}` + "\n" + `{"eeg": [1, 2, 3, 4], "ecg": [6]}`, datasets.Signal, nil,
			datasets.Sample{ID: "2", Signals: [][]float32{{1, 2, 3, 4}, {6}}}},
		{"houses.csv", "kind,area,age,other\nflat,1.5,3,x\nhouse,2.5,,y\n", datasets.Table, nil,
			datasets.Sample{ID: "2", Features: []float32{2.5, 0, 1, 5, 1}}},
		{"tents.csv", "sort,area,age\nflat,1.5,3\ntent,2.5,3\n", datasets.Table, InputColumns{"kind": "sort"},
			datasets.Sample{ID: "2", Features: []float32{2.5, 0, 0, 3, 0}}},
		{"encoded.jsonl", `{"features": [1, 2, 3, 4, 5]}` + "\n" + `{"features": [5, 4, 3, 2, 1]}`, datasets.Table, nil,
			datasets.Sample{ID: "2", Features: []float32{5, 4, 3, 2, 1}}},
		{"faces.csv", "image\nface.txt\nsub/face.txt\n", datasets.Image, nil,
			datasets.Sample{ID: "2", Image: []byte("pixels")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
				t.Fatal(err)
			}
			for name, content := range map[string]string{c.name: c.content, "face.txt": "other", "sub/face.txt": "pixels"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			d, err := InputFile(t.Context(), filepath.Join(dir, c.name), filepath.Join(dir, "inputs"), inputsMeta(c.modality),
				c.columns)
			if err != nil {
				t.Fatal(err)
			}
			var rows []datasets.Sample
			for s, err := range d.Samples(datasets.Test) {
				if err != nil {
					t.Fatal(err)
				}
				rows = append(rows, s)
			}
			if len(rows) != 2 || rows[1].ID != c.want.ID || rows[1].Sentences != c.want.Sentences ||
				string(rows[1].Image) != string(c.want.Image) ||
				!slices.Equal(rows[1].Features, c.want.Features) ||
				!slices.EqualFunc(rows[1].Signals, c.want.Signals, slices.Equal) {
				t.Errorf("%+v, want %+v", rows, c.want)
			}
		})
	}
}

func TestInputFileErrors(t *testing.T) {
	for content, c := range map[string]struct {
		modality datasets.Modality
		columns  InputColumns
		want     string
	}{
		"sentence1,sentence2\n": {datasets.Text, nil, "p.csv: no rows"},
		"sentence1\na\n": {datasets.Text, nil,
			`p.csv:1: column "sentence2" is missing: there are sentence1`},
		"id,sentence1,sentence2\n1,a,\n": {datasets.Text, nil,
			`p.csv:2: split test: sample "1": sentence 2 is empty`},
		"id,sentence1,sentence2\n1,a,b\n": {datasets.Text, InputColumns{"image": "x"},
			"column image: expected one of id, sentence1, sentence2"},
		"sentence1,sentence2\na,b\n": {datasets.Text, InputColumns{"id": "x"}, `column "x" is missing`},
		"id,sentence1,sentence2\n1,a,b\n1,c,d\n": {datasets.Text, nil,
			`p.csv:3: split test: sample "1": the id is already used`},
		"image\nnowhere.png\n":      {datasets.Image, nil, "p.csv:2: open "},
		"c3,ecg\n\"[1]\",\"[1]\"\n": {datasets.Signal, nil, `column "c4" is missing`},
		"area,kind,age\n,flat,1\n": {datasets.Table, nil,
			`p.csv:2: column "area" has no number, and none was missing in training`},
		"area,kind,age\nbig,flat,1\n": {datasets.Table, nil, `p.csv:2: column "area": expected a number`},
		"area,age\n1,2\n":             {datasets.Table, nil, `column "kind" is missing: there are area, age`},
		"x\n1\n":                      {datasets.Depth, nil, "inputs of modality depth cannot be read from a file"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "p.csv")
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := InputFile(t.Context(), path, filepath.Join(dir, "inputs"), inputsMeta(c.modality), c.columns)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", content, err, c.want)
		}
	}
}
