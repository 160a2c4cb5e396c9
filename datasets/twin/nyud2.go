package twin

import (
	"fmt"
	"iter"
	"math"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/depthmask"
	"github.com/dirbench/dirbench/datasets/transform"
)

const (
	nyud2Size = 240 // default Options.Size: training frames
	// Validation and test frames at the default size.
	nyud2Val, nyud2Test = 40, 60
	// maskFloor is the least number of test pixels of a bin that are evaluated, where a bin has as many.
	maskFloor = 200
	// subsetShare of the training frames, but no more than the official number, is the subset for feature statistics.
	subsetShare     = 0.25
	realSubsetLimit = 600
)

func nyud2Meta(Options) datasets.Meta {
	return datasets.Meta{
		Title:      "NYUD2-DIR",
		Modality:   datasets.Depth,
		LabelSpace: datasets.NYUD2Space(),
		Shots:      datasets.NYUD2Shots(),
	}
}

// nyud2Frames returns the number of frames of a split.
func nyud2Frames(o Options, split datasets.Split) int {
	grown := func(atDefault int) int { return int(math.Round(float64(atDefault*o.Size) / nyud2Size)) }
	switch split {
	case datasets.Val:
		return grown(nyud2Val)
	case datasets.Test:
		return grown(nyud2Test)
	}
	return o.Size
}

func frameID(split datasets.Split, i int) string { return fmt.Sprintf("%s-%06d", split, i) }

// hallEvery is the number of frames of which one is a hall, which has the rare depths beyond 5 m. They are spread
// evenly, so that a small validation split has as many in proportion as training.
const hallEvery = 3

// sceneOf returns the scene of a frame; the frame's noise has a stream of its own.
func sceneOf(o Options, split datasets.Split, i int) scene {
	return newScene(datasets.Stream(o.Seed, "nyud2 "+frameID(split, i)), i%hallEvery == hallEvery-1)
}

// generateNYUD2 emits pictures of rooms with their depth; the test frames have masks.
func generateNYUD2(o Options, emit Emit) error {
	subset := nyud2Subset(o)
	for _, split := range []datasets.Split{datasets.Train, datasets.Val} {
		for i := range nyud2Frames(o, split) {
			if err := emitFrame(o, split, i, split == datasets.Train && subset[i], nil, emit); err != nil {
				return err
			}
		}
	}
	i := 0
	for mask, err := range depthmask.Draw(testDepths(o), maskFloor, o.Seed) {
		if err != nil {
			return fmt.Errorf("twin nyud2: %w", err)
		}
		if err := emitFrame(o, datasets.Test, i, false, &mask, emit); err != nil {
			return err
		}
		i++
	}
	return nil
}

// nyud2Subset marks the training frames of the subset.
func nyud2Subset(o Options) []bool {
	marked := make([]bool, o.Size)
	n := min(realSubsetLimit, int(subsetShare*float64(o.Size)))
	for _, i := range datasets.Stream(o.Seed, "nyud2 subset").Perm(o.Size)[:n] {
		marked[i] = true
	}
	return marked
}

func testDepths(o Options) iter.Seq2[transform.DepthMap, error] {
	return func(yield func(transform.DepthMap, error) bool) {
		for i := range nyud2Frames(o, datasets.Test) {
			s := sceneOf(o, datasets.Test, i)
			if !yield(s.depthMap(), nil) {
				return
			}
		}
	}
}

func emitFrame(o Options, split datasets.Split, i int, subset bool, mask *transform.Mask, emit Emit) (err error) {
	sample := datasets.Sample{ID: frameID(split, i), Subset: subset}
	s := sceneOf(o, split, i)
	if sample.Image, err = s.picture(datasets.Stream(o.Seed, "nyud2 noise "+sample.ID)); err != nil {
		return fmt.Errorf("twin nyud2: frame %s: %w", sample.ID, err)
	}
	if sample.Depth, err = transform.EncodeDepth(s.depthMap()); err != nil {
		return fmt.Errorf("twin nyud2: frame %s: %w", sample.ID, err)
	}
	if mask != nil {
		if sample.Mask, err = transform.EncodeMask(*mask); err != nil {
			return fmt.Errorf("twin nyud2: frame %s: %w", sample.ID, err)
		}
	}
	return emit(split, sample)
}
