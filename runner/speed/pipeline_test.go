package speed

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/train"
)

func TestPipeline(t *testing.T) {
	runs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.Agedb, "vanilla", ""))
	task, err := train.LoadTask(t.Context(), runs[0], train.Silent{})
	if err != nil {
		t.Fatal(err)
	}
	for _, floats := range []bool{false, true} {
		p := train.Pipeline{Task: task, BatchSize: 64, Floats: floats}
		for epoch := range 2 {
			if n, err := p.Epoch(t.Context(), epoch); n != 200 || err != nil {
				t.Errorf("%d samples, %v; want the 200 rows", n, err)
			}
		}
	}
}

// BenchmarkImageEpoch loads images of 224×224 pixels, decoding them, and assembles two epochs of batches. It reports
// images/s of the loading with the first epoch and of the second one, and the largest resident memory of the process.
// There are DIRBENCH_ROWS synthetic images (1000), or those of the prepared dataset DIRBENCH_DATASET.
func BenchmarkImageEpoch(b *testing.B) {
	const batchSize = 64
	benchmark, err := benchmarks.Lookup("agedb-dir")
	if err != nil {
		b.Fatal(err)
	}
	recipe := benchmark.Scales["full"]()
	ds := benchmarkImages(b)
	var first, later, loading float64
	rows := float64(ds.Meta.Splits[datasets.Train].Rows)
	for b.Loop() {
		if err := os.RemoveAll(filepath.Join(ds.Dir, ".cache")); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		task, err := recipe.Load(ds, task.LoadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		loading = time.Since(began).Seconds()
		all := 0
		for _, split := range datasets.Splits {
			all += ds.Meta.Splits[split].Rows
		}
		p := train.Pipeline{Task: task, BatchSize: batchSize, Floats: true}
		epoch := func(i int) float64 {
			began := time.Now()
			if _, err := p.Epoch(b.Context(), i); err != nil {
				b.Fatal(err)
			}
			return time.Since(began).Seconds()
		}
		first = rows / (loading*rows/float64(all) + epoch(0))
		later = rows / epoch(1)
	}
	b.ReportMetric(float64(peakMemory())/(1<<20), "peak-MiB")
	b.ReportMetric(loading, "load-s")
	b.ReportMetric(first, "first-images/s")
	b.ReportMetric(later, "later-images/s")
}

func benchmarkImages(b *testing.B) *datasets.Dataset {
	b.Helper()
	dir := os.Getenv("DIRBENCH_DATASET")
	if dir == "" {
		dir = filepath.Join(b.TempDir(), "faces")
		writeNoise(b, dir)
	}
	ds, err := datasets.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	return ds
}

// writeNoise writes a dataset of images, a few over and over again.
func writeNoise(b *testing.B, dir string) {
	rows := 1000
	if text := os.Getenv("DIRBENCH_ROWS"); text != "" {
		var err error
		if rows, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	meta := datasets.Meta{Schema: datasets.SchemaVersion, Name: "faces", Title: "Faces", Modality: datasets.Image,
		LabelSpace: datasets.AgeSpace(), Shots: datasets.AgeShots()}
	w, err := datasets.Create(dir, meta)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Abort()
	var files [16][]byte
	for i := range files {
		pixels := make([]byte, 224*224*3)
		for j := range pixels {
			pixels[j] = byte(j/100*(i+1) + j%3*50)
		}
		if files[i], err = transform.EncodeJPEG(pixels, 224, 224, 90); err != nil {
			b.Fatal(err)
		}
	}
	for split, n := range map[datasets.Split]int{datasets.Train: rows, datasets.Val: 1, datasets.Test: 1} {
		s, err := w.Split(split)
		if err != nil {
			b.Fatal(err)
		}
		for row := range n {
			sample := datasets.Sample{ID: fmt.Sprintf("%s%d", split, row), Label: float32(row % 100),
				Image: files[row%len(files)]}
			if err := s.Write(sample); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}
