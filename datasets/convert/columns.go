package convert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
)

// ColumnsOptions are the options of Columns: which columns of a table are what. One of Image, Text, Signals, Features and
// LabelsOnly is to be given.
type ColumnsOptions struct {
	Options
	Label string
	ID    string // empty: ids are the numbers of the rows
	Split string // column of the split; empty: the names of the files tell, or Cap
	Cap   int    // if above 0, splits are drawn by BalancedSplit with at most so many rows of a bin in val, and in test
	Seed  uint64 // of BalancedSplit

	Image      string // column of bytes, paths or both
	Images     string // folder that paths are relative to; empty: that of the file that has them
	Size       int    // store images of Size × Size pixels; 0 keeps their own size
	Encode     Encoding
	Strict     bool     // an image that cannot be read is an error
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
	return AgeOptions{Size: o.Size, Encode: o.Encode}.Validate()
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
			own.Groups = append(own.Groups, datasets.ChannelGroup{Name: strings.Join(s.Columns, "+"), Channels: s.Columns, Rate: s.Rate})
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

// Columns converts tables of any origin: Parquet, Arrow, CSV, TSV and JSON Lines files, patterns such as train-*.parquet
// and folders, also those of Hugging Face's save_to_disk. It reads them twice, first the labels, then the inputs, so
// that it never holds a file. A cell that is missing or no label is an error that names file and row; a row whose image
// cannot be read is left out, returned, and listed in RejectedFile, unless opts.Strict.
func Columns(ctx context.Context, paths []string, opts ColumnsOptions) (*datasets.Dataset, []Rejection, error) {
	if err := opts.Validate(); err != nil {
		return nil, nil, err
	}
	files, err := tableFiles(paths)
	if err != nil {
		return nil, nil, err
	}
	rows, meta, err := opts.labels(ctx, files)
	if err != nil {
		return nil, nil, err
	}
	c := columnsConverter{opts: opts, rows: rows, rejected: &rejections{strict: opts.Strict}, unseen: map[string]int{}}
	if len(opts.Features) > 0 {
		if c.columns, err = opts.featureColumns(files); err == nil {
			meta.Features, err = opts.features(ctx, files, c.columns, rows)
		}
		if err != nil {
			return nil, nil, err
		}
		c.features = meta.Features
	}
	w, err := opts.create(meta)
	if err != nil {
		return nil, nil, err
	}
	defer w.Abort()
	finish, err := c.writeTo(w, files)
	if err != nil {
		return nil, nil, err
	}
	for at, file := range files {
		if err := c.convert(ctx, at, file.path); err != nil {
			return nil, nil, err
		}
	}
	if len(c.rejected.list) == len(rows) {
		first := c.rejected.list[0]
		return nil, nil, fmt.Errorf("none of the %d images can be read (%s: %s)", len(rows), first.Path, first.Reason)
	}
	if err := errors.Join(c.rejected.write(w), finish()); err != nil {
		return nil, nil, err
	}
	opts.warnUnseen(c.features, c.unseen)
	d, err := datasets.Open(filepath.Join(opts.Out, meta.Name))
	return d, c.rejected.list, err
}

// tableRow is a row of one of the files, without its input.
type tableRow struct {
	file, row int
	id        string
	label     float32
	split     datasets.Split
}

// labels reads label, id and split of all rows and derives the label space from them.
func (o ColumnsOptions) labels(ctx context.Context, files []tableFile) ([]tableRow, datasets.Meta, error) {
	meta := o.meta()
	var rows []tableRow
	var labels []float64
	for at, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, meta, err
		}
		if o.Split == "" && o.Cap == 0 && file.split == "" {
			return nil, meta, fmt.Errorf("%s: the name does not begin with train, val or test: say which --split column tells, or draw splits with --cap", file.path)
		}
		files[at].before = len(rows)
		if err := o.readLabels(at, file, &rows, &labels); err != nil {
			return nil, meta, err
		}
	}
	if len(rows) == 0 {
		return nil, meta, fmt.Errorf("%s: no rows", files[0].path)
	}
	var err error
	if meta.LabelSpace, err = o.space(rows); err != nil {
		return nil, meta, err
	}
	for at, row := range rows {
		if meta.LabelSpace.Coarse(labels[at]) {
			return nil, meta, fmt.Errorf(
				"%s: row %d: %s %v would be %v, as labels are kept in 32 bits: subtract a constant, or use wider bins",
				files[row.file].path, row.row+1, o.Label, labels[at], float64(row.label))
		}
	}
	if err := o.divide(rows, labels, meta.LabelSpace); err != nil {
		return nil, meta, err
	}
	if err := o.checkSplits(rows); err != nil {
		return nil, meta, err
	}
	kept, err := dropTrain(o.Options, &meta, rows, func(r tableRow) (datasets.Split, float32) { return r.split, r.label })
	return kept, meta, err
}

