package plan

import (
	"fmt"
	"path/filepath"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
)

// ImportSuite is the suite under which imported networks are stored.
const ImportSuite = "imported"

// ImportOptions say what the parameters in a PyTorch file belong to.
type ImportOptions struct {
	File      string // .pth or .safetensors
	Benchmark string
	Scale     string
	Dataset   string // empty: the benchmark's
	Method    string // that it was trained with
	Seed      int64
}

// NewImport returns the run that an imported network becomes. Its hash covers the file.
func NewImport(o ImportOptions, options Options) (*Run, error) {
	suite := &Suite{Name: ImportSuite, Fidelity: task.Official, Seeds: []int64{o.Seed}, Methods: []string{o.Method},
		Entries: []Entry{{Benchmark: o.Benchmark, Scale: o.Scale, Dataset: o.Dataset, Change: withoutEncoder}}}
	if err := suite.Resolve(); err != nil {
		return nil, SelectionError{err}
	}
	sum, err := datasets.FileSHA256(o.File)
	if err != nil {
		return nil, err
	}
	runs, err := New([]*Suite{suite}, options)
	if err != nil {
		return nil, err
	}
	last := runs[len(runs)-1] // behind its first stage, if it has one
	if part, own := last.Method.Head(); own {
		return nil, SelectionError{fmt.Errorf("method %s: its head is not the official network's linear layer, which "+
			"the file holds", part.Name)}
	}
	return last.With(options.Out, func(run *Run) {
		run.First, run.Config.First, run.Config.Weights = nil, "", sum
		run.Imported = fmt.Sprintf("%s (sha256 %.8s)", filepath.Base(o.File), sum)
	}), nil
}

// withoutEncoder asks for no pretrained encoder: the imported file holds it as well.
func withoutEncoder(recipe *task.Recipe) {
	if m := recipe.Depth; m != nil {
		own := *m
		own.Pretrained = false
		recipe.Depth = &own
	}
}
