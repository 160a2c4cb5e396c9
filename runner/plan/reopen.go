package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// Reopen makes a finished run's plan again from its manifest, with its dataset below the root. Its checkpoint holds all
// parameters, so that it needs no first stage and no pretrained encoder. Errors are one line.
func Reopen(there store.Run, root string, load task.LoadOptions) (*Run, error) {
	run, err := reopenedOn(there, root, load)
	if err != nil {
		return nil, err
	}
	return run, run.reload()
}

// ReopenFor is Reopen for another dataset in place of the run's own, which is needed only where the form of the inputs
// follows from it.
func ReopenFor(inputs *datasets.Dataset, there store.Run, root string, load task.LoadOptions) (*Run, error) {
	run, err := reopened(there, load)
	if err != nil {
		return nil, err
	}
	if run.Config.Recipe.Input().Traits().FromTraining && !sameFiles(inputs, run.Config.Files) {
		if run.Load.Training, err = findDataset(root, there.Manifest.Dataset.Name, run.Config.Files); err != nil {
			return nil, fmt.Errorf("%s: %w", there.Dir, err)
		}
	}
	run.Data = inputs.Dir
	if err := run.Open(); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(there.Dir, store.ManifestFile), err)
	}
	return run, run.reload()
}

// DatasetOf returns the dataset that a run was trained on, found below a root of prepared ones.
func DatasetOf(there store.Run, root string) (*datasets.Dataset, error) {
	run, err := reopened(there, task.LoadOptions{})
	if err != nil {
		return nil, err
	}
	d, err := findDataset(root, there.Manifest.Dataset.Name, run.Config.Files)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", there.Dir, err)
	}
	return d, nil
}

// ReopenNetwork makes of a finished run's plan what describes its network: configuration, method and dataset. It needs
// neither the rows of the dataset nor word vectors.
func ReopenNetwork(there store.Run, root string) (*Run, error) {
	return reopenedOn(there, root, task.LoadOptions{})
}

// reopenedOn returns what the manifest of a finished run says, with its dataset below the root.
func reopenedOn(there store.Run, root string, load task.LoadOptions) (*Run, error) {
	run, err := reopened(there, load)
	if err != nil {
		return nil, err
	}
	dataset, err := findDataset(root, there.Manifest.Dataset.Name, run.Config.Files)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", there.Dir, err)
	}
	run.Data = dataset.Dir
	if err := run.Open(); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(there.Dir, store.ManifestFile), err)
	}
	return run, nil
}

// reopened returns what the manifest of a finished run says.
func reopened(there store.Run, load task.LoadOptions) (*Run, error) {
	if from := there.Manifest.External; from != nil {
		return nil, fmt.Errorf("%s: predictions of another program, from %s: there is no network to open", there.Dir, from)
	}
	if there.Status.State != store.Done {
		return nil, fmt.Errorf("%s: the run is %s: expected one that is done", there.Dir, there.Status.State)
	}
	run := &Run{Hash: there.Manifest.Hash, Dir: there.Dir, Suite: there.Manifest.Suite, Load: load}
	run.Load.Features = there.Manifest.Dataset.Features
	manifest := filepath.Join(there.Dir, store.ManifestFile)
	if err := json.Unmarshal(there.Manifest.Config, &run.Config); err != nil {
		return nil, fmt.Errorf("%s: config: %w", manifest, err)
	}
	// A configuration of another version of the program may lack fields, whose zero would build another network.
	if run.Config.Hash() != run.Hash {
		return nil, fmt.Errorf("%s: its configuration is of another version of dirbench: use the one of commit %.12s, or "+
			"run it again",
			manifest, there.Manifest.Commit)
	}
	return run, nil
}

// reload checks the word vectors, and leaves out the pretrained encoder, which the checkpoint replaces.
func (r *Run) reload() error {
	input := r.Config.Recipe.Input().Trained()
	r.Config.Recipe = r.Config.Recipe.WithInput(input)
	if input.Traits().Needs != task.WordVectors {
		return nil
	}
	if r.Load.Embeddings == "" {
		return SelectionError{fmt.Errorf("%s uses %s: give --embeddings FILE, the one that it was trained with", r.Dir,
			task.WordVectors)}
	}
	sum, err := datasets.FileSHA256(r.Load.Embeddings)
	if err == nil && sum != r.Config.WordVectors {
		err = fmt.Errorf("%s: SHA-256 %.8s, but the run %s was trained with word vectors of %.8s",
			r.Load.Embeddings, sum, r.Dir, r.Config.WordVectors)
	}
	return err
}

// findDataset returns the dataset below root whose splits have the given hashes: the one of the given name or, since
// folders may have other names than the datasets in them, any other.
func findDataset(root, name string, files map[datasets.Split]string) (*datasets.Dataset, error) {
	named, err := datasets.Open(filepath.Join(root, name))
	if err == nil && sameFiles(named, files) {
		return named, nil
	}
	entries, unread := os.ReadDir(root)
	if unread != nil {
		if errors.Is(unread, fs.ErrNotExist) {
			unread = fmt.Errorf("%w: expected the root of prepared datasets, see --data", unread)
		}
		return nil, unread
	}
	for _, entry := range entries {
		if other, err := datasets.Open(filepath.Join(root, entry.Name())); err == nil && sameFiles(other, files) {
			return other, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("dataset %s, or another with the same files, is not in %s: give its root as --data", name,
			root)
	}
	return nil, fmt.Errorf("dataset %s has changed since the run: train has SHA-256 %.8s, the run was trained on %.8s",
		named.Dir, named.Meta.Splits[datasets.Train].SHA256, files[datasets.Train])
}

func sameFiles(d *datasets.Dataset, files map[datasets.Split]string) bool {
	for split, sum := range files {
		if d.Meta.Splits[split].SHA256 != sum {
			return false
		}
	}
	return len(files) > 0
}
