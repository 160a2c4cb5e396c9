package train

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// LoadTask returns the run's dataset in memory, resampled if its method does that. If ctx ends before, it does not
// wait.
func LoadTask(ctx context.Context, run *plan.Run, observer Listener) (task.Task, error) {
	type result struct {
		task task.Task
		err  error
	}
	loaded := make(chan result, 1)
	go func() {
		var r result
		r.err = Recovered(func() (err error) { r.task, err = readTask(run, observer); return err })
		loaded <- r
	}()
	select {
	case r := <-loaded:
		return r.task, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func readTask(run *plan.Run, observer Listener) (task.Task, error) {
	options := run.Load
	options.Note = func(text string) { observer.Note(run, text) }
	state := stateOfTable(run)
	loaded := lastTable.get(state)
	if loaded == nil {
		if err := run.Dataset.CheckFiles(); err != nil {
			return nil, store.Failure{Class: store.ClassData, Err: err}
		}
		var err error
		if loaded, err = run.Config.Recipe.Load(run.Dataset, options); err != nil {
			return nil, store.Failure{Class: store.ClassData, Err: err}
		}
		lastTable.put(state, loaded)
	}
	return resampled(run, loaded)
}

// lastTable is the table that was read last: runs of a worker that follow one another mostly have the same. Trainings
// do not change it.
var lastTable kept

// kept is a task and the state of what it was read from.
type kept struct {
	mutex sync.Mutex
	state string
	task  task.Task
}

// get returns the task of a state. One of another state is given up before the next one is read.
func (k *kept) get(state string) task.Task {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if state == "" || k.state != state {
		k.state, k.task = "", nil
	}
	return k.task
}

func (k *kept) put(state string, loaded task.Task) {
	if state == "" {
		return
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.state, k.task = state, loaded
}

// stateOfTable returns a text that changes with all that a table's rows in memory depend on; empty where they are not
// kept.
func stateOfTable(run *plan.Run) string {
	input := run.Config.Recipe.Input()
	if o := run.Load; input.Modality() != datasets.Table || o.Splits != nil || o.Training != nil || o.Features != nil {
		return ""
	}
	files, err := run.Dataset.State()
	if err != nil {
		return "" // as reading them will say
	}
	section, err := json.Marshal(input)
	if err != nil {
		return ""
	}
	return files + string(section)
}
