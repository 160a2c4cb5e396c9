package cmd

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/dirbench/dirbench/runner/store"
)

func TestRunNames(t *testing.T) {
	run := func(method string, seed int64, hash, features, scale string) store.Run {
		m := store.Manifest{Method: method, Seed: seed, Hash: hash,
			Config: json.RawMessage(`{"recipe": {"fds": {"features": "` + features + `"}}}`)}
		if scale != "" {
			m.ScaleRecipe = map[string]json.RawMessage{"fds": json.RawMessage(`{"features": "` + scale + `"}`)}
		}
		return store.Run{Manifest: m}
	}
	vanilla, plain := run("vanilla", 0, "0123456789", "", ""), run("fds", 0, "1123456789", "raw", "")
	changed, later := run("fds", 0, "2123456789", "calibrated", "raw"), run("fds", 1, "3123456789", "raw", "")
	again := run("fds", 0, "4123456789", "raw", "")
	tests := []struct {
		runs []store.Run
		want []string
	}{
		{[]store.Run{vanilla, plain}, []string{"vanilla", "fds"}},
		{[]store.Run{plain, later}, []string{"fds seed 0", "fds seed 1"}},
		{[]store.Run{plain, changed}, []string{"fds", "fds (fds.features calibrated)"}},
		{[]store.Run{plain, again, changed}, []string{"fds (11234567)", "fds (41234567)", "fds (fds.features calibrated)"}},
	}
	for _, tt := range tests {
		if got := runNames(tt.runs); !slices.Equal(got, tt.want) {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