// readLabels adds the rows of a file.
func (o ColumnsOptions) readLabels(at int, file tableFile, rows *[]tableRow, labels *[]float64) error {
	columns := []table.Column{{Name: o.Label, Kind: table.Number}}
	if o.ID != "" {
		columns = append(columns, table.Column{Name: o.ID, Kind: table.Key})
	}
	if o.Split != "" {
		columns = append(columns, table.Column{Name: o.Split, Kind: table.Text})
	}
	f, err := table.Open(file.path, columns...)
	if err != nil {
		return err
	}
	defer f.Close()
	for n := 0; ; n++ {
		cells, err := f.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		label := cells[0].Number + 0 // no negative zero
		row := tableRow{file: at, row: n, label: float32(label), split: file.split, id: strconv.Itoa(len(*rows) + 1)}
		if low, high := o.Binning.Range(); !(low <= label && label <= high) || math.IsInf(float64(row.label), 0) {
			return fmt.Errorf("%s: %s %v is outside the labels", f.Where(), o.Label, label)
		}
		if o.ID != "" {
			row.id = cells[1].Text
		}
		if o.Split != "" {
			text := cells[len(cells)-1].Text
			if row.split = parseSplit(text); row.split == "" {
				return fmt.Errorf("%s: %s %.40q: expected train, val or test", f.Where(), o.Split, text)
			}
		}
		*rows, *labels = append(*rows, row), append(*labels, label)
	}
}

// space is the label space of rows whose splits are known, or are to be drawn.
func (o ColumnsOptions) space(rows []tableRow) (datasets.LabelSpace, error) {
	var train, others []float32
	for _, row := range rows {
		if o.Cap > 0 || row.split == datasets.Train {
			train = append(train, row.label)
		} else {
			others = append(others, row.label)
		}
	}
	if len(train) == 0 {
		return datasets.LabelSpace{}, o.checkSplits(rows)
	}
	return o.Binning.Space(o.Label, train, others)
}

// divide draws the splits, where that is asked for.
func (o ColumnsOptions) divide(rows []tableRow, labels []float64, space datasets.LabelSpace) error {
	if o.Cap == 0 {
		return nil
	}
	bin := func(i int) float64 { return float64(space.Bin(rows[i].label)) }
	if o.Binning.Aligned() && space.Width > 0 {
		bin = func(i int) float64 { return datasets.BinNumber(labels[i], space.Width) }
	}
	for i, split := range balancedSplit(len(rows), bin, o.Cap, o.Seed) {
		rows[i].split = split
	}
	if !slices.ContainsFunc(rows, func(r tableRow) bool { return r.split == datasets.Val }) {
		return errors.New("no label bin holds 3 rows, so val and test would be empty: use fewer --bins, or a larger --bin-width")
	}
	return nil
}

// checkSplits makes sure that no split is empty.
func (o ColumnsOptions) checkSplits(rows []tableRow) error {
	for _, split := range datasets.Splits {
		if !slices.ContainsFunc(rows, func(r tableRow) bool { return r.split == split }) {
			return fmt.Errorf("split %s has no samples", split)
		}
	}
	return nil
}

// columnsConverter writes rows with their inputs.
type columnsConverter struct {
	opts     ColumnsOptions
	rows     []tableRow // that are kept
	next     int        // rows done
	put      func(pendingRow) error
	rejected *rejections

	columns  []table.Column     // of a table
	features []datasets.Feature // that they are
	unseen   map[string]int     // by column, see datasets.EncodeFeatures
}

