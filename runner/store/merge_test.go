package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMerge(t *testing.T) {
	tests := []struct {
		name         string
		runs         []storedRun
		copied, kept int
		want         string // predictions of lds in dest; "-": no such run
		note         string // part of the only note; empty: none
	}{
		{"two stores", []storedRun{{"a", "lds", "00aa", Done, "1", 0, false}, {"b", "fds", "00bb", Done, "2", 0, false}}, 2,
			0, "1", ""},
		{"same run twice", []storedRun{{"a", "lds", "00aa", Done, "1", 0, false}, {"b", "lds", "00aa", Done, "1", 5, false}},
			1, 0, "1", ""},
		{"other predictions", []storedRun{{"a", "lds", "00aa", Done, "1", 0, false},
			{"b", "lds", "00aa", Done, "2", 5, false}}, 1, 0, "1",
			"predictions differ: "},
		{"done beats unfinished", []storedRun{{"a", "lds", "00aa", Failed, "1", 9, false},
			{"b", "lds", "00aa", Done, "2", 0, false}}, 1, 0, "2", ""},
		{"later of two unfinished", []storedRun{{"a", "lds", "00aa", Interrupted, "1", 3, false},
			{"b", "lds", "00aa", Timeout, "2", 4, false}}, 1, 0, "2", ""},
		{"first of equals", []storedRun{{"a", "lds", "00aa", Interrupted, "1", 3, false},
			{"b", "lds", "00aa", Failed, "2", 3, false}}, 1, 0, "1", ""},
		{"killed", []storedRun{{"a", "lds", "00aa", Running, "1", 3, false}}, 1, 0, "1", ""},
		{"in work", []storedRun{{"a", "lds", "00aa", Running, "1", 3, true}}, 0, 0, "-", "in work by process "},
		{"in work, done elsewhere", []storedRun{{"a", "lds", "00aa", Running, "1", 3, true},
			{"b", "lds", "00aa", Done, "2", 0, false}}, 1, 0, "2", "left out: "},
		{"dest done", []storedRun{{"dest", "lds", "00aa", Done, "1", 0, false}, {"a", "lds", "00aa", Done, "2", 5, false}}, 0,
			1, "1", "predictions differ: "},
		{"dest unfinished", []storedRun{{"dest", "lds", "00aa", Interrupted, "1", 9, false},
			{"a", "lds", "00aa", Done, "2", 5, false}}, 1, 0, "2", ""},
		{"dest ahead", []storedRun{{"dest", "lds", "00aa", Interrupted, "1", 9, false},
			{"a", "lds", "00aa", Interrupted, "2", 5, false}}, 0, 1, "1", ""},
		{"dest in work", []storedRun{{"dest", "lds", "00aa", Running, "1", 9, true},
			{"a", "lds", "00aa", Done, "2", 5, false}}, 0, 0, "1", "left out: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			makeStores(t, root, "a", "b")
			for _, run := range tt.runs {
				run.put(t, root)
			}
			copied, merge := mergeInto(t, root, "a", "b")
			if copied != tt.copied || merge.Kept != tt.kept || len(merge.Problems) > 0 {
				t.Errorf("%d copied, %d kept, problems %q; want %d and %d", copied, merge.Kept, merge.Problems, tt.copied, tt.kept)
			}
			notes := strings.Join(merge.Notes, "\n")
			notes = strings.Replace(notes, filepath.Join(root, "b")+" holds no runs", "", 1)
			if tt.note == "" != (strings.TrimSpace(notes) == "") || !strings.Contains(notes, tt.note) {
				t.Errorf("notes %q, want %q", notes, tt.note)
			}
			dir := RunDir(filepath.Join(root, "dest"), "smoke", "agedb-dir", "lds", 1, "00aa")
			if got := predictionsOf(t, dir); got != tt.want {
				t.Errorf("predictions %q, want %q", got, tt.want)
			}
		})
	}
}

