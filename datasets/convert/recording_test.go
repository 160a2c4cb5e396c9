package convert

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/dirbench/dirbench/datasets/convert/edf"
)

// testSignal is a signal of a synthetic recording: a constant digital value.
type testSignal struct {
	label, unit string
	rate        int
	value       int16
}

// montage has the channels of SHHS; their digital range of ±1000 is ±100 units.
func montage() []testSignal {
	return []testSignal{
		{"SaO2", "%", 1, 1}, {"EEG (sec)", "uV", 125, 20}, {"ECG", "mV", 250, 30}, {"EMG", "uV", 125, 0},
		{"EEG", "uV", 125, 10}, {"Thor RES", "", 10, 50}, {"ABDO  RES", "", 10, 60}, {"New Air", "", 8, 40},
	}
}

// encodeEDF makes a recording with data records of a second.
func encodeEDF(seconds int, signals []testSignal) []byte {
	var b bytes.Buffer
	put := func(width int, value any) { fmt.Fprintf(&b, "%-*v", width, value) }
	each := func(width int, value func(testSignal) any) {
		for _, s := range signals {
			put(width, value(s))
		}
	}
	put(8, 0)
	put(80+80, "X")
	put(8+8, "01.01.0122.00.00")
	put(8, 256*(1+len(signals)))
	put(44, "")
	put(8, seconds)
	put(8, 1)
	put(4, len(signals))
	each(16, func(s testSignal) any { return s.label })
	each(80, func(testSignal) any { return "" })
	each(8, func(s testSignal) any { return s.unit })
	for _, limit := range []int{-100, 100, -1000, 1000} {
		each(8, func(testSignal) any { return limit })
	}
	each(80, func(testSignal) any { return "" })
	each(8, func(s testSignal) any { return s.rate })
	each(32, func(testSignal) any { return "" })
	for range seconds {
		for _, s := range signals {
			for range s.rate {
				binary.Write(&b, binary.LittleEndian, s.value)
			}
		}
	}
	return b.Bytes()
}

// change returns the montage with one signal changed.
func change(label string, edit func(*testSignal)) []testSignal {
	signals := montage()
	for i := range signals {
		if signals[i].label == label {
			edit(&signals[i])
		}
	}
	return signals
}

func TestReadRecording(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.edf")
	signals := change("ECG", func(s *testSignal) { s.unit = "uV" })
	writeFile(t, path, encodeEDF(40, signals))
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

func TestFindChannelsRejects(t *testing.T) {
	tests := []struct {
		name    string
		seconds int
		signals []testSignal
		want    string
	}{
		{"short", 29, montage(), "short record: 29 s, expected at least 30 s"},
		{"no airflow", 30, change("New Air", func(s *testSignal) { s.label = "AIR" }), "channel airflow is missing"},
		{"rate", 30, change("ECG", func(s *testSignal) { s.rate = 15 }), "channel ecg (ECG): rate 15 Hz: expected at least 15.625 Hz"},
		{"odd rate", 30, change("ECG", func(s *testSignal) { s.rate = 30011 }), "channel ecg (ECG): rate 30011 Hz: no ratio of small numbers to 125 Hz"},
		{"unit", 30, change("EEG", func(s *testSignal) { s.unit = "kg" }), `channel eeg (EEG): unit "kg": expected uV, mV or V`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			data := encodeEDF(test.seconds, test.signals)
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
		data := encodeEDF(30, change("EEG (sec)", func(s *testSignal) { s.label = label }))
		f, err := edf.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if groups, err := findChannels(f); err != nil || groups[0][1].signal != 1 || groups[0][0].signal != 4 {
			t.Errorf("%s: %v %v", label, groups, err)
		}
	}
}
