package task

import (
	"image"
	"image/color"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

// roomSample is a frame of 80×60 pixels, black on the left and white on the right, 1 m away on the left and 3 m on the
// right.
func roomSample(t *testing.T, id string, masked ...image.Point) datasets.Sample {
	t.Helper()
	pixels := make([]uint8, 80*60*3)
	depth := transform.DepthMap{Width: 80, Height: 60, Millimetres: make([]uint16, 80*60)}
	for i := range depth.Millimetres {
		depth.Millimetres[i] = 1000
		if i%80 >= 40 {
			depth.Millimetres[i] = 3000
			copy(pixels[3*i:], []uint8{255, 255, 255})
		}
	}
	sample := datasets.Sample{ID: id, Subset: id == "b"}
	mask := transform.Mask{Width: 80, Height: 60, On: make([]bool, 80*60)}
	for _, p := range masked {
		mask.On[p.Y*80+p.X] = true
	}
	var err error
	if sample.Image, err = transform.EncodePNG(pixels, 80, 60); err != nil {
		t.Fatal(err)
	}
	if sample.Depth, err = transform.EncodeDepth(depth); err != nil {
		t.Fatal(err)
	}
	if len(masked) > 0 {
		if sample.Mask, err = transform.EncodeMask(mask); err != nil {
			t.Fatal(err)
		}
	}
	return sample
}

var roomMeta = datasets.Meta{Modality: datasets.Depth, LabelSpace: datasets.NYUD2Space(), Shots: datasets.NYUD2Shots()}

func smallRooms() Recipe {
	return Recipe{Depth: &DepthModel{Encoder: "tiny", Width: 32, Frame: [2]int{80, 60}, Rotate: 5}}
}

func roomTask(t *testing.T, change func(*Recipe), samples ...datasets.Sample) *depthTask {
	t.Helper()
	r := smallRooms()
	if change != nil {
		change(&r)
	}
	task, err := r.Load(written(t, roomMeta, samples...), LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return task.(*depthTask)
}

func TestLoadDepth(t *testing.T) {
	left, right := image.Point{X: 2, Y: 1}, image.Point{X: 77, Y: 57} // first and last pixel of the field of view
	task := roomTask(t, nil, roomSample(t, "a", left, right), roomSample(t, "b"))
	train := task.Split(datasets.Train)
	if !slices.Equal(train.IDs, []string{"traina", "trainb"}) || !slices.Equal(train.Subset, []int{1}) {
		t.Errorf("training rows %q with subset %v, want traina, trainb and row 1", train.IDs, train.Subset)
	}
	points := task.Points(datasets.Test)
	if !slices.Equal(points.IDs[:2], []string{"testa@2,1", "testa@77,57"}) ||
		!slices.Equal(points.Labels[:2], []float32{1, 3}) {
		t.Errorf("points %q at %v m, want the two masked pixels at 1 and 3 m", points.IDs[:2], points.Labels[:2])
	}
	if points.Len() != 2+76*57 {
		t.Errorf("%d points, want 2 and, without a mask, all of the field of view", points.Len())
	}
	inputs, labels := task.Batch(nil, datasets.Train, []int{0}, nil)
	if got := inputs[0].Shape().Dimensions; !slices.Equal(got, []int{1, 57, 76, 3}) {
		t.Errorf("input of shape %v", got)
	}
	if len(labels) != 30*38 || labels[0] != 1 || labels[37] != 3 {
		t.Errorf("%d labels from %g to %g m, want 30×38 from 1 to 3", len(labels), labels[0], labels[37])
	}
	if _, labels := task.Batch(nil, datasets.Test, []int{0}, nil); labels != nil {
		t.Errorf("%d labels of a test frame, want none", len(labels))
	}
}

func TestPickFollowsPoints(t *testing.T) {
	task := roomTask(t, nil, roomSample(t, "a", image.Point{X: 3, Y: 1}),
		roomSample(t, "b", image.Point{X: 2, Y: 2}, image.Point{X: 4, Y: 2}))
	predictions := make([]float32, 2*57*76)
	for i := range predictions {
		predictions[i] = float32(i)
	}
	// Rows 1 and 0 in this order: the pixels of row 1 lie in the second line of the first map.
	got := task.Pick(datasets.Val, []int{1, 0}, predictions, nil)
	if diff := cmp.Diff([]float32{76, 78, 57*76 + 1}, got); diff != "" {
		t.Error(diff)
	}
}

// TestOfficialSelectionTrainsOnAll: without a validation split of its own the original trains on what is held out here.
func TestOfficialSelectionTrainsOnAll(t *testing.T) {
	task := roomTask(t, func(r *Recipe) { r.Selection.Split = SelectOfficialTest }, roomSample(t, "a"))
	if got := task.Split(datasets.Train).IDs; !slices.Equal(got, []string{"traina", "vala"}) {
		t.Errorf("training rows %q, want those of the validation split too", got)
	}
}

// TestDepthAugmentation: image and depth change together, the same for the same random numbers, and a rotation leaves
// unknown corners.
func TestDepthAugmentation(t *testing.T) {
	task := roomTask(t, func(r *Recipe) { r.Depth.Rotate = 40 }, roomSample(t, "a"))
	draw := func(seed uint64) ([]float32, []float32) {
		inputs, labels := task.Batch(nil, datasets.Train, []int{0, 0, 0, 0}, rand.New(rand.NewPCG(seed, 0)))
		return tensors.MustCopyFlatData[float32](inputs[0]), labels
	}
	image, labels := draw(1)
	again, labelsAgain := draw(1)
	if !slices.Equal(image, again) || !slices.Equal(labels, labelsAgain) {
		t.Error("the same random numbers gave another batch")
	}
	flipped, unknown := 0, 0
	for i := range 4 {
		centreLeft, centreRight := labels[i*30*38+15*38+12], labels[i*30*38+15*38+26]
		brightLeft, brightRight := image[(i*57*76+28*76+24)*3], image[(i*57*76+28*76+52)*3]
		if (centreLeft > centreRight) != (brightLeft > brightRight) {
			t.Errorf("image %d: the bright side is not the far one", i)
		}
		if centreLeft > centreRight {
			flipped++
		}
		if labels[i*30*38] == 0 {
			unknown++
		}
	}
	if flipped == 0 || flipped == 4 || unknown == 0 {
		t.Errorf("%d of 4 images flipped, %d with an unknown corner: expected some", flipped, unknown)
	}
}

func TestLoadDepthRefusesOtherSizes(t *testing.T) {
	small := roomSample(t, "b")
	pixels := make([]uint8, 40*40*3)
	small.Image, _ = transform.EncodePNG(pixels, 40, 40)
	small.Depth, _ = transform.EncodeDepth(
		transform.DepthMap{Width: 40, Height: 40, Millimetres: slices.Repeat([]uint16{1000}, 1600)})
	_, err := smallRooms().Load(written(t, roomMeta, roomSample(t, "a"), small), LoadOptions{})
	if err == nil || !strings.Contains(err.Error(), "expected frames of one size") {
		t.Errorf("error %v", err)
	}
	faces := written(t, faceMeta, datasets.Sample{ID: "a", Label: 20, Image: pngOf(t, color.White)})
	if _, err := smallRooms().Load(faces, LoadOptions{}); err == nil {
		t.Error("faces were taken for rooms")
	}
}
