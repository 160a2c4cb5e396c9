package task

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/datasets"
)

var nightMeta = datasets.Meta{Modality: datasets.Signal, LabelSpace: datasets.SHHSSpace(), Shots: datasets.SHHSShots(),
	Groups: []datasets.ChannelGroup{{Name: "ecg", Channels: []string{"ecg"}, Rate: 4},
		{Name: "eeg", Channels: []string{"l", "r"}, Rate: 2}}}

// night is a recording of so many seconds: the ECG counts up from 1, the EEG is constant on the left.
func night(id string, seconds int) datasets.Sample {
	s := datasets.Sample{ID: id, Label: 70, Signals: make([][]float32, 2)}
	for i := range 4 * seconds {
		s.Signals[0] = append(s.Signals[0], float32(1+i))
	}
	for i := range 2 * seconds {
		s.Signals[1] = append(s.Signals[1], 5, float32(i%2))
	}
	return s
}

func nightRecipe() Recipe {
	return Recipe{Signal: &SignalModel{Width: 8, Hidden: 16, Windows: 3, WindowSeconds: 2}}
}

func TestLoadSignals(t *testing.T) {
	task, err := nightRecipe().Load(written(t, nightMeta, night("long", 9), night("short", 5)), LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if task.Dim() != 2*16 {
		t.Errorf("features of %d values, want 2 groups × 16", task.Dim())
	}
	inputs, labels := task.Batch(nil, datasets.Train, []int{1, 0}, nil)
	if !slices.Equal(labels, []float32{70, 70}) || len(inputs) != 3 {
		t.Fatalf("labels %v, %d inputs", labels, len(inputs))
	}
	for i, want := range [][]int{{2, 3, 8, 1}, {2, 3, 4, 2}, {2, 3}} {
		if got := inputs[i].Shape().Dimensions; !slices.Equal(got, want) {
			t.Errorf("input %d has shape %v, want %v", i, got, want)
		}
	}
	// Five seconds are two windows; of nine, the first three are used.
	if mask := tensors.MustCopyFlatData[float32](inputs[2]); !slices.Equal(mask, []float32{1, 1, 0, 1, 1, 1}) {
		t.Errorf("mask %v", mask)
	}
	ecg := tensors.MustCopyFlatData[float32](inputs[0])
	if !slices.Equal(ecg[16:24], ecg[:8]) {
		t.Errorf("the window that the short recording lacks is %v, want its first one again, %v", ecg[16:24], ecg[:8])
	}
	// The values 1 to 24 have the upper median 13 and the median absolute deviation 6.
	for i, want := range []float64{-12 / (1.4826 * 6), -11 / (1.4826 * 6)} {
		if got := float64(ecg[24+i]); math.Abs(got-want) > signalStep {
			t.Errorf("value %d of the long recording is %g, want %g", i, got, want)
		}
	}
	if eeg := tensors.MustCopyFlatData[float32](inputs[1]); eeg[0] != 0 {
		t.Errorf("a constant channel became %g, want 0", eeg[0])
	}
}

func TestLoadSignalsRefuses(t *testing.T) {
	_, err := nightRecipe().Load(written(t, nightMeta, night("a", 9), night("b", 1)), LoadOptions{})
	if err == nil || !strings.Contains(err.Error(), "id trainb: the recording is shorter than a window of 2 s") {
		t.Errorf("error %v", err)
	}
	r := nightRecipe()
	r.Signal.WindowSeconds = 0.01
	_, err = r.Load(written(t, nightMeta, night("a", 9)), LoadOptions{})
	if err == nil || !strings.Contains(err.Error(), "a window of 0.01 s holds none") {
		t.Errorf("error %v", err)
	}
}

func TestNormaliseSignalCutsArtefacts(t *testing.T) {
	series := []float32{-1, 0, 1, 0, 1, -1, 1e6, 0, 1}
	into := make([]float32, len(series))
	denormalise(into, normaliseSignal(series, 1))
	if into[6] != signalLimit {
		t.Errorf("an artefact became %g, want the limit %d", into[6], signalLimit)
	}
}
