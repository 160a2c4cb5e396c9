package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/dirbench/dirbench/datasets/transform"
)

// Problem is something that Verify found.
type Problem struct {
	File    string `json:"file"`    // relative to the dataset's folder
	Message string `json:"message"` // one line
}

func (p Problem) String() string { return p.File + ": " + p.Message }

// Verify compares the files of the splits with dataset.yaml (hash, columns, rows, samples per bin) and checks every
// sample: label in range, id unique over all splits, input present, image decodable. It returns what it found, in file
// order; the error is only about ctx. After each row group it reports the rows checked so far to progress, unless that
// is nil.
func (d *Dataset) Verify(ctx context.Context, progress func(split Split, rows int)) ([]Problem, error) {
	if progress == nil {
		progress = func(Split, int) {}
	}
	v := &verifier{dataset: d, checked: map[string]bool{}, ids: map[string]Split{}, progress: progress}
	for _, split := range Splits {
		if err := v.verify(ctx, split); err != nil {
			return nil, err
		}
	}
	return v.problems, nil
}

// CheckFiles compares the files of the splits, and images in files of their own, with the hashes in dataset.yaml and
// returns the first difference.
func (d *Dataset) CheckFiles() error {
	checked := map[string]bool{}
	for _, split := range Splits {
		for _, source := range d.Meta.Splits[split].sources() {
			path := d.resolve(source.Path)
			if checked[path] {
				continue
			}
			sum, err := FileSHA256(path)
			if err != nil {
				return err
			}
			if sum != source.SHA256 {
				return fmt.Errorf("%s: the file was changed after the dataset was made; make it again, or see dirbench data verify",
					path)
			}
			checked[path] = true
		}
		if err := d.checkImages(split); err != nil {
			return err
		}
	}
	return nil
}

// State returns a text that changes with dataset.yaml, and with the size and the time of change of the files of the
// splits.
func (d *Dataset) State() (string, error) {
	meta, err := json.Marshal(d.Meta)
	if err != nil {
		return "", err
	}
	state := d.Dir + " " + string(meta)
	for _, split := range Splits {
		for _, source := range d.Meta.Splits[split].sources() {
			info, err := os.Stat(d.resolve(source.Path))
			if err != nil {
				return "", err
			}
			state += fmt.Sprintf(" %d %d", info.Size(), info.ModTime().UnixNano())
		}
	}
	return state, nil
}

type verifier struct {
	dataset  *Dataset
	checked  map[string]bool // files, by their paths
	ids      map[string]Split
	progress func(Split, int)
	problems []Problem
}

func (v *verifier) report(file, format string, args ...any) {
	v.problems = append(v.problems, Problem{file, fmt.Sprintf(format, args...)})
}

// verify checks one split.
func (v *verifier) verify(ctx context.Context, split Split) error {
	d := v.dataset
	sources := d.Meta.Splits[split].sources()
	for _, source := range sources {
		if !v.checkFile(source) {
			return nil
		}
	}
	r, err := d.openSplit(split, d.Meta.columns())
	if err != nil {
		v.report(sources[0].Path, "%s", withoutPath(err, d.resolve(sources[0].Path)))
		return nil
	}
	defer func() { r.close() }()
	if err := v.verifyRows(ctx, split, r); err != nil {
		return err
	}
	if err := d.checkImages(split); err != nil {
		v.report(MetaFile, "%v", err)
	}
	return nil
}

// checkFile compares the hash of a file; false if it cannot be read. A file in place may be that of several splits.
func (v *verifier) checkFile(source Source) (readable bool) {
	path := v.dataset.resolve(source.Path)
	if readable, checked := v.checked[path]; checked {
		return readable
	}
	sum, err := FileSHA256(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.report(source.Path, "the file is missing")
	case err != nil:
		v.report(source.Path, "%v", err)
	case sum != source.SHA256:
		v.report(source.Path, "sha256 is %.8s…, %s says %.8s…: the file was changed after it was made", sum, MetaFile,
			source.SHA256)
	}
	v.checked[path] = err == nil
	return err == nil
}

// verifyRows checks the samples of a split, some at a time, and then the numbers of them.
func (v *verifier) verifyRows(ctx context.Context, split Split, r *reader) error {
	meta := v.dataset.Meta
	rows, counts := 0, make([]int, meta.LabelSpace.Bins)
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		samples, places, err := r.some()
		if more = err == nil; err != nil && err != io.EOF {
			v.report(r.sources[0].Path, "%s", withoutPath(err, r.path()))
			return nil
		}
		for i, sample := range samples {
			if err := sample.check(meta, v.ids); err != nil {
				v.report(places[i].file, "row %d, id %q: %v", places[i].row, sample.ID, err)
			}
			v.ids[sample.ID] = split
		}
		for i, err := range countAll(samples, meta, split, counts) {
			if err != nil {
				v.report(places[i].file, "row %d, id %q: %v", places[i].row, samples[i].ID, err)
			}
		}
		rows += len(samples)
		v.progress(split, rows)
	}
	v.compareCounts(r.sources[0].Path, meta.Splits[split], rows, counts)
	return nil
}

// place is where a sample comes from.
type place struct {
	file string // as dataset.yaml names it
	row  int    // from 1
}

// some reads as many samples as a row group holds, or those that are left, which come with io.EOF.
func (r *reader) some() (samples []Sample, places []place, err error) {
	for bytes := 0; len(samples) < r.dataset.Meta.Modality.groupRows() && bytes < maxGroupBytes; {
		sample, err := r.sample()
		if err != nil {
			return samples, places, err
		}
		samples, places = append(samples, sample), append(places, place{r.sources[0].Path, r.row})
		bytes += sample.size()
	}
	return samples, places, nil
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

// compareCounts compares what was found in a split, whose last file is given, with dataset.yaml.
func (v *verifier) compareCounts(file string, want SplitMeta, rows int, counts []int) {
	if rows == 0 {
		v.report(file, "the split is empty")
	}
	if rows != want.Rows {
		v.report(file, "%d rows, %s says %d", rows, MetaFile, want.Rows)
	}
	for bin, n := range counts {
		if n != want.Counts[bin] {
			v.report(file, "bin %d holds %d labels, %s says %d (the first bin that differs)", bin, n, MetaFile, want.Counts[bin])
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
