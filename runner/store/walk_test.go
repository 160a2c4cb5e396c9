package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Scan returns what can be read and names the rest; Walk refuses.
func TestScanDamaged(t *testing.T) {
	out := t.TempDir()
	damages := map[string]func(dir string) error{
		"cut":       write(ManifestFile, `{"hash": "00`),
		"empty":     write(ManifestFile, `{}`),
		"no-hash":   write(ManifestFile, `{"config": {}}`),
		"no-config": write(ManifestFile, `{"hash": "00"}`),
		"list":      write(ManifestFile, `{"hash": "00", "config": [1]}`),
		"status":    write(StatusFile, `{`),
		"metrics":   write(MetricsFile, ""),
		"good":      func(string) error { return nil },
	}
	for method, damage := range damages {
		dir := writeRun(t, out, manifest(method, 1), Status{State: Done}, someResults)
		if err := damage(dir); err != nil {
			t.Fatal(err)
		}
	}
	runs, damaged, err := Scan(out)
	if err != nil || len(runs) != 1 || runs[0].Manifest.Method != "good" {
		t.Fatalf("%d runs (%v), want the good one", len(runs), err)
	}
	got := map[string]DamagedRun{}
	for _, d := range damaged {
		rel, _ := filepath.Rel(out, d.Dir)
		got[strings.Split(rel, string(filepath.Separator))[2]] = d
	}
	for method := range damages {
		d, ok := got[method]
		if method != "good" && (!ok || !strings.Contains(d.Err.Error(), d.Dir) ||
			!strings.Contains(d.Err.Error(), "run it again")) {
			t.Errorf("%s: %v, want the folder and what to do", method, d.Err)
		}
	}
	if m := got["status"].Manifest; m.Method != "status" || m.Seed != 1 {
		t.Errorf("manifest %+v of a run with a damaged status, want its own", m)
	}
	if err := write(EventsFile, "{\n{}\n")(runs[0].Dir); err != nil {
		t.Fatal(err)
	}
	if _, err := Walk(runs[0].Dir); err == nil || !strings.Contains(err.Error(), EventsFile) {
		t.Errorf("Walk, damaged events: error %v", err)
	}
	if runs, _, err := Scan(runs[0].Dir); err != nil || len(runs) != 1 {
		t.Errorf("Scan, damaged events: %d runs (%v), want 1", len(runs), err)
	}
	if _, err := Walk(out); err == nil || err.Error() != damaged[0].Err.Error() {
		t.Errorf("Walk: error %v, want %v", err, damaged[0].Err)
	}
}

// Only the root may begin with a dot: a merge that was killed leaves half a copy in such a folder.
func TestScanHidden(t *testing.T) {
	out := filepath.Join(t.TempDir(), ".results")
	writeRun(t, out, manifest("lds", 1), Status{State: Done}, someResults)
	writeRun(t, filepath.Join(out, ".merge-1"), manifest("fds", 1), Status{State: Done}, someResults)
	runs, damaged, err := Scan(out)
	if err != nil || len(runs) != 1 || len(damaged) > 0 {
		t.Errorf("Scan: %d runs, damaged %v (%v), want the visible one", len(runs), damaged, err)
	}
	if runs, err := Walk(out); err != nil || len(runs) != 1 {
		t.Errorf("Walk: %d runs (%v), want the visible one", len(runs), err)
	}
}

// A folder that cannot be entered is damaged: runs may lie in it.
func TestScanForbiddenFolder(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may enter every folder")
	}
	out := t.TempDir()
	writeRun(t, out, manifest("lds", 1), Status{State: Done}, someResults)
	locked := filepath.Join(out, "locked")
	if err := os.Mkdir(locked, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(locked, 0o755) })
	runs, damaged, err := Scan(out)
	if err != nil || len(runs) != 1 || len(damaged) != 1 || damaged[0].Dir != locked {
		t.Errorf("%d runs, damaged %v (%v), want one run and %s", len(runs), damaged, err, locked)
	}
}

// A store may be a link to a folder elsewhere.
func TestScanLink(t *testing.T) {
	there, link := t.TempDir(), filepath.Join(t.TempDir(), "results")
	writeRun(t, there, manifest("lds", 1), Status{State: Done}, someResults)
	if err := os.Symlink(there, link); err != nil {
		t.Skip(err)
	}
	runs, damaged, err := Scan(link)
	if err != nil || len(runs) != 1 || len(damaged) > 0 {
		t.Fatalf("Scan: %d runs, damaged %v (%v)", len(runs), damaged, err)
	}
	if runs, _, err := Scan(runs[0].Dir); err != nil || len(runs) != 1 {
		t.Errorf("Scan of a run: %d runs (%v)", len(runs), err)
	}
}
