package train

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"

	"github.com/dirbench/dirbench/runner/store"
)

// snapshot holds the values of a model's variables on the host, by path: encoder, regressor, FDS state and methods'
// own, without the optimiser's.
type snapshot map[string]*tensors.Tensor

func keptVariable(path string) bool {
	for _, scope := range []string{encoderScope, regressorScope, methodScope, "fds"} {
		if strings.HasPrefix(path, "/"+scope+"/") {
			return true
		}
	}
	return false
}

// takeSnapshot copies the variables whose path is wanted.
func takeSnapshot(s *model.Store, wanted func(path string) bool) (snapshot, error) {
	kept := snapshot{}
	for v := range s.IterVariables() {
		if !wanted(v.Path()) {
			continue
		}
		value, err := v.Value()
		if err != nil {
			return nil, err
		}
		if kept[v.Path()], err = value.LocalClone(); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

func (k snapshot) restore(s *model.Store) error {
	for path, value := range k {
		clone, err := value.LocalClone()
		if err != nil {
			return err
		}
		if v := s.GetVariable(path); v != nil {
			err = v.SetValue(clone)
		} else {
			_, err = s.CreateVariable(path, clone)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// save writes the snapshot as a GoMLX checkpoint into the run's folder, replacing an earlier one.
func (k snapshot) save(runDir string) error {
	final := filepath.Join(runDir, store.CheckpointDir)
	temporary := final + ".tmp"
	if err := k.write(temporary, checkpoint.BinGZIP); err != nil {
		return err
	}
	if err := os.RemoveAll(final); err != nil {
		return err
	}
	return os.Rename(temporary, final) // the run's status, written last, makes it survive a power loss
}

// write makes a new folder with the snapshot as a GoMLX checkpoint, synced.
func (k snapshot) write(dir string, format checkpoint.BinFormat) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	kept := model.NewStore()
	if err := k.restore(kept); err != nil {
		return err
	}
	handler, err := checkpoint.Build(kept).Dir(dir).WithCompression(format).Done()
	if err == nil {
		err = handler.Save()
	}
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return store.SyncFiles(dir)
}

// readSnapshot reads what write wrote.
func readSnapshot(dir string) (snapshot, error) {
	loaded := model.NewStore()
	if _, err := checkpoint.Load(loaded).Dir(dir).Immediate().Done(); err != nil {
		return nil, fmt.Errorf("checkpoint %s: %w", dir, err)
	}
	return takeSnapshot(loaded, func(string) bool { return true })
}
