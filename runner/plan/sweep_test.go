package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/runner/internal/testsuite"
)

// kernelsOf lists the kernels of a plan, "METHOD LDS FDS" with "-" for none, without repetitions.
func kernelsOf(plan []*Run) []string {
	var list []string
	for _, run := range plan {
		text := run.Config.Method
		for _, k := range []struct {
			kind  string
			size  int
			sigma float64
		}{{run.Config.Recipe.LDS.Kind, run.Config.Recipe.LDS.Size, run.Config.Recipe.LDS.Sigma},
			{run.Config.Recipe.FDS.Kernel.Kind, run.Config.Recipe.FDS.Kernel.Size, run.Config.Recipe.FDS.Kernel.Sigma}} {
			if k.kind == "" {
				text += " -"
			} else {
				text += fmt.Sprintf(" %.1s%d/%g", k.kind, k.size, k.sigma)
			}
		}
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

func TestSweep(t *testing.T) {
	tests := []struct {
		name, methods, sweep string
		want                 string
		runs                 int
	}{
		{"LDS", "vanilla, lds", "{lds: {kind: [gaussian, laplace], size: [5, 9], sigma: [1, 2]}}",
			"vanilla - -, lds g5/1 -, lds g5/2 -, lds g9/1 -, lds g9/2 -, lds l5/1 -, lds l5/2 -, lds l9/1 -, lds l9/2 -", 18},
		{"a triangle has no sigma", "lds", "{lds: {kind: [triang], size: [3, 5], sigma: [1, 2, 3]}}",
			"lds t3/2 -, lds t5/2 -", 4},
		{"the rest is the recipe's", "lds", "{lds: {sigma: [1, 3]}}", "lds g7/1 -, lds g7/3 -", 4},
		{"FDS", "lds, fds", "{fds: {size: [5, 9]}}", "lds g7/2 -, fds - g5/2, fds - g9/2", 6},
		{"both", "lds+fds", "{lds: {size: [3, 5]}, fds: {size: [5, 9]}}",
			"lds+fds g3/2 g5/2, lds+fds g3/2 g9/2, lds+fds g5/2 g5/2, lds+fds g5/2 g9/2", 8},
		{"a value twice", "lds", "{lds: {size: [3, 3]}}", "lds g3/2 -", 2},
	}
	for _, tt := range tests {
		text := testsuite.Text(testsuite.Agedb, tt.methods, ", lds: {size: 7}") + "    sweep: " + tt.sweep + "\n"
		plan := planOf(t, t.TempDir(), strings.Replace(text, "seeds: [0]", "seeds: [0, 1]", 1))
		if got := strings.Join(kernelsOf(plan), ", "); got != tt.want || len(plan) != tt.runs {
			t.Errorf("%s: %d runs of %s, want %d of %s", tt.name, len(plan), got, tt.runs, tt.want)
		}
	}
}

// A run of a sweep is that of an entry with the same recipe, so that either finds the other's results.
func TestSweepIsShorthand(t *testing.T) {
	out := t.TempDir()
	swept := planOf(t, out, testsuite.Text(testsuite.Agedb, "lds", "")+"    sweep: {lds: {kind: [triang], size: [9]}}\n")
	plain := planOf(t, out, testsuite.Text(testsuite.Agedb, "lds", ", lds: {kind: triang, size: 9}"))
	if len(swept) != 1 || swept[0].Hash != plain[0].Hash {
		t.Errorf("%d runs, hash %.8s, want %.8s", len(swept), swept[0].Hash, plain[0].Hash)
	}
}

func TestSweepErrors(t *testing.T) {
	const head = "name: x\nseeds: [0]\nmethods: [lds]\nbenchmarks:\n- benchmark: agedb-dir\n  scale: tiny\n"
	many := "[" + strings.Repeat("1, ", 40) + "1]"
	tests := []struct {
		name, sweep, parse string // in ParseSuite's error
		lines              []int  // of the mistakes
	}{
		{"kind", "  sweep: {lds: {kind: [gaus]}}\n",
			`s.yaml:7: sweep: lds: kernel "gaus": expected gaussian, triang or laplace`, []int{7}},
		{"size", "  sweep:\n    lds: {size: [5, 4]}\n", "sweep: lds: kernel size 4: expected an odd number", []int{8}},
		{"sigma", "  sweep:\n    fds:\n      sigma: [0]\n", "sweep: fds: kernel sigma 0: expected a positive number",
			[]int{8}},
		{"FDS has fewer buckets", "  sweep: {fds: {size: [999]}}\n", "sweep: fds: kernel size 999 is too large for",
			[]int{7}},
		{"nothing", "  sweep: {}\n", "sweep: expected lds or fds with lists", []int{7}},
		{"unknown field", "  sweep:\n    lds:\n      ks: [5]\n", "s.yaml:9: field ks is unknown", []int{9}},
		{"no list", "  sweep:\n    lds: {size: 5}\n", "s.yaml:8: 5: expected a list", []int{8}},
		{"fraction", "  sweep:\n    lds: {size: [5.5]}\n", "s.yaml:8: 5.5: expected a whole number", []int{8}},
		{"no finite number", "  sweep:\n    lds:\n      sigma: [.inf]\n", "s.yaml:9: .inf: expected a finite number",
			[]int{9}},
		{"too many", "  sweep: {lds: {size: " + many + ", sigma: " + many + "}}\n",
			"sweep: 1681 combinations: expected at most 1000", []int{7}},
	}
	for _, tt := range tests {
		_, err := ParseSuite("s.yaml", []byte(head+tt.sweep))
		if err == nil || !strings.Contains(err.Error(), tt.parse) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.parse)
		}
		var lines []int
		var mistakes Mistakes
		errors.As(err, &mistakes)
		for _, m := range mistakes {
			lines = append(lines, m.Line)
		}
		if !slices.Equal(lines, tt.lines) {
			t.Errorf("%s: mistakes in lines %v, want %v", tt.name, lines, tt.lines)
		}
	}
}

// TestSweepVaries: runs of one name are told apart by the settings that their methods use.
func TestSweepVaries(t *testing.T) {
	text := strings.Replace(testsuite.Text(testsuite.Agedb, "vanilla, lds+fds", ""), "    recipe:",
		"    sweep: {lds: {size: [5, 9]}, fds: {sigma: [2]}}\n    recipe:", 1)
	var got []string
	for _, run := range planOf(t, "out", text) {
		got = append(got, run.Config.Method+" "+run.Varies)
	}
	if want := []string{"vanilla ", "lds+fds lds.size=5 fds.sigma=2", "lds+fds lds.size=9 fds.sigma=2"}; !slices.Equal(got,
		want) {
		t.Errorf("%q, want %q", got, want)
	}
}