// A copy holds everything but claims and temporary files, and nothing else is left in the destination.
func TestMergeCopiesFiles(t *testing.T) {
	root := t.TempDir()
	run := storedRun{"a", "lds", "00aa", Interrupted, "1", 0, false}
	run.put(t, root)
	mergeInto(t, root, "a")
	var got []string
	err := filepath.WalkDir(filepath.Join(root, "dest"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			got = append(got, must(filepath.Rel(root, path)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range []string{ManifestFile, PredictionsFile, "resume/000001/state.json", StatusFile} {
		want = append(want, "dest/smoke/agedb-dir/lds/seed=1/00aa/"+name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if entries := must(os.ReadDir(filepath.Join(root, "dest"))); len(entries) != 1 {
		t.Errorf("dest holds %v, want the suite alone", entries)
	}
	if copied, merge := mergeInto(t, root, "a"); copied != 0 || merge.Kept != 1 {
		t.Errorf("again: %d copied, %d kept, want 0 and 1", copied, merge.Kept)
	}
}

func TestMergeProblems(t *testing.T) {
	tests := []struct {
		name   string
		runs   []storedRun
		damage func(dir string) error // of the first run
		want   []string               // parts of the problems, one for each
	}{
		{"mixed", []storedRun{{"a", "lds", "00aa", Done, "1", 0, false}, {"b", "lds", "00bb", Done, "1", 0, false}}, nil,
			[]string{"smoke/agedb-dir/lds at scale tiny: mixed configurations: "}},
		{"mixed over seeds", []storedRun{{"a", "lds", "00aa-0", Done, "1", 0, false},
			{"b", "lds", "00bb-1", Done, "1", 0, false}}, nil,
			[]string{"/a/smoke/agedb-dir/lds/seed=0/00aa-0, "}},
		{"one configuration over seeds", []storedRun{{"a", "lds", "00aa-0", Done, "1", 0, false},
			{"b", "lds", "00aa-1", Done, "1", 0, false}}, nil, nil},
		{"shards of a store that has both", []storedRun{{"dest", "lds", "00aa-0", Done, "1", 0, false},
			{"dest", "lds", "00bb-0", Done, "1", 0, false},
			{"a", "lds", "00aa-1", Done, "1", 0, false}, {"b", "lds", "00bb-1", Done, "1", 0, false}}, nil, nil},
		{"mixed with dest", []storedRun{{"dest", "lds", "00aa", Failed, "1", 0, false},
			{"b", "lds", "00bb", Done, "1", 0, false}}, nil,
			[]string{"/b/smoke/agedb-dir/lds/seed=1/00bb"}},
		{"every conflict", []storedRun{{"a", "lds", "00aa", Done, "1", 0, false}, {"b", "lds", "00bb", Done, "1", 0, false},
			{"a", "fds", "00cc", Done, "1", 0, false}, {"b", "fds", "00dd", Done, "1", 0, false}}, nil,
			[]string{"/fds/", "/lds/"}},
		{"a store that has both", []storedRun{{"a", "lds", "00aa", Done, "1", 0, false},
			{"b", "lds", "00aa", Done, "1", 0, false},
			{"b", "lds", "00bb", Done, "1", 0, false}}, nil, nil},
		{"hashes that begin alike", []storedRun{{"a", "lds", "0123456789", Done, "1", 0, false},
			{"b", "lds", "01234567ab", Done, "1", 0, false}}, nil,
			[]string{"mixed configurations", "different runs with the same folder name"}},
		{"damaged", []storedRun{{"a", "lds", "00aa", Done, "1", 0, false}}, write(ManifestFile, "{"),
			[]string{"damaged JSON"}},
		{"without predictions", []storedRun{{"a", "lds", "00aa", Done, "1", 0, false},
			{"b", "lds", "00aa", Done, "1", 0, false}},
			remove(PredictionsFile), []string{"predictions.parquet: no such file or directory: delete the run's folder"}},
		{"cut predictions", []storedRun{{"a", "lds", "00aa", Done, "1", 0, false}}, func(dir string) error {
			return os.Truncate(filepath.Join(dir, PredictionsFile), 100)
		}, []string{"predictions.parquet: damaged predictions ("}},
		{"too few predictions", []storedRun{{"a", "lds", "00aa", Done, "1", 0, false}}, func(dir string) error {
			putPredictions(t, dir, "1", 1)
			return nil
		}, []string{"(1 rows, metrics.json is about 2)"}},
		{"unfinished without predictions", []storedRun{{"a", "lds", "00aa", Interrupted, "1", 0, false}},
			remove(PredictionsFile), nil},
		{"outside", []storedRun{{"a", "lds", "00aa", Done, "1", 0, false}},
			write(ManifestFile, `{"suite": "..", "benchmark": "b", "method": "m", "hash": "00", "config": {}}`),
			[]string{`"..": expected a name`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			var first string
			makeStores(t, root, "a", "b")
			for i, run := range tt.runs {
				if dir := run.put(t, root); i == 0 {
					first = dir
				}
			}
			if tt.damage != nil {
				if err := tt.damage(first); err != nil {
					t.Fatal(err)
				}
			}
			_, merge := mergeInto(t, root, "a", "b")
			if len(merge.Problems) != len(tt.want) {
				t.Fatalf("problems %q, want %q", merge.Problems, tt.want)
			}
			for i, want := range tt.want {
				if !strings.Contains(merge.Problems[i], want) || strings.Contains(merge.Problems[i], "\n") {
					t.Errorf("problem %q, want %q", merge.Problems[i], want)
				}
			}
		})
	}
}

func TestMergeEmpty(t *testing.T) {
	root := t.TempDir()
	if _, err := PlanMerge(filepath.Join(t.TempDir(), "dest"), []string{root}); err == nil ||
		!strings.Contains(err.Error(), "no runs in "+root) {
		t.Errorf("error %v, want that there are no runs", err)
	}
	if _, err := PlanMerge(root, []string{filepath.Join(root, "missing")}); err == nil ||
		!strings.Contains(err.Error(), "missing") {
		t.Errorf("error %v, want the missing store", err)
	}
}

// BenchmarkMerge copies a store of 10,000 finished runs.
func BenchmarkMerge(b *testing.B) {
	root := b.TempDir()
	fillStore(b, filepath.Join(root, "a"), benchRuns)
	for b.Loop() {
		dest := b.TempDir()
		merge, err := PlanMerge(dest, []string{filepath.Join(root, "a")})
		if err != nil {
			b.Fatal(err)
		}
		if n, _, err := merge.Execute(b.Context()); err != nil || n != benchRuns {
			b.Fatalf("%d runs: %v", n, err)
		}
	}
}
