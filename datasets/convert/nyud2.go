package convert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/depthmask"
	"github.com/dirbench/dirbench/datasets/transform"
)

// NYUD2Options are the options of NYUD2.
type NYUD2Options struct {
	Options
	Strict    bool          // a frame that cannot be read is an error
	Encode    Encoding      // of images that are resized: PNG or JPEG; empty: PNG
	Depth     DepthEncoding // of the depth files; empty: DepthAuto
	TestDepth DepthEncoding // of those of the test frames; empty: as Depth
	Seed      uint64        // of the held-out frames, the subset and the masks
}

func nyud2Meta() datasets.Meta {
	return datasets.Meta{
		Name: "nyud2", Title: "NYUD2-DIR", Modality: datasets.Depth,
		LabelSpace: datasets.NYUD2Space(), Shots: datasets.NYUD2Shots(),
		Source:  "NYU Depth V2 (Silberman et al. 2012), lists of Yang et al. 2021, masks made by dirbench",
		Licence: "NYU Depth V2: research use, no stated terms",
	}
}

// NYUD2 converts NYUD2-DIR from the official folder: the lists nyu2_train.csv and nyu2_test.csv, and the images and
// depth files that they name. Ids are the image paths. Frames become 320×240 pixels: images by an antialiased bilinear
// filter, depth, stored in millimetres, by the nearest pixel.
//
// The official code has no validation set; 5 % of the training frames are held out for one, by whole scene folders
// where there are several. The training subset for feature statistics is that of nyu2_train_FDS_subset.csv or, without
// that file, 600 frames at random. Validation and test pixels are balanced by masks, see depthmask.Draw: the official
// rule for test, and at least 500 pixels a bin for validation.
//
// A malformed list is an error that names file and line; a frame that cannot be read is left out, returned, and listed
// in RejectedFile, unless opts.Strict.
func NYUD2(ctx context.Context, dir string, opts NYUD2Options) (*datasets.Dataset, []Rejection, error) {
	if len(opts.DropTrain) > 0 {
		return nil, nil, errors.New("drop-train: a frame has a label for each pixel, so that none can be removed")
	}
	lists, err := readNYUD2(dir)
	if err != nil {
		return nil, nil, err
	}
	meta := opts.meta(nyud2Meta())
	w, err := opts.create(meta)
	if err != nil {
		return nil, nil, err
	}
	defer w.Abort()
	c := &frameConverter{opts: opts, root: lists.root, rejected: &rejections{strict: opts.Strict}}
	c.parts = lists.split(opts.Seed)
	if c.splits, err = w.AllSplits(); err != nil {
		return nil, nil, err
	}
	c.spool, err = openSpool(opts.Out, meta.Name, spoolKey("nyud2", c.root, opts.Encode, opts.Depth, opts.TestDepth,
		c.parts))
	if err != nil {
		return nil, nil, err
	}
	defer opts.resumed(c.spool)
	if err := c.write(ctx); err != nil {
		return nil, nil, err
	}
	return opts.complete(w, meta.Name, dir, c.rejected, c.spool.remove)
}

// minValPixels keeps a bin of few validation frames from dictating a handful of pixels to all others.
const minValPixels = 500

// errStopped ends a reading of depth maps that nobody goes on with.
var errStopped = errors.New("stopped")

// frameConverter writes the frames of all splits.
type frameConverter struct {
	opts     NYUD2Options
	root     string
	parts    map[datasets.Split][]frame
	splits   map[datasets.Split]*datasets.SplitWriter
	spool    *spool
	rejected *rejections
	done     int // frames of the lists that are through
}

// write writes the training frames as they come and the others with their masks.
func (c *frameConverter) write(ctx context.Context) error {
	err := c.each(ctx, datasets.Train, c.progress, func(f frame, sample datasets.Sample) error {
		sample.Subset = f.subset
		return c.splits[datasets.Train].Write(sample)
	})
	if err != nil {
		return err
	}
	c.done += len(c.parts[datasets.Train])
	if err := c.writeMasked(ctx, datasets.Val, minValPixels); err != nil {
		return err
	}
	c.done += len(c.parts[datasets.Val])
	return c.writeMasked(ctx, datasets.Test, 0)
}

// writeMasked writes the frames of a split with masks of at least floor pixels a bin. Masks need the number of pixels
// in each bin first: the frames are gone through twice, the second time out of the spool.
func (c *frameConverter) writeMasked(ctx context.Context, split datasets.Split, floor int) error {
	var current datasets.Sample // whose depth map was read last, and whose mask comes next
	drawn, pass := false, 0
	maps := func(yield func(transform.DepthMap, error) bool) {
		told, listed := c.progress, len(c.rejected.list)
		if pass++; pass > 1 {
			told = func(int) {}
		}
		err := c.each(ctx, split, told, func(f frame, sample datasets.Sample) error {
			current = sample
			current.Subset = f.subset && split == datasets.Val
			if depth, err := transform.DecodeDepth(sample.Depth); err != nil || !yield(depth, nil) {
				return cmp.Or(err, errStopped)
			}
			return nil
		})
		if pass > 1 {
			c.rejected.list = c.rejected.list[:listed] // the first pass has listed them
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(transform.DepthMap{}, err)
		}
	}
	for mask, err := range depthmask.Draw(maps, floor, c.opts.Seed) {
		if err != nil {
			return err
		}
		drawn = drawn || slices.Contains(mask.On, true)
		if current.Mask, err = transform.EncodeMask(mask); err != nil {
			return err
		}
		if err := c.splits[split].Write(current); err != nil {
			return err
		}
	}
	if !drawn {
		return fmt.Errorf("%s: no pixel of the %s frames has a depth to evaluate, 0.7 m or more in the field of view", c.root,
			split)
	}
	return nil
}

// each converts the frames of a split in order and hands on those that can be used.
func (c *frameConverter) each(ctx context.Context, split datasets.Split, told func(int),
	use func(frame, datasets.Sample) error) error {
	listed := len(c.rejected.list)
	err := batches[frame]{
		spool: c.spool, size: 128,
		files: func(f frame) []string {
			return []string{filepath.Join(c.root, f.image), filepath.Join(c.root, f.depth)}
		},
		convert: func(f frame) (datasets.Sample, error) {
			return c.convert(f, split)
		},
		emit: func(f frame, converted row) (err error) {
			if converted.Rejected != "" {
				err = c.rejected.add(f.line, f.image, converted.Rejected)
			} else {
				err = use(f, converted.Sample)
			}
			if err != nil {
				return fmt.Errorf("%s:%d: %w", f.list, f.line, err)
			}
			return nil
		},
		told: told,
	}.run(ctx, string(split), c.parts[split])
	if new := c.rejected.list[listed:]; err == nil && len(new) == len(c.parts[split]) {
		c.spool.remove() // the folder may be wrong altogether
		return fmt.Errorf("%s: none of the %d %s frames can be read (line %d: %s: %s): is the folder right?",
			c.root, len(new), split, new[0].Line, new[0].Path, new[0].Reason)
	}
	return err
}

// progress tells how many frames of all splits are done, given those of the present split.
func (c *frameConverter) progress(done int) {
	total := 0
	for _, split := range datasets.Splits {
		total += len(c.parts[split])
	}
	c.opts.progress(c.done+done, total)
}
