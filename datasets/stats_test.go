package datasets

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestStats(t *testing.T) {
	// Training labels 0, 0.1, … 5.0 and again 0: bin 0 holds two, bin 49 holds 4.9 and 5.0.
	s, err := writeText(t, filepath.Join(t.TempDir(), "pairs"), 52, 4, 1).Stats()
	if err != nil {
		t.Fatal(err)
	}
	want := []SplitStats{
		{Train, 52, 0, 2.45, 5, []RegionStats{{"many", 22, 24, at(1.2875)}, {"medium", 7, 7, at(10.35 / 7)},
			{"few", 21, 21, at(1.25)}}},
		{Val, 4, 0, 0.15, 0.3, []RegionStats{{"many", 1, 1, at(2.45)}, {"medium", 1, 1, at(2.25)}, {"few", 2, 2, at(2.25)}}},
		{Test, 1, 0, 0, 0, []RegionStats{{"many", 1, 1, at(2.45)}, {"medium", 0, 0, nil}, {"few", 0, 0, nil}}},
	}
	if diff := cmp.Diff(want, s.Splits, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if s.ImbalanceRatio != 2 {
		t.Errorf("imbalance ratio %g, want 2", s.ImbalanceRatio)
	}
	if diff := cmp.Diff(BinStats{0.1, "few", 1, 1, 0}, s.Bins[1]); diff != "" {
		t.Errorf("bin 1 (-want +got)\n%s", diff)
	}
}

func at(v float64) *float64 { return &v }
