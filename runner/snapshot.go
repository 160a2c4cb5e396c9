package runner

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

// snapshot holds the values of a model's variables on the host, by path: encoder, regressor and FDS state, without the
// optimiser's.
type snapshot map[string]*tensors.Tensor

func keptVariable(path string) bool {
	for _, scope := range []string{encoderScope, regressorScope, "fds"} {
		if strings.HasPrefix(path, "/"+scope+"/") {
			return true
		}
	}
	return false
}

func takeSnapshot(s *model.Store) (snapshot, error) {
	kept := snapshot{}
	for v := range s.IterVariables() {
		if !keptVariable(v.Path()) {
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

// save writes the snapshot as a GoMLX checkpoint into the run's folder, replacing an earlier one in one step.
func (k snapshot) save(runDir string) error {
	final := filepath.Join(runDir, store.CheckpointDir)
	temporary := final + ".tmp"
	if err := os.RemoveAll(temporary); err != nil {
		return err
	}
	kept := model.NewStore()
	if err := k.restore(kept); err != nil {
		return err
	}
	handler, err := checkpoint.Build(kept).Dir(temporary).Done()
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := handler.Save(); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if err := os.RemoveAll(final); err != nil {
		return err
	}
	return os.Rename(temporary, final)
}

// finishedSnapshot reads the checkpoint of a run that is done. One that failed or was interrupted may have left a
// checkpoint too.
func finishedSnapshot(runDir string) (snapshot, error) {
	run, err := store.Load(runDir)
	if err != nil {
		return nil, err
	}
	if run.Status.State != store.Done {
		return nil, fmt.Errorf("the first stage did not finish: %s %s", run.Status.State, run.Status.Class)
	}
	return loadSnapshot(runDir)
}

func loadSnapshot(runDir string) (snapshot, error) {
	dir := filepath.Join(runDir, store.CheckpointDir)
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("checkpoint of the first stage: %w", err)
	}
	loaded := model.NewStore()
	if _, err := checkpoint.Load(loaded).Dir(dir).Immediate().Done(); err != nil {
		return nil, fmt.Errorf("checkpoint %s: %w", dir, err)
	}
	return takeSnapshot(loaded)
}
