package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestLeaderboard: measured rows of the official protocol stand with published ones of it, all others by themselves.
func TestLeaderboard(t *testing.T) {
	report, err := New(literatureTests[0].runs, nil, Options{Published: true})
	if err != nil {
		t.Fatal(err)
	}
	boards := report.Leaderboards()
	if len(boards) != 1 || boards[0].Benchmark != "agedb-dir" {
		t.Fatalf("%d leaderboards", len(boards))
	}
	board := boards[0]
	if got := fmt.Sprint(board.Columns[:4]); got != "[{Method false} {n true} {MAE All ↓ true} {MAE Many ↓ true}]" {
		t.Errorf("columns %s", got)
	}
	if board.Protocols[0].Protocol != "official" {
		t.Errorf("first protocol %q", board.Protocols[0].Protocol)
	}
	var measured, protocols []string
	for _, p := range board.Protocols {
		protocols = append(protocols, p.Protocol)
		bold := 0
		for _, r := range p.Rows {
			if len(r.Cells) != len(board.Columns) {
				t.Fatalf("%s: %d cells of %d columns", r.Cells[0].Text, len(r.Cells), len(board.Columns))
			}
			if strings.HasPrefix(r.Source, "measured") {
				measured = append(measured, fmt.Sprintf("%s: %s, n %s, %s", p.Protocol, r.Cells[0].Text, r.Cells[1].Text,
					r.Cells[2].Text))
			}
			if r.Cells[2].Bold {
				bold++
			}
		}
		if (bold > 0) != (len(p.Rows) > 1) {
			t.Errorf("%s: %d best values of %d rows", p.Protocol, bold, len(p.Rows))
		}
	}
	want := []string{
		"official: vanilla, n 2, 7.75 ± 0.01", "official: lds, n 1, 7.67",
		"Benchmark agedb-dir, scale full, official semantics, best validation MAE, recipe changed (lr): vanilla (lr " +
			"1), n 1, 1.36",
		"Benchmark agedb-dir, scale tiny, paper semantics, best validation MAE, synthetic twin: vanilla, n 1, 7.20",
	}
	if !slices.Equal(measured, want) {
		t.Errorf("measured rows %q, want %q", measured, want)
	}
	if sorted := slices.Compact(slices.Sorted(slices.Values(protocols))); len(sorted) != len(protocols) {
		t.Errorf("a protocol is there twice: %q", protocols)
	}
	last := board.Protocols[len(board.Protocols)-1].Rows[0]
	if at := slices.Index(board.Sources, last.Source); !strings.HasSuffix(last.Cells[len(last.Cells)-1].Text,
		fmt.Sprintf(" [%d]", at+1)) {
		t.Errorf("%v is not from source %d", last.Cells, at+1)
	}
	if without, err := New(literatureTests[0].runs, nil, Options{}); err != nil || without.Leaderboards() != nil {
		t.Errorf("a leaderboard without published rows, %v", err)
	}
}