// writeTo says where rows go, and returns what completes the dataset.
func (c *columnsConverter) writeTo(w *datasets.Writer, files []tableFile) (finish func() error, err error) {
	if !c.opts.InPlace {
		splits, err := w.AllSplits()
		c.put = func(row pendingRow) error { return splits[row.split].Write(row.sample) }
		return w.Close, err
	}
	var paths []string
	var before []int
	for _, file := range files {
		paths, before = append(paths, file.path), append(before, file.before)
	}
	references, err := w.InPlace(paths, before)
	if err != nil {
		return nil, err
	}
	c.put = func(row pendingRow) error {
		return references.Write(row.split, row.sample, row.file, row.row+1, row.path != "")
	}
	return references.Close, nil
}

// inputColumns are the columns of the input.
func (c *columnsConverter) inputColumns() (columns []table.Column) {
	if c.opts.Image != "" {
		columns = append(columns, table.Column{Name: c.opts.Image, Kind: table.Image})
	}
	for _, name := range c.opts.Text {
		columns = append(columns, table.Column{Name: name, Kind: table.Text})
	}
	for _, s := range c.opts.Signals {
		for _, name := range s.Columns {
			columns = append(columns, table.Column{Name: name, Kind: table.Numbers})
		}
	}
	columns = append(columns, c.columns...)
	if columns == nil { // labels only
		columns = append(columns, table.Column{Name: c.opts.Label, Kind: table.Number})
	}
	return columns
}

// pendingRow is a row on its way from a file to a split.
type pendingRow struct {
	tableRow
	where, path string // of the row, and of its image
	sample      datasets.Sample
	failed      error
}

// convert writes the rows of a file, some at a time.
func (c *columnsConverter) convert(ctx context.Context, at int, path string) error {
	folder := cmp.Or(c.opts.Images, filepath.Dir(path))
	var pending []pendingRow
	bytes := 0
	err := readRows(path, c.inputColumns(), rowsOf(c.rows, at), func(kept tableRow, where string, cells []table.Value) error {
		row := pendingRow{tableRow: kept, where: where}
		if err := c.fill(&row, cells, folder); err != nil {
			return fmt.Errorf("%s: %w", row.where, err)
		}
		pending = append(pending, row)
		c.next++
		for _, cell := range cells {
			bytes += len(cell.Bytes) + 4*len(cell.List)
		}
		if len(pending) < 256 && bytes <= 64<<20 {
			return nil
		}
		err := c.write(ctx, pending)
		pending, bytes = pending[:0], 0
		return err
	})
	if err != nil {
		return err
	}
	return c.write(ctx, pending)
}

// fill takes the input from the cells of a row; an image that lies in a file of its own is read later.
func (c *columnsConverter) fill(row *pendingRow, cells []table.Value, folder string) error {
	row.sample = datasets.Sample{ID: row.id, Label: row.label}
	switch {
	case c.opts.Image != "":
		row.sample.Image = cells[0].Bytes
		if cells[0].Text != "" {
			row.path = joinPath(folder, cells[0].Text)
		}
	case len(c.opts.Text) > 0:
		for i := range c.opts.Text {
			row.sample.Sentences[i] = cells[i].Text
		}
	case c.features != nil:
		var err error
		row.sample.Features, err = datasets.EncodeFeatures(c.features, cells, c.unseen)
		return err
	}
	for _, s := range c.opts.Signals {
		series, err := datasets.Interleave(s.Columns, cells)
		if err != nil {
			return err
		}
		row.sample.Signals = append(row.sample.Signals, series)
		cells = cells[len(s.Columns):]
	}
	return nil
}

// write prepares images over all cores and writes rows in their order.
func (c *columnsConverter) write(ctx context.Context, pending []pendingRow) error {
	encoding := AgeOptions{Size: c.opts.Size, Encode: c.opts.Encode}.encoding()
	err := forEach(ctx, pending, func(i int, row pendingRow) {
		switch s := &pending[i].sample; {
		case c.opts.Image == "":
		case row.path != "":
			s.Image, pending[i].failed = loadFace(row.path, c.opts.Size, encoding)
		default:
			s.Image, pending[i].failed = storeImage(s.Image, c.opts.Size, encoding)
		}
	})
	if err != nil {
		return err
	}
	for _, row := range pending {
		if row.failed != nil {
			err = c.rejected.add(row.row+1, cmp.Or(row.path, row.where), row.failed.Error())
		} else if err = c.put(row); err != nil {
			err = fmt.Errorf("%s: %w", row.where, err)
		}
		if err != nil {
			return err
		}
	}
	c.opts.progress(c.next, len(c.rows))
	return nil
}
