package published

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/store"
)

func all(t testing.TB) []Benchmark {
	t.Helper()
	list, err := All()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// benchmark returns the results on a benchmark's own test set.
func benchmark(t testing.TB, name string) Benchmark {
	t.Helper()
	for _, b := range all(t) {
		if b.Name == name && b.Variant == "" {
			return b
		}
	}
	t.Fatalf("nothing published on %s", name)
	return Benchmark{}
}

// TestAll: benchmarks, datasets and selection rules are those of this program, methods that it has carry their
// canonical names, and nothing got lost.
func TestAll(t *testing.T) {
	figures := 0
	for _, b := range all(t) {
		own, err := benchmarks.Lookup(b.Name)
		if err != nil {
			t.Error(err)
		}
		selection := store.Selection{Split: datasets.Val, Metric: own.Selection}
		if b.Name == "nyud2-dir" {
			selection.Split = datasets.Test
		}
		if b.Variant == "" && (b.Dataset != own.Dataset || b.Selection != selection) {
			t.Errorf("%s: dataset %s selected by %s, want %s by %s", b.Name, b.Dataset, b.Selection, own.Dataset, selection)
		}
		for _, s := range b.Sources {
			for _, r := range s.Rows {
				figures += len(r.Scores) + len(r.Other)
				m, err := methods.Parse(strings.ToLower(r.Method))
				if err == nil && m.String() != r.Method {
					t.Errorf("%s: %s: method %q, want %q", b.Name, s.Source, r.Method, m)
				}
			}
		}
	}
	if figures != 214 {
		t.Errorf("%d results of a method by a metric, want 214", figures)
	}
}

// TestNewerMethodsStayApart: methods after 2021 were trained by recipes of their own, so none of their rows may stand
// beside measured ones.
func TestNewerMethodsStayApart(t *testing.T) {
	first := []string{"vanilla", "sqinv", "inv", "focal-r", "rrt", "smoter", "smogn", "lds", "fds"}
	newer := 0
	for _, b := range all(t) {
		for _, s := range b.Sources {
			for _, r := range s.Rows {
				for name := range strings.SplitSeq(r.Method, "+") {
					if slices.Contains(first, name) {
						continue
					}
					newer++
					if r.Protocol == Official {
						t.Errorf("%s: %s: %s has the official protocol", b.Name, s.Source, r.Method)
					}
				}
			}
		}
	}
	if newer == 0 {
		t.Error("nothing is published on newer methods")
	}
}

// TestIdentity names the rows of the official protocol that cannot come from one run on the official test set. The
// first three are by hand: (1530*7.39 + 448*8.65 + 162*12.28) / 2140 = 8.024, (1530*6.68 + 448*9.22 + 162*13.00) / 2140
// = 7.690, (756*0.819 + 170*1.310 + 74*0.950) / 1000 = 0.912.
func TestIdentity(t *testing.T) {
	want := []string{
		"agedb-dir smoter mae 8.16 8.024", "agedb-dir focal-r mae 7.64 7.690", "sts-b-dir inv+lds mse 0.914 0.912",
		"agedb-dir smoter gm 5.21 5.077", "agedb-dir focal-r gm 4.9 4.928",
	}
	var got []string
	checked := map[string]int{}
	for _, b := range all(t) {
		for _, s := range b.Sources {
			for _, r := range s.Rows {
				for name, f := range r.Scores {
					m := metrics.Metric(name)
					identity := b.Identity(m, f, s.Decimals(m))
					if identity.Checked {
						checked[b.Name]++
					}
					if identity.Checked && !identity.Holds && r.Protocol == Official {
						got = append(got, fmt.Sprintf("%s %s %s %g %.3f", b.Name, r.Method, name, *f[0], identity.Pooled))
					}
				}
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("rows that fail:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if checked["agedb-dir"] == 0 || checked["sts-b-dir"] == 0 || checked["nyud2-dir"] == 0 ||
		checked["imdb-wiki-dir"] > 0 {
		t.Errorf("rows checked: %v", checked)
	}
}

// TestIdentityRounds: half a unit of the last decimal on both sides is rounding, more is not.
func TestIdentityRounds(t *testing.T) {
	b := Benchmark{Samples: sizesOf(4, 2, 1, 1)}
	for all, holds := range map[float64]bool{2.25: true, 2.26: true, 2.24: true, 2.27: false, 2.23: false} {
		if got := b.Identity(metrics.MAE, figures(all, 1.5, 2, 4), 2); !got.Checked || got.Holds != holds ||
			got.Pooled != 2.25 {
			t.Errorf("All %g: %+v, want holds %v", all, got, holds)
		}
	}
	for name, f := range map[string]Figures{"no region": {new(2.25)}, "no total": {nil, new(1.5), new(2.), new(4.)}} {
		if b.Identity(metrics.MAE, f, 2).Checked {
			t.Errorf("%s: checked", name)
		}
	}
	if b.Identity(metrics.Pearson, figures(1, 2, 3, 4), 2).Checked ||
		(Benchmark{}).Identity(metrics.MAE, figures(1, 2, 3, 4), 2).Checked {
		t.Error("a correlation, or a test set of unknown sizes, was checked")
	}
}

func sizesOf(all, many, medium, few int) metrics.Sizes {
	return metrics.Sizes{metrics.All: all, datasets.Many: many, datasets.Medium: medium, datasets.Few: few}
}

func TestObstacles(t *testing.T) {
	measured := func(dataset string, split datasets.Split, m metrics.Metric, samples metrics.Sizes) Measured {
		key := store.RowKey{Dataset: dataset, Scale: "full", Fidelity: "official",
			Selection: store.Selection{Split: split, Metric: m}}
		return Measured{RowKey: key, Split: "test", Samples: samples}
	}
	agedb := measured("agedb", datasets.Val, metrics.MAE, sizesOf(2140, 1530, 448, 162))
	nyud2 := measured("nyud2", datasets.Test, metrics.RMSE, sizesOf(9300, 3900, 1500, 3900))
	with := func(m Measured, f func(*Measured)) Measured { f(&m); return m }
	for _, tt := range []struct {
		benchmark string
		measured  Measured
		want      string // "" : none
	}{
		{"agedb-dir", agedb, ""},
		{"agedb-dir", with(agedb, func(m *Measured) { m.Twin, m.Scale = true, "tiny" }),
			"a synthetic twin instead of real data; scale tiny instead of full"},
		{"agedb-dir", with(agedb, func(m *Measured) { m.Dataset, m.Samples = "faces", sizesOf(2140, 1530, 448, 1) }),
			"dataset faces instead of agedb"},
		{"agedb-dir", with(agedb, func(m *Measured) { m.Dataset = "agedb-extrapolation" }),
			"dataset agedb-extrapolation instead of agedb"},
		{"agedb-dir", with(agedb, func(m *Measured) { m.Fidelity = "paper" }), "paper semantics instead of official"},
		{"agedb-dir", with(agedb, func(m *Measured) { m.Split = "val" }), "scores of the val split instead of test"},
		{"agedb-dir", with(agedb, func(m *Measured) { m.Samples = nil }), "no finished runs"},
		{"agedb-dir", with(agedb, func(m *Measured) { m.Samples = sizesOf(2140, 1529, 449, 162) }),
			"test regions of many 1529, medium 449, few 162 instead of many 1530, medium 448, few 162"},
		{"imdb-wiki-dir", with(agedb, func(m *Measured) { m.Dataset, m.Samples = "imdb-wiki", sizesOf(11022, 1, 2, 3) }), ""},
		{"imdb-wiki-dir", with(agedb, func(m *Measured) { m.Dataset, m.Samples = "imdb-wiki", sizesOf(11016, 1, 2, 3) }),
			"test regions of many 1, medium 2, few 3 instead of 11022 in all"},
		{"nyud2-dir", nyud2, ""},
		{"nyud2-dir", with(nyud2, func(m *Measured) {
			m.Selection = store.Selection{Split: datasets.Val, Metric: metrics.RMSE}
		}),
			"epoch selected by best validation RMSE instead of best test RMSE (official)"},
		{"nyud2-dir", with(nyud2, func(m *Measured) { m.Samples = sizesOf(9300, 3900, 1500, 3901) }),
			"test regions of many 3900, medium 1500, few 3901 instead of many 39, medium 15, few 39"},
		{"shhs-dir", with(agedb, func(m *Measured) { m.Dataset = "shhs" }), "its code and its split were never released"},
	} {
		if got := strings.Join(benchmark(t, tt.benchmark).Obstacles(tt.measured), "; "); got != tt.want {
			t.Errorf("%s %+v:\n got %q\nwant %q", tt.benchmark, tt.measured, got, tt.want)
		}
	}
}

func TestParseMistakes(t *testing.T) {
	const head = "- {benchmark: b, dataset: d, selection: best validation MAE, sources: [{source: s, tier: primary, " +
		"protocol: official, rows: [{method: m, "
	for text, want := range map[string]string{
		head + "mae: [1, 2, null, 3]}]}]}":          "",
		head + "maee: [1, 2, 3, 4]}]}]}":            `published results: b: s: method "m": unknown metric "maee"`,
		head + "mae: [1, 2, 3]}]}]}":                "published results: yaml",
		head + "mae: [1, 2, 3, -4]}]}]}":            `published results: b: s: method "m": mae: figure -4: expected a positive number`,
		head + "mae: [1, 2, 3, .nan]}]}]}":          `published results: b: s: method "m": mae: figure NaN`,
		head + "mae: [null, null, null, null]}]}]}": `published results: b: s: method "m": mae: expected at least one figure`,
		head + "note: n}]}]}":                       `published results: b: s: method "m": expected a method and figures`,
		"- {benchmark: b}":                          "published results: b: expected a benchmark with dataset and selection",
		"- {benchmark: b, year: 2021}":              "published results: yaml",
		"- {benchmark: b, dataset: d, selection: best validation MAE, samples: {all: 3, many: 1}}": "published results: b: samples",
		"- {benchmark: b, variant: v, columns: [a]}":                                               "published results: b: columns",
		"- {benchmark: b, variant: v, sources: [{source: s}]}":                                     `published results: b: source "s": expected a source`,
		"[]\n---\n[]": "published results: expected one YAML document",
	} {
		_, err := Parse([]byte(text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(content)
	f.Add([]byte("- {benchmark: b, variant: v, sources: [{source: s, tier: rerun, protocol: p, rows: [{method: m, gm: " +
		"[1, 2, 3, null]}]}]}"))
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := Parse(content)
		if err != nil {
			return
		}
		for _, b := range list {
			for _, s := range b.Sources {
				for _, r := range s.Rows {
					for name, figures := range r.Scores {
						m := metrics.Metric(name)
						b.Identity(m, figures, s.Decimals(m))
					}
				}
			}
		}
	})
}

func figures(values ...float64) Figures {
	return Figures{&values[0], &values[1], &values[2], &values[3]}
}
