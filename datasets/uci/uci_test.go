package uci

import (
	"bytes"
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ranges are the smallest and largest labels that UCI documents.
var ranges = map[string][2]float64{
	"abalone": {1, 29}, "airfoil": {103.38, 140.987}, "auto-mpg": {9, 46.6}, "bike-day": {22, 8714}, "bike-hour": {1, 977},
	"concrete": {2.33, 82.6}, "energy-efficiency": {6.01, 43.1}, "power-plant": {420.26, 495.76},
	"real-estate": {7.6, 117.5}, "wine-red": {3, 8}, "wine-white": {3, 9},
}

// TestSets compares every table with its description.
func TestSets(t *testing.T) {
	if !slices.IsSortedFunc(sets, func(a, b Set) int { return strings.Compare(a.Name, b.Name) }) ||
		len(sets) != len(ranges) {
		t.Errorf("sets %v", Names())
	}
	for _, s := range Sets() {
		text, err := s.CSV()
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		header, rows := rows[0], rows[1:]
		label := slices.Index(header, s.Label)
		if len(rows) != s.Rows || len(header) != s.Columns || label < 0 ||
			slices.ContainsFunc(s.Drop, func(c string) bool { return !slices.Contains(header, c) }) {
			t.Errorf("%s: %d rows of %v, want %d of %d columns with %s", s.Name, len(rows), header, s.Rows, s.Columns, s.Label)
			continue
		}
		var labels []float64
		for i, row := range rows {
			for at, cell := range row {
				number, err := strconv.ParseFloat(cell, 64)
				if err != nil && !(header[at] == "Sex" && strings.Contains("MFI", cell)) {
					t.Errorf("%s: row %d: %s is %q", s.Name, i+1, header[at], cell)
				}
				if at == label {
					labels = append(labels, number)
				}
			}
		}
		if got := [2]float64{slices.Min(labels), slices.Max(labels)}; got != ranges[s.Name] {
			t.Errorf("%s: labels from %v to %v, want %v", s.Name, got[0], got[1], ranges[s.Name])
		}
	}
}

// TestNotice: the donors of every set are named where whoever passes the program on looks.
func TestNotice(t *testing.T) {
	notice, err := os.ReadFile("NOTICE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Sets() {
		row := "| `" + s.Name + "` | " + s.Attribution + " | " + strconv.Itoa(s.ID) + " | [" + s.DOI + "](https://doi.org/" +
			s.DOI + ") | `" +
			s.Label + "` | " + s.Changes + " |\n"
		if !strings.Contains(string(notice), row) {
			t.Errorf("NOTICE.md lacks the row\n%s", row)
		}
	}
}

func TestFind(t *testing.T) {
	if s, err := Find("concrete"); err != nil || s.ID != 165 ||
		!strings.HasPrefix(s.Source(), "Yeh (1998), Concrete Compressive Strength, UCI ") {
		t.Errorf("concrete: %+v, %v", s, err)
	}
	if _, err := Find("boston"); err == nil || !strings.HasPrefix(err.Error(), `"boston": no table of that name`) {
		t.Errorf("boston: %v", err)
	}
}
