package plan

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/twin"
	"github.com/dirbench/dirbench/datasets/uci"
)

// template is what the runs of an entry have in common.
func (p *planner) template(e *Entry) (Run, error) {
	run := Run{Suite: p.suite.Name, Benchmark: e.benchmark, Config: Config{
		Numerics: numericsVersion, Benchmark: e.benchmark.Name, Scale: e.Scale, Fidelity: p.suite.Fidelity, Recipe: e.recipe}}
	run.Of = e.of()
	dataset, err := p.open(e)
	if err != nil {
		return run, err
	}
	run.rows = e.benchmark.TrainRows
	if e.Twin != nil {
		run.rows = cmp.Or(e.Twin.Size, twin.DefaultSize(e.benchmark.Dataset))
	} else if table := e.table(); table != nil {
		run.rows = table.Rows
	}
	if run.Missing = p.missing(e, dataset); dataset == nil {
		return run, nil
	}
	run.Data = dataset.Dir
	run.Dataset, run.Config.LabelSpace, run.Config.Shots = dataset, dataset.Meta.LabelSpace, dataset.Meta.Shots
	run.Config.Files, run.Config.Chroma = FileHashes(dataset), dataset.Meta.Chroma
	if want, bins := len(e.benchmark.TrainCounts), dataset.Meta.LabelSpace.Bins; run.usesPublishedCounts() &&
		want != bins {
		return run, SelectionError{fmt.Errorf("%s: the published counts have %d bins, dataset %s has %d: set "+
			"published_counts: false",
			e.Benchmark, want, e.Dataset, bins)}
	}
	return run, p.extraFiles(e, &run)
}

// resolved returns the entry's recipes with what follows from the label space and the training labels of the dataset;
// as they are without one, in a preview.
func (p *planner) resolved(e *Entry, dataset *datasets.Dataset) ([]task.Recipe, error) {
	if dataset == nil {
		return e.recipes, nil
	}
	labels := sync.OnceValues(func() ([]float32, error) { return dataset.Labels(datasets.Train) })
	recipes := slices.Clone(e.recipes)
	for i := range recipes {
		var err error
		if recipes[i], err = recipes[i].For(dataset.Meta.LabelSpace, labels); err != nil {
			return nil, fmt.Errorf("%s: %w", dataset.Dir, err)
		}
	}
	return recipes, nil
}

// FileHashes returns the SHA-256 of each split's file.
func FileHashes(d *datasets.Dataset) map[datasets.Split]string {
	files := map[datasets.Split]string{}
	for split, meta := range d.Meta.Splits {
		files[split] = meta.SHA256
	}
	return files
}

// missing lists what an entry lacks in a preview; elsewhere a lack is a mistake.
func (p *planner) missing(e *Entry, dataset *datasets.Dataset) string {
	var list []string
	switch {
	case dataset == nil && e.Twin != nil:
		list = append(list, "twin "+e.Dataset+", which a run makes")
	case dataset == nil && e.table() != nil:
		list = append(list, "table "+e.Dataset+", which a run makes")
	case dataset == nil:
		list = append(list, "dataset "+e.Dataset)
	}
	if name, _ := p.unnamed(e); name != "" && p.options.Preview {
		list = append(list, name)
	}
	return strings.Join(list, ", ")
}

// extraFiles adds the files that the recipe needs beside the dataset.
func (p *planner) extraFiles(e *Entry, run *Run) (err error) {
	if run.Missing != "" {
		return nil
	}
	if err := p.checkNamed(e); err != nil {
		return err
	}
	need := e.recipe.Input().Traits().Needs
	if need == task.NoFile {
		return nil
	}
	sum, err := datasets.FileSHA256(p.options.Load.File(need))
	if err != nil {
		return fmt.Errorf("%s: %w", need, err)
	}
	switch need {
	case task.WordVectors:
		run.Load.Embeddings, run.Config.WordVectors = p.options.Load.Embeddings, sum
	case task.PretrainedEncoder:
		run.Load.Encoder, run.Config.Encoder = p.options.Load.Encoder, sum
	}
	return nil
}

