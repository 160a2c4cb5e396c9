package task

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/text"
)

// written writes a dataset with the same samples in every split.
func written(t *testing.T, meta datasets.Meta, samples ...datasets.Sample) *datasets.Dataset {
	t.Helper()
	meta.Schema, meta.Name, meta.Title = datasets.SchemaVersion, "small", "Small"
	dir := filepath.Join(t.TempDir(), meta.Name)
	w, err := datasets.Create(dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, split := range datasets.Splits {
		s, err := w.Split(split)
		if err != nil {
			t.Fatal(err)
		}
		for _, sample := range samples {
			sample.ID = string(split) + sample.ID
			if err := s.Write(sample); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	ds, err := datasets.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// pngOf returns an image of 8×8 pixels: black on the left, the given colour on the right.
func pngOf(t *testing.T, c color.Color) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		img.Set(i%8, i/8, color.Black)
		if i%8 >= 4 {
			img.Set(i%8, i/8, c)
		}
	}
	var buffer bytes.Buffer
	if err := png.Encode(&buffer, img); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

var faceMeta = datasets.Meta{Modality: datasets.Image, LabelSpace: datasets.AgeSpace(), Shots: datasets.AgeShots()}

func smallFaces() Recipe {
	return Recipe{Image: &ImageModel{Encoder: "tiny-resnet", Size: 8, CropPad: 1, Width: 2}}
}

func TestLoadImages(t *testing.T) {
	ds := written(t, faceMeta, datasets.Sample{ID: "a", Label: 20, Image: pngOf(t, color.White)},
		datasets.Sample{ID: "b", Label: 30, Image: pngOf(t, color.RGBA{R: 255, A: 255})})
	task, err := smallFaces().Load(ds, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if rows := task.Split(datasets.Val); !slices.Equal(rows.IDs, []string{"vala", "valb"}) ||
		!slices.Equal(rows.Labels, []float32{20, 30}) {
		t.Errorf("validation rows %+v", rows)
	}
	if task.Dim() != 8 {
		t.Errorf("features of %d values, want 4 × width 2", task.Dim())
	}
	inputs, labels := task.Batch(nil, datasets.Test, []int{1, 0}, nil)
	if !slices.Equal(labels, []float32{30, 20}) {
		t.Errorf("labels %v, want those of the rows", labels)
	}
	pixels := inputs[0].Value().([][][][]uint8)
	for _, at := range []struct {
		row, x int
		want   []uint8
	}{{0, 0, []uint8{0, 0, 0}}, {0, 7, []uint8{255, 0, 0}}, {1, 7, []uint8{255, 255, 255}}} {
		if got := pixels[at.row][3][at.x]; !slices.Equal(got, at.want) {
			t.Errorf("row %d, column %d: %v, want %v", at.row, at.x, got, at.want)
		}
	}
}

func TestImageAugmentation(t *testing.T) {
	for _, augmentation := range []string{"", CropAndColour} {
		t.Run(augmentation, func(t *testing.T) { augmentsImages(t, augmentation) })
	}
}

func augmentsImages(t *testing.T, augmentation string) {
	ds := written(t, faceMeta, datasets.Sample{ID: "a", Label: 20, Image: pngOf(t, color.White)})
	recipe := smallFaces()
	recipe.Image.Augmentation = augmentation
	task, err := recipe.Load(ds, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]int, 20)
	read := func(random *rand.Rand) []uint8 {
		inputs, _ := task.Batch(nil, datasets.Train, rows, random)
		return tensors.MustCopyFlatData[uint8](inputs[0])
	}
	seeded := func() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }
	plain, augmented := read(nil), read(seeded())
	if !slices.Equal(augmented, read(seeded())) {
		t.Error("the same random numbers give other images")
	}
	different := slices.CompactFunc(slices.Collect(slices.Chunk(augmented, 8*8*3)), slices.Equal[[]uint8])
	if slices.Equal(plain, augmented) || len(different) < 5 {
		t.Errorf("%d different neighbours among 20 augmentations of an image", len(different))
	}
}

// TestImageFlip leaves the crop out: an image is then itself or its mirror image, each about as often.
func TestImageFlip(t *testing.T) {
	ds := written(t, faceMeta, datasets.Sample{ID: "a", Label: 20, Image: pngOf(t, color.White)})
	recipe := smallFaces()
	recipe.Image.CropPad = 0
	task, err := recipe.Load(ds, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	flipped := 0
	inputs, _ := task.Batch(nil, datasets.Train, make([]int, 100), rand.New(rand.NewPCG(1, 1)))
	for _, img := range inputs[0].Value().([][][][]uint8) {
		left, right := img[0][0][0], img[0][7][0]
		if left == right {
			t.Fatalf("corners %d and %d, want black and white", left, right)
		}
		if left > right {
			flipped++
		}
	}
	if flipped < 30 || flipped > 70 {
		t.Errorf("%d of 100 images are flipped", flipped)
	}
}

func TestLoadImagesErrors(t *testing.T) {
	good := datasets.Sample{ID: "-good", Label: 20, Image: pngOf(t, color.White)}
	other := datasets.Sample{ID: "-other", Label: 20, Image: pngOf(t, color.White)}
	broken := datasets.Sample{ID: "-broken", Label: 20, Image: []byte("\xff\xd8\xff no JPEG")}
	_, err := smallFaces().Load(written(t, faceMeta, good, broken, other), LoadOptions{})
	if err == nil || !strings.Contains(err.Error(), "small: split train, id train-broken: ") {
		t.Errorf("unreadable image: error %v", err)
	}
	ds := written(t, faceMeta, good, other)
	if err := os.Truncate(filepath.Join(ds.Dir, ds.Meta.Splits[datasets.Test].File), 50); err != nil {
		t.Fatal(err)
	}
	if _, err := smallFaces().Load(ds, LoadOptions{}); err == nil || !strings.Contains(err.Error(), "test.parquet") {
		t.Errorf("truncated file: error %v", err)
	}
	if _, err := smallPairs().Load(ds, LoadOptions{}); err == nil ||
		!strings.Contains(err.Error(), `holds "image" inputs: expected "text"`) {
		t.Errorf("images as pairs: error %v", err)
	}
}

var pairMeta = datasets.Meta{Modality: datasets.Text, LabelSpace: datasets.STSBSpace(), Shots: datasets.STSBShots()}

func smallPairs() Recipe {
	return Recipe{Text: &TextModel{Tokenizer: "lower", MaxTokens: 4, MaxVocab: 100, Embedding: 2, Hidden: 3, Layers: 1}}
}

func TestLoadPairs(t *testing.T) {
	ds := written(t, pairMeta, datasets.Sample{ID: "a", Label: 1, Sentences: [2]string{"The cat sat.", " "}},
		datasets.Sample{ID: "b", Label: 4, Sentences: [2]string{"the the dog ran far away", "Cat"}})
	loaded, err := smallPairs().Load(ds, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	task := loaded.(*pairTask)
	if task.Dim() != 24 {
		t.Errorf("features of %d values, want 8 × 3", task.Dim())
	}
	// the: 9 times, cat: 6; then, 3 times each in alphabetical order, ". away dog far ran sat" from 4 on.
	first, second := task.Splits[datasets.Test].tokens[0], task.Splits[datasets.Test].tokens[1]
	if want := []int32{2, 3, 9, 4, 2, 2, 6, 8}; !slices.Equal(first, want) {
		t.Errorf("first sentences %v, want %v", first, want)
	}
	if want := []int32{text.Unknown, 0, 0, 0, 3, 0, 0, 0}; !slices.Equal(second, want) {
		t.Errorf("second sentences %v, want %v: an empty one is one unknown word", second, want)
	}
	if _, err := smallFaces().Load(ds, LoadOptions{}); err == nil ||
		!strings.Contains(err.Error(), `holds "text" inputs: expected "image"`) {
		t.Errorf("pairs as images: error %v", err)
	}
}

// TestLoadSentences: a dataset of one sentence a row has no second one, also where rows are mixed.
func TestLoadSentences(t *testing.T) {
	meta := pairMeta
	meta.Sentences = 1
	ds := written(t, meta, datasets.Sample{ID: "a", Label: 1, Sentences: [2]string{"The cat sat."}},
		datasets.Sample{ID: "b", Label: 4, Sentences: [2]string{"the the dog"}})
	task, err := smallPairs().Load(ds, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	plain, _ := task.Batch(nil, datasets.Val, []int{1, 0}, nil)
	if task.Dim() != 6 || len(plain) != 1 || plain[0].Shape().Dim(0) != 2 || len(task.Descriptor(0)) != 64 {
		t.Errorf("features of %d values, %d inputs, descriptor of %d", task.Dim(), len(plain), len(task.Descriptor(0)))
	}
	mix := mixed(t, task, nil)
	if batch, _ := mix.Batch(nil, datasets.Train, []int{0, 1, 3, 4}, nil); len(batch) != 4 ||
		batch[3].Shape().Dim(0) != 4 {
		t.Errorf("%d inputs of mixed rows, want a sentence of each parent, shares and the noise of 4 sentences", len(batch))
	}
}

func TestWordVectors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "vectors.txt")
	if err := os.WriteFile(file, []byte("dog 1 2\nbird 3 4\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	v := text.NewVocabulary([][]string{{"cat", "dog"}}, 10)
	read := func() [][]float32 {
		table, without, err := wordVectors(v, TextModel{Embedding: 2}, file)
		if err != nil {
			t.Fatal(err)
		}
		if !without["cat"] || without["dog"] {
			t.Errorf("without vectors: %v, want cat", without)
		}
		return table.Value().([][]float32)
	}
	table := read()
	if !slices.Equal(table[text.Padding], []float32{0, 0}) || !slices.Equal(table[3], []float32{1, 2}) {
		t.Errorf("padding %v, dog %v; want zeros and the file's 1 2", table[text.Padding], table[3])
	}
	if cat := table[2]; cat[0] == 0 || !slices.Equal(cat, read()[2]) || slices.Equal(cat, table[text.Unknown]) {
		t.Errorf("cat %v, then %v: expected random numbers of its own, the same each time", cat, read()[2])
	}
	strange := text.NewVocabulary([][]string{{"fish"}}, 10)
	if _, _, err := wordVectors(strange, TextModel{Embedding: 2}, file); err == nil ||
		!strings.Contains(err.Error(), "none of the dataset's 1 words") {
		t.Errorf("no word in common: error %v", err)
	}
}

func TestNoteWithout(t *testing.T) {
	sentences := [][]string{{"cat", "dog", "cat"}, {"bird", "dog", "the"}, {"the", "the", "the", "the"}}
	var notes []string
	options := LoadOptions{Embeddings: "dir/glove.txt", Note: func(text string) { notes = append(notes, text) }}
	noteWithout(map[string]bool{"<pad>": true}, sentences, options)
	noteWithout(map[string]bool{"cat": true, "bird": true}, sentences, options)
	many, without := []string{}, map[string]bool{}
	for i := range 23 {
		many = append(many, fmt.Sprintf("w%02d", i))
		without[many[i]] = true
	}
	noteWithout(without, [][]string{many}, options)
	want := []string{
		"word vectors: 30.0 % of all tokens have none in glove.txt and get random ones: cat bird",
		"word vectors: 100.0 % of all tokens have none in glove.txt and get random ones: " + strings.Join(many[:20], " ") +
			" and 3 more",
	}
	if !slices.Equal(notes, want) {
		t.Errorf("%q, want %q", notes, want)
	}
}
