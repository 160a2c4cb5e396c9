package task

import (
	"encoding/binary"
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
		rows := t.Splits[s]
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
		Version: transform.DecodeVersion(ds.Meta.Chroma),
		Decode: func(sample datasets.Sample, record []byte) error {
			if err := frame(record).fill(sample, size, ds.Meta.Chroma); err != nil {
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

// readPoints streams a split, decoding the labels of some frames at a time on all cores, and notes the evaluated
// pixels.
func (t *depthTask) readPoints(ds *datasets.Dataset, split datasets.Split) error {
	const batch = 64
	pending := make([]datasets.Sample, 0, batch)
	flush := func() error {
		labels, err := decodeLabels(pending)
		if err != nil {
			return fmt.Errorf("%s: split %s, %w", ds.Meta.Name, split, err)
		}
		for i, l := range labels {
			t.Splits[split].addPoints(pending[i].ID, l)
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

// frame is the record of an image with its depth at the network's size: the pixels, height × width × 3; the
// millimetres, height × width of two bytes; and the size of the evaluated field of view in the dataset's own frame, two
// numbers of two bytes.
type frame []byte

// frameSize returns the bytes of a frame.
func frameSize(size [2]int) int { return size[0]*size[1]*5 + 4 }

func (f frame) pixels() []uint8 { return f[:(len(f)-4)/5*3] }

// metres writes the depths to memory of height × width values.
func (f frame) metres(into []float32) {
	depth := f[(len(f)-4)/5*3 : len(f)-4]
	for i := range into {
		into[i] = datasets.Metres(binary.LittleEndian.Uint16(depth[2*i:]))
	}
}

// evaluated returns the size of the evaluated field of view.
func (f frame) evaluated() image.Point {
	end := f[len(f)-4:]
	return image.Point{X: int(binary.LittleEndian.Uint16(end)), Y: int(binary.LittleEndian.Uint16(end[2:]))}
}

// fill decodes a sample and resizes it: the image with an antialiased bilinear filter, the depth to the nearest pixel.
func (f frame) fill(sample datasets.Sample, size [2]int, chroma transform.Chroma) error {
	labels, err := sample.Frame()
	if err != nil {
		return err
	}
	if err := transform.DecodeRGBInto(f, sample.Image, size[0], size[1], chroma); err != nil {
		return err
	}
	rest := f[len(f.pixels()):len(f.pixels())]
	depth := labels.Depth
	for _, millimetres := range transform.ResizeNearest(depth.Millimetres, depth.Width, depth.Height, size[0], size[1]) {
		rest = binary.LittleEndian.AppendUint16(rest, millimetres)
	}
	view := labels.View.Size()
	if view.X > 0xffff || view.Y > 0xffff {
		return fmt.Errorf("a frame of %d×%d pixels is too large", depth.Width, depth.Height)
	}
	binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(rest, uint16(view.X)), uint16(view.Y))
	return nil
}

// frames are the frames of a split, which may be those of several splits of the dataset.
type frames []*pixelcache.Records

// read copies the frame of a row.
func (f frames) read(row int, into frame) {
	records, row := f.find(row)
	if err := records.Read(row, into); err != nil {
		panic(InputError{err})
	}
}

func (f frames) willNeed(rows []int) {
	for _, row := range rows {
		records, row := f.find(row)
		records.WillNeed([]int{row})
	}
}

// find returns the records that a row is in, and its number there.
func (f frames) find(row int) (*pixelcache.Records, int) {
	for _, records := range f {
		if row < records.Len() {
			return records, row
		}
		row -= records.Len()
	}
	panic(fmt.Sprintf("benchmarks: no frame %d", row))
}
