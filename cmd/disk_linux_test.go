package cmd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dirbench/dirbench/runner/store"
)

// mountTmpfs mounts a small file system, or skips the test where that is not allowed.
func mountTmpfs(t *testing.T, dir, options string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("a file system of its own cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
}

// tableRow returns the line of a table that begins with a text.
func tableRow(tables, begins string) string {
	for line := range strings.Lines(tables) {
		if strings.HasPrefix(line, "| "+begins+" ") {
			return line
		}
	}
	return ""
}

// TestDiskFull runs a suite on a file system that is filled by other files. The failed run says so, nothing else is
// lost, and once there is room the same command finishes the suite as if nothing had happened.
func TestDiskFull(t *testing.T) {
	o := suiteOptions(t, interruptedSuite)
	var want bytes.Buffer
	if err := runSuite(t.Context(), o, &want, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	small := t.TempDir()
	mountTmpfs(t, small, "size=600k")
	o.plan.Out = filepath.Join(small, "results")
	o.plan.Only = []string{"*/vanilla/*"}
	if err := runSuite(t.Context(), o, &bytes.Buffer{}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	o.plan.Only = nil
	fillDisk(t, o, small, want.String())
	// The second run again, as if it had been cut off: on a full disk its status cannot say how it ends this time.
	files, err := filepath.Glob(filepath.Join(o.plan.Out, "mine/sts-b-dir/lds/seed=0/*", store.StatusFile))
	if err != nil || len(files) != 1 {
		t.Fatalf("%q, %v, want one file", files, err)
	}
	if err := store.WriteJSON(files[0], store.Status{State: store.Running}); err != nil {
		t.Fatal(err)
	}
	fillDisk(t, o, small, want.String())
}

// fillDisk runs a suite, of which one run is done, on a full disk and then with room again.
func fillDisk(t *testing.T, o runOptions, disk, want string) {
	t.Helper()
	ballast := filepath.Join(disk, "ballast")
	_ = os.WriteFile(ballast, make([]byte, 1<<20), 0o644) // as far as it fits
	var out, progress bytes.Buffer
	err := runSuite(t.Context(), o, &out, &progress)
	if exitCode(err) != exitRunsFailed || !strings.Contains(progress.String(), "failed (io): ") ||
		!strings.Contains(progress.String(), "no space left on device") ||
		!strings.Contains(out.String(), "| vanilla | 1 |") {
		t.Errorf("exit code %d, error %v, progress %s", exitCode(err), err, progress.String())
	}
	if row := tableRow(out.String(), "sts-b-dir/lds/seed=0"); !strings.Contains(row, "| failed ") ||
		!strings.Contains(row, "| io ") ||
		!strings.Contains(row, "no space left on device") || !strings.Contains(row, "| free disk space ") {
		t.Errorf("row %q of\n%s", row, out.String())
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := runSuite(t.Context(), o, &out, &progress); err != nil {
		t.Fatal(err)
	}
	if out.String() != want {
		t.Errorf("after a full disk:\n%s\nwant:\n%s", out.String(), want)
	}
}

// TestReadOnlyStore says so before anything is trained; what is done can still be reported.
func TestReadOnlyStore(t *testing.T) {
	o := suiteOptions(t, interruptedSuite)
	o.plan.Out = filepath.Join(t.TempDir(), "results")
	mountTmpfs(t, o.plan.Out, "size=10m")
	if err := runSuite(t.Context(), o, &bytes.Buffer{}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("mount", "-o", "remount,ro", o.plan.Out).Run(); err != nil {
		t.Skipf("remount: %v", err)
	}
	var progress bytes.Buffer
	err := runSuite(t.Context(), o, &bytes.Buffer{}, &progress)
	if exitCode(err) != exitError || !strings.Contains(err.Error(), "cannot be written: ") ||
		!strings.Contains(err.Error(), "read-only file system") {
		t.Errorf("exit code %d, error %v, progress %s", exitCode(err), err, progress.String())
	}
	if runs, err := store.Walk(o.plan.Out); err != nil || len(runs) != 2 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}
