package convert

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

// loaded is an encoded image, or why there is none.
type loaded struct {
	data []byte
	err  error
}

// loadImages loads the images of some records over all cores; results are in the order of the records. The error is
// only about ctx.
func loadImages(ctx context.Context, records []record, opts AgeDBOptions) ([]loaded, error) {
	images := make([]loaded, len(records))
	if opts.LabelsOnly {
		return images, ctx.Err()
	}
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, rec := range records {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			images[i].data, images[i].err = loadImage(filepath.Join(opts.Images, rec.path), opts.Size)
			return nil
		})
	}
	return images, group.Wait()
}

// loadImage reads an image file and makes sure that it decodes; a size above 0 resizes it and encodes it as PNG.
func loadImage(path string, size int) ([]byte, error) {
	data, err := os.ReadFile(path)
	var pathError *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("the file is missing")
	case errors.As(err, &pathError):
		return nil, pathError.Err
	case err != nil:
		return nil, err
	}
	img, err := transform.Decode(data)
	if err != nil || size == 0 {
		return data, err
	}
	return encodePNG(transform.Resize(img, size, size), size)
}

// encodePNG encodes size × size RGB pixels.
func encodePNG(pixels []uint8, size int) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	for i := range size * size {
		copy(img.Pix[4*i:], pixels[3*i:3*i+3])
		img.Pix[4*i+3] = 255
	}
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

// addRejected writes RejectedFile if there is anything to list.
func addRejected(w *datasets.Writer, rejected []Rejection) error {
	if len(rejected) == 0 {
		return nil
	}
	var text bytes.Buffer
	out := csv.NewWriter(&text)
	out.Write([]string{"row", "path", "reason"})
	for _, r := range rejected {
		out.Write([]string{strconv.Itoa(r.Line), r.Path, r.Reason})
	}
	out.Flush()
	return errors.Join(out.Error(), w.AddFile(RejectedFile, text.Bytes()))
}
