package preflight

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSIMD(t *testing.T) {
	tests := []struct {
		version, arch string
		want          Level
	}{
		{"go1.26.8-X:simd", "amd64", OK},
		{"go1.26.8 X:jsonv2,simd", "amd64", OK},
		{"go1.26.8", "amd64", Warning},
		{"go1.26.8-X:jsonv2", "amd64", Warning},
		{"go1.26.8", "arm64", OK},
	}
	for _, tt := range tests {
		if got := simd(tt.version, tt.arch); got.Level != tt.want {
			t.Errorf("%s on %s: %+v, want %s", tt.version, tt.arch, got, tt.want)
		}
	}
}

func TestModuleVersions(t *testing.T) {
	got := moduleVersions(map[string]string{"github.com/apache/arrow/go/v15": "v15.0.2",
		"github.com/gomlx/gomlx": "v0.28.8"})
	if want := "arrow v15.0.2, gomlx v0.28.8"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestParseGPUs(t *testing.T) {
	got, err := parseGPUs("NVIDIA H100 80GB HBM3, 81559 MiB, 4 MiB, 575.57.08\nTesla T4, 15360 MiB, 0 MiB, 550.54.15\n")
	want := []string{"NVIDIA H100 80GB HBM3, 81559 MiB, 4 MiB in use, driver 575.57.08",
		"Tesla T4, 15360 MiB, 0 MiB in use, driver 550.54.15"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := parseGPUs("No devices were found\n"); err == nil {
		t.Error("a message was taken for a GPU")
	}
}

func TestOut(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		dir  string
		want Level
		text string
	}{
		{dir, OK, "can be written"},
		{filepath.Join(dir, "not", "yet"), OK, "can be written"},
		{file, Problem, "is a file: expected a folder"},
		{"/proc", Problem, "/proc: "},
	}
	for _, tt := range tests {
		got := Out(tt.dir)
		if tt.want == OK && got.Level == Warning {
			got.Level = OK // the disk of the test's machine may be nearly full
		}
		if got.Level != tt.want || !strings.Contains(got.Text, tt.text) {
			t.Errorf("%s: %+v, want %s and %q", tt.dir, got, tt.want, tt.text)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the check left %v", entries)
	}
}

// A child that crashes, hangs or babbles is a backend that does not work, with the reason in one line.
func TestProbeInChild(t *testing.T) {
	tests := []struct{ name, script, want string }{
		{"works", `echo '{"name": "x", "description": "chip", "gflops": 2}'`, ""},
		{"panics", `echo noise >&2; echo 'panic: boom' >&2; echo 'goroutine 1' >&2; exit 2`,
			"crashed (exit status 2): panic: boom"},
		{"aborts", `echo 'terminate called' >&2; kill -ABRT $$`, "crashed (signal: aborted"},
		{"hangs", `sleep 60`, "no answer within "},
		{"babbles", `echo hello`, "unreadable answer: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			timeout := 30 * time.Second
			if tt.name == "hangs" {
				timeout = 50 * time.Millisecond
			}
			got := ProbeInChild(t.Context(), "x", timeout, "sh", "-c", tt.script)
			if !strings.HasPrefix(got.Error, tt.want) || (got.Error == "") != (tt.want == "") ||
				strings.Contains(got.Error, "\n") {
				t.Errorf("%+v, want %q", got, tt.want)
			}
		})
	}
}

func TestBackends(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "xla:/opt/plugin.so")
	if names := BackendNames(); len(names) != 4 || names[3] != "xla:/opt/plugin.so" {
		t.Errorf("backends %v, want the configured one last", names)
	}
	broken := func(name, reason string) Backend { return Backend{Name: name, Error: reason} }
	tests := []struct {
		backend Backend
		gpus    int
		want    []Level
	}{
		{Backend{Name: "go", GFLOPS: 3}, 0, []Level{OK}},
		{broken("go", "x"), 0, []Level{Problem, Problem}},
		{broken("xla:cuda", "no plugin"), 0, []Level{Absent, Problem}},
		{broken("xla:cuda", "no plugin"), 1, []Level{Warning, Problem}},
		{broken("xla:cpu", "crashed (signal: aborted)"), 0, []Level{Warning, Problem}},
		{broken("xla:/opt/plugin.so", "no such file"), 0, []Level{Warning, Problem}},
	}
	for _, tt := range tests {
		var got []Level
		for _, f := range Backends([]Backend{tt.backend}, tt.gpus) {
			got = append(got, f.Level)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%+v, %d GPUs: %s", tt.backend, tt.gpus, diff)
		}
	}
}

func TestProbe(t *testing.T) {
	if got := Probe("go"); got.Error != "" || !(got.GFLOPS > 0) || got.Description == "" {
		t.Errorf("%+v", got)
	}
	if got := Probe("tpu"); !strings.HasPrefix(got.Error, "expected go, xla:cpu") {
		t.Errorf("%+v, want what was expected", got)
	}
}

// One wrong element of a product is noticed.
func TestCheckSquare(t *testing.T) {
	rows := [][]int{{0, 1}, {1}}
	if err := checkSquare(rows, []float32{1, 2, 0, 1}); err != nil {
		t.Error(err)
	}
	const want = "wrong matrix product: row 1, column 1 is 2, expected 1"
	if err := checkSquare(rows, []float32{1, 2, 0, 2}); err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
}
