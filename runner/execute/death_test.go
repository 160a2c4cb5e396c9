package execute

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/store"
)

// TestDeath: workers that end without a word on how the run ended, and what is made of it.
func TestDeath(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	tests := []struct{ script, want string }{
		{"echo 'fatal error: runtime: out of memory' >&2; exit 2", "failed oom out of memory"},
		{"echo 'RESOURCE_EXHAUSTED: Out of memory allocating 5 bytes' >&2; kill -ABRT $$", "failed oom out of memory"},
		{"kill -KILL $$", "failed oom the system killed the worker (SIGKILL), as it does when memory runs out"},
		{"echo some library says; echo 'panic: shapes' >&2; echo 'goroutine 1' >&2; exit 2", "failed panic panic: shapes"},
		{"echo 'fatal error: concurrent map writes' >&2; exit 2", "failed panic fatal error: concurrent map writes"},
		{"kill -SEGV $$", "failed panic the worker died of segmentation fault"},
		{"kill -TERM $$", "interrupted  stopped"},
		{"echo what happened >&2; exit 7", "failed error the worker ended without a result: exit status 7: what happened"},
		{`echo '{"note":"half a'`, "failed error the worker ended without a result: exit status 0"},
	}
	for _, tt := range tests {
		run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla", ""))[0]
		processes := &Processes{Command: []string{"sh", "-c", "read order; " + tt.script}, Backend: "go"}
		outcome, err := processes.Launch(t.Context(), run, 0, store.Seen{}, &watcher{})
		if err != nil {
			t.Fatalf("%s: %v", tt.script, err)
		}
		there, err := store.Load(run.Dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, status := range []store.Status{outcome.Status, there.Status} {
			if got := string(status.State) + " " + status.Class + " " + status.Message; got != tt.want {
				t.Errorf("%s: %q, want %q", tt.script, got, tt.want)
			}
		}
		log, _ := os.ReadFile(filepath.Join(run.Dir, store.CrashFile))
		if strings.Contains(tt.script, ">&2") != (len(log) > 0) {
			t.Errorf("%s: log %q", tt.script, log)
		}
	}
}

// TestDeathAfterDone: a worker that dies after it finished its run leaves it done.
func TestDeathAfterDone(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla", ""))[0]
	t.Setenv(workerEnv, "1")
	t.Setenv(dieEnv, "1")
	processes := &Processes{Command: []string{os.Args[0]}, Backend: "go", CheckpointEvery: time.Hour}
	outcome, err := processes.Launch(t.Context(), run, 0, store.Seen{}, &watcher{})
	if err != nil || outcome.Status.State != store.Done {
		t.Errorf("outcome %+v, %v", outcome, err)
	}
	if there, err := store.Load(run.Dir); err != nil || there.Status.State != store.Done {
		t.Errorf("stored %+v, %v", there.Status, err)
	}
}

// TestPinning: slots get devices in turn and their part of the threads.
func TestPinning(t *testing.T) {
	p := &Processes{Command: []string{"worker"}, Devices: []string{"0", "3"}, Threads: 2, MemoryLimit: 1000}
	for slot, device := range []string{"0", "3", "0"} {
		env := strings.Join(p.command(slot).Env, "\n")
		for _, want := range []string{"CUDA_VISIBLE_DEVICES=" + device, "GOMAXPROCS=2", "NPROC=2", "GOMEMLIMIT=900"} {
			if !strings.Contains(env, "\n"+want) {
				t.Errorf("slot %d: no %s", slot, want)
			}
		}
	}
}

func TestDefaultJobs(t *testing.T) {
	cores := runtime.GOMAXPROCS(0)
	for _, tt := range []struct {
		opened      backend.Opened
		gpus        []string
		least, most int
	}{
		{backend.Opened{Name: "xla:cuda"}, []string{"0", "1", "2"}, 3, 3},
		{backend.Opened{Name: "xla:/plugins/cuda.so"}, nil, 1, 1},
		{backend.Opened{Name: "xla:cpu"}, nil, 1, 1},
		{backend.Opened{Name: "go"}, nil, 1, cores},
	} {
		if got := DefaultJobs(tt.opened, tt.gpus); got < tt.least || got > tt.most {
			t.Errorf("%+v: %d jobs, want %d to %d", tt.opened, got, tt.least, tt.most)
		}
	}
}
