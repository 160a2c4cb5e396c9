package task

import (
	"fmt"
	"image"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/pixelcache"
	"github.com/dirbench/dirbench/datasets/transform"
)

// read adds a split of the dataset to the given splits of the task.
func (t *depthTask) read(ds *datasets.Dataset, split datasets.Split, into []datasets.Split, options LoadOptions) error {
	ids, err := ds.IDs(split)
	if err != nil {
		return err
	}
	subset, err := ds.Subset(split)
	if err != nil {
		return err
	}
	records, err := t.open(ds, split, options)
	if err != nil {
		return err
	}
	for _, s := range into {
		rows := t.splits[s]
		for i, inSubset := range subset {
			if s == datasets.Train && inSubset {
				rows.Subset = append(rows.Subset, rows.Len()+i)
			}
		}
		rows.IDs, rows.frames = append(rows.IDs, ids...), append(rows.frames, records)
	}
	if split == datasets.Train {
		return nil
	}
	return t.readPoints(ds, split)
}

// open opens the frames of a split and takes from them the size at which predictions are evaluated.
func (t *depthTask) open(ds *datasets.Dataset, split datasets.Split, options LoadOptions) (*pixelcache.Records, error) {
	size := t.model.Frame
	sizes := sizeCheck{size: t.evaluated}
	records, err := pixelcache.Open(pixelcache.Spec{
		Dataset: ds, Split: split, Kind: fmt.Sprintf("rgb-depth-%dx%d", size[0], size[1]), Size: frameSize(size),
		Version: transform.DecodeVersion,
		Decode: func(sample datasets.Sample, record []byte) error {
			if err := frame(record).fill(sample, size); err != nil {
				return err
			}
			return sizes.check(frame(record).evaluated())
		},
		Note: options.Note,
	})
	if err != nil {
		return nil, err
	}
	first := frame(t.scratch.take())
	defer t.scratch.put(first)
	if err := records.Read(0, first); err != nil {
		return nil, err
	}
	if err := sizes.check(first.evaluated()); err != nil {
		return nil, fmt.Errorf("%s: split %s: %w", ds.Meta.Name, split, err)
	}
	t.evaluated = first.evaluated()
	return records, nil
}

// sizeCheck compares sizes with the first one.
type sizeCheck struct {
	lock sync.Mutex
	size image.Point
}

func (c *sizeCheck) check(size image.Point) error {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.size == (image.Point{}) {
		c.size = size
	}
	if size != c.size {
		return fmt.Errorf("a field of view of %d×%d pixels, another frame has %d×%d: expected frames of one size",
			size.X, size.Y, c.size.X, c.size.Y)
	}
	return nil
}

// readPoints streams a split, decoding the labels of some frames at a time on all cores, and notes the evaluated pixels.
func (t *depthTask) readPoints(ds *datasets.Dataset, split datasets.Split) error {
	const batch = 64
	pending := make([]datasets.Sample, 0, batch)
	flush := func() error {
		labels, err := decodeLabels(pending)
		if err != nil {
			return fmt.Errorf("%s: split %s, %w", ds.Meta.Name, split, err)
		}
		for i, l := range labels {
			t.splits[split].addPoints(pending[i].ID, l)
		}
		pending = pending[:0]
		return nil
	}
	for sample, err := range ds.Samples(split) {
		if err != nil {
			return err
		}
		if pending = append(pending, sample); len(pending) == batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func decodeLabels(samples []datasets.Sample) ([]datasets.Frame, error) {
	labels := make([]datasets.Frame, len(samples))
	var workers errgroup.Group
	workers.SetLimit(runtime.GOMAXPROCS(0))
	for i, sample := range samples {
		workers.Go(func() (err error) {
			if labels[i], err = sample.Frame(); err != nil {
				return fmt.Errorf("id %s: %w", sample.ID, err)
			}
			return nil
		})
	}
	return labels, workers.Wait()
}

// addPoints notes the evaluated pixels of a frame.
func (r *depthRows) addPoints(id string, frame datasets.Frame) {
	var at []int32
	view, width := frame.View, frame.Depth.Width
	for y := view.Min.Y; y < view.Max.Y; y++ {
		for x := view.Min.X; x < view.Max.X; x++ {
			depth := frame.Depth.Millimetres[y*width+x]
			if depth == 0 || frame.Mask != nil && !frame.Mask.On[y*width+x] {
				continue
			}
			at = append(at, int32((y-view.Min.Y)*view.Dx()+x-view.Min.X))
			r.points.IDs = append(r.points.IDs, fmt.Sprintf("%s@%d,%d", id, x, y))
			r.points.Labels = append(r.points.Labels, datasets.Metres(depth))
		}
	}
	r.at = append(r.at, at)
}
