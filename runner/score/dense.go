package score

import (
	"fmt"
	"image"
	"math"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
)

// frames are the depth maps of a split whose evaluated pixels are the targets, one frame after another.
type frames struct {
	list  []frame
	index map[string]int // in list, by the frame's id
}

// frame is a depth map.
type frame struct {
	id    string
	size  image.Point
	view  image.Rectangle // field of view
	at    []int32         // its evaluated pixels, as positions row by row
	first int             // the target that the first of them is
}

// denseTargets fills in the evaluated pixels of a split, with ids FRAME@x,y.
func (t *Targets) denseTargets(d *datasets.Dataset) error {
	t.frames = &frames{index: map[string]int{}}
	for sample, err := range d.Samples(t.Split) {
		if err != nil {
			return err
		}
		depth, err := sample.Frame()
		if err != nil {
			return fmt.Errorf("%s: split %s, id %s: %w", d.Dir, t.Split, sample.ID, err)
		}
		f := frame{
			id: sample.ID, size: image.Pt(depth.Depth.Width, depth.Depth.Height), view: depth.View, first: len(t.Labels),
		}
		for y := f.view.Min.Y; y < f.view.Max.Y; y++ {
			for x := f.view.Min.X; x < f.view.Max.X; x++ {
				at := y*f.size.X + x
				millimetres := depth.Depth.Millimetres[at]
				if millimetres == 0 || depth.Mask != nil && !depth.Mask.On[at] {
					continue
				}
				f.at = append(f.at, int32(at))
				t.IDs = append(t.IDs, fmt.Sprintf("%s@%d,%d", f.id, x, y))
				t.Labels = append(t.Labels, datasets.Metres(millimetres))
			}
		}
		t.frames.index[f.id] = len(t.frames.list)
		t.frames.list = append(t.frames.list, f)
	}
	return nil
}

// place returns the position of an evaluated pixel in a map of the whole frame, or of its field of view.
func (f frame) place(at int32, whole bool) int {
	if whole {
		return int(at)
	}
	x, y := int(at)%f.size.X, int(at)/f.size.X
	return (y-f.view.Min.Y)*f.view.Dx() + x - f.view.Min.X
}

// whole tells a map of the whole frame from one of its field of view by the number of its values.
func (f frame) whole(values int) (bool, error) {
	switch values {
	case f.size.X * f.size.Y:
		return true, nil
	case f.view.Dx() * f.view.Dy():
		return false, nil
	}
	return false, fmt.Errorf("%d predictions of %.40q: expected %d×%d of the frame, or %d×%d of its field of "+
		"view, row by row",
		values, f.id, f.size.Y, f.size.X, f.view.Dy(), f.view.Dx())
}

// byFrame reports whether the first row of a file is a frame, so that its prediction is a list.
func (o Options) byFrame(path string, f *frames) (bool, error) {
	if f == nil || path == Stdin {
		return false, nil
	}
	first, err := table.Open(path, table.Column{Name: o.Columns.name(ID), Kind: table.Key})
	if err != nil {
		return false, err
	}
	defer first.Close()
	row, err := first.Next()
	if err != nil { // reported with more to say by whoever reads the rows
		return false, nil
	}
	_, there := f.index[row[0].Text]
	return there, nil
}

// addFrame takes in a row whose prediction is the list of a frame.
func (r *reader) addFrame() error {
	id, key, err := r.identify()
	if err != nil {
		return err
	}
	i, known := r.targets.frames.index[id]
	if !known {
		r.unknown.add(func() string { return fmt.Sprintf("%s %.40q", r.where(), id) })
		return nil
	}
	p, err := r.of(key)
	if err != nil {
		return err
	}
	return r.fill(p, r.targets.frames.list[i], r.cells[Prediction].List, r.where)
}

// fill takes in the predictions of a frame.
func (r *reader) fill(p *Predictions, f frame, values []float32, where func() string) error {
	whole, err := f.whole(len(values))
	if err != nil {
		return err
	}
	for k, at := range f.at {
		target, value := f.first+k, values[f.place(at, whole)]
		switch {
		case math.IsNaN(float64(value)) || math.IsInf(float64(value), 0):
			r.notFinite.add(func() string { return fmt.Sprintf("%s %.40q: %v", where(), r.targets.IDs[target], value) })
		case p.Values[target] == p.Values[target]:
			r.twice.add(func() string { return fmt.Sprintf("%s %.40q", where(), f.id) })
			return nil
		default:
			p.Values[target] = value
		}
	}
	return nil
}