// unnamed returns the file that a recipe needs and the options do not name, and how to name it; empty if there is none.
func (p *planner) unnamed(e *Entry) (name, how string) {
	traits := e.recipe.Input().Traits()
	if traits.Needs == task.NoFile || p.options.Load.File(traits.Needs) != "" {
		return "", ""
	}
	option := "--encoder"
	if traits.Needs == task.WordVectors {
		option = "--embeddings"
	}
	return string(traits.Needs), fmt.Sprintf("give %s FILE (%s)", option, traits.Form)
}

func (p *planner) checkNamed(e *Entry) error {
	if name, how := p.unnamed(e); name != "" {
		return SelectionError{fmt.Errorf("%s at scale %s uses %s: %s", e.benchmark.Name, e.Scale, name, how)}
	}
	return nil
}

// CheckFiles finds a run that needs a file beside its dataset which the options do not name. It looks at no data, and
// at no file.
func CheckFiles(suites []*Suite, options Options) error {
	for _, suite := range suites {
		p := planner{suite: suite, options: options}
		for i := range suite.Entries {
			if e := &suite.Entries[i]; len(p.wanted(e)) > 0 {
				if err := p.checkNamed(e); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// open opens the entry's dataset. In a preview a missing one is nil.
func (p *planner) open(e *Entry) (*datasets.Dataset, error) {
	dir := filepath.Join(p.options.Data, e.Dataset)
	if p.options.Preview && !isDataset(dir) {
		return nil, nil
	}
	dataset, err := datasets.Open(dir)
	if err != nil && e.benchmark.General() && len(p.suite.Entries) == 1 && !isDataset(dir) {
		return nil, fmt.Errorf("%w; dirbench run --dataset NAME takes another one", err)
	}
	if err != nil {
		return nil, err
	}
	if dataset.Meta.Modality != e.benchmark.Modality {
		return nil, fmt.Errorf("%s holds %q inputs: %s needs %q", dir, dataset.Meta.Modality, e.Benchmark,
			e.benchmark.Modality)
	}
	return dataset, checkTwin(dataset, e)
}

func isDataset(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, datasets.MetaFile))
	return !errors.Is(err, fs.ErrNotExist)
}

// checkTwin makes sure that a twin is the one that the suite asks for.
func checkTwin(there *datasets.Dataset, e *Entry) error {
	if e.Twin == nil {
		return nil
	}
	wanted, err := twin.Meta(e.benchmark.Dataset, *e.Twin)
	if err == nil && there.Meta.Made != wanted.Made {
		err = fmt.Errorf("%s was made by %q, the suite wants %q: remove the folder or give the suite another dataset name",
			there.Dir, there.Meta.Made, wanted.Made)
	}
	return err
}

// Made is a dataset that runs need, that is not there yet and that the program makes: a synthetic twin, or one of the
// tables that are in the program.
type Made struct {
	Dir     string
	Dataset string        // the real one of a twin, "agedb", or the table: "abalone"
	Twin    *twin.Options // nil: a table
}

// ToMake returns the datasets that are to be made for the runs of suites. Whoever executes the runs makes them before
// [New], which hashes their files.
func ToMake(suites []*Suite, options Options) []Made {
	var missing []Made
	known := map[string]bool{}
	for _, suite := range suites {
		p := planner{suite: suite, options: options}
		for i := range suite.Entries {
			e := &suite.Entries[i]
			dir := filepath.Join(options.Data, e.Dataset)
			if known[dir] || isDataset(dir) || len(p.wanted(e)) == 0 {
				continue
			}
			switch known[dir] = true; {
			case e.Twin != nil:
				missing = append(missing, Made{dir, e.benchmark.Dataset, e.Twin})
			case e.table() != nil:
				missing = append(missing, Made{dir, e.Dataset, nil})
			}
		}
	}
	return missing
}

// table returns the table in the program that the entry names; nil if it names none.
func (e *Entry) table() *uci.Set {
	set, err := uci.Find(e.Dataset)
	if err != nil || e.Twin != nil || e.benchmark.Modality != datasets.Table {
		return nil
	}
	return &set
}
