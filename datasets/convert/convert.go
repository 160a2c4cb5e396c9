// Package convert makes prepared datasets from the files that the official benchmarks publish. The same files and
// options give the same bytes, whatever the number of cores and whether or not a conversion was interrupted.
package convert

import (
	"cmp"
	"path/filepath"
	"strings"

	"github.com/dirbench/dirbench/datasets"
)

// Options apply to every converter. An empty Name, Title, Source or Licence means the benchmark's own; under another
// Name the title is that name, and source and licence are "not stated".
type Options struct {
	Out       string // the dataset goes to <Out>/<Name>
	Name      string // folder name and key
	Title     string // as tables print it
	Source    string // where the raw files came from
	Licence   string
	Made      string // the command, without paths
	Overwrite bool   // replace a dataset of that name

	// DropTrain removes training samples with these labels, so that validation and test have regions without training data.
	// The title says so unless one is given.
	DropTrain datasets.LabelRanges

	// Progress, unless nil, is told from time to time how many of the rows are done.
	Progress func(done, total int)
	// Resumed, unless nil, is told at the end, also of a failure, how many rows an earlier, interrupted conversion had
	// left, if there were any.
	Resumed func(rows int)
}

// meta fills what the options leave open from the benchmark's own description. Under another name the data is
// something else, whose title and origin the benchmark cannot know.
func (o Options) meta(own datasets.Meta) datasets.Meta {
	if o.Name != "" && o.Name != own.Name {
		own.Name, own.Title, own.Source, own.Licence = o.Name, o.Name, "not stated", "not stated"
	}
	if len(o.DropTrain) > 0 {
		own.Title += ", no training labels " + strings.ReplaceAll(o.DropTrain.String(), ",", ", ")
	}
	own.Title = cmp.Or(o.Title, own.Title)
	own.Source = cmp.Or(o.Source, own.Source)
	own.Licence = cmp.Or(o.Licence, own.Licence)
	own.Made = o.Made
	return own
}

func (o Options) create(meta datasets.Meta) (*datasets.Writer, error) {
	dir := filepath.Join(o.Out, meta.Name)
	if o.Overwrite {
		return datasets.Overwrite(dir, meta)
	}
	return datasets.Create(dir, meta)
}

func (o Options) progress(done, total int) {
	if o.Progress != nil {
		o.Progress(done, total)
	}
}

// resumed tells about the rows that were taken over.
func (o Options) resumed(s *spool) {
	if o.Resumed != nil && s.resumed > 0 {
		o.Resumed(s.resumed)
	}
}
