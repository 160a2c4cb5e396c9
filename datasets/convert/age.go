package convert

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/dirbench/dirbench/datasets"
)

// AgeOptions are the options of AgeDB and IMDBWIKI.
type AgeOptions struct {
	Options
	ImageForm
	Images     string // folder that the paths are relative to
	LabelsOnly bool   // keep ids and labels only; Images is not used
	ValInTrain bool   // an image may be in train and in val; otherwise that is an error
	Shots      datasets.ShotRule
}

// ageMeta completes the description of an age benchmark.
func ageMeta(own datasets.Meta, opts AgeOptions) datasets.Meta {
	own.Modality, own.LabelSpace, own.Shots = datasets.Image, datasets.AgeSpace(), opts.Shots
	if opts.LabelsOnly {
		own.Modality = datasets.LabelOnly
	}
	return opts.meta(own)
}

// AgeDB converts AgeDB-DIR or images in the same form: an age,path,split table (agedb.csv of the official code) and the
// images it names. Ids are the paths. A list that was drawn with replacement has a path more than once: its second row
// has the id "PATH#2", its third "PATH#3", counted over the whole file. A malformed row is an error that names file and
// line; a row whose image is missing or cannot be decoded is left out, returned, and listed in RejectedFile, unless
// opts.Strict.
func AgeDB(ctx context.Context, csvPath string, opts AgeOptions) (*datasets.Dataset, []Rejection, error) {
	return convertAges(ctx, csvPath, opts, datasets.Meta{
		Name: "agedb", Title: "AgeDB-DIR",
		Source:  "AgeDB (Moschoglou et al. 2017), split of Yang et al. 2021",
		Licence: "AgeDB: non-commercial research, on request from its authors",
	})
}

// IMDBWIKI converts IMDB-WIKI-DIR from the official imdb_wiki.csv, which has the form of agedb.csv, and the images. It
// is otherwise the same as AgeDB.
func IMDBWIKI(ctx context.Context, csvPath string, opts AgeOptions) (*datasets.Dataset, []Rejection, error) {
	return convertAges(ctx, csvPath, opts, datasets.Meta{
		Name: "imdb-wiki", Title: "IMDB-WIKI-DIR",
		Source:  "IMDB-WIKI (Rothe et al. 2018), split of Yang et al. 2021",
		Licence: "IMDB-WIKI: academic research only",
	})
}

func convertAges(ctx context.Context, csvPath string, opts AgeOptions, own datasets.Meta) (
	*datasets.Dataset, []Rejection, error) {
	if err := opts.Validate(); err != nil {
		return nil, nil, err
	}
	records, err := readRecordFile(csvPath, opts)
	if err != nil {
		return nil, nil, err
	}
	meta := ageMeta(own, opts)
	records, err = dropTrain(opts.Options, &meta, records,
		func(r record) (datasets.Split, float32) { return r.split, r.age })
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", csvPath, err)
	}
	w, err := opts.create(meta)
	if err != nil {
		return nil, nil, err
	}
	defer w.Abort()
	rejected := &rejections{strict: opts.Strict}
	finish := func() error { return nil }
	if opts.LabelsOnly {
		err = writeLabels(w, records)
	} else {
		finish, err = convertFaces(ctx, w, meta.Name, csvPath, records, opts, rejected)
	}
	if err != nil {
		return nil, nil, err
	}
	return opts.complete(w, meta.Name, csvPath, rejected, finish)
}

func writeLabels(w *datasets.Writer, records []record) error {
	splits, err := w.AllSplits()
	if err != nil {
		return err
	}
	for _, rec := range records {
		if err := splits[rec.split].Write(datasets.Sample{ID: rec.id, Label: rec.age}); err != nil {
			return err
		}
	}
	return nil
}

