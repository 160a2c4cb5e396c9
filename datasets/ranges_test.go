package datasets

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func TestLabelRanges(t *testing.T) {
	tests := []struct {
		text, canonical string
		in, out         []float32
	}{
		{"30-40", "30-40", []float32{30, 35.5, 40}, []float32{29.9, 40.1}},
		{"30-40,85-", "30-40,85-", []float32{30, 85, 200}, []float32{84, 41}},
		{"-10, 50", "-10,50", []float32{0, 10, 50}, []float32{11, 49, 51}},
		{"0.3-1.10", "0.3-1.1", []float32{0.3, 1.1}, []float32{0.299, 1.101}},
	}
	for _, tt := range tests {
		r, err := ParseLabelRanges(tt.text)
		if err != nil || r.String() != tt.canonical {
			t.Errorf("%q: %q, %v; want %q", tt.text, r, err, tt.canonical)
		}
		for _, label := range tt.in {
			if !r.Contains(label) {
				t.Errorf("%q does not contain %v", tt.text, label)
			}
		}
		for _, label := range tt.out {
			if r.Contains(label) {
				t.Errorf("%q contains %v", tt.text, label)
			}
		}
	}
	if (LabelRanges{}).Contains(0) {
		t.Error("no ranges contain a label")
	}
}

func TestLabelRangesRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                             `range "": expected LOW-HIGH`,
		"-":                            `range "-"`,
		"30-40,":                       `range "": expected`,
		"30–40":                        `range "30–40": expected`,
		"1e2-200":                      "expected LOW-HIGH",
		"30-40-50":                     "expected LOW-HIGH",
		"40-30":                        `range "40-30": 40 is above 30`,
		"NaN-40":                       "expected LOW-HIGH",
		"30-40 50-":                    "expected LOW-HIGH",
		strings.Repeat("9", 400) + "-": "the number is too large",
	} {
		if _, err := ParseLabelRanges(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

func TestLabelRangesCheck(t *testing.T) {
	for text, fine := range map[string]bool{
		"1-2": true, "-2": true, "4-": true, "0-5": true, "5": true, "1-6": false, "6-": false, "30-40": false, "-50": false,
	} {
		r, err := ParseLabelRanges(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Check(STSBSpace()); (err == nil) != fine {
			t.Errorf("%q: error %v", text, err)
		}
	}
	r, _ := ParseLabelRanges("30-40")
	if err := r.Check(STSBSpace()); err == nil || err.Error() != "range 30-40: 30 is outside the labels [0, 5]" {
		t.Errorf("error %v", err)
	}
}

// What is read is written in a form that reads the same.
func FuzzLabelRanges(f *testing.F) {
	for _, seed := range []string{"30-40", "30-40,85-", "-10", "50", "0.5-1.25", "-", "5-4",
		"," + strings.Repeat("9", 400)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := ParseLabelRanges(text)
		if err != nil || first.Check(AgeSpace()) != nil {
			return
		}
		second, err := ParseLabelRanges(first.String())
		if err != nil || first.String() != second.String() {
			t.Errorf("%q: %q reads as %q, %v", text, first, second, err)
		}
		for i, r := range first {
			if r != second[i] || r.Low > r.High {
				t.Errorf("%q: range %v reads as %v", text, r, second[i])
			}
		}
	})
}

func TestContainsBin(t *testing.T) {
	r, _ := ParseLabelRanges("30-40,1.2-1.5")
	for bin, want := range map[int]bool{29: false, 30: true, 40: true, 41: false} {
		if got := r.ContainsBin(AgeSpace(), bin); got != want {
			t.Errorf("age %d: %v", bin, got)
		}
	}
	for bin, want := range map[int]bool{11: false, 12: true, 14: true, 15: false} {
		if got := r.ContainsBin(STSBSpace(), bin); got != want {
			t.Errorf("STS-B bin %d: %v", bin, got)
		}
	}
}

func TestWithoutMany(t *testing.T) {
	rule := STSBShots()
	regions := rule.WithoutMany(func(bin int) bool { return bin == 10 || bin == 2 }).Regions(make([]int, 50))
	if regions[10] != Few || regions[2] != Few || regions[12] != Many || regions[4] != Medium {
		t.Errorf("regions %v", regions)
	}
	if full := rule.Regions(make([]int, 50)); full[10] != Many || full[2] != Medium {
		t.Error("the rule itself has changed")
	}
}

func TestUpper(t *testing.T) {
	for _, test := range []struct {
		space LabelSpace
		want  [2]float64
	}{{AgeSpace(), [2]float64{1, 200}}, {NYUD2Space(), [2]float64{0.1, 10}}} {
		if got := [2]float64{test.space.Upper(0), test.space.Upper(test.space.Bins - 1)}; got != test.want {
			t.Errorf("ends %v, want %v", got, test.want)
		}
	}
}

func TestLabelRangesYAML(t *testing.T) {
	for text, want := range map[string]string{"30-40,85-": "30-40,85-", "50": "50", `"-10"`: "-10"} {
		var r LabelRanges
		if err := yaml.Unmarshal([]byte(text), &r); err != nil || r.String() != want {
			t.Errorf("%s: %q, %v", text, r, err)
		}
	}
	var r LabelRanges
	if err := yaml.Unmarshal([]byte("[30-40]"), &r); err == nil ||
		!strings.Contains(err.Error(), "line 1: expected ranges of labels such as 30-40,85-") {
		t.Errorf("error %v", err)
	}
}
