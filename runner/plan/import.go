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

// PlanImport returns the run that an imported network becomes. Its hash covers the file.
func PlanImport(o ImportOptions, options PlanOptions) (*Run, error) {
	suite := &Suite{Name: ImportSuite, Fidelity: task.Official, Seeds: []int64{o.Seed}, Methods: []string{o.Method},
		Entries: []Entry{{Benchmark: o.Benchmark, Scale: o.Scale, Dataset: o.Dataset}}}
	if err := suite.resolve(); err != nil {
		return nil, SelectionError{err}
	}
	if m := suite.Entries[0].recipe.Depth; m != nil {
		m.Pretrained = false // the file holds the encoder as well
	}
	sum, err := datasets.FileSHA256(o.File)
	if err != nil {
		return nil, err
	}
	plan, err := Plan([]*Suite{suite}, options)
	if err != nil {
		return nil, err
	}
	run := plan[len(plan)-1] // behind its first stage, if it has one
	run.First, run.Config.Weights = nil, sum
	run.Imported = fmt.Sprintf("%s (sha256 %.8s)", filepath.Base(o.File), sum)
	run.Place(options.Out)
	return run, nil
}
