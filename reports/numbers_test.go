package reports

import "testing"

func TestNumbers(t *testing.T) {
	for _, tt := range []struct {
		value         float64
		decimals      int
		fixed, signed string
	}{
		{1.25, 1, "1.2", "+1.2"}, {-1.26, 1, "-1.3", "-1.3"}, {0, 2, "0.00", "0.00"}, {-0.004, 2, "0.00", "0.00"},
		{0.004, 2, "0.00", "0.00"}, {-0.006, 2, "-0.01", "-0.01"}, {-0.4, 0, "0", "0"}, {-10, 0, "-10", "-10"},
	} {
		if got := Fixed(tt.value, tt.decimals); got != tt.fixed {
			t.Errorf("Fixed(%g, %d) = %q, want %q", tt.value, tt.decimals, got, tt.fixed)
		}
		if got := Signed(tt.value, tt.decimals); got != tt.signed {
			t.Errorf("Signed(%g, %d) = %q, want %q", tt.value, tt.decimals, got, tt.signed)
		}
	}
}
