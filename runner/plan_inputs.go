package runner

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/twin"
)

// template is what the runs of an entry have in common.
func (p *planner) template(e *Entry) (Run, error) {
	run := Run{suite: p.suite.Name, benchmark: e.benchmark, Config: Config{
		Numerics: numericsVersion, Benchmark: e.benchmark.Name, Scale: e.Scale, Semantics: p.suite.Semantics, Recipe: e.recipe}}
	dataset, err := p.open(e)
	if err != nil {
		return run, err
	}
	if dataset == nil {
		run.Missing = "dataset " + e.Dataset
		return run, nil
	}
	run.dataset, run.Config.LabelSpace, run.Config.Shots = dataset, dataset.Meta.LabelSpace, dataset.Meta.Shots
	run.Config.Files = map[datasets.Split]string{}
	for split, meta := range dataset.Meta.Splits {
		run.Config.Files[split] = meta.SHA256
	}
	if want, bins := len(e.benchmark.TrainCounts), dataset.Meta.LabelSpace.Bins; run.usesPublishedCounts() && want != bins {
		return run, SelectionError{fmt.Errorf("%s: the published counts have %d bins, dataset %s has %d: set published_counts: false",
			e.Benchmark, want, e.Dataset, bins)}
	}
	return run, p.extraFiles(e, &run)
}

// extraFiles adds the files that the recipe needs beside the dataset.
func (p *planner) extraFiles(e *Entry, run *Run) (err error) {
	if m := e.recipe.Text; m != nil && m.Pretrained {
		run.load.Embeddings = p.options.Load.Embeddings
		run.Config.WordVectors, err = p.extraFile(run, run.load.Embeddings,
			fmt.Sprintf("pretrained word vectors: give --embeddings FILE (GloVe text format, %d values a word)", m.Embedding))
	}
	if m := e.recipe.Depth; m != nil && m.Pretrained {
		run.load.Encoder = p.options.Load.Encoder
		run.Config.Encoder, err = p.extraFile(run, run.load.Encoder,
			"a pretrained encoder: give --encoder FILE (torchvision's ResNet-50, .pth or .safetensors)")
	}
	return err
}

// extraFile returns the hash of a file. One that is not named is missing in a preview and else a mistake.
func (p *planner) extraFile(run *Run, path, what string) (string, error) {
	name, _, _ := strings.Cut(what, ":")
	switch {
	case path != "":
		sum, err := datasets.FileSHA256(path)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		return sum, nil
	case p.options.Preview:
		run.Missing = name
		return "", nil
	}
	return "", SelectionError{fmt.Errorf("%s at scale %s uses %s", run.benchmark.Name, run.Config.Scale, what)}
}

// open opens the entry's dataset, making the twin where the suite asks for one that is not there. In a preview a missing
// dataset is nil.
func (p *planner) open(e *Entry) (*datasets.Dataset, error) {
	dir := filepath.Join(p.options.Data, e.Dataset)
	if e.Twin != nil {
		if err := ensureTwin(dir, e.benchmark.Dataset, *e.Twin); err != nil {
			return nil, err
		}
	}
	if _, err := os.Stat(filepath.Join(dir, datasets.MetaFile)); p.options.Preview && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	dataset, err := datasets.Open(dir)
	if err != nil {
		return nil, err
	}
	if dataset.Meta.Modality != e.benchmark.Modality {
		return nil, fmt.Errorf("%s holds %q inputs: %s needs %q", dir, dataset.Meta.Modality, e.Benchmark, e.benchmark.Modality)
	}
	return dataset, nil
}

func ensureTwin(dir, name string, options twin.Options) error {
	wanted, err := twin.Meta(name, options)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, datasets.MetaFile)); errors.Is(err, fs.ErrNotExist) {
		err := twin.Write(dir, name, options, false)
		if !errors.Is(err, datasets.ErrExists) { // else another process was faster
			return err
		}
	}
	there, err := datasets.Open(dir)
	if err != nil {
		return err
	}
	if there.Meta.Made != wanted.Made {
		return fmt.Errorf("%s was made by %q, the suite wants %q: remove the folder or give the suite another dataset name",
			dir, there.Meta.Made, wanted.Made)
	}
	return nil
}
