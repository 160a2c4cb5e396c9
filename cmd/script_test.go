package cmd

import (
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// mainEnv makes this test program dirbench.
const mainEnv = "DIRBENCH_TEST_MAIN"

func TestMain(m *testing.M) {
	workerFaults, timeoutGrace = testFaults, 5*time.Second
	// A worker of a test that runs a suite in its own process, or a process of its own for a test.
	if len(os.Args) == 2 && os.Args[1] == "worker" || os.Getenv(mainEnv) != "" {
		Main()
	}
	testscript.Main(m, map[string]func(){"dirbench": Main})
}

// TestScripts runs testdata/script/*.txtar: what a person types, and what comes out.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"png": pngCommand, "exits": exitsCommand, "predictions": predictionsCommand,
			"samepredictions": samePredictionsCommand, "header": headerCommand,
		},
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GOMLX_NO_AUTO_INSTALL", "1")
			return nil
		},
	})
}

// pngCommand is "png FILE...": it writes images of 6×6 pixels.
func pngCommand(ts *testscript.TestScript, _ bool, files []string) {
	img := image.NewGray(image.Rect(0, 0, 6, 6))
	for i := range img.Pix {
		img.SetGray(i%6, i/6, color.Gray{Y: uint8(i * 7)})
	}
	for _, name := range files {
		path := ts.MkAbs(name)
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
		file, err := os.Create(path)
		ts.Check(err)
		ts.Check(png.Encode(file, img))
		ts.Check(file.Close())
	}
}

// exitsCommand is "exits CODE PROGRAM ARGS...": it runs the program and expects exactly that exit code.
func exitsCommand(ts *testscript.TestScript, _ bool, args []string) {
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}
