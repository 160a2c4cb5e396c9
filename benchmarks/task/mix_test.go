package task

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
	"github.com/dirbench/dirbench/methods"
)

// mixedBy resamples a task.
func mixedBy(t *testing.T, task Task, r methods.Resampled) Task {
	t.Helper()
	mixed, err := task.Mix(r)
	if err != nil {
		t.Fatal(err)
	}
	return mixed
}

// mixed loads a task and resamples it: row 1 stays, and there are rows 1/4 of the way from row 0 to 1, row 1 with
// noise, and row 0 with the same noise twice.
func mixed(t *testing.T, task Task, err error) Task {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	mixed := mixedBy(t, task, methods.Resampled{Keep: []int{1}, Synthetic: []methods.Synthetic{
		{First: 0, Second: 1, Share: 0.25, Label: 22.5}, {First: 1, Second: 1, Noise: 0.1, Seed: 7, Label: 31},
		{First: 0, Second: 0, Noise: 0.1, Seed: 8}, {First: 0, Second: 0, Noise: 0.1, Seed: 8}}})
	rows := mixed.Split(datasets.Train)
	if want := []string{"trainb", "traina+trainb", "trainb+trainb", "traina+traina", "traina+traina"}; !slices.Equal(
		rows.IDs, want) {
		t.Errorf("rows %q, want %q", rows.IDs, want)
	}
	if want := []float32{task.Split(datasets.Train).Labels[1], 22.5, 31, 0, 0}; !slices.Equal(rows.Labels, want) {
		t.Errorf("labels %v, want %v", rows.Labels, want)
	}
	if task.Split(datasets.Train).Len() != 2 || mixed.Split(datasets.Val).Len() != 2 {
		t.Error("the original task or another split changed")
	}
	return mixed
}

// valuesOf returns the values of a tensor, those of an image as the network sees them.
func valuesOf(t *tensors.Tensor) []float32 {
	if t.DType() != dtypes.Uint8 {
		return tensors.MustCopyFlatData[float32](t)
	}
	pixels := tensors.MustCopyFlatData[uint8](t)
	values := make([]float32, len(pixels))
	transform.Normalise(values, pixels)
	return values
}

// inputs returns the values of the first input of a batch, by row.
func inputs(task Task, split datasets.Split, rows ...int) [][]float32 {
	batch, _ := task.Batch(nil, split, rows, nil)
	flat := valuesOf(batch[0])
	return slices.Collect(slices.Chunk(flat, len(flat)/len(rows)))
}

// checkNoise expects noise of about a standard deviation, the same for rows 3 and 4 and another one for row 2.
func checkNoise(t *testing.T, clean, noisy [][]float32, want float64) {
	t.Helper()
	var own moments
	for i, v := range noisy[1] {
		own.add(float64(v - clean[1][i]))
	}
	if got := own.deviation(); got < 0.7*want || got > 1.3*want {
		t.Errorf("noise of standard deviation %g, want about %g", got, want)
	}
	if !slices.Equal(noisy[2], noisy[3]) || slices.Equal(noisy[2], clean[0]) {
		t.Error("noise must be there and depend on the seed alone")
	}
}

