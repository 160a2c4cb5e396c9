package datasets

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets/transform"
)

// depthSample is a frame of 20×20 pixels, so that the field of view is the 19×19 pixels from (0, 0), every pixel 2.05 m
// away but for the first row, which is unknown.
func depthSample(t *testing.T, id string, masked ...int) Sample {
	t.Helper()
	depth := transform.DepthMap{Width: 20, Height: 20, Millimetres: make([]uint16, 400)}
	for i := 20; i < 400; i++ {
		depth.Millimetres[i] = 2050
	}
	sample := Sample{ID: id, Subset: id == "train"}
	var err error
	if sample.Depth, err = transform.EncodeDepth(depth); err != nil {
		t.Fatal(err)
	}
	if len(masked) > 0 {
		mask := transform.Mask{Width: 20, Height: 20, On: make([]bool, 400)}
		for _, at := range masked {
			mask.On[at] = true
		}
		if sample.Mask, err = transform.EncodeMask(mask); err != nil {
			t.Fatal(err)
		}
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 20, 20))); err != nil {
		t.Fatal(err)
	}
	sample.Image = picture.Bytes()
	return sample
}

func depthMeta() Meta {
	return Meta{Name: "rooms", Title: "Rooms", Modality: Depth, LabelSpace: NYUD2Space(), Shots: NYUD2Shots()}
}

func TestDepthRoundTrip(t *testing.T) {
	dir := t.TempDir() + "/rooms"
	samples := map[Split]Sample{Train: depthSample(t, "train"), Val: depthSample(t, "val"),
		Test: depthSample(t, "test", 5, 41, 42)}
	d := writeAll(t, dir, depthMeta(), samples)
	for split, want := range map[Split]int{Train: 18 * 19, Val: 18 * 19, Test: 2} { // pixel 5 has no depth
		if got := d.Meta.Splits[split].Counts[20]; got != want {
			t.Errorf("%s: %d pixels in bin 20, want %d", split, got, want)
		}
	}
	checkSamples(t, d, samples)
	stats, err := d.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if s := stats.Splits[0]; s.Rows != 1 || s.Median != 2.05 || s.Regions[Many].Samples != 342 ||
		*s.Regions[Many].MedianMAE != 0 {
		t.Errorf("statistics %+v", s)
	}
	if _, err := d.Labels(Train); err == nil || !strings.Contains(err.Error(), "dense") {
		t.Errorf("labels of a dense dataset: error %v", err)
	}
}

func TestSignalRoundTrip(t *testing.T) {
	meta := Meta{Name: "nights", Title: "Nights", Modality: Signal, LabelSpace: SHHSSpace(), Shots: SHHSShots(),
		Groups: []ChannelGroup{
			{Name: "ecg", Channels: []string{"ecg"}, Rate: 125, Unit: "mV"},
			{Name: "eeg", Channels: []string{"left", "right"}, Rate: 64}}}
	samples := map[Split]Sample{}
	for i, split := range Splits {
		long := make([]float32, 40000) // more than a batch of the reader
		for j := range long {
			long[j] = float32(i) + float32(j)/7
		}
		samples[split] = Sample{ID: string(split), Label: 100, Signals: [][]float32{{1, 2, 3}, long}}
	}
	d := writeAll(t, t.TempDir()+"/nights", meta, samples)
	checkSamples(t, d, samples)
	if got := d.Meta.Splits[Train].Counts[99]; got != 1 {
		t.Errorf("%d samples in the last bin, want 1", got)
	}
	if diff := cmp.Diff(meta.Groups, d.Meta.Groups); diff != "" {
		t.Error(diff)
	}
}

func writeAll(t *testing.T, dir string, meta Meta, samples map[Split]Sample) *Dataset {
	t.Helper()
	w, err := Create(dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	writers, err := w.AllSplits()
	if err != nil {
		t.Fatal(err)
	}
	for split, sample := range samples {
		if err := writers[split].Write(sample); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if problems, err := d.Verify(t.Context(), nil); err != nil || len(problems) > 0 {
		t.Fatalf("verify: %v, %v", problems, err)
	}
	return d
}

func checkSamples(t *testing.T, d *Dataset, want map[Split]Sample) {
	t.Helper()
	for _, split := range Splits {
		for got, err := range d.Samples(split) {
			if err != nil {
				t.Fatal(err)
			}
			expected := want[split]
			if diff := cmp.Diff(expected, got, equalBytes); diff != "" {
				t.Errorf("%s: %s", split, diff)
			}
		}
	}
}

// equalBytes makes no difference between no bytes and empty ones.
var equalBytes = cmp.Comparer(bytes.Equal)

func TestWriteRefusesBadFramesAndSignals(t *testing.T) {
	frame := depthSample(t, "frame")
	other, outside := frame, depthSample(t, "outside", 399)
	other.Depth, _ = transform.EncodeDepth(transform.DepthMap{Width: 2, Height: 2, Millimetres: make([]uint16, 4)})
	grey := frame
	grey.Depth = frame.Image
	signals := Meta{Name: "s", Title: "S", Modality: Signal, LabelSpace: SHHSSpace(), Shots: SHHSShots(),
		Groups: []ChannelGroup{{Name: "eeg", Channels: []string{"a", "b"}, Rate: 64}}}
	tests := []struct {
		name   string
		meta   Meta
		sample Sample
		want   string
	}{
		{"size", depthMeta(), other, "the depth map has 2×2 pixels, the image 20×20"},
		{"mask", depthMeta(), outside, "beyond the field of view"},
		{"depth", depthMeta(), grey, "expected a 16-bit grey PNG"},
		{"channels", signals, Sample{ID: "x", Signals: [][]float32{{1, 2, 3}}}, "multiple of its 2 channels"},
		{"groups", signals, Sample{ID: "x"}, "expected one for each of the 1 channel groups"},
		{"nan", signals, Sample{ID: "x", Signals: [][]float32{{1, 2, 3, float32(math.NaN())}}},
			"time step 2 is not a finite number"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w, err := Create(t.TempDir()+"/x", test.meta)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Abort()
			s, err := w.Split(Train)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Write(test.sample); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
