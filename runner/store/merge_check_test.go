package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Stores and destination lie apart, also by way of a link; the same folder twice, or a run's own folder as a store,
// does no harm.
func TestMergeNested(t *testing.T) {
	root := t.TempDir()
	for _, store := range []string{"n", "n/a", "other/b"} {
		storedRun{store, "lds", "00aa", Done, "1", 0, false}.put(t, root)
	}
	if err := os.Symlink(filepath.Join(root, "n"), filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ dest, store, want string }{
		{"n", "n/a", "one lies in the other"},
		{"n/a", "n", "one lies in the other"},
		{"n/new/deep", "n", "one lies in the other"},
		{"link/new", "n", "one lies in the other"},
		{"n", "link/a", "one lies in the other"},
		{"n", "other/b", "lies in " + filepath.Join(root, "n") + ", but its place there is "}, // n/a does
		{"other/b/smoke", "n/a", ", but its place there is "},
		{"n/a", "n/a", ""},
		{"new", "n/a", ""},
		{"other/c", "other/b", ""},
	}
	for _, tt := range tests {
		_, err := PlanMerge(filepath.Join(root, tt.dest), []string{filepath.Join(root, tt.store)})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s into %s: error %v, want %q", tt.store, tt.dest, err, tt.want)
		}
	}
}
