package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/dirbench/dirbench/datasets/table"
	"github.com/dirbench/dirbench/datasets/transform"
)

// Problem is something that Verify found.
type Problem struct {
	File    string `json:"file"`    // relative to the dataset's folder
	Message string `json:"message"` // one line
}

func (p Problem) String() string { return p.File + ": " + p.Message }

// Verify compares the files of the splits with dataset.yaml (hash, columns, rows, samples per bin) and checks every sample:
// label in range, id unique over all splits, input present, image decodable. It returns what it found, in file
// order; the error is only about ctx. After each row group it reports the rows checked so far to progress, unless
// that is nil.
func (d *Dataset) Verify(ctx context.Context, progress func(split Split, rows int)) ([]Problem, error) {
	if progress == nil {
		progress = func(Split, int) {}
	}
	v := &verifier{dataset: d, ids: map[string]Split{}, progress: progress}
	for _, split := range Splits {
		if err := v.verify(ctx, split); err != nil {
			return nil, err
		}
	}
	return v.problems, nil
}

// CheckFiles compares the files of the splits with the hashes in dataset.yaml and returns the first difference.
func (d *Dataset) CheckFiles() error {
	for _, split := range Splits {
		sum, err := FileSHA256(d.path(split))
		if err != nil {
			return err
		}
		if sum != d.Meta.Splits[split].SHA256 {
			return fmt.Errorf("%s: the file was changed after it was made; make the dataset again, or see dirbench data verify", d.path(split))
		}
	}
	return nil
}

type verifier struct {
	dataset  *Dataset
	ids      map[string]Split
	progress func(Split, int)
	problems []Problem
}

// verify checks one split.
func (v *verifier) verify(ctx context.Context, split Split) error {
	d := v.dataset
	want := d.Meta.Splits[split]
	report := func(format string, args ...any) {
		v.problems = append(v.problems, Problem{want.File, fmt.Sprintf(format, args...)})
	}
	sum, err := FileSHA256(d.path(split))
	if errors.Is(err, fs.ErrNotExist) {
		report("the file is missing")
		return nil
	}
	if err != nil {
		report("%v", err)
		return nil
	}
	if sum != want.SHA256 {
		report("sha256 is %.8s…, %s says %.8s…: the file was changed after it was made", sum, MetaFile, want.SHA256)
	}
	f, err := d.openSplit(split, d.Meta.columns())
	if err != nil {
		report("%s", withoutPath(err, d.path(split)))
		return nil
	}
	defer f.Close()
	return v.verifyRows(ctx, split, f, report)
}

// verifyRows checks the samples of a split, some at a time, and then the numbers of them.
func (v *verifier) verifyRows(ctx context.Context, split Split, f *table.File, report func(string, ...any)) error {
	meta := v.dataset.Meta
	rows, counts := 0, make([]int, meta.LabelSpace.Bins)
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		samples, err := meta.some(f)
		if more = err == nil; err != nil && err != io.EOF {
			report("%s", withoutPath(advise(err), v.dataset.path(split)))
			return nil
		}
		for i, sample := range samples {
			if err := sample.check(meta, v.ids); err != nil {
				report("row %d, id %q: %v", rows+i+1, sample.ID, err)
			}
			v.ids[sample.ID] = split
		}
		for i, err := range countAll(samples, meta, split, counts) {
			if err != nil {
				report("row %d, id %q: %v", rows+i+1, samples[i].ID, err)
			}
		}
		rows += len(samples)
		v.progress(split, rows)
	}
	compareCounts(meta.Splits[split], rows, counts, report)
	return nil
}

// some reads as many samples as a row group holds, or those that are left, which come with io.EOF.
func (m Meta) some(f *table.File) (samples []Sample, err error) {
	for bytes := 0; len(samples) < m.Modality.groupRows() && bytes < maxGroupBytes; {
		sample, err := m.next(f)
		if err != nil {
			return samples, err
		}
		samples = append(samples, sample)
		bytes += sample.size()
	}
	return samples, nil
}

// countAll decodes the images over all cores, adds the labels to counts and returns the error of each sample. Empty
// images and bad labels are no concern of it: they are reported as such.
func countAll(samples []Sample, meta Meta, split Split, counts []int) []error {
	failures := make([]error, len(samples))
	var group errgroup.Group
	var adding sync.Mutex
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, sample := range samples {
		if sample.checkInput(meta) != nil || meta.checkLabel(sample) != nil {
			continue
		}
		group.Go(func() error {
			own := make([]int, len(counts))
			if failures[i] = sample.count(meta, split, own); failures[i] == nil && len(sample.Image) > 0 {
				_, failures[i] = transform.Decode(sample.Image)
			}
			adding.Lock()
			defer adding.Unlock()
			for bin, n := range own {
				counts[bin] += n
			}
			return nil
		})
	}
	group.Wait()
	return failures
}

// compareCounts compares what was found with dataset.yaml.
func compareCounts(want SplitMeta, rows int, counts []int, report func(string, ...any)) {
	if rows == 0 {
		report("the split is empty")
	}
	if rows != want.Rows {
		report("%d rows, %s says %d", rows, MetaFile, want.Rows)
	}
	for bin, n := range counts {
		if n != want.Counts[bin] {
			report("bin %d holds %d labels, %s says %d (the first bin that differs)", bin, n, MetaFile, want.Counts[bin])
			return
		}
	}
}

// withoutPath drops the path that begins an error: a Problem names its file itself.
func withoutPath(err error, path string) string { return strings.TrimPrefix(err.Error(), path+": ") }

// FileSHA256 returns the hash of a file, hexadecimal.
func FileSHA256(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