// convertFaces writes the records with their images; finish is to be called when the dataset is complete.
func convertFaces(ctx context.Context, w *datasets.Writer, name, csvPath string, records []record, opts AgeOptions,
	rejected *rejections) (finish func() error, err error) {
	splits, err := w.AllSplits()
	if err != nil {
		return nil, err
	}
	s, err := openSpool(opts.Out, name, spoolKey("ages", opts.Images, opts.Size, opts.encoding(), records))
	if err != nil {
		return nil, err
	}
	defer opts.resumed(s)
	path := func(rec record) string { return joinPath(opts.Images, rec.path) }
	faces := batches[record]{
		spool: s, size: 256,
		files: func(rec record) []string { return []string{path(rec)} },
		convert: func(rec record) (datasets.Sample, error) {
			data, err := opts.load(path(rec))
			return datasets.Sample{ID: rec.id, Label: rec.age, Image: data}, err
		},
		emit: func(rec record, converted row) (err error) {
			if converted.Rejected != "" {
				err = rejected.add(rec.line, rec.path, converted.Rejected)
			} else {
				err = splits[rec.split].Write(converted.Sample)
			}
			if err != nil {
				return fmt.Errorf("%s:%d: %w", csvPath, rec.line, err)
			}
			return nil
		},
		told: func(done int) { opts.progress(done, len(records)) },
	}
	if err := faces.run(ctx, "faces", records); err != nil {
		return nil, err
	}
	if len(rejected.list) == len(records) {
		first := rejected.list[0]
		s.remove() // it holds nothing of use
		return nil, fmt.Errorf("%s: none of the %d images can be read (line %d: %s: %s): is the image folder right?",
			opts.Images, len(records), first.Line, joinPath(opts.Images, first.Path), first.Reason)
	}
	return s.remove, nil
}

const recordColumns = "a header with age, path and split, and a row for each image"

// record is a row of an age,path,split table.
type record struct {
	line  int // in the file, from 1
	age   float32
	path  string
	split datasets.Split
	id    string // the path, with "#2" and so on where it has been there before
}

func readRecordFile(path string, opts AgeOptions) ([]record, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	records, err := readRecords(path, file)
	if err != nil {
		return nil, err
	}
	repeats, err := identify(path, records, opts.ValInTrain)
	if repeats > 0 && opts.Repeated != nil {
		opts.Repeated(repeats)
	}
	return records, err
}

// identify gives each record its id and counts those whose path has been there before. It finds early, before images
// are read, what would make a dataset impossible, and paths that are there more than once by mistake.
func identify(name string, records []record, valInTrain bool) (repeats int, err error) {
	firsts, times, lines, splits := map[string]record{}, map[string]int{}, map[string]int{}, map[datasets.Split]bool{}
	for i := range records {
		rec := &records[i]
		rec.id = rec.path
		if times[rec.path]++; times[rec.path] == 1 {
			firsts[rec.path] = *rec
		} else if err := rec.repeats(firsts[rec.path], valInTrain); err != nil {
			return repeats, fmt.Errorf("%s:%d: %w", name, rec.line, err)
		} else {
			rec.id = fmt.Sprintf("%s#%d", rec.path, times[rec.path])
			repeats++
		}
		if before, used := lines[rec.id]; used {
			return repeats, fmt.Errorf("%s:%d: the id %q is that of line %d already", name, rec.line, rec.id, before)
		}
		lines[rec.id], splits[rec.split] = rec.line, true
	}
	for _, split := range datasets.Splits {
		if !splits[split] {
			return repeats, fmt.Errorf("%s: split %s has no samples", name, split)
		}
	}
	return repeats, nil
}

// repeats returns what is wrong with a row of the path that an earlier row has.
func (r record) repeats(first record, valInTrain bool) error {
	shared := r.split != datasets.Test && first.split != datasets.Test
	switch {
	case r.age != first.age:
		return fmt.Errorf("path %q has the age %v, and %v in line %d", r.path, r.age, first.age, first.line)
	case r.split == first.split || shared && valInTrain:
		return nil
	}
	hint := ""
	if shared {
		hint = "; if that is meant, convert with --val-in-train"
	}
	return fmt.Errorf("path %q is in %s, and in %s in line %d%s", r.path, r.split, first.split, first.line, hint)
}

// readRecords reads a CSV file whose header names the columns age, path and split, in any order and among others.
// Errors name the file and the line.
func readRecords(name string, r io.Reader) ([]record, error) {
	var records []record
	err := namedRows(name, r, []string{"age", "path", "split"}, recordColumns, func(line int, cells []string) error {
		rec, err := parseRecord(cells[0], cells[1], cells[2])
		rec.line = line
		records = append(records, rec)
		return err
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

func parseRecord(age, path, split string) (record, error) {
	label, err := parseLabel(age, datasets.AgeSpace())
	if err != nil {
		return record{}, err
	}
	if path == "" {
		return record{}, errors.New("path is empty")
	}
	if !slices.Contains(datasets.Splits, datasets.Split(split)) {
		return record{}, fmt.Errorf("split %.40q: expected train, val or test", split)
	}
	return record{age: label, path: path, split: datasets.Split(split)}, nil
}
