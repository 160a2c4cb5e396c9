package convert

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets"
)

// ColumnsOptions are the options of Columns: which columns of a table are what. One of Image, Text, Signals, Features
// and LabelsOnly is to be given.
type ColumnsOptions struct {
	Options
	ImageForm
	Label string
	ID    string // empty: ids are the numbers of the rows
	Split string // column of the split; empty: the names of the files tell, or Cap
	Cap   int    // if above 0, splits are drawn by BalancedSplit with at most so many rows of a bin in val, and in test
	Seed  uint64 // of BalancedSplit

	Image      string   // column of bytes, paths or both
	Images     string   // folder that paths are relative to; empty: that of the file that has them
	Text       []string // column of a sentence, or of the two of a pair
	Signals    []SignalColumns
	LabelsOnly bool
	InPlace    bool // write a dataset.yaml only, and use the files where they lie

	Features   []string // columns of a table, or AllFeatures
	Without    []string // of Features, left out
	Categories []string // of Features, whose numbers are the names of categories
	Missing    Missing  // empty: MissingMedian

	Binning datasets.Binning // of the labels, by those of training, or by all where Cap draws the splits
	Shots   datasets.ShotRule
}

// SignalColumns is a group of columns that hold a list of numbers in each row, the values of a channel at so many a
// second.
type SignalColumns struct {
	Columns []string
	Rate    float64
}

// ParseSignalColumns reads "COL:RATE" or, for channels that were sampled together, "COL+COL:RATE".
func ParseSignalColumns(text string) (SignalColumns, error) {
	at := strings.LastIndex(text, ":")
	if at < 1 {
		return SignalColumns{}, fmt.Errorf("%.40q: expected COL:RATE, such as ecg:125, or COL+COL:RATE", text)
	}
	rate, err := strconv.ParseFloat(text[at+1:], 64)
	if err != nil || !(rate > 0) {
		return SignalColumns{}, fmt.Errorf("%.40q: expected a positive number of samples a second after the colon", text)
	}
	return SignalColumns{strings.Split(text[:at], "+"), rate}, nil
}

// Validate reports options that are missing or contradict each other, by the names of their flags.
func (o ColumnsOptions) Validate() error {
	inputs := 0
	for _, given := range []bool{o.Image != "", len(o.Text) > 0, len(o.Signals) > 0, len(o.Features) > 0, o.LabelsOnly} {
		if given {
			inputs++
		}
	}
	switch {
	case o.Name == "":
		return errors.New("name: expected a name for the dataset")
	case o.Label == "":
		return errors.New("label: expected the column of the label")
	case inputs != 1:
		return errors.New("image, --text, --signal, --features, --labels-only: expected one of them")
	case len(o.Text) > 2:
		return fmt.Errorf("text: %d columns, expected one, or the two of a sentence pair", len(o.Text))
	case o.Split != "" && o.Cap > 0:
		return errors.New("split: the splits are in a column: leave out --cap and --split-seed")
	case o.Image == "" && (o.Images != "" || o.Size != 0 || o.Encode != "" || o.Strict):
		return errors.New("images, --size, --encode and --strict are about --image")
	case o.InPlace && (o.Size != 0 || o.Encode != "" || o.Format != ""):
		return errors.New("in-place: files stay as they are: leave out --size, --encode and --format")
	case len(o.Features) == 0 && len(o.Without)+len(o.Categories)+len(o.Missing) > 0:
		return errors.New("without, --categories and --missing are about --features")
	case !slices.Contains([]Missing{"", MissingMedian, MissingRefuse}, o.Missing):
		return fmt.Errorf("missing %q: expected %s or %s", o.Missing, MissingMedian, MissingRefuse)
	case slices.Contains(o.Features, o.Label):
		return fmt.Errorf("features: %s is the label", o.Label)
	case o.Cap < 0:
		return fmt.Errorf("cap %d: expected at least 1", o.Cap)
	}
	if err := o.Binning.Validate(); err != nil {
		return err
	}
	return o.ImageForm.Validate()
}

// meta describes the dataset but for its label space.
func (o ColumnsOptions) meta() datasets.Meta {
	own := datasets.Meta{Name: o.Name, Title: o.Name, Source: "not stated", Licence: "not stated", Shots: o.Shots}
	switch {
	case o.Image != "":
		own.Modality = datasets.Image
	case len(o.Text) > 0:
		own.Modality, own.Sentences = datasets.Text, len(o.Text)%2
	case len(o.Signals) > 0:
		own.Modality = datasets.Signal
		for _, s := range o.Signals {
			own.Groups = append(own.Groups, datasets.ChannelGroup{Name: strings.Join(s.Columns, "+"), Channels: s.Columns,
				Rate: s.Rate})
		}
	case len(o.Features) > 0:
		own.Modality = datasets.Table
	default:
		own.Modality = datasets.LabelOnly
	}
	if o.InPlace {
		own.Columns = &datasets.Columns{ID: o.ID, Label: o.Label, Image: o.Image, Images: o.Images, Text: o.Text}
	}
	return o.Options.meta(own)
}

// Columns converts tables of any origin: Parquet, Arrow, CSV, TSV and JSON Lines files, patterns such as
// train-*.parquet and folders, also those of Hugging Face's save_to_disk. It reads them twice, first the labels, then
// the inputs, so that it never holds a file. A cell that is missing or no label is an error that names file and row; a
// row whose image cannot be read is left out, returned, and listed in RejectedFile, unless opts.Strict.
func Columns(ctx context.Context, paths []string, opts ColumnsOptions) (*datasets.Dataset, []Rejection, error) {
	if err := opts.Validate(); err != nil {
		return nil, nil, err
	}
	files, err := tableFiles(paths)
	if err != nil {
		return nil, nil, err
	}
	rows, ids, meta, err := opts.labels(ctx, files)
	if err != nil {
		return nil, nil, err
	}
	c := columnsConverter{opts: opts, rows: rows, ids: ids, rejected: &rejections{strict: opts.Strict}}
	if err := c.prepare(ctx, files, &meta); err != nil {
		return nil, nil, err
	}
	w, err := opts.create(meta)
	if err != nil {
		return nil, nil, err
	}
	defer w.Abort()
	if err := c.writeAll(ctx, w, files); err != nil {
		return nil, nil, err
	}
	d, err := datasets.Open(filepath.Join(opts.Out, meta.Name))
	return d, c.rejected.list, err
}
