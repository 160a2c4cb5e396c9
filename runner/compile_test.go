package runner

import (
	"testing"

	"github.com/dirbench/dirbench/runner/store"
)

// TestNothingIsCompiledTwice: training, validation and FDS of the first epoch compile all graphs, those of the last and smaller batch
// among them; later epochs compile none.
func TestNothingIsCompiledTwice(t *testing.T) {
	for name, text := range map[string]string{
		"agedb pass":   suiteText(longer(agedbEntry), "lds+fds", ", fds: {statistics: pass}"),
		"agedb online": suiteText(longer(agedbEntry), "lds+fds", ""),
		"nyud2":        suiteText(longer(depthEntry), "fds", ""),
	} {
		run := planOf(t, t.TempDir(), text)[0]
		graphs, seconds := compiledBy(t, run)
		if len(graphs) != 3 || graphs[0] == 0 || graphs[2] != graphs[0] {
			t.Errorf("%s: %d graphs after each epoch", name, graphs)
		}
		if !(seconds[0] > 0) || seconds[1] != 0 || seconds[2] != 0 {
			t.Errorf("%s: %g seconds of compiling in each epoch", name, seconds)
		}
	}
}

// compiledBy trains a run and returns the number of graphs that there are after each epoch, and the compile time of each.
func compiledBy(t *testing.T, run *Run) (graphs []int, seconds []float64) {
	t.Helper()
	trainer, err := newTrainer(openGo(t), run, taskOf(t, run))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.close()
	f := fitOver(t, trainer, &watcher{onEpoch: func(e store.Event) {
		graphs, seconds = append(graphs, trainer.compiled.graphs), append(seconds, e.CompileSeconds)
	}})
	if err := f.loop(); err != nil {
		t.Fatal(err)
	}
	return graphs, seconds
}