func TestMixImages(t *testing.T) {
	grey := func(v uint8) color.Color { return color.RGBA{v, v, v, 255} }
	ds := written(t, faceMeta, datasets.Sample{ID: "a", Label: 20, Image: pngOf(t, grey(40))},
		datasets.Sample{ID: "b", Label: 30, Image: pngOf(t, grey(140))})
	task, err := smallFaces().Load(ds, LoadOptions{})
	mix := mixed(t, task, err)
	clean, rows := inputs(task, datasets.Train, 0, 1), inputs(mix, datasets.Train, 0, 1, 2, 3, 4)
	if !slices.Equal(rows[0], clean[1]) || !slices.Equal(inputs(mix, datasets.Val, 0, 1)[1], clean[1]) {
		t.Error("a row that is kept, or of another split, changed")
	}
	// The right half is 40 + (140-40)/4 = 65; the network sees v/127.5 - 1.
	for x, want := range map[int]float64{0: -1, 7: 65/127.5 - 1} {
		if got := float64(rows[1][3*x]); math.Abs(got-want) > 1e-5 {
			t.Errorf("column %d is %g, want %g", x, got, want)
		}
	}
	// Pixels are 0, 0, 40 and 140 in equal shares; black ones hide half of the noise.
	spread := math.Sqrt((40*40+140*140)/4.0 - 45*45)
	checkNoise(t, [][]float32{clean[0][12:24], clean[1][12:24]},
		[][]float32{rows[1], rows[2][12:24], rows[3], rows[4]}, 0.1*spread/127.5)
	if d := task.Descriptor(0); len(d) != 64 || d[0] != 0 || d[7] != 40/255.0 || d[63] != 40/255.0 {
		t.Errorf("descriptor %v, want 0 on the left and %g on the right", d, 40/255.0)
	}
}

