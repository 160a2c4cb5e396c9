package convert

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"
)

// TestResampleAgreesWithSciPy compares with testdata/scipy_resample.json, made by resample.py beside it.
func TestResampleAgreesWithSciPy(t *testing.T) {
	text, err := os.ReadFile("testdata/scipy_resample.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Up, Down int
			X, Y     []float64
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	for _, c := range golden.Cases {
		t.Run(fmt.Sprintf("%d×%d÷%d", len(c.X), c.Up, c.Down), func(t *testing.T) {
			got := resample(c.X, c.Up, c.Down)
			if len(got) != len(c.Y) {
				t.Fatalf("%d samples, want %d", len(got), len(c.Y))
			}
			for i := range got {
				if math.Abs(got[i]-c.Y[i]) > 1e-12*(1+math.Abs(c.Y[i])) {
					t.Errorf("sample %d: %v, want %v", i, got[i], c.Y[i])
				}
			}
		})
	}
}

func TestResampleRemovesAliases(t *testing.T) {
	x := make([]float64, 2000) // 50 Hz at 128 Hz, which would show as 14 Hz at 64 Hz
	for i := range x {
		x[i] = math.Sin(2 * math.Pi * 50 * float64(i) / 128)
	}
	for i, v := range resample(x, 1, 2)[50:950] {
		if math.Abs(v) > 0.01 {
			t.Fatalf("sample %d: %v is left of a tone above the new Nyquist frequency", i+50, v)
		}
	}
}

func TestResampleEqualRateIsUntouched(t *testing.T) {
	x := []float64{1, -2, 3}
	if got := resample(x, 1, 1); fmt.Sprint(got) != fmt.Sprint(x) {
		t.Errorf("got %v", got)
	}
}
