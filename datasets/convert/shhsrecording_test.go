package convert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets/convert/edf"
	"github.com/dirbench/dirbench/datasets/convert/edf/edftest"
)

// change returns the montage with one signal changed.
func change(label string, edit func(*edftest.Signal)) []edftest.Signal {
	signals := edftest.Montage()
	for i := range signals {
		if signals[i].Label == label {
			edit(&signals[i])
		}
	}
	return signals
}

func TestReadRecording(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.edf")
	signals := change("ECG", func(s *edftest.Signal) { s.Unit = "uV" })
	writeFile(t, path, edftest.Encode(40, signals))
	got, err := readRecording(path)
	if err != nil {
		t.Fatal(err)
	}
	// Digital value v is v/10 units; the middle of the recording is away from the filter's ends.
	for group, want := range [][]float32{{1, 2}, {0.003}, {4, 5, 6}} {
		rate := []int{64, 125, 8}[group]
		if len(got[group]) != 40*rate*len(want) {
			t.Errorf("group %d: %d values", group, len(got[group]))
		}
		middle := got[group][20*rate*len(want):][:len(want)]
		for i := range want {
			if d := middle[i]/want[i] - 1; d > 1e-3 || d < -1e-3 {
				t.Errorf("group %d: %v, want %v", group, middle, want)
			}
		}
	}
}

// TestFindChannelsAccepts has names, units and damage that do not matter.
func TestFindChannelsAccepts(t *testing.T) {
	for name, signals := range map[string][]edftest.Signal{
		"UTF-8 micro sign":   change("EEG", func(s *edftest.Signal) { s.Unit = "µV" }),
		"Greek letter":       change("EEG", func(s *edftest.Signal) { s.Unit = "μV" }),
		"Latin-1 micro sign": change("EEG", func(s *edftest.Signal) { s.Unit = "\xb5V" }),
		"New A/F":            change("New Air", func(s *edftest.Signal) { s.Label = "New A/F" }),
		"AUX":                change("New Air", func(s *edftest.Signal) { s.Label = "AUX" }),
	} {
		data := edftest.Encode(30, signals)
		copy(data[256+len(signals)*104:], "abc     ") // physical minimum of SaO2, which is not used
		f, err := edf.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if groups, err := findChannels(f); err != nil || groups[0][0].scale != 1 {
			t.Errorf("%s: %v, %v", name, groups, err)
		}
	}
	data := edftest.Encode(30, edftest.Montage())
	copy(data[256+len(edftest.Montage())*104+2*8:], "abc     ") // of the ECG
	f, err := edf.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := findChannels(f); err == nil ||
		!strings.Contains(err.Error(), `channel ecg (ECG): signal 3 (ECG): damaged header`) {
		t.Errorf("error %v", err)
	}
}

func TestFindChannelsRejects(t *testing.T) {
	tests := []struct {
		name    string
		seconds int
		signals []edftest.Signal
		want    string
	}{
		{"short", 29, edftest.Montage(), "short record: 29 s, expected at least 30 s"},
		{"no airflow", 30, change("New Air", func(s *edftest.Signal) { s.Label = "AIR" }), "channel airflow is missing"},
		{"rate", 30, change("ECG", func(s *edftest.Signal) { s.Rate = 15 }),
			"channel ecg (ECG): rate 15 Hz: expected at least 15.625 Hz"},
		{"odd rate", 30, change("ECG", func(s *edftest.Signal) { s.Rate = 30011 }),
			"channel ecg (ECG): rate 30011 Hz: no ratio of small numbers to 125 Hz"},
		{"unit", 30, change("EEG", func(s *edftest.Signal) { s.Unit = "kg" }),
			`channel eeg (EEG): unit "kg": expected uV, mV or V`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			data := edftest.Encode(test.seconds, test.signals)
			f, err := edf.Read(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err = findChannels(f); err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestChannelLabels(t *testing.T) {
	for _, label := range []string{"EEG(sec)", "EEG (sec)", "EEG sec", "EEG 2", "EEG2", "eeg( SEC )"} {
		data := edftest.Encode(30, change("EEG (sec)", func(s *edftest.Signal) { s.Label = label }))
		f, err := edf.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if groups, err := findChannels(f); err != nil || groups[0][1].signal != 1 || groups[0][0].signal != 4 {
			t.Errorf("%s: %v %v", label, groups, err)
		}
	}
}

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