// TestImageDescriptorSizes: a size that is no multiple of the thumbnail's still describes the whole image.
func TestImageDescriptorSizes(t *testing.T) {
	white, err := transform.EncodePNG(bytes.Repeat([]byte{255}, 8*8*3), 8, 8)
	if err != nil {
		t.Fatal(err)
	}
	recipe := smallFaces()
	recipe.Image.Size = 11
	task, err := recipe.Load(written(t, faceMeta, datasets.Sample{ID: "a", Label: 20, Image: white}), LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if d := task.Descriptor(0); slices.Min(d) != 1 || slices.Max(d) != 1 {
		t.Errorf("descriptor of a white image %v", d)
	}
}

func TestMixPairs(t *testing.T) {
	ds := written(t, pairMeta, datasets.Sample{ID: "a", Label: 1, Sentences: [2]string{"the cat", "dog"}},
		datasets.Sample{ID: "b", Label: 4, Sentences: [2]string{"dog", "the the"}})
	task, err := smallPairs().Load(ds, LoadOptions{})
	mix := mixed(t, task, err)
	batch, labels := mix.Batch(nil, datasets.Train, []int{0, 1, 3, 4}, nil)
	if len(batch) != 6 || !slices.Equal(labels, []float32{4, 22.5, 0, 0}) {
		t.Fatalf("%d inputs, labels %v", len(batch), labels)
	}
	original := task.(*pairTask).Splits[datasets.Train].tokens
	for side := range 2 {
		a, b := original[side][:4], original[side][4:8]
		for parent, want := range [][]int32{slices.Concat(b, a, a, a), slices.Concat(b, b, a, a)} {
			if got := tensors.MustCopyFlatData[int32](batch[2*parent+side]); !slices.Equal(got, want) {
				t.Errorf("sentence %d of parent %d: %v, want %v", side+1, parent+1, got, want)
			}
		}
	}
	if share := tensors.MustCopyFlatData[float32](batch[4]); !slices.Equal(share, []float32{0, 0.25, 0, 0}) {
		t.Errorf("shares %v", share)
	}
	noise := slices.Collect(slices.Chunk(tensors.MustCopyFlatData[float32](batch[5]), 4*2))
	if silent := make([]float32, 8); !slices.Equal(noise[0], silent) || !slices.Equal(noise[1], silent) ||
		len(noise) != 2*4 {
		t.Errorf("noise of rows without %v", noise[:2])
	}
	if !slices.Equal(noise[2], noise[3]) || slices.Equal(noise[2], noise[2+4]) || slices.Max(noise[2]) <= 0 ||
		slices.Max(noise[2]) > 0.5 {
		t.Errorf("noise of both sentences %v, %v, want the seed's, of deviation 0.1", noise[2], noise[2+4])
	}
	if plain, _ := mix.Batch(nil, datasets.Val, []int{0}, nil); len(plain) != 2 {
		t.Errorf("%d inputs of another split, want the two of the original task", len(plain))
	}
	interpolated := mixedBy(t, task, methods.Resampled{Keep: []int{0}})
	if batch, _ := interpolated.Batch(nil, datasets.Train, []int{0}, nil); len(batch) != 5 {
		t.Errorf("%d inputs without noise, want 5", len(batch))
	}
}

func TestPairDescriptor(t *testing.T) {
	ds := written(t, pairMeta, datasets.Sample{ID: "a", Label: 1, Sentences: [2]string{"cat dog dog dog", "dog"}})
	learned, err := smallPairs().Load(ds, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// Words are numbered from 2 by how often they occur: dog, cat.
	d := learned.Descriptor(0)
	if len(d) != 128 || d[2] != 0.75 || d[3] != 0.25 || d[64+2] != 1 {
		t.Errorf("shares of words %v", d)
	}
	file := filepath.Join(t.TempDir(), "vectors.txt")
	if err := os.WriteFile(file, []byte("dog 1 2\ncat 5 -2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	recipe := smallPairs()
	recipe.Text.Pretrained = true
	frozen, err := recipe.Load(ds, LoadOptions{Embeddings: file})
	if err != nil {
		t.Fatal(err)
	}
	if d := frozen.Descriptor(0); !slices.Equal(d, []float32{2, 1, 1, 2}) {
		t.Errorf("mean vectors %v, want (5+3)/4, (-2+6)/4 and those of dog", d)
	}
}

func TestMixSignals(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	recording := func(id string, seconds int) datasets.Sample {
		s := night(id, seconds)
		for i := range s.Signals[0] {
			s.Signals[0][i] = random.Float32()
		}
		return s
	}
	task, err := nightRecipe().Load(written(t, nightMeta, recording("a", 5), recording("b", 9)), LoadOptions{})
	mix := mixed(t, task, err)
	clean, rows := inputs(task, datasets.Train, 0, 1), inputs(mix, datasets.Train, 0, 1, 2, 3, 4)
	if !slices.Equal(rows[0], clean[1]) {
		t.Error("a recording that is kept changed")
	}
	for i, v := range rows[1] {
		if want := 0.75*clean[0][i] + 0.25*clean[1][i]; math.Abs(float64(v-want)) > 1e-5 {
			t.Fatalf("value %d is %g, want %g", i, v, want)
		}
	}
	checkNoise(t, clean, rows[1:], 0.1)
	batch, _ := mix.Batch(nil, datasets.Train, []int{1, 3}, nil)
	if mask := tensors.MustCopyFlatData[float32](batch[2]); !slices.Equal(mask, []float32{1, 1, 1, 1, 1, 0}) {
		t.Errorf("mask %v, want the windows of the longer parent", mask)
	}
	// One ECG and two EEG channels; the second EEG channel alternates between 0 and 1, upper median 1, deviation 1/2 → 1.
	if d := task.Descriptor(1); len(d) != 3*4 || !slices.Equal(d[4:8], []float32{0, 0, 0, 0}) {
		t.Errorf("descriptor %v, want zeros for the constant channel", d)
	}
}

// TestMixersAreSeparate: a task may be resampled again and again.
func TestMixersAreSeparate(t *testing.T) {
	ds := written(t, faceMeta, datasets.Sample{ID: "a", Label: 20, Image: pngOf(t, color.White)},
		datasets.Sample{ID: "b", Label: 30, Image: pngOf(t, color.Black)})
	task, err := smallFaces().Load(ds, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	before := fmt.Sprint(inputs(task, datasets.Train, 0, 1))
	first, second := mixedBy(t, task, methods.Resampled{Keep: []int{0}}),
		mixedBy(t, task, methods.Resampled{Keep: []int{1, 1}})
	if first.Split(datasets.Train).Len() != 1 || second.Split(datasets.Train).Len() != 2 ||
		fmt.Sprint(inputs(task, datasets.Train, 0, 1)) != before {
		t.Error("two resamplings of a task disturb each other or the task")
	}
}
