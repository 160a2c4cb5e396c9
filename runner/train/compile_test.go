package train

import (
	"testing"

	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// TestNothingIsCompiledTwice: training, validation and FDS of the first epoch compile all graphs, those of the last and
// smaller batch among them; later epochs compile none.
func TestNothingIsCompiledTwice(t *testing.T) {
	for name, text := range map[string]string{
		"agedb pass":   testsuite.Text(testsuite.Longer(testsuite.Agedb), "lds+fds", ", fds: {statistics: pass}"),
		"agedb online": testsuite.Text(testsuite.Longer(testsuite.Agedb), "lds+fds", ""),
		"nyud2":        testsuite.Text(testsuite.Longer(testsuite.Depth), "fds", ""),
	} {
		run := testruns.Plan(t, t.TempDir(), text)[0]
		graphs, seconds := compiledBy(t, run)
		if len(graphs) != 3 || graphs[0] == 0 || graphs[2] != graphs[0] {
			t.Errorf("%s: %d graphs after each epoch", name, graphs)
		}
		if !(seconds[0] > 0) || seconds[1] != 0 || seconds[2] != 0 {
			t.Errorf("%s: %g seconds of compiling in each epoch", name, seconds)
		}
	}
}

// compiledBy trains a run and returns the number of graphs that there are after each epoch, and the compile time of
// each.
func compiledBy(t *testing.T, run *plan.Run) (graphs []int, seconds []float64) {
	t.Helper()
	trainer, err := newTrainer(testruns.OpenGo(t), run, taskOf(t, run))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.close()
	f := fitOver(t, trainer, epochs(func(e store.Event) {
		graphs, seconds = append(graphs, trainer.compiled.graphs), append(seconds, e.CompileSeconds)
	}))
	if err := f.loop(); err != nil {
		t.Fatal(err)
	}
	return graphs, seconds
}

// epochs is a listener to validations.
type epochs func(store.Event)

func (f epochs) Step(*plan.Run, int, int, int, int) {}
func (f epochs) Epoch(_ *plan.Run, e store.Event)   { f(e) }
func (f epochs) Note(_ *plan.Run, text string)      {}
