package task

import (
	"image/color"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/pixelcache"
)

// loadedTwice loads a dataset anew, so that the second task finds the images decoded.
func loadedTwice(t *testing.T, ds *datasets.Dataset, r Recipe) (first, second Task) {
	t.Helper()
	var tasks [2]Task
	for i := range tasks {
		task, err := r.Load(ds, LoadOptions{Note: func(text string) { t.Errorf("note %q", text) }})
		if err != nil {
			t.Fatal(err)
		}
		tasks[i] = task
	}
	return tasks[0], tasks[1]
}

// TestReuse: batches are the same whether the images were decoded by this task or before, in new memory or in used one.
func TestReuse(t *testing.T) {
	faces := written(t, faceMeta, datasets.Sample{ID: "a", Label: 20, Image: pngOf(t, color.White)},
		datasets.Sample{ID: "b", Label: 30, Image: pngOf(t, color.RGBA{R: 255, A: 255})})
	rooms := written(t, roomMeta, roomSample(t, "a"), roomSample(t, "b"))
	official := smallRooms()
	official.Selection.Split = SelectOfficialTest
	tests := map[string]struct {
		ds     *datasets.Dataset
		recipe Recipe
	}{
		"faces": {faces, smallFaces()}, "rooms": {rooms, smallRooms()}, "official rooms": {rooms, official},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			first, second := loadedTwice(t, test.ds, test.recipe)
			for _, split := range datasets.Splits {
				if diff := cmp.Diff(first.Split(split), second.Split(split)); diff != "" {
					t.Errorf("rows of %s (-first +second)\n%s", split, diff)
				}
			}
			last := first.Split(datasets.Train).Len() - 1
			var memory Memory
			for seed := range uint64(3) {
				rows := []int{last, 0, 1, 0}
				want, wantLabels := first.Batch(nil, datasets.Train, rows, rand.New(rand.NewPCG(seed, 1)))
				got, labels := second.Batch(&memory, datasets.Train, rows, rand.New(rand.NewPCG(seed, 1)))
				if !slices.Equal(valuesOf(got[0]), valuesOf(want[0])) || !slices.Equal(labels, wantLabels) {
					t.Errorf("seed %d: other values", seed)
				}
				memory.Release(got...)
				if again := memory.Tensor(got[0].Shape()); again != got[0] {
					t.Error("memory was not used again")
				}
				memory.Release(got...)
			}
		})
	}
}

// TestEncodeNormalises: the graph's first operation gives the values that the original feeds its network with, to the
// bit.
func TestEncodeNormalises(t *testing.T) {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	pixels := make([]uint8, 256)
	for i := range pixels {
		pixels[i] = uint8(i)
	}
	input := tensors.FromFlatDataAndDimensions(pixels, 256)
	got := graph.MustExecOnce(backend, func(x *graph.Node) *graph.Node { return normalise(x) }, input)
	if diff := cmp.Diff(valuesOf(input), tensors.MustCopyFlatData[float32](got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestNoPlaceForImages: a dataset whose folder takes no file is loaded all the same, with one note for all splits.
func TestNoPlaceForImages(t *testing.T) {
	faces := written(t, faceMeta, datasets.Sample{ID: "a", Label: 20, Image: pngOf(t, color.White)})
	rooms := written(t, roomMeta, roomSample(t, "a"))
	for name, load := range map[string]func(LoadOptions) (Task, error){
		"faces": func(o LoadOptions) (Task, error) { return smallFaces().Load(faces, o) },
		"rooms": func(o LoadOptions) (Task, error) { return smallRooms().Load(rooms, o) },
	} {
		for _, ds := range []*datasets.Dataset{faces, rooms} {
			if err := os.WriteFile(filepath.Join(ds.Dir, pixelcache.Dir), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var notes []string
		task, err := load(LoadOptions{Note: func(text string) { notes = append(notes, text) }})
		if err != nil || len(notes) != 1 || !strings.HasSuffix(notes[0],
			".cache: not a directory: decoded images are held in memory") {
			t.Errorf("%s: %v, notes %q, want one", name, err, notes)
		}
		task.Batch(nil, datasets.Train, []int{0, 0}, nil)
	}
}
