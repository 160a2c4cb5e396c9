package train

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
)

// TestOnlineStatistics: where the parameters do not move, for the rate is too small, the features of the steps are
// those of a second pass, and so are the statistics. From the second epoch on the regressor gets calibrated features,
// which are not what is measured.
func TestOnlineStatistics(t *testing.T) {
	tables := map[string]snapshot{}
	for _, statistics := range []string{"pass", "online"} {
		text := testsuite.Text(strings.Replace(testsuite.Longer(testsuite.STSB), "layers: 1", "layers: 1, dropout: 0", 1),
			"fds", ", lr: 1.0e-30, fds: {statistics: "+statistics+"}")
		tables[statistics] = statisticsOf(t, testruns.Plan(t, t.TempDir(), text)[0])
	}
	sameTables(t, tables["online"], tables["pass"])
}

// statisticsOf trains a run and returns FDS's variables after its last epoch, not after its best one.
func statisticsOf(t *testing.T, run *plan.Run) snapshot {
	t.Helper()
	trainer, err := newTrainer(testruns.OpenGo(t), run, taskOf(t, run))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.close()
	f := fitOver(t, trainer, Silent{})
	if err := f.loop(); err != nil {
		t.Fatal(err)
	}
	tables, err := takeSnapshot(trainer.store, func(path string) bool { return strings.HasPrefix(path, "/fds/") })
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// fitOver returns a training loop at its beginning.
func fitOver(t *testing.T, trainer *trainer, observer Listener) *fit {
	t.Helper()
	run := trainer.run
	if err := os.MkdirAll(run.Dir, 0o755); err != nil { // for the events
		t.Fatal(err)
	}
	set, err := newTrainSet(run, trainer.task)
	if err != nil {
		t.Fatal(err)
	}
	set.memory, set.backend = trainer.memory, trainer.backend
	return &fit{trainer: trainer, ctx: t.Context(), record: &Record{run: run, observer: observer}, train: set,
		random: run.Config.Seeds(), best: math.Inf(1), saves: &saver{every: time.Hour, last: time.Now()}}
}

// sameTables compares the float32 variables of two snapshots up to rounding.
func sameTables(t *testing.T, a, b snapshot) {
	t.Helper()
	if len(a) == 0 || len(a) != len(b) {
		t.Fatalf("%d variables, %d", len(a), len(b))
	}
	for path := range b {
		x, y := tensors.MustCopyFlatData[float32](a[path]), tensors.MustCopyFlatData[float32](b[path])
		largest := 0.0
		for i := range y {
			largest = max(largest, math.Abs(float64(y[i])))
		}
		for i := range y {
			if math.Abs(float64(x[i]-y[i])) > 1e-5*largest {
				t.Fatalf("%s[%d]: %g, want %g", path, i, x[i], y[i])
			}
		}
	}
	if moved := tensors.MustCopyFlatData[float32](b["/fds/running_mean"]); len(moved) == 0 || moved[len(moved)/2] == 0 {
		t.Error("no statistics were measured")
	}
}

// TestOfficialStatistics: fidelity official measures in a second pass unless the suite says otherwise, which is another
// run.
func TestOfficialStatistics(t *testing.T) {
	hashes := map[string]bool{}
	for _, k := range []struct{ fidelity, fields, want string }{
		{"paper", "", "online"}, {"official", "", "pass"},
		{"paper", ", fds: {statistics: pass}", "pass"}, {"official", ", fds: {statistics: online}", "online"},
	} {
		text := "semantics: " + k.fidelity + "\n" + testsuite.Text(testsuite.STSB, "fds", k.fields)
		run := testruns.Plan(t, "out", text)[0]
		if got := run.Config.Recipe.FDS.Statistics; got != k.want {
			t.Errorf("%s%s: statistics %q, want %q", k.fidelity, k.fields, got, k.want)
		}
		hashes[run.Hash] = true
	}
	if len(hashes) != 4 {
		t.Errorf("%d hashes of four configurations", len(hashes))
	}
}
